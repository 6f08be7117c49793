"""What is wrong with an input is said in a sentence: the right exit code, no traceback, nothing half-written."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli_support import (
    CHECK_KEYS,
    RUN_KEYS,
    TRANSLATE_KEYS,
    VALIDATE_KEYS,
    Outcome,
    Rune,
    assert_told,
    caller,
    coco,
    files_in,
    make_archive,
)
from tests.conftest import REPOSITORY
from tui.main import main

KEYS = {
    "ask": RUN_KEYS | {"error"},
    "rank": RUN_KEYS | {"error"},
    "check": CHECK_KEYS | {"status", "error"},
    "validate": VALIDATE_KEYS,
    "translate": TRANSLATE_KEYS | {"error"},
    "index": {"archive", "images", "entities", "added", "unchanged", "replaced", "dropped", "rejected", "warnings"},
    "batch": {"schema_version", "status", "queries", "done", "skipped", "statuses", "out", "error"},
    "demo": {"schema_version", "status", "queries", "error"},
    "sessions": {"schema_version", "status", "sessions", "error"},
}


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def call(*arguments: str | Path) -> Outcome:
        return Outcome(main([str(each) for each in arguments]), "", "")

    return make_archive(tmp_path_factory.mktemp("errors"), call)


# The arguments themselves


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rnk"], ["'rnk'", "'rank'"]),
        (["frobnicate"], ["'frobnicate'", "index, ask, rank"]),
        (["rank"], ["FORMULA"]),
        (["rank", "exists x. ship(x)"], ["--archive"]),
        (["rank", "exists x. ship(x)", "--archiv", "a"], ["--archiv", "--archive"]),
        (["rank", "a", "b", "--archive", "a"], ["unexpected", "b"]),
        (["rank", "a", "--archive", "a", "--output", "xml"], ["'xml'", "'json'"]),
        (["ask", "a", "--archive", "a", "--candidates", "0"], ["--candidates", "0"]),
        (["ask", "a", "--archive", "a", "--candidates", "many"], ["--candidates", "'many'"]),
        (["rank", "a", "--archive", "a", "--top-k", "-1"], ["--top-k", "-1"]),
        (["rank", "a", "--archive", "a", "--top-k", "2.5"], ["--top-k", "'2.5'"]),
        (["rank", "a", "--archive", "a", "--threshold", "0"], ["--threshold", "'0'"]),
        (["rank", "a", "--archive", "a", "--threshold", "1.01"], ["--threshold", "'1.01'"]),
        (["rank", "a", "--archive", "a", "--threshold", "nan"], ["--threshold", "'nan'"]),
        (["rank", "a", "--archive", "a", "--threshold", "ship=2"], ["--threshold", "'ship=2'"]),
        (["check", "a", "--archive", "a", "--image", "i", "--threshold", "=0.5"], ["--threshold", "'=0.5'"]),
        (["ask", "a", "--archive", "a", "--timeout", "inf"], ["--timeout", "'inf'"]),
        (["rank", "a", "--archive", "a", "--timeout", "0"], ["--timeout", "'0'"]),
        (["index", "a.png", "--archive", ""], ["--archive", "blank"]),
        (["rank", "a", "--archive", " "], ["--archive", "blank"]),
        (["index", "a.png", "--archive", "a", "--detector", "rcnn"], ["--detector", "'rcnn'"]),
        (["rank", "\x1b[31m", "--archive", "a", "--\x1b[2J"], [r"\x1b[2J"]),
    ],
)
def test_misused_arguments_are_named(rune: Rune, arguments: list[str], words: list[str]) -> None:
    outcome = rune(*arguments)
    assert_told(outcome, 2, *words)
    assert "\x1b" not in outcome.err


def test_without_a_command_the_help_is_narrated(rune: Rune) -> None:
    outcome = rune()
    assert (outcome.code, outcome.out) == (2, "")
    assert "Commands:" in outcome.err


@pytest.mark.parametrize("command", KEYS)
@pytest.mark.parametrize("asked", [["--output", "json"], ["--output=json"]])
def test_misused_arguments_answer_in_json_where_it_is_asked_for(rune: Rune, command: str, asked: list[str]) -> None:
    outcome = rune(command, "--no-such-option", *asked)
    assert outcome.code == 2
    assert set(outcome.json) >= KEYS[command]
    assert outcome.json["status"] == "error"
    assert "--no-such-option" in outcome.json["error"]
    assert "Traceback" not in outcome.err


def test_an_unknown_command_answers_in_json_too(rune: Rune) -> None:
    outcome = rune("rnk", "x", "--output", "json")
    assert outcome.code == 2
    assert set(outcome.json) >= RUN_KEYS
    assert "'rank'" in outcome.json["error"]


# The archive and its images


@pytest.mark.parametrize("command", [["rank", "exists x. ship(x)"], ["ask", "two ships"]])
def test_a_missing_archive_is_named(rune: Rune, tmp_path: Path, command: list[str]) -> None:
    missing = tmp_path / "absent"
    assert_told(rune(*command, "--archive", missing), 2, str(missing))
    answer = rune(*command, "--archive", missing, "--output", "json")
    assert answer.code == 2
    assert answer.json["status"] == "error"
    assert str(missing) in answer.json["error"]
    assert files_in(tmp_path) == set()


def test_an_archive_that_is_a_file_is_refused(rune: Rune, tmp_path: Path) -> None:
    file = tmp_path / "archive"
    file.write_text("not an archive", encoding="utf-8")
    assert_told(rune("rank", "exists x. ship(x)", "--archive", file), 2, str(file))
    annotations = tmp_path / "scenes.json"
    annotations.write_text(coco(), encoding="utf-8")
    assert_told(rune("index", "--labels", annotations, "--archive", file), 2, str(file))
    assert file.read_text(encoding="utf-8") == "not an archive"


def test_a_folder_that_is_no_archive_is_refused(rune: Rune, tmp_path: Path) -> None:
    assert_told(rune("rank", "exists x. ship(x)", "--archive", tmp_path), 2, str(tmp_path))
    assert files_in(tmp_path) == set()


def test_an_empty_archive_gives_an_honest_empty_result(rune: Rune, tmp_path: Path) -> None:
    annotations = tmp_path / "scenes.json"
    annotations.write_text(coco({}), encoding="utf-8")
    assert rune("index", "--labels", annotations, "--archive", tmp_path / "archive").code == 0
    outcome = rune("rank", "exists x. ship(x)", "--archive", tmp_path / "archive", "--output", "json")
    assert outcome.code == 0
    assert outcome.json["counts"] == {"sat": 0, "unsat": 0, "unknown": 0}
    assert outcome.json["results"] == []
    assert "0 images" in rune("rank", "exists x. ship(x)", "--archive", tmp_path / "archive").out


def test_an_unknown_image_names_the_nearest(rune: Rune, archive: Path) -> None:
    arguments = ("check", "exists x. ship(x)", "--archive", archive, "--image", "feild")
    assert_told(rune(*arguments), 2, "feild", "field")
    answer = rune(*arguments, "--output", "json")
    assert answer.code == 2
    assert set(answer.json) >= KEYS["check"]
    assert (answer.json["image_id"], answer.json["verdict"], answer.json["status"]) == ("feild", None, "error")


def test_a_threshold_for_a_class_that_is_none_names_the_nearest(rune: Rune, archive: Path) -> None:
    outcome = rune("rank", "exists x. ship(x)", "--archive", archive, "--threshold", "shipp=0.5")
    assert_told(outcome, 2, "shipp", "ship")


# The question and the formula


@pytest.mark.parametrize("command", ["ask", "translate"])
def test_a_query_of_only_spaces_is_refused(rune: Rune, archive: Path, command: str) -> None:
    more = ["--archive", str(archive)] if command == "ask" else []
    assert_told(rune(command, "   ", *more), 2)
    answer = rune(command, " \t", *more, "--output", "json")
    assert answer.code == 2
    assert set(answer.json) >= KEYS[command]
    assert answer.json["status"] == "error"


def test_a_formula_of_only_spaces_is_no_formula(rune: Rune, archive: Path) -> None:
    assert_told(rune("rank", "   ", "--archive", archive), 5)
    assert rune("validate", "   ", "--output", "json").code == 5


@pytest.mark.parametrize("words", ["ship " * 20_000, "x" * 100_000])
def test_a_query_of_100_000_characters_is_answered(rune: Rune, archive: Path, words: str) -> None:
    outcome = rune("ask", words, "--archive", archive, "--output", "json")
    assert outcome.code in {2, 5}
    assert outcome.json["error"]
    assert len(outcome.json["error"]) < 1_000
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("formula", ["exists x. ship(x) & " * 5_000, "(" * 100_000, "x" * 100_000, "~" * 100_000])
def test_a_formula_of_100_000_characters_is_answered(rune: Rune, archive: Path, formula: str) -> None:
    outcome = rune("rank", "--archive", archive, "--output", "json", "--", formula)
    assert outcome.code == 5
    assert outcome.json["status"] == "unrepairable"
    assert outcome.json["attempts"][0]["diagnostics"]
    assert "Traceback" not in outcome.err
    assert len(outcome.err) < 5_000


def test_a_class_that_the_ontology_lacks_is_a_diagnostic(rune: Rune, archive: Path) -> None:
    assert_told(rune("rank", "exists x. zeppelin(x)", "--archive", archive), 5, "zeppelin", "^^^^^^^^")
    answer = rune("rank", "exists x. shipp(x)", "--archive", archive, "--output", "json")
    assert answer.code == 5
    assert answer.json["status"] == "unrepairable"
    (attempt,) = answer.json["attempts"]
    assert attempt["formula"] == "exists x. shipp(x)"
    assert attempt["diagnostics"][0]["code"] == "unknown-predicate"
    assert "ship" in attempt["diagnostics"][0]["suggestions"]
    checked = rune("check", "exists x. shipp(x)", "--archive", archive, "--image", "bay", "--output", "json")
    assert checked.code == 5
    assert (checked.json["status"], checked.json["diagnostics"][0]["code"]) == ("unrepairable", "unknown-predicate")


def test_english_that_cannot_be_read_names_the_word(rune: Rune, archive: Path) -> None:
    outcome = rune("ask", "three zeppelins", "--archive", archive)
    assert_told(outcome, 5, "zeppelin")
    answer = rune("ask", "three zeppelins", "--archive", archive, "--output", "json")
    assert answer.code == 5
    assert (answer.json["status"], answer.json["query"]) == ("unrepairable", "three zeppelins")
    assert "zeppelin" in answer.json["error"]
    translated = rune("translate", "three zeppelins", "--output", "json")
    assert (translated.code, translated.json["status"]) == (5, "unrepairable")


def test_an_unknown_ontology_is_a_matter_of_usage(rune: Rune) -> None:
    assert_told(rune("validate", "exists x. ship(x)", "--ontology", "dotta"), 2, "dotta", "dota")
    answer = rune("validate", "exists x. ship(x)", "--ontology", "dotta", "--output", "json")
    assert answer.code == 2
    assert set(answer.json) >= VALIDATE_KEYS
    assert (answer.json["ok"], answer.json["status"]) == (False, "error")


def test_an_unknown_model_is_a_matter_of_usage(rune: Rune, archive: Path) -> None:
    assert_told(rune("ask", "two ships", "--archive", archive, "--model", "oracle"), 2, "oracle")


def test_a_model_server_that_is_down_is_the_providers_failure(
    rune: Rune, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-a-secret")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = ("--model", "openai:any", "--base-url", f"http://127.0.0.1:{port}/v1", "--timeout", "5")
    assert_told(rune("ask", "two ships", "--archive", archive, *server), 3, str(port))
    answer = rune("translate", "two ships", *server, "--output", "json")
    assert (answer.code, answer.json["status"]) == (3, "provider_error")
    assert "sk-a-secret" not in answer.out + answer.err


def test_a_time_limit_that_passes_is_a_limit(rune: Rune, archive: Path) -> None:
    arguments = ("rank", "exists x. ship(x)", "--archive", archive, "--timeout", "0.0000001")
    assert_told(rune(*arguments), 4, "time-out")
    answer = rune(*arguments, "--output", "json")
    assert (answer.code, answer.json["status"]) == (4, "limit")


def test_overlays_that_cannot_be_drawn_are_told_of(rune: Rune, archive: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    outcome = rune("rank", "exists x. ship(x)", "--archive", archive, "--save-overlays", taken)
    assert_told(outcome, 2, str(taken))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("output", ["text", "json"])
def test_a_full_disk_is_told_without_a_traceback(output: str) -> None:
    command = [sys.executable, "-m", "tui", "validate", "exists x. plane(x)", "--output", output]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=REPOSITORY)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
