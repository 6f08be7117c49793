"""The suggestions above the prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.chat.safe_text import MUTED, plain

if TYPE_CHECKING:
    from tui.chat.completion import Suggestion

_COLUMN = 16


class Suggesting(OptionList, can_focus=False):
    """A short list of what could be meant; not there where nothing could be."""

    def __init__(self) -> None:
        super().__init__(id="suggesting", compact=True)
        self._shown: Sequence[Suggestion] = ()
        self._is_list = False

    def show(self, suggestions: Sequence[Suggestion], *, is_list: bool = False) -> None:
        """Show these; the arrows move in a list, while other suggestions leave them to the history."""
        if list(suggestions) == list(self._shown) and is_list == self._is_list:
            return
        self._shown, self._is_list = suggestions, is_list
        self.clear_options()
        self.add_options(
            Option(Content.assemble(plain(each.text.ljust(_COLUMN), "bold"), " ", plain(each.meaning, MUTED)))
            for each in suggestions
        )
        self.display = bool(suggestions)
        if suggestions:
            self.highlighted = 0

    @property
    def chosen(self) -> Suggestion | None:
        """The one that Tab would take."""
        if not self._shown:
            return None
        return self._shown[min(self.highlighted or 0, len(self._shown) - 1)]

    @property
    def is_list(self) -> bool:
        """Whether the arrows move in it."""
        return self._is_list and bool(self._shown)

    def move(self, by: int) -> None:
        """Go up or down, round the ends."""
        self.highlighted = ((self.highlighted or 0) + by) % len(self._shown)
