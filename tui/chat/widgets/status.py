"""The line at the top: what is open, and how questions are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from tui.chat.safe_text import MUTED, plain
from tui.chat.welcome import archive_name
from tui.text import cells, safe

if TYPE_CHECKING:
    from textual.app import RenderResult

    from tui.chat.state import ChatState

_LONGEST_FILTER = 40


class Status(Static):
    """One line, of which the less important end falls away where the terminal is narrow."""

    def __init__(self, state: ChatState) -> None:
        super().__init__(id="status", markup=False)
        self._state = state

    def render(self) -> RenderResult:
        """The line, in as much room as there is."""
        state = self._state
        pieces = [_archive(state)]
        pieces += [] if state.filters is None else [_shortened(f"only {safe(state.filters.words)}")]
        pieces.append(state.model)
        if state.candidates > 1:
            pieces.append(f"{state.candidates} candidates")
        pieces += [f"threshold {state.thresholds}", f"top {state.top_k}" if state.top_k else "all", state.session]
        said: list[Content] = [Content.styled("RUNE", "bold $primary")]
        room = self.size.width - 4
        for place, each in enumerate(pieces):
            room -= cells(each) + 3
            if room < 0:
                break
            said.append(plain(each, "" if place == 0 else MUTED))
        return Content("  ").join(said[:2]) + Content.styled("".join([]), "") + _joined(said[2:])


def _archive(state: ChatState) -> str:
    if state.archive is None:
        return "no archive"
    return f"{archive_name(state.archive)} ({state.image_count:,} images)"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_FILTER else f"{text[: _LONGEST_FILTER - 1]}…"


def _joined(pieces: list[Content]) -> Content:
    return Content("").join([part for each in pieces for part in (Content.styled(" · ", MUTED), each)])
