"""Actions on what is being typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.chat.actions.action import Action

if TYPE_CHECKING:
    from tui.chat.app import ChatApp


def _send(app: ChatApp, _: str) -> None:
    app.prompt.send()


def _newline(app: ChatApp, _: str) -> None:
    app.prompt.insert("\n")


def _complete(app: ChatApp, _: str) -> None:
    app.prompt.complete_or_move_on()


def _older(app: ChatApp, _: str) -> None:
    app.prompt.older()


def _newer(app: ChatApp, _: str) -> None:
    app.prompt.newer()


def _clear(app: ChatApp, _: str) -> None:
    app.clear_or_quit()


def _cancel(app: ChatApp, _: str) -> None:
    app.cancel()


ACTIONS = (
    Action("send", "Send what was typed", _send, keys="enter", scope="prompt", footer="Send"),
    Action("newline", "Begin a new line", _newline, keys="ctrl+j", scope="prompt"),
    Action("complete", "Take the suggestion, or go to the next pane", _complete, keys="tab", scope="prompt"),
    Action("older", "What was typed before", _older, keys="up", scope="prompt"),
    Action("newer", "What was typed after that", _newer, keys="down", scope="prompt"),
    Action("cancel", "Cancel the work under way; the prompt is free at once", _cancel, keys="escape", footer="Cancel"),
    Action("clear", "Clear the prompt; pressed again, quit", _clear, keys="ctrl+c"),
)
