"""The tab Trace: what was tried, what was wrong with it, where the time went, and what libraries printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.chat.pace import duration
from tui.chat.safe_text import MUTED, lines, plain
from tui.chat.widgets.stock import SCROLL

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from agent.conversation.turns import Turn

NOTHING = "Nothing has been asked yet."
MOST_PRINTED = 100


class Trace(VerticalScroll, inherit_bindings=False):
    """How the last answer came about."""

    BINDINGS = SCROLL

    def __init__(self) -> None:
        super().__init__(id="trace")
        self._text = Static(plain(NOTHING, MUTED), markup=False)
        self._turn: Turn | None = None
        self._seconds = 0.0
        self._printed: list[str] = []
        self._is_open = False

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    def on_show(self) -> None:
        """The tab is open; until then nothing was laid out that nobody saw."""
        self._is_open = True
        self._update()

    def on_hide(self) -> None:
        """Another tab is open."""
        self._is_open = False

    def show(self, turn: Turn, seconds: float) -> None:
        """The trace of a turn."""
        self._turn, self._seconds = turn, seconds
        self._update()

    def add_print(self, text: str) -> None:
        """A line that something printed; the last ones are kept."""
        self._printed = [*self._printed, text][-MOST_PRINTED:]
        self._update()

    def _update(self) -> None:
        if not self._is_open:
            return
        told = list(_of_turn(self._turn, self._seconds)) if self._turn is not None else [plain(NOTHING, MUTED)]
        if self._printed:
            told += [Content(""), Content.styled("Printed by libraries", "bold"), *_printed(self._printed)]
        self._text.update(Content("\n").join(told))


def _of_turn(turn: Turn, seconds: float) -> Iterator[Content]:
    yield Content.assemble(plain(turn.text, "bold"), plain(f"  {turn.kind}, {turn.status}", MUTED))
    if turn.result is None:
        yield plain(f"took {duration(seconds)}", MUTED)
        return
    from tui.diagnostics import render_diagnostics
    from tui.text import Style

    result = turn.result
    yield plain(f"model {turn.model}", MUTED)
    for number, attempt in enumerate(result.attempts, start=1):
        yield Content("")
        yield Content.assemble((f"Attempt {number}", "bold"), "  ", plain(attempt.formula or "no formula"))
        if attempt.diagnostics:
            yield Content(render_diagnostics(attempt.formula or turn.text, attempt.diagnostics, Style()))
    if result.warnings:
        yield Content("")
        yield Content.styled("Warnings", "bold")
        yield from (plain(f"! {each}", "$text-warning") for each in result.warnings)
    yield Content("")
    yield Content.styled("Time", "bold")
    spent = result.timings_ms
    for name, value in (
        ("translate", spent.translate),
        ("plan", spent.plan),
        ("judge all", spent.prefilter),
        ("prove shown", spent.solve),
    ):
        yield plain(f"  {name:<12}{duration(value / 1000):>10}")
    yield plain(f"  {'in all':<12}{duration(seconds):>10}")


def _printed(printed: Sequence[str]) -> Iterator[Content]:
    return (lines(f"  {each}", MUTED) for each in printed)
