"""The list of sessions, one of which can be gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.chat.safe_text import MUTED, plain

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from agent.sessions import SessionSummary


class SessionsScreen(ModalScreen[str | None]):
    """Enter goes on with the session under the cursor, Esc closes the list."""

    BINDINGS = [Binding("escape", "close", "Close", id="sessions.close")]  # noqa: RUF012

    def __init__(self, sessions: Sequence[SessionSummary]) -> None:
        super().__init__()
        self._sessions = sessions

    def compose(self) -> ComposeResult:
        """One list."""
        with Vertical(classes="dialogue") as page:
            page.border_title = "Sessions (Enter goes on with one, Esc closes)"
            yield OptionList(*(Option(_line(each)) for each in self._sessions), id="sessions")

    def on_mount(self) -> None:
        """The latest is under the cursor, so that Enter alone goes on with it."""
        self.query_one(OptionList).highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """One was chosen."""
        self.dismiss(self._sessions[event.option_index].name)

    def action_close(self) -> None:
        """None was chosen."""
        self.dismiss(None)


def _line(session: SessionSummary) -> Content:
    turns = f"{session.turns} turn{'s' if session.turns != 1 else ''}"
    return Content.assemble(
        plain(session.name, "bold"),
        plain(f"  {turns}, {session.updated[:16].replace('T', ' ')}, {session.archive}", MUTED),
        "\n  ",
        plain(session.reading or "no question in force"),
    )
