"""What the program was started with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def _nothing() -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class Start:
    """What the program was started with; `session` is new unless `resuming`.

    `when_loaded` is called once all that the screen needs is loaded; with `is_still` nothing moves by itself.
    """

    archive: str | None
    session: str
    new_session: Callable[[], str]
    resuming: bool = False
    history: Path | None = None
    is_still: bool = False
    when_loaded: Callable[[], None] = _nothing
