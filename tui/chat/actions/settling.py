"""Actions that settle how questions are answered, and how the screen looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.chat import themes
from tui.chat.actions.action import Action
from tui.chat.settings import IMAGES
from tui.text import safe

if TYPE_CHECKING:
    from tui.chat.app import ChatApp


def _model(app: ChatApp, text: str) -> None:
    name, _, url = text.partition(" ")
    if name:
        app.archiving.change_model(name, url.strip() or None)
    else:
        app.say(f"The model is {app.state.model}.")


def _candidates(app: ChatApp, text: str) -> None:
    if not text:
        app.say(f"The model writes {app.state.candidates} formula(s) for a question.")
    elif text.isascii() and text.isdigit() and 1 <= int(text) <= 64:
        app.archiving.change_candidates(int(text))
    else:
        app.complain("/candidates takes a number from 1 to 64")


def _threshold(app: ChatApp, text: str) -> None:
    if not text:
        app.say(f"The threshold is {app.state.threshold:g}.")
        return
    words = text.replace("=", " ").split()
    try:
        value = float(words[-1])
    except ValueError:
        value = 0.0
    if not 0 < value <= 1 or len(words) > 2:
        app.complain("/threshold takes a confidence above 0 and at most 1, and before it, if need be, a class")
    elif len(words) == 1:
        app.conversing.settle("threshold", f"threshold {value:g}", value)
    else:
        app.conversing.submit(f"threshold for {words[0].replace('_', ' ')} to {value:g}")


def _top_k(app: ChatApp, text: str) -> None:
    if not text:
        shown = app.state.top_k
        app.say(f"The best {shown} images are shown." if shown else "All images are shown.")
    elif text.isascii() and text.isdigit() and len(text) < 7:
        app.conversing.settle("top_k", f"show {text if int(text) else 'all'}", int(text))
    else:
        app.complain("/topk takes how many images to show, 0 for all")


def _filter(app: ChatApp, text: str) -> None:
    if not text:
        filters = app.state.filters
        app.say(f"Only images of {safe(filters.words)} are asked." if filters is not None else "All images are asked.")
    elif app.state.archive is None:
        app.complain("no archive is open whose images could be filtered")
    elif text.startswith("--") or text in {"none", "off"}:
        app.conversing.submit(f"filter {text}")
    else:
        app.complain("/filter takes --area, --area-crs, --since, --until and --folder as rune rank does, or none")


def _theme(app: ChatApp, name: str) -> None:
    if not name:
        app.change_theme(themes.NAMES[(themes.NAMES.index(app.theme) + 1) % len(themes.NAMES)])
    elif name in themes.NAMES:
        app.change_theme(name)
    else:
        app.complain(f"the themes are {', '.join(themes.NAMES)}")


def _images(app: ChatApp, mode: str) -> None:
    if not mode:
        app.say(f"Pictures are drawn as {app.state.images}.")
    elif mode in IMAGES:
        app.looking.draw_as(mode)
    else:
        app.complain(f"pictures can be drawn as {', '.join(IMAGES)}")


ACTIONS = (
    Action(
        "model", "Which model reads questions", _model, argument="[NAME [URL]]", choices=("offline", "openai:"),
        slash=True,
    ),
    Action("candidates", "How many formulas the model writes", _candidates, argument="[N]", slash=True),
    Action("threshold", "The confidence from which a detection counts", _threshold, argument="[[CLASS] T]", slash=True),
    Action("topk", "How many images are shown, 0 for all", _top_k, argument="[K]", slash=True),
    Action(
        "filter", "Which images are asked: by area, time and folder", _filter,
        argument="[OPTIONS]",
        choices=("none", "--area", "--area-crs", "--since", "--until", "--folder"), slash=True,
    ),
    Action("theme", "The next theme, or the named one", _theme, argument="[NAME]", choices=themes.NAMES, slash=True),
    Action("images", "How pictures are drawn", _images, argument="[MODE]", choices=IMAGES, slash=True),
)  # fmt: skip
