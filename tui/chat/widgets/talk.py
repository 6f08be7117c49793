"""The conversation: turns and notes, the newest at the end, which stays in sight."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import VerticalScroll

from tui.chat.widgets.entries import Note, TurnEntry
from tui.chat.widgets.steps import Step
from tui.chat.widgets.stock import SCROLL
from tui.chat.words import ROOM

MOST_ENTRIES = 60
"""So many entries are kept on the screen; the session has all turns."""
_INDENT = 2


class Talk(VerticalScroll, inherit_bindings=False):
    """The pane at the left."""

    BINDINGS = SCROLL

    def on_mount(self) -> None:
        """Stay at the end while entries come."""
        self.anchor()

    @property
    def room(self) -> int:
        """How many columns an outcome has; as many as a terminal of usual width where the pane is not shown."""
        return max(0, self.scrollable_content_region.width - _INDENT) or ROOM

    def add_turn(self, text: str, before: TurnEntry | None = None) -> TurnEntry:
        """Another turn, at the end unless it belongs before another."""
        entry = TurnEntry(text)
        self._add(entry, before)
        return entry

    def add_note(self, text: str, kind: str = "info", before: TurnEntry | None = None) -> None:
        """A word of the program, at the end unless it belongs before a turn."""
        self._add(Note(text, kind), before)

    def empty(self, but: Sequence[TurnEntry]) -> None:
        """Forget all entries but some."""
        for each in list(self.children):
            if each not in but:
                each.remove()

    def fold(self) -> None:
        """Unfold all steps, or fold them where all are unfolded."""
        steps = list(self.query(Step))
        unfold = not all(each.unfolded for each in steps)
        for each in steps:
            if each.unfolded != unfold:
                each.toggle()

    def toggle_step(self) -> None:
        """Unfold or fold the step under the cursor."""
        focused = self.app.focused
        if isinstance(focused, Step):
            focused.toggle()

    def _add(self, entry: Note | TurnEntry, before: TurnEntry | None) -> None:
        self.mount(entry, before=before)
        for old in self.children[: max(0, len(self.children) - MOST_ENTRIES)]:
            old.remove()
        self.anchor()
