"""Pictures in a terminal, by textual-image: which way is chosen without asking the terminal, which could garble it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.widget import Widget

_SIXEL_PROGRAMS = frozenset({"WezTerm", "iTerm.app", "mintty", "contour", "rio"})
_SIXEL_TERMS = ("foot", "mlterm", "yaft", "contour")
_KITTY_PROGRAMS = frozenset({"ghostty"})


def drawing_mode(mode: str, environment: Mapping[str, str] = os.environ) -> str:
    """The way that pictures are drawn: `auto` goes by what the terminal calls itself, and by blocks within tmux."""
    if mode != "auto":
        return mode
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if environment.get("TMUX") or term.startswith(("tmux", "screen")):
        return "halfblocks"
    if term == "xterm-kitty" or environment.get("KITTY_WINDOW_ID") or program in _KITTY_PROGRAMS:
        return "kitty"
    if program in _SIXEL_PROGRAMS or term.startswith(_SIXEL_TERMS):
        return "sixel"
    return "off" if term == "dumb" else "halfblocks"


def picture_widget(picture: str, mode: str) -> Widget | None:
    """A widget that shows a file of pixels; None where pictures are off."""
    chosen = drawing_mode(mode)
    if chosen == "off":
        return None
    with _terminal_out_of_reach():
        from textual_image.widget import HalfcellImage, SixelImage, TGPImage
    kinds: Mapping[str, Callable[..., Widget]] = {"kitty": TGPImage, "sixel": SixelImage, "halfblocks": HalfcellImage}
    return kinds[chosen](picture, classes="picture")


@contextmanager
def _terminal_out_of_reach() -> Iterator[None]:
    """textual-image asks the terminal questions when it is imported, whose answers would be taken for keys.

    Where stdout is no terminal it asks none; and its size of a cell is set beforehand from what the system knows.
    """
    if "textual_image.widget" in sys.modules:
        yield
        return
    stdout, sys.__stdout__ = sys.__stdout__, _Unasked()  # type: ignore[assignment,misc]
    try:
        from textual_image import _terminal

        _terminal.get_cell_size._result = _terminal.CellSize(*_cell_size())  # the cache that it keeps itself
        yield
    finally:
        sys.__stdout__ = stdout  # type: ignore[misc]


class _Unasked:
    """A stdout that is no terminal."""

    def isatty(self) -> bool:
        return False


def _cell_size() -> tuple[int, int]:
    """Width and height of a cell in px as the system knows them, else those of a VT340."""
    try:
        import array
        import fcntl
        import termios

        size = array.array("H", [0, 0, 0, 0])
        fcntl.ioctl(sys.__stdin__.fileno() if sys.__stdin__ else 0, termios.TIOCGWINSZ, size)
    except (ImportError, OSError, ValueError):
        return 10, 20
    rows, columns, width, height = size
    if not (rows and columns and width and height):
        return 10, 20
    return max(1, width // columns), max(1, height // rows)
