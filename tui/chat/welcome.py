"""What the chat says at its beginning, of a session's past, and when its process has ended."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from tui.chat import words

if TYPE_CHECKING:
    from agent.conversation.turns import Turn
    from tui.chat.host.protocol import Died, Opened
    from tui.chat.widgets.entries import TurnEntry

LINES = (
    "Type /demo to try RUNE on a sample archive that it renders itself.\n"
    "Or /index IMAGES --archive DIR to make an archive of your own, /archive DIR to open one.\n"
    "Then ask, such as: at least three planes near a storage tank. No key is needed; F1 has help."
)

NOTHING_OPEN = (
    "No archive is open that could be asked: /demo renders a sample, /archive DIR opens one. "
    "The arrow up brings the question back."
)


def archive_name(archive: str) -> str:
    """What an archive is called: its folder, with the one above where that is called just archive."""
    path = PurePath(archive)
    return str(PurePath(path.parent.name, path.name)) if path.name == "archive" else path.name


def opened(report: Opened, *, resuming: bool) -> str:
    """One line on what is open, and one on what to do."""
    size = f"{report.size.images:,} images with {report.size.entities:,} objects"
    head = f"{archive_name(report.archive)}: {size}."
    if report.turns:
        return f"{head} The session {report.session} goes on."
    if resuming:
        return f"{head} The session {report.session} is new."
    return f"{head} Ask in English, or write logic; F1 has help."


def died(report: Died) -> str:
    """That the process has ended, and how."""
    code = report.exit_code
    how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
    return f"The process that does the work ended unexpectedly ({how}); it is started anew, and the session goes on."


def show_past(entry: TurnEntry, turn: Turn) -> None:
    """A turn that a session kept."""
    entry.say(words.outcome(turn))
