"""The parts of the chat that need no screen: pace, history, completion, settings, clipboard, exports, imports."""

import json
import os
import stat
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.conversation.turns import ShownImage, Standing, Turn
from solvers.errors import InputError
from tests.cli_support import ROOT, in_a_process
from tui.chat import clipboard
from tui.chat.actions.registry import ACTIONS, SLASH, remappable
from tui.chat.completion import ImageWanted, suggestions
from tui.chat.history import History
from tui.chat.host.exporting import as_markdown
from tui.chat.host.protocol import Word
from tui.chat.pace import Pace, duration
from tui.chat.pictures import drawing_mode
from tui.chat.safe_text import safe_lines
from tui.chat.settings import Settings, read_settings

WORDS = [Word(name=each, meaning="") for each in ("plane", "storage_tank", "ship", "near", "distance")]
HEAVY = {"torch", "ultralytics", "z3", "langchain_core", "langgraph", "numba", "pyarrow", "numpy", "shapely", "PIL"}


def test_the_prompt_is_there_before_anything_heavy_is_loaded() -> None:
    """The screen's own process, with its prompt on the screen: neither solver nor model nor arrays."""
    code = """
import asyncio, json, sys
from pathlib import Path
from tui.chat.making import made
from tui.chat.links import ProcessLink

async def start():
    app = made(Path("nowhere"), None, None, None, ProcessLink((sys.executable, "-c", "import sys; sys.stdin.read()")))
    async with app.run_test() as pilot:
        await pilot.press(*"a ship")
        assert app.prompt.text == "a ship"
        print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))

asyncio.run(start())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "textual" in loaded
    assert not loaded & HEAVY


def test_without_a_terminal_it_says_what_to_use_instead() -> None:
    outcome = in_a_process("chat")
    assert outcome.code == 2
    assert "rune ask" in outcome.err


def test_pace_has_rate_and_time_left() -> None:
    pace = Pace()
    pace.note("detecting", 0, 400, 0.0)
    assert str(pace) == "detecting 0 of 400"
    pace.note("detecting", 40, 400, 10.0)
    assert (pace.rate, pace.seconds_left) == (4.0, 90.0)
    assert str(pace) == "detecting 40 of 400 · 4.0/s · 1:30 min left"
    pace.note("detecting", 240, 400, 20.0)  # the last seconds count, not the slow beginning
    assert pace.rate == 20.0
    pace.note("committing", 1, None, 19.0)
    assert str(pace) == "committing 1"


@pytest.mark.parametrize(("seconds", "said"), [(0.04, "0.04 s"), (2.5, "2.5 s"), (59.6, "1:00 min"), (7800, "2:10 h")])
def test_durations_as_people_read_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=8))
def test_the_arrows_go_through_what_was_sent_and_back_to_the_draft(texts: list[str]) -> None:
    history = History()
    for text in texts:
        history.add(text)
    kept = [text for place, text in enumerate(texts) if place == 0 or texts[place - 1] != text]
    older = [history.older("draft") for _ in kept]
    assert older == kept[::-1]
    assert history.older("draft") is None
    newer = [history.newer() for _ in kept]
    assert newer == [*kept[1:], "draft"]
    assert history.newer() is None


def test_the_history_outlives_the_program_and_is_its_owners_only(tmp_path: Path) -> None:
    file = tmp_path / "data" / "history.jsonl"
    for text in ("a ship", "two\nlines", "\ud800"):
        History(file).add(text)
    file.write_text(file.read_text("utf-8") + '{"cut', encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = History(file)
    assert [again.older("") for _ in range(3)] == ["\ud800", "two\nlines", "a ship"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("/th", "/threshold"),
        ("/theme rune-l", "rune-light"),
        ("/export geo", "geojson"),
        ("two sto", "storage tank"),
        ("exists x. sto", "storage tank"),
        ("exists x. plane(x) & sto", "storage_tank"),
        ("exists x. plane(x) & dis", "distance"),
    ],
)
def test_what_is_suggested(text: str, first: str) -> None:
    found = suggestions(text, len(text), SLASH, WORDS)
    assert isinstance(found, list)
    assert found[0].text == first
    assert text[: found[0].start] + found[0].text == text[: found[0].start] + first


def test_images_are_suggested_after_an_at_sign_only() -> None:
    assert suggestions("why not @P07", 12, SLASH, WORDS) == ImageWanted("P07", 8, 12)
    assert suggestions("mail@P07", 8, SLASH, WORDS) == []
    assert suggestions("/nothing ", 9, SLASH, WORDS) == []


def test_settings_are_read_and_checked(tmp_path: Path) -> None:
    file = tmp_path / "chat.toml"
    assert read_settings(file, remappable()) == Settings()
    file.write_text('theme = "rune-light"\nthreshold = 1\n[keys]\nhelp = "f12"\n"edit.cursor_left" = "ctrl+b"\n')
    read = read_settings(file, remappable())
    assert (read.theme, read.threshold, dict(read.keys)) == (
        "rune-light",
        1.0,
        {"help": "f12", "edit.cursor_left": "ctrl+b"},
    )
    for text, words in (
        ("theme = 3", "a text in quotes"),
        ('theme = "pink"', "one of rune-dark"),
        ("colour = 1", "there is no setting 'colour'"),
        ("[keys]\nhlep = 'f1'", "the nearest is help"),
        ("[keys]\nhelp = 1", "the key of help"),
        ("keys = 1", "keys is a table"),
        ("theme =", "chat.toml cannot be used"),
        ("threshold = 0", "above 0"),
    ):
        file.write_text(text)
        with pytest.raises(InputError, match=words):
            read_settings(file, remappable())


def test_no_two_actions_of_one_place_share_a_name_or_a_key() -> None:
    assert len({each.id for each in ACTIONS}) == len(ACTIONS)
    keys = [(each.scope, key) for each in ACTIONS if each.keys for key in each.keys.split(",")]
    assert len(set(keys)) == len(keys)


def test_copying_goes_every_way_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    sent: list[str] = []
    said = clipboard.copy("a text", sent.append, tmp_path / "c" / "copied.txt", {})
    assert (sent, (tmp_path / "c" / "copied.txt").read_text()) == (["a text"], "a text")
    assert "terminal's clipboard" in said
    assert "too long" in clipboard.copy("x" * 80_000, sent.append, tmp_path / "copied.txt", {})
    tool = tmp_path / "xclip"
    tool.write_text(
        f'#!/bin/sh\n{sys.executable} -c \'import sys; open("{tmp_path}/got", "w").write(sys.stdin.read())\'\n'
    )
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    said = clipboard.copy("by tool", sent.append, Path("/nowhere/at/all/copied.txt"), {"DISPLAY": ":0"})
    if os.getuid() != 0:
        assert said == "copied by xclip"
    assert (tmp_path / "got").read_text() == "by tool"


@pytest.mark.parametrize(
    ("environment", "mode"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "sixel"),
        ({"TERM": "foot"}, "sixel"),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, "halfblocks"),
        ({"TERM": "screen-256color"}, "halfblocks"),
        ({"TERM": "dumb"}, "off"),
        ({}, "halfblocks"),
    ],
)
def test_how_pictures_are_drawn_goes_by_the_terminals_name(environment: dict[str, str], mode: str) -> None:
    assert drawing_mode("auto", environment) == mode
    assert drawing_mode("off", environment) == "off"


@given(st.text())
def test_no_text_reaches_the_screen_with_a_character_that_a_terminal_acts_on(text: str) -> None:
    acted_on = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert all(each == "\n" or unicodedata.category(each) not in acted_on for each in safe_lines(text))


def test_markdown_takes_nothing_for_markup() -> None:
    turn = Turn(
        number=1,
        text="# *two* | [ships](x)",
        kind="question",
        status="ok",
        model="offline",
        standing=Standing(formula="exists x. ship(x)"),
        reading="I looked for images with a ship.",
        shown=[ShownImage(rank=1, image_id="a|`b`", verdict="sat", score=0.5)],
    )
    lines = as_markdown("fleet", "/data/coast", [turn]).splitlines()
    assert lines[0] == "# fleet"
    assert "## 1. \\# \\*two\\* \\| \\[ships\\]\\(x\\)" in lines
    assert "| 1 | `` a\\|`b` `` | sat | 0.500 |" in lines
