"""What goes wrong in the chat: cancelled work, failing models, archives that vanish, hostile names, lost processes."""

import asyncio
import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import OptionList

from agent.conversation.conversation import Conversation
from tests.chat_support import (
    chat_app,
    last_note,
    last_turn,
    running,
    say,
    screen_text,
    settled,
    small_archive,
    told,
    until,
    write,
)
from tests.fake_server import Call, Events, FakeServer, Hang, Say, Status, chunk, formula
from tools.progress import Progress
from tui.chat.app import ChatApp
from tui.chat.links import ProcessLink
from tui.chat.settings import Settings

HOSTILE = "[bold]a[red] \x1b[31mred\x1b]0;title\x07 [@click=app.quit]x"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_archive(tmp_path_factory.mktemp("chat"))


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")


def with_model(server: FakeServer) -> Settings:
    return Settings(images="off", model="openai:fake", base_url=server.base_url)


async def begun(app: ChatApp, pilot: object, text: str) -> None:
    """Send a text and do not wait for what comes of it."""
    app.conversing.submit(text)
    await until(pilot, lambda: bool(app.work.seen))  # type: ignore[arg-type]


def test_escape_ends_a_model_call_at_once(archive: Path) -> None:
    async def cancel() -> None:
        with FakeServer(Hang(), formula("exists x. ship(x)")) as server:
            app = chat_app(archive, settings=with_model(server))
            async with running(app) as pilot:
                await begun(app, pilot, "a ship")
                await until(pilot, lambda: bool(server.requests))
                app.conversing.submit("two ships")  # waits, and is dropped with the turn before it
                await pilot.press("escape")
                assert not app.work.seen
                assert "cancelled" in last_turn(app)
                await settled(pilot)
                await say(pilot, "a ship")
                assert "2 of 4 images satisfy it" in last_turn(app)

    asyncio.run(cancel())


def test_escape_ends_a_ranking_at_once(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ranking that cannot be interrupted is left behind: the prompt is free, and the next question is answered."""
    from tools import ranking

    may_go_on, is_ranking = threading.Event(), threading.Event()
    real = ranking.first_images

    def slow(*arguments: object, **options: object) -> object:
        is_ranking.set()
        may_go_on.wait(30)
        return real(*arguments, **options)  # type: ignore[arg-type]

    async def cancel() -> None:
        app = chat_app(archive)
        async with running(app) as pilot:
            monkeypatch.setattr(ranking, "first_images", slow)
            await begun(app, pilot, "two planes")
            await until(pilot, is_ranking.is_set)
            await pilot.press("escape")
            assert not app.work.seen
            assert "✗ cancelled" in last_turn(app)
            assert app.state.formula is None
            monkeypatch.setattr(ranking, "first_images", real)
            may_go_on.set()
            await say(pilot, "a ship")
            assert "2 of 4 images satisfy it" in last_turn(app)

    asyncio.run(cancel())


def test_escape_ends_indexing_and_keeps_what_was_committed(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tools import index

    is_reading, may_go_on = threading.Event(), threading.Event()
    real = index.index_images

    def slow(*arguments: object, progress: Callable[[Progress], None], **options: object) -> object:
        def pausing(made: Progress, /) -> None:
            progress(made)
            if made.done == 2:
                is_reading.set()
                may_go_on.wait(30)

        return real(*arguments, progress=pausing, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(index, "index_images", slow)

    async def cancel() -> None:
        app = chat_app(archive)
        async with running(app) as pilot:
            app.archiving.index(f"--labels {archive.parent / 'scenes.json'} --archive {tmp_path / 'new'}")
            await until(pilot, is_reading.is_set)
            await until(pilot, lambda: "reading" in screen_text(app))
            assert "Esc cancels" in screen_text(app)
            app.archiving.index("more")
            assert "already" in last_note(app)
            await pilot.press("escape")
            assert not app.work.seen
            assert "Cancelled" in last_note(app)
            may_go_on.set()
            await settled(pilot)
            await say(pilot, "a ship")  # the archive before is still open
            assert "2 of 4 images satisfy it" in last_turn(app)

    asyncio.run(cancel())


def test_a_model_that_fails_is_told_of_and_can_be_asked_again(archive: Path) -> None:
    replies = [Status(401), Say("the weather is fine"), Call("rank", {}), formula("exists x. plan(x)")]

    async def fail() -> None:
        with FakeServer(*replies, formula("exists x. plane(x)")) as server:
            app = chat_app(archive, settings=with_model(server))
            async with running(app) as pilot:
                await say(pilot, "a plane")
                assert "401" in last_turn(app)
                await say(pilot, "a plane")
                assert "I looked for images with a plane." in last_turn(app)
                assert "✗ formula is not valid" in last_turn(app)
                await pilot.press("f6", "ctrl+o")
                await settled(pilot)
                assert "no class" in str(app.trace._text.visual) or "plan" in str(app.trace._text.visual)
                await say(pilot, "/model offline")
                await say(pilot, "a ship")
                assert "2 of 4" in last_turn(app)

    asyncio.run(fail())


def test_what_a_model_says_is_shown_as_it_comes_and_never_as_it_is(archive: Path) -> None:
    pieces = [chunk({"content": each}) for each in ("[red]Thinking[/] ", "\x1b[2J of ships ")]

    async def stream() -> None:
        with FakeServer(Events([*pieces], pause=0.05, forever=True)) as server:
            app = chat_app(archive, settings=with_model(server))
            async with running(app) as pilot:
                await begun(app, pilot, "a ship")
                await until(pilot, lambda: "[red]Thinking[/]" in last_turn(app))
                await until(pilot, lambda: "of ships" in last_turn(app))
                assert "\x1b" not in screen_text(app)
                await pilot.press("escape")
                assert "✗ cancelled" in last_turn(app)

    asyncio.run(stream())


def test_an_archive_that_vanishes_is_told_of(tmp_path: Path) -> None:
    folder = small_archive(tmp_path / "gone")

    async def vanish() -> None:
        app = chat_app(folder)
        async with running(app) as pilot:
            shutil.rmtree(folder)
            await say(pilot, f"/archive {folder}")
            assert "gone" in last_note(app)
            await say(pilot, "a harbor")  # what is still open may know it, or not; the prompt stays usable
            assert app.focused is app.prompt
            small_archive(tmp_path / "gone")
            await say(pilot, f"/archive {folder}")
            await say(pilot, "a plane")
            assert "2 of 4 images satisfy it" in last_turn(app)
            await say(pilot, "/archive /nowhere/at/all")
            assert "/nowhere/at/all" in last_note(app)
            assert app.state.archive == str(folder)

    asyncio.run(vanish())


def test_hostile_names_and_words_are_only_shown(tmp_path: Path) -> None:
    names = {"bay": f"{HOSTILE}.png", "water": "[]\\[.png"}
    folder = small_archive(tmp_path / "[red]", names)

    async def show() -> None:
        app = chat_app(folder, session="[bold]s")
        async with running(app, (200, 50)) as pilot:
            await say(pilot, "a ship")
            for key in ("f2", "f3", "f4", "f5", "f6", "f1", "escape", "ctrl+o"):
                await pilot.press(key)
                await settled(pilot)
                assert "\x1b" not in screen_text(app)
                assert "\x07" not in screen_text(app)
            await pilot.press("f2")
            assert "[bold]a[red]" in screen_text(app)
            assert "\\x1b[31mred" in screen_text(app)
            for text in (HOSTILE, "[/nothing]", "/why [/]", "/theme [b]", "@[", "show \ud800"):
                await say(pilot, text)
                assert "\x1b" not in screen_text(app)
            write(app, "@[bold")
            await until(pilot, lambda: app.suggesting.chosen is not None)
            assert "\x1b" not in screen_text(app)
            await pilot.press("escape")
            app.prompt.text = ""
            await say(pilot, "/sessions")
            await until(pilot, lambda: len(app.screen_stack) == 2)
            assert "[bold]s" in screen_text(app)

    asyncio.run(show())


def test_any_size_will_do(archive: Path) -> None:
    async def resize() -> None:
        app = chat_app(archive)
        async with running(app, (80, 24)) as pilot:
            await say(pilot, "two planes")
            assert "field" in screen_text(app)
            for size in ((20, 5), (200, 60), (1, 1), (80, 24)):
                await pilot.resize_terminal(*size)
                for key in ("f3", "f5", "f2", "f9", "f9", "f9"):
                    await pilot.press(key)
                await settled(pilot)
            assert "field" in screen_text(app)
            await say(pilot, "a ship")
            assert "2 of 4 images satisfy it" in last_turn(app)
            await pilot.resize_terminal(80, 24)
            await say(pilot, "a plane to the left of a red car")
            lines = last_turn(app).splitlines()
            source, carets = lines[-2:]  # not wrapped, and under one another
            assert len(source) <= app.talk.room
            assert source[carets.index("^") : carets.rindex("^") + 1] == "red"
            app.results.focus()
            await pilot.press("s", *"a ship")  # what the table has no use for is typed in the prompt
            assert app.prompt.has_focus
            assert app.prompt.text == "a ship"

    asyncio.run(resize())


def test_a_session_goes_on_with_its_past_shown(archive: Path) -> None:
    Conversation(archive=archive, session="fleet").send("two planes")

    async def resume() -> None:
        app = chat_app(None, session="fleet", resuming=True)
        async with running(app) as pilot:
            await settled(pilot)
            assert "❯ two planes" in told(app)
            assert "I looked for images with at least two planes." in told(app)
            assert app.state.formula == "exists>=2 x. plane(x)"
            await say(pilot, "with a storage tank")
            assert "1 of 4 images satisfies it" in last_turn(app)
            await say(pilot, f"/archive {archive}")
            assert app.state.session != "fleet"
            await say(pilot, "/sessions")
            await until(pilot, lambda: isinstance(app.focused, OptionList) and app.focused.highlighted == 0)
            await pilot.press("enter")
            await until(pilot, lambda: app.state.session == "fleet")
            assert told(app).count("❯") == 2

    asyncio.run(resume())


def test_the_formula_can_be_changed_and_run(archive: Path) -> None:
    """No model is asked about logic, whichever one is chosen."""

    async def change() -> None:
        with FakeServer(Status(500)) as server:
            app = chat_app(archive, settings=with_model(server))
            async with running(app) as pilot:
                await pilot.press("f3")
                app.logic._editor.focus()
                app.logic._editor.text = "exists>=3 x. plane(x)"
                await pilot.press("enter")
                await settled(pilot)
                assert "at least three planes" in last_turn(app)
                assert "p1" in screen_text(app)
                app.logic._editor.text = "exists x. plan(x)"
                await pilot.press("enter")
                await settled(pilot)
                assert "plan" in last_turn(app)
                assert "^" in last_turn(app)  # the place is pointed at
                assert app.state.formula == "exists>=3 x. plane(x)"
            assert server.requests == []

    asyncio.run(change())


def test_what_libraries_print_is_in_trace_only(archive: Path) -> None:
    async def print_it() -> None:
        app = chat_app(archive)
        async with running(app) as pilot:
            print("to stdout", file=sys.stdout)
            print("a warning \x1b[31m", file=sys.stderr)
            await pilot.press("f6")
            await until(pilot, lambda: "to stdout" in screen_text(app))
            assert "a warning \\x1b[31m" in screen_text(app)

    asyncio.run(print_it())


def test_the_process_beside_the_screen_may_die(archive: Path) -> None:
    """The real process: it works, it is killed, and the conversation goes on."""

    async def die() -> None:
        link = ProcessLink()
        app = chat_app(archive, link=link)
        async with running(app) as pilot:
            await say(pilot, "two planes")
            assert "1 of 4 images satisfies it" in last_turn(app)
            process = link._process
            assert process is not None
            assert process.stdin is not None
            os.kill(process.pid, 9)
            await until(pilot, lambda: "signal 9" in told(app))
            await settled(pilot)
            await say(pilot, "with a storage tank")
            assert "1 of 4 images satisfies it" in last_turn(app)
            assert app.state.formula == "(exists>=2 x. plane(x)) & exists y. storage_tank(y)"
            process = link._process
        assert process is not None
        assert process.wait(10) is not None

    asyncio.run(die())
