"""Actions on archives, sessions and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.chat.actions.action import Action

if TYPE_CHECKING:
    from tui.chat.app import ChatApp

EXPORTS = ("markdown", "jsonl", "geojson", "csv", "json")
COPIES = ("answer", "formula", "image", "path", "results")


def _archive(app: ChatApp, folder: str) -> None:
    if folder:
        app.archiving.open_archive(folder)
    elif app.state.archive is None:
        app.say("No archive is open: /archive DIR opens one, /demo makes a sample.")
    else:
        app.say(f"The archive is {app.state.archive}.")


def _index(app: ChatApp, text: str) -> None:
    app.archiving.index(text)


def _demo(app: ChatApp, _: str) -> None:
    app.archiving.demo()


def _export(app: ChatApp, text: str) -> None:
    app.keeping.export(text)


def _copy(app: ChatApp, what: str) -> None:
    app.keeping.copy(what or "answer")


def _resume(app: ChatApp, name: str) -> None:
    if name:
        app.archiving.resume(name)
    else:
        app.keeping.list_sessions()


def _sessions(app: ChatApp, _: str) -> None:
    app.keeping.list_sessions()


def _undo(app: ChatApp, _: str) -> None:
    app.conversing.submit("undo")


def _new(app: ChatApp, _: str) -> None:
    app.conversing.submit("start over")


def _help(app: ChatApp, _: str) -> None:
    app.show_help()


def _palette(app: ChatApp, _: str) -> None:
    app.show_palette()


def _quit(app: ChatApp, _: str) -> None:
    app.quit()


ACTIONS = (
    Action("help", "Every key and command", _help, keys="f1", slash=True, footer="Help"),
    Action("palette", "Search all actions", _palette, keys="ctrl+p", footer="Actions"),
    Action("archive", "Open an archive", _archive, argument="[DIR]", slash=True),
    Action(
        "index", "Make an archive of images, or bring it up to date", _index, argument="IMAGES... [--archive DIR]",
        choices=("--archive", "--labels", "--weights", "--classes", "--sizes"), slash=True,
    ),
    Action("demo", "Render a sample archive and open it", _demo, slash=True),
    Action("undo", "Take the last change back", _undo, slash=True),
    Action("new", "Forget the question and begin anew", _new, slash=True),
    Action("export", "Write the conversation, or the ranking, to a file", _export, argument="FORMAT [FILE]",
           choices=EXPORTS, slash=True),
    Action("copy", "Copy the answer, or what is named", _copy, keys="ctrl+y", argument="[WHAT]", choices=COPIES,
           slash=True),
    Action("sessions", "The conversations that are kept", _sessions, slash=True),
    Action("resume", "Go on with a session", _resume, argument="[NAME]", slash=True),
    Action("quit", "Leave", _quit, keys="ctrl+q", slash=True),
)  # fmt: skip
