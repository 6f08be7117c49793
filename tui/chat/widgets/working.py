"""The line above the prompt: the work under way, how far it is, and how to end it."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from tui.chat.pace import duration
from tui.chat.safe_text import MUTED, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.chat.work import Job

_SLOW_S = 2.0
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Working(Static):
    """Blank while nothing is under way: a line that came and went would move all others."""

    def __init__(self, *, is_still: bool = False) -> None:
        super().__init__(id="working", markup=False)
        self._jobs: Sequence[Job] = ()
        self._waiting = 0
        self._frame = 0
        self._is_still = is_still

    def on_mount(self) -> None:
        """The sign of life moves a few times a second."""
        self.set_interval(0.15, self._step)

    def show(self, jobs: Sequence[Job], waiting: int) -> None:
        """Show these, and how many questions wait their turn."""
        self._jobs, self._waiting = jobs, waiting
        self._render_line()

    def _step(self) -> None:
        if self._jobs and not self._is_still:
            self._frame = (self._frame + 1) % len(_FRAMES)
            self._render_line()

    def _spent(self, job: Job) -> str:
        seconds = monotonic() - job.began
        return "" if self._is_still or seconds < _SLOW_S else f" · {duration(seconds)}"

    def _render_line(self) -> None:
        if not self._jobs:
            self.update("", layout=False)
            return
        said = [f"{each.label}{f': {each.pace}' if each.pace.phase else ''}{self._spent(each)}" for each in self._jobs]
        said += [f"{self._waiting} waiting"] if self._waiting else []
        text = plain(" | ".join(said))
        self.update(
            Content.assemble((f"{_FRAMES[self._frame]} ", "$accent"), text, ("  Esc cancels", MUTED)), layout=False
        )
