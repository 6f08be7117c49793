"""A text area whose own keys keep their place among those that are typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.widgets import TextArea

from tui.chat.messages import KeyPressed
from tui.chat.widgets.stock import EDIT

if TYPE_CHECKING:
    from textual import events


class KeyedTextArea(TextArea, inherit_bindings=False):
    """`keys` are those that do something else than to write, each with its action.

    They come after the letters that were typed before them, however fast that was; a binding with priority would not.
    """

    BINDINGS = EDIT

    def __init__(self, keys: Mapping[str, str], *, id: str, placeholder: str) -> None:  # noqa: A002
        super().__init__(id=id, compact=True, soft_wrap=True, highlight_cursor_line=False, placeholder=placeholder)
        self._own_keys = keys

    async def _on_key(self, event: events.Key) -> None:
        action = self._own_keys.get(event.key)
        if action is None:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        self.post_message(KeyPressed(action))
