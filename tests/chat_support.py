"""What the tests of the chat share: the real app over a small archive, with the desk in this process."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Static

from tests.cli_support import SCENES, coco
from tools.index import index_images
from tui.chat.app import ChatApp
from tui.chat.links import Link, LocalLink
from tui.chat.settings import Settings
from tui.chat.start import Start
from tui.chat.widgets.entries import Note, TurnEntry

PATIENCE_S = 200.0
SESSION = "test"
ChatPilot = Pilot[None]


def small_archive(folder: Path, file_names: Mapping[str, str] | None = None) -> Path:
    """The four scenes of the tests of the command line, without pixels."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenes.json").write_text(coco(SCENES, file_names=file_names), encoding="utf-8")
    index_images(archive=folder / "archive", labels=folder / "scenes.json")
    return folder / "archive"


def chat_app(
    archive: Path | None,
    *,
    settings: Settings | None = None,
    link: Link | None = None,
    session: str = SESSION,
    resuming: bool = False,
    history: Path | None = None,
) -> ChatApp:
    """The app with a clock that stands still, so that no time is in any picture."""
    numbers = count(2)
    start = Start(
        archive=None if archive is None else str(archive),
        session=session,
        new_session=lambda: f"{SESSION} {next(numbers)}",
        resuming=resuming,
        history=history,
        is_still=True,
    )
    return ChatApp(start, settings or Settings(images="halfblocks"), link or LocalLink(clock=lambda: 0.0))


@asynccontextmanager
async def running(app: ChatApp, size: tuple[int, int] = (120, 36)) -> AsyncIterator[ChatPilot]:
    """The app as it runs, ready for keys; what it was started with is open."""
    async with app.run_test(size=size) as pilot:
        await running_ready(pilot)
        yield pilot


async def running_ready(pilot: ChatPilot) -> None:
    """Wait until what the app was started with is open."""
    app = pilot.app
    assert isinstance(app, ChatApp)
    await pilot.pause()
    await until(pilot, lambda: app.is_begun and not app.archiving.is_opening)


async def until(pilot: ChatPilot, holds: Callable[[], bool]) -> None:
    """Wait for the app to come so far."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        await pilot.pause()
        if holds():
            await pilot.pause()
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the app did not come so far")


async def settled(pilot: ChatPilot) -> None:
    """Wait until nothing is under way, and the chosen image is judged if a tab shows it."""
    app = pilot.app
    assert isinstance(app, ChatApp)
    await until(pilot, lambda: not app.work.is_busy and not app.conversing.waiting and not app.looking.is_asking)


async def say(pilot: ChatPilot, text: str) -> None:
    """Type a text as it stands, send it, and wait for what comes of it."""
    app = pilot.app
    assert isinstance(app, ChatApp)
    write(app, text)
    await pilot.pause()
    app.prompt.close_suggestions()
    await pilot.press("enter")
    await settled(pilot)


def write(app: ChatApp, text: str) -> None:
    """Put a text into the prompt, with the cursor at its end."""
    app.prompt.focus()
    app.prompt.text = text
    app.prompt.move_cursor(app.prompt.document.end)


def told(app: ChatApp) -> str:
    """All that stands in the conversation, as plain text."""
    return "\n".join(text_of(each) for each in app.talk.query(Static))


def last_turn(app: ChatApp) -> str:
    """The last turn as plain text."""
    return "\n".join(text_of(each) for each in list(app.talk.query(TurnEntry))[-1].query(Static))


def last_note(app: ChatApp) -> str:
    """The last word of the program."""
    return text_of(list(app.talk.query(Note))[-1])


def text_of(widget: Static) -> str:
    """What a text widget shows, without its styles."""
    return str(widget.visual)


def screen_text(app: ChatApp) -> str:
    """The characters on the screen, line by line."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip)[:width] for strip in strips[:height])
