"""`rune ask --session` and `rune sessions`."""

import json
from pathlib import Path

import pytest

from tests.cli_support import RUN_KEYS, Rune, assert_told, caller, make_archive


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


@pytest.fixture
def archive(tmp_path: Path, rune: Rune, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNE_HOME", str(tmp_path / "home"))
    return make_archive(tmp_path, rune)


def test_a_question_goes_on_from_the_one_before(archive: Path, rune: Rune) -> None:
    first = rune("ask", "at least three planes", "--archive", archive, "--session", "fleet")
    assert first.code == 0
    assert "reading   I looked for images with at least three planes." in first.out
    assert first.err.startswith("a new question")
    second = rune("ask", "and near a storage tank", "--archive", archive, "--session", "fleet")
    assert "exists>=3 x. plane(x) & exists y. storage_tank(y) & near(x, y)" in second.out
    why = rune("ask", "why not bay?", "--archive", archive, "--session", "fleet")
    assert why.code == 0
    assert why.out.startswith("bay does not satisfy the formula")
    alone = rune("ask", "and near a storage tank", "--archive", archive)
    assert alone.code == 5


def test_json_of_a_turn_is_that_of_ask_and_the_turn(archive: Path, rune: Rune) -> None:
    options = ("--archive", archive, "--session", "fleet", "--output", "json")
    answer = rune("ask", "at least three planes", *options, "--threshold", "0.4", "--threshold", "ship=0.6").json
    assert set(answer) >= RUN_KEYS | {"turn"}
    assert answer["turn"]["standing"]["class_thresholds"] == {"ship": 0.6}
    assert answer["results"][0]["image_id"] == "field"
    words = rune("ask", "why is field there?", *options).json
    assert words["status"] == "ok"
    assert words["turn"]["words"][0].startswith("field satisfies the formula")
    unread = rune("ask", "and a unicorn", *options)
    assert unread.code == 5
    assert unread.json["formula"] is None
    assert unread.json["turn"]["standing"]["formula"] == "exists>=3 x. plane(x)"


def test_sessions_are_listed_shown_exported_and_deleted(archive: Path, rune: Rune) -> None:
    empty = rune("sessions", "list")
    assert (empty.code, empty.out) == (0, "")
    assert "there are no sessions" in empty.err
    for text in ("two ships", "at least three instead"):
        rune("ask", text, "--archive", archive, "--session", "fleet")
    listed = rune("sessions", "list")
    assert "fleet" in listed.out
    assert "exists>=3 x. ship(x)" in listed.out
    assert [each["name"] for each in rune("sessions", "list", "--output", "json").json["sessions"]] == ["fleet"]
    shown = rune("sessions", "show", "fleet")
    assert "2. at least three instead" in shown.out
    assert '"with at least two ships" became "with at least three ships"' in shown.out
    assert len(rune("sessions", "show", "fleet", "--output", "json").json["turns"]) == 2
    lines = [json.loads(line) for line in rune("sessions", "export", "fleet").out.splitlines()]
    assert [line["text"] for line in lines] == ["two ships", "at least three instead"]
    assert rune("sessions", "delete", "fleet", "--output", "json").json["deleted"] == "fleet"
    assert rune("sessions", "list").out == ""


def test_what_is_wrong_is_told(archive: Path, rune: Rune) -> None:
    rune("ask", "a plane", "--archive", archive, "--session", "fleet")
    assert_told(rune("sessions", "show", "flete"), 2, "no session 'flete'", "the nearest is fleet")
    assert_told(rune("sessions", "delete"), 2, "takes the name of a session")
    assert_told(rune("sessions", "list", "fleet"), 2, "list takes no name")
    assert_told(rune("sessions", "burn"), 2, "burn")
    assert_told(rune("ask", "a plane", "--archive", archive, "--session", ""), 2, "names no session")
    failed = rune("sessions", "show", "flete", "--output", "json")
    assert failed.code == 2
    assert failed.json["error"].startswith("there is no session")
