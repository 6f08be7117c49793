"""Actions that change what is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.chat.actions.action import Action

if TYPE_CHECKING:
    from tui.chat.app import ChatApp


def _tab(name: str) -> Callable[[ChatApp, str], None]:
    def show(app: ChatApp, _: str) -> None:
        app.looking.show(name)

    return show


def _why(app: ChatApp, image: str) -> None:
    if image:
        app.looking.choose(image)
    app.looking.show("why")


def _image(app: ChatApp, image: str) -> None:
    if image:
        app.looking.choose(image)
    app.looking.show("image")


def _next(app: ChatApp, _: str) -> None:
    app.results.move(1)


def _previous(app: ChatApp, _: str) -> None:
    app.results.move(-1)


def _sort(app: ChatApp, column: str) -> None:
    app.results.sort_by(column)


def _reverse(app: ChatApp, _: str) -> None:
    app.results.turn_round()


def _open_why(app: ChatApp, _: str) -> None:
    app.looking.show("why")


def _run_logic(app: ChatApp, _: str) -> None:
    app.logic.submit()


def _zoom(app: ChatApp, _: str) -> None:
    app.zoom()


def _fold(app: ChatApp, _: str) -> None:
    app.talk.fold()


def _toggle(app: ChatApp, _: str) -> None:
    app.talk.toggle_step()


ACTIONS = (
    Action("results", "The ranking", _tab("results"), keys="f2", slash=True),
    Action("logic", "The formula; change it, and Enter runs it", _tab("logic"), keys="f3", slash=True),
    Action("image", "The picture with its proof", _image, keys="f4", argument="[IMAGE]", slash=True),
    Action("why", "Why an image is, or is not, an answer", _why, keys="f5", argument="[IMAGE]", slash=True),
    Action("trace", "Attempts, diagnostics and timings", _tab("trace"), keys="f6", slash=True),
    Action("previous", "The image before, in the ranking", _previous, keys="f7"),
    Action("next", "The next image of the ranking", _next, keys="f8"),
    Action("zoom", "One pane over the whole width, the other one, both", _zoom, keys="f9", slash=True),
    Action("fold", "Unfold all steps, or fold them", _fold, keys="ctrl+o"),
    Action("toggle", "Unfold or fold one step", _toggle, keys="enter,space", scope="step"),
    Action("proof", "Why the chosen image is an answer", _open_why, keys="enter", scope="results"),
    Action(
        "sort",
        "Sort the ranking by the next column",
        _sort,
        keys="s",
        argument="[COLUMN]",
        choices=("rank", "image", "score", "verdict"),
        scope="results",
        slash=True,
    ),
    Action("reverse", "Turn the order round", _reverse, keys="r", scope="results", slash=True),
    Action("run", "Rank by the formula as it stands", _run_logic, keys="enter", scope="logic"),
)
