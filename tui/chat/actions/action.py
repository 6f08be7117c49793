"""One thing that a user can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tui.chat.app import ChatApp

Scope = Literal["app", "prompt", "step", "results", "logic"]
"""Where the keys of an action hold: everywhere, or only where the cursor is in that widget."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action: `id` names it in the settings, after the slash, and in the help.

    `argument` says what may follow the slash command, in brackets where it may be left out; `choices` are arguments
    that are known by name. `keys` are those it has unless the settings say otherwise, with commas between them.
    """

    id: str
    summary: str
    run: Callable[[ChatApp, str], None]
    keys: str = ""
    argument: str = ""
    choices: Sequence[str] = ()
    scope: Scope = "app"
    slash: bool = False
    footer: str = ""

    @property
    def needs_argument(self) -> bool:
        """Whether the slash command means nothing without an argument."""
        return bool(self.argument) and not self.argument.startswith("[")

    @property
    def usage(self) -> str:
        """The slash command with its argument."""
        return f"/{self.id} {self.argument}".rstrip()
