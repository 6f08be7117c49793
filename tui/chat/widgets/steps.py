"""One step of a turn, such as a call of a tool: a line with its time, unfolded on demand."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tui.chat.actions.registry import bindings
from tui.chat.pace import duration
from tui.chat.safe_text import MUTED, plain, safe_lines

MOST_DETAIL = 4_000


class Step(Static, can_focus=True):
    """A folded line; `detail` is text from outside."""

    BINDINGS = bindings("step")

    def __init__(self, name: str, detail: str = "") -> None:
        self.step_name = name
        self._detail = detail
        self._seconds: float | None = None
        self._state = "…"
        self.unfolded = False
        super().__init__(self._told(), markup=False, classes="step")

    def on_click(self) -> None:
        """A click unfolds, and folds."""
        self.toggle()

    def add_detail(self, text: str) -> None:
        """More to be seen when it is unfolded; of much only the end is kept."""
        self._detail = (self._detail + text)[-MOST_DETAIL:]
        if self.unfolded:
            self._show()

    def end(self, seconds: float, refused: str | None = None) -> None:
        """The step has ended."""
        self._seconds = seconds
        self._state = "" if refused is None else "✗ refused"
        if refused is not None:
            self._detail = f"{self._detail}\n{refused}".strip()
        self._show()

    def drop(self, state: str) -> None:
        """The step will not end any more."""
        if self._seconds is None:
            self._state = state
            self._show()

    def toggle(self) -> None:
        """Unfold or fold."""
        self.unfolded = not self.unfolded
        self.set_class(self.unfolded, "-unfolded")
        self._show()

    def _show(self) -> None:
        self.update(self._told(), layout=self.unfolded)  # folded it is one line, whatever it says

    def _told(self) -> Content:
        words = [self._state] if self._state else []
        words += [] if self._seconds is None else [duration(self._seconds)]
        head = Content.assemble(
            ("▾ " if self.unfolded else "▸ ", MUTED),
            plain(self.step_name),
            (f"  {'  '.join(words)}", MUTED),
        )
        if not self.unfolded:
            return head
        detail = safe_lines(self._detail.strip() or "nothing more is known")
        return Content("\n").join([head, Content.styled(detail, MUTED)])
