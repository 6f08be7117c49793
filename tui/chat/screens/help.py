"""The help: every key and every slash command, from the registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.chat.actions.registry import ACTIONS, SLASH
from tui.chat.keys import key_words
from tui.chat.safe_text import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult

_SCOPES = {"app": "", "prompt": " (typing)", "step": " (on a step)", "results": " (in Results)", "logic": " (in Logic)"}
_KEYS, _COMMANDS = 16, 26
"""How many columns the keys have, and the commands."""


class HelpScreen(ModalScreen[None]):
    """A page that scrolls; Esc closes it."""

    BINDINGS = [Binding("escape,f1,q,enter", "dismiss", "Close", id="help.close")]  # noqa: RUF012

    def __init__(self, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """One page."""
        with VerticalScroll(classes="dialogue") as page:
            page.border_title = "Help (Esc closes)"
            yield Static(Content("\n").join(_page(self._keymap)), markup=False)


def _page(keymap: Mapping[str, str]) -> Iterator[Content]:
    yield Content.styled("Keys", "bold $primary")
    for each in ACTIONS:
        keys = keymap.get(each.id, each.keys)
        if keys:
            yield Content.assemble(
                plain(f"  {key_words(keys)}".ljust(_KEYS), "bold"), plain(f"{each.summary}{_SCOPES[each.scope]}")
            )
    yield Content("")
    yield Content.styled("Commands", "bold $primary")
    for each in SLASH:
        yield Content.assemble(plain(f"  {each.usage}".ljust(_COMMANDS), "bold"), " ", plain(each.summary))
    yield Content("")
    yield Content.styled("In the prompt", "bold $primary")
    yield plain("  @ picks an image, / a command; names of classes and predicates are suggested as you type.")
    yield plain("  Questions go on from one another: and near a harbor · now without ships · only sure ones · undo")
