"""The palette: every action of the registry, found by its name or by what it does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Provider

from tui.chat.actions.registry import ACTIONS
from tui.chat.keys import key_words

if TYPE_CHECKING:
    from textual.command import Hits

    from tui.chat.actions.action import Action


def offered() -> list[Action]:
    """The actions that make sense from a palette: those of a slash command, and others that hold everywhere."""
    return [each for each in ACTIONS if each.slash or (each.scope == "app" and each.id not in {"palette", "clear"})]


class RegistryProvider(Provider):
    """Finds actions."""

    async def discover(self) -> Hits:
        """All of them."""
        for each in offered():
            yield DiscoveryHit(each.summary, self._doing(each), text=each.summary, help=_keys(each))

    async def search(self, query: str) -> Hits:
        """Those whose summary or name fits."""
        matcher = self.matcher(query)
        for each in offered():
            text = f"{each.summary} ({'/' if each.slash else ''}{each.id})"
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, matcher.highlight(text), self._doing(each), text=text, help=_keys(each))

    def _doing(self, action: Action) -> Callable[[], None]:
        from tui.chat.app import ChatApp

        app = self.app
        if not isinstance(app, ChatApp):
            raise TypeError("the palette belongs to the chat")
        if action.needs_argument:
            return partial(app.begin_command, action.id)
        return partial(action.run, app, "")


def _keys(action: Action) -> str:
    usage = action.usage.replace("[", r"\[") if action.slash else ""  # the palette takes it for markup
    return " · ".join(filter(None, (usage, key_words(action.keys))))
