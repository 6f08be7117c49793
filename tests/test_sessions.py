"""Sessions: kept turn by turn, resumed, listed, exported, deleted; through kills, rivals and damaged files."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from agent import sessions
from agent.conversation import Conversation
from solvers.errors import InputError
from tests.cli_support import coco
from tests.conftest import REPOSITORY
from tests.fake_server import FakeServer, Status, formula
from tools.index import index_images
from tools.paths import sessions_file

PLANES = "exists>=3 x. plane(x)"
SECRET = "sk-Zq7-very-secret-0xC0FFEE"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four images without pixels: bay, field, water and nothing."""
    folder = tmp_path_factory.mktemp("sessions")
    (folder / "scenes.json").write_text(coco(), encoding="utf-8")
    index_images(archive=folder / "archive", labels=folder / "scenes.json")
    return folder / "archive"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for every test."""
    monkeypatch.setenv("RUNE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def in_a_process(code: str, *arguments: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env=dict(os.environ),
    )


TALK = """
import sys
from agent.conversation import Conversation
conversation = Conversation(archive=sys.argv[1], session=sys.argv[2])
for text in sys.argv[3:]:
    print(conversation.send(text).formula, flush=True)
"""
# Stops in the middle of a turn, when the ranking has begun.
STALL = """
import sys, time
from agent.conversation import Conversation
def stall(progress):
    print("ranking", flush=True)
    time.sleep(60)
conversation = Conversation(archive=sys.argv[1], session=sys.argv[2], progress=stall)
conversation.send(sys.argv[3])
"""


def test_a_session_goes_on_where_it_was(archive: Path) -> None:
    Conversation(archive=archive, session="fleet").send("at least three planes")
    Conversation(archive=archive, session="fleet").send("only sure ones")
    again = sessions.resume("fleet")
    assert again.standing.formula == PLANES
    assert again.standing.threshold == 0.5
    turn = again.send("without ships")
    assert (turn.number, turn.formula) == (3, f"({PLANES}) & ~exists y. ship(y)")
    assert again.send("undo").formula == PLANES
    assert [each.text for each in again.turns] == ["at least three planes", "only sure ones", "without ships", "undo"]


def test_a_conversation_without_a_name_leaves_nothing(archive: Path, home: Path) -> None:
    Conversation(archive=archive).send("a plane")
    assert not home.exists()
    assert sessions.list_sessions() == []


def test_sessions_are_listed_the_latest_first(archive: Path) -> None:
    for name in ("one", "two"):
        Conversation(archive=archive, session=name).send("at least three planes")
    Conversation(archive=archive, session="one").send("start over")
    listed = sessions.list_sessions()
    assert [(each.name, each.turns, each.formula) for each in listed] == [("one", 2, None), ("two", 1, PLANES)]
    assert listed[1].reading == "I looked for images with at least three planes."
    assert Path(listed[0].archive) == archive
    assert listed[0].updated > listed[1].updated


def test_a_session_is_exported_as_json_lines(archive: Path) -> None:
    conversation = Conversation(archive=archive, session="fleet")
    conversation.send("at least three planes")
    conversation.send("why not bay?")
    lines = [json.loads(line) for line in sessions.export("fleet")]
    assert [line["text"] for line in lines] == ["at least three planes", "why not bay?"]
    assert {line["session"] for line in lines} == {"fleet"}
    assert lines[0]["standing"]["formula"] == PLANES
    assert lines[0]["shown"][0]["image_id"] == "field"
    assert lines[1]["words"][0].startswith("bay does not satisfy the formula")
    assert all("result" not in line for line in lines)


def test_a_session_is_deleted(archive: Path) -> None:
    for name in ("one", "two"):
        Conversation(archive=archive, session=name).send("a plane")
    sessions.delete("one")
    assert [each.name for each in sessions.list_sessions()] == ["two"]
    with pytest.raises(InputError, match="there is no session 'one'"):
        sessions.delete("one")
    assert Conversation(archive=archive, session="one").turns == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\nb", "a\x1b[0m"])
def test_a_name_that_is_none_is_refused(name: str, archive: Path) -> None:
    with pytest.raises(InputError, match="names no session"):
        Conversation(archive=archive, session=name)
    with pytest.raises(InputError, match="names no session"):
        sessions.turns_of(name)


def test_a_name_is_data_and_no_statement(archive: Path) -> None:
    name = "'; DROP TABLE checkpoints; --"
    Conversation(archive=archive, session="other").send("a plane")
    Conversation(archive=archive, session=name).send("a ship")
    assert [each.text for each in sessions.turns_of(name)] == ["a ship"]
    sessions.delete(name)
    assert [each.name for each in sessions.list_sessions()] == ["other"]


def test_an_unknown_session_is_told_with_the_nearest(archive: Path) -> None:
    with pytest.raises(InputError, match=r"there is no session 'fleet'$"):
        sessions.resume("fleet")
    Conversation(archive=archive, session="fleet").send("a plane")
    with pytest.raises(InputError, match="there is no session 'flete'; the nearest is fleet"):
        sessions.turns_of("flete")


# Kills and rivals


def test_a_process_that_is_killed_in_mid_turn_loses_that_turn_only(archive: Path) -> None:
    conversation = Conversation(archive=archive, session="fleet")
    conversation.send("at least three planes")
    conversation.send("without ships")
    process = in_a_process(STALL, archive, "fleet", "at least five instead")
    assert process.stdout is not None
    assert process.stdout.readline() == "ranking\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert [each.text for each in sessions.turns_of("fleet")] == ["at least three planes", "without ships"]
    again = sessions.resume("fleet")
    turn = again.send("at least five instead")
    assert (turn.number, turn.formula) == (3, "(exists>=5 x. plane(x)) & ~exists y. ship(y)")


def test_a_session_in_use_is_told_and_others_go_on(archive: Path) -> None:
    process = in_a_process(STALL, archive, "fleet", "a plane")
    assert process.stdout is not None
    assert process.stdout.readline() == "ranking\n"
    try:
        with pytest.raises(InputError, match="the session 'fleet' is in use by another process"):
            Conversation(archive=archive, session="fleet").send("two ships")
        with pytest.raises(InputError, match=r"there is no session|in use"):
            sessions.delete("fleet")
        assert Conversation(archive=archive, session="other").send("two ships").status == "ok"
    finally:
        process.kill()
        process.communicate()
    assert Conversation(archive=archive, session="fleet").send("two ships").number == 1


def test_two_processes_write_sessions_side_by_side(archive: Path) -> None:
    texts = ("a plane", "without ships", "at least two planes instead", "only sure ones")
    processes = [in_a_process(TALK, archive, name, *texts) for name in ("one", "two")]
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert len(out.splitlines()) == len(texts)
    for name in ("one", "two"):
        assert [each.text for each in sessions.turns_of(name)] == list(texts)


# What the database holds


def test_only_the_last_state_is_kept_of_a_session(archive: Path) -> None:
    conversation = Conversation(archive=archive, session="fleet")
    for text in ("a plane", "without ships", "undo"):
        conversation.send(text)
    with sqlite3.connect(sessions_file()) as connection:
        assert connection.execute("SELECT count(*) FROM checkpoints").fetchone() == (1,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert len(conversation.turns) == 3


def test_only_its_owner_reads_the_database(archive: Path) -> None:
    Conversation(archive=archive, session="fleet").send("a plane")
    assert sessions_file().stat().st_mode & 0o077 == 0


def test_no_key_is_ever_kept(archive: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    with FakeServer(
        formula(PLANES), Status(401, f"wrong key {SECRET}"), formula(f'exists x. plane("{SECRET}")')
    ) as server:
        conversation = Conversation(
            archive=archive, session="fleet", model="openai:tiny", base_url=f"http://user:hunter22@{server.where}/v1"
        )
        for text in ("three planes", "and a ship", "and a harbor"):
            conversation.send(text)
    assert len(conversation.turns) == 3
    for file in home.rglob("*"):
        if file.is_file():
            kept = file.read_bytes()
            assert SECRET.encode() not in kept
            assert b"hunter22" not in kept


def test_a_damaged_database_is_told(archive: Path) -> None:
    sessions_file().parent.mkdir(parents=True)
    sessions_file().write_bytes(b"this is no database at all, whatever its name says" * 40)
    for use in (
        sessions.list_sessions,
        lambda: sessions.turns_of("fleet"),
        lambda: Conversation(archive=archive, session="fleet").send("a plane"),
    ):
        with pytest.raises(InputError, match=r"is damaged, or no database of sessions .*move it away"):
            use()


def test_a_database_torn_in_the_middle_is_told(archive: Path) -> None:
    conversation = Conversation(archive=archive, session="fleet")
    for text in ("a plane", "without ships", "at least two planes instead"):
        conversation.send(text)
    with sqlite3.connect(sessions_file()) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    whole = sessions_file().read_bytes()
    sessions_file().write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    with pytest.raises(InputError, match=r"damaged|cannot be used"):
        conversation.send("a ship")


def test_a_newer_database_is_left_alone(archive: Path) -> None:
    Conversation(archive=archive, session="fleet").send("a plane")
    with sqlite3.connect(sessions_file()) as connection:
        connection.execute("PRAGMA user_version=7")
    with pytest.raises(InputError, match=r"written by a newer RUNE .its version is 7"):
        Conversation(archive=archive, session="fleet")
    with pytest.raises(InputError, match="newer RUNE"):
        sessions.list_sessions()


def test_a_home_that_cannot_be_written_is_told(archive: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("RUNE_HOME", str(tmp_path / "file"))
    with pytest.raises(InputError, match="cannot be used"):
        Conversation(archive=archive, session="fleet").send("a plane")


def test_a_session_about_other_classes_is_refused(archive: Path, tmp_path: Path) -> None:
    Conversation(archive=archive, session="fleet").send("a plane")
    other = tmp_path / "trees.toml"
    other.write_text('name = "trees"\n[classes.oak]\n[classes.plane_tree]\n')
    labels = tmp_path / "labels"
    labels.mkdir()
    (labels / "wood.txt").write_text("0 0 9 0 9 9 0 9 oak 0\n")
    (tmp_path / "sizes.json").write_text('{"wood": {"width": 10, "height": 10}}')
    index_images(archive=tmp_path / "trees", labels=labels, sizes=tmp_path / "sizes.json", ontology=str(other))
    with pytest.raises(InputError, match=r"the session 'fleet' is about exists x. plane"):
        Conversation(archive=tmp_path / "trees", session="fleet")


def test_what_sessions_need_is_not_loaded_for_a_ranking() -> None:
    code = (
        "import sys, tui.main, agent, tools.ranking\n"
        "print([name for name in ('sqlite3', 'aiosqlite', 'langgraph', 'agent.sessions') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout == "[]\n"
