"""The way to the prompt: its arguments, what is typed while it loads, and nothing lost of it."""

import asyncio
import os
import pty
import termios
import threading
from pathlib import Path

import pytest
import typer

from tests.chat_support import chat_app, last_turn, settled, small_archive, write
from tui import straight
from tui.chat import app as app_module
from tui.chat.keyboard import keys_held
from tui.command_line import command_line
from tui.main import main


def test_the_straight_way_knows_every_option_of_the_chat() -> None:
    group = typer.main.get_command(command_line())
    chat = group.commands["chat"]  # type: ignore[attr-defined]
    known = {option: each.name for each in chat.params for option in each.opts if each.name != "help"}
    assert known == straight.OPTIONS


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (["chat"], {}),
        (["chat", "--archive", "a b", "--model", "offline"], {"archive": "a b", "model": "offline"}),
        (["chat", "--base-url", "http://x/v1"], {"base_url": "http://x/v1"}),
        (["chat", "--help"], None),
        (["chat", "--archive"], None),
        (["chat", "--archive", " "], None),
        (["chat", "--archive", "--model"], None),
        (["chat", "--archive=a", "x"], None),
        (["chat", "--archive", "a", "--archive", "b"], None),
        (["rank", "--archive", "a"], None),
        ([], None),
    ],
)
def test_only_what_needs_no_judging_goes_the_straight_way(arguments: list[str], options: dict[str, str] | None) -> None:
    assert straight.chat_options(arguments) == options


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["rank", "exists x. ship(x)"], True),
        (["index", "images"], True),
        (["demo"], True),
        (["rank", "--help"], False),
        (["index", "-h"], False),
        (["check", "exists x. ship(x)"], False),
        ([], False),
    ],
)
def test_what_will_want_machine_code_is_known_before_it_is_parsed(arguments: list[str], wanted: bool) -> None:
    assert straight.will_need_kernels(arguments) is wanted


@pytest.mark.parametrize("arguments", [["chat"], ["chat", "--archive=a"]])
def test_both_ways_end_in_the_same_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "the chat needs a terminal; in a script use: rune ask" in capsys.readouterr().err


def test_the_terminal_keeps_what_is_typed_as_it_was_typed() -> None:
    keys, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)
    with keys_held(terminal):
        os.write(keys, b"two planes\r")
        assert os.read(terminal, 100) == b"two planes\r"
    assert termios.tcgetattr(terminal) == before
    os.write(keys, b"ls\r")
    assert os.read(terminal, 100) == b"ls\n"
    os.close(keys)
    os.close(terminal)


def test_what_is_sent_before_all_is_loaded_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNE_HOME", str(tmp_path / "home"))
    load, may_load = app_module.import_module, threading.Event()

    def import_module(name: str) -> object:
        may_load.wait()
        return load(name)

    monkeypatch.setattr(app_module, "import_module", import_module)

    async def send() -> None:
        app = chat_app(small_archive(tmp_path))
        async with app.run_test() as pilot:
            write(app, "two planes")
            await pilot.press("enter")
            assert app.prompt.text == ""
            may_load.set()
            await settled(pilot)
            assert "1 of 4 images satisfies it" in last_turn(app)

    asyncio.run(send())
