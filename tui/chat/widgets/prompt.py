"""Where questions are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tui.chat.actions.registry import SLASH, bindings
from tui.chat.completion import ImageWanted, Suggestion, suggestions
from tui.chat.messages import ImagesWanted, Submitted, Typed
from tui.chat.widgets.keyed import KeyedTextArea

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.binding import BindingType
    from textual.widgets import TextArea

    from tui.chat.completion import Named
    from tui.chat.history import History
    from tui.chat.widgets.suggesting import Suggesting

PLACEHOLDER = "Ask, such as: at least three planes near a storage tank"


class Prompt(KeyedTextArea):
    """A text of one line or more; Enter sends it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("prompt")

    def __init__(self, keys: Mapping[str, str], history: History, suggesting: Suggesting) -> None:
        super().__init__(keys, id="prompt", placeholder=PLACEHOLDER)
        self._history = history
        self._suggesting = suggesting
        self._wanted: ImageWanted | None = None
        self._is_recalling = False
        self.words: Sequence[Named] = ()

    def send(self) -> None:
        """Send what was typed; where the beginning of a slash command was, take the suggestion instead."""
        chosen = self._suggesting.chosen
        if chosen is not None and chosen.text.startswith("/") and chosen.text != self.text.strip():
            self._take(chosen)
            return
        text = self.text
        self.clear()
        self._suggesting.show([])
        if text.strip():
            self._history.add(text)
            self.post_message(Submitted(text))

    def complete_or_move_on(self) -> None:
        """Take the suggestion; without one the cursor goes to the next pane."""
        chosen = self._suggesting.chosen
        if chosen is not None:
            self._take(chosen)
        else:
            self.screen.focus_next()

    def older(self) -> None:
        """In a list of suggestions the one above; else up a line, and in the first the text that was sent before."""
        if self._suggesting.is_list:
            self._suggesting.move(-1)
        elif self.cursor_location[0] > 0:
            self.action_cursor_up()
        else:
            self._recall(self._history.older(self.text))

    def newer(self) -> None:
        """The way back."""
        if self._suggesting.is_list:
            self._suggesting.move(1)
        elif self.cursor_location[0] < self.document.line_count - 1:
            self.action_cursor_down()
        else:
            self._recall(self._history.newer())

    def close_suggestions(self) -> bool:
        """Put suggestions away; False where there are none."""
        if self._suggesting.chosen is None:
            return False
        self._suggesting.show([])
        return True

    def offer_images(self, beginning: str, image_ids: Sequence[str]) -> None:
        """Suggest images, if these are still what is wanted."""
        wanted = self._wanted
        if wanted is not None and wanted.beginning == beginning:
            self._suggesting.show([Suggestion(each, "", wanted.start, wanted.end) for each in image_ids], is_list=True)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Look for what could be meant."""
        event.stop()
        self.post_message(Typed())
        if self._is_recalling:
            self._is_recalling = False
            self._suggesting.show([])
            return
        found = suggestions(self.text, self._cursor, SLASH, self.words)
        self._wanted = found if isinstance(found, ImageWanted) else None
        if isinstance(found, ImageWanted):
            self.post_message(ImagesWanted(found.beginning))
        else:
            self._suggesting.show(found, is_list=self.text.startswith("/"))

    @property
    def _cursor(self) -> int:
        row, column = self.cursor_location
        return sum(len(line) + 1 for line in self.text.split("\n")[:row]) + column

    def _take(self, chosen: Suggestion) -> None:
        rest = self.text[chosen.end :]
        blank = "" if rest.startswith(" ") else " "
        before = self.text[: chosen.start] + chosen.text + blank
        self._wanted = None
        self.text = before + rest
        at = before.count("\n")
        self.move_cursor((at, len(before.rpartition("\n")[2])))

    def _recall(self, text: str | None) -> None:
        if text is not None and text != self.text:
            self._is_recalling = True
            self.text = text
            self.move_cursor(self.document.end)
