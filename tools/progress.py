"""How long work tells whoever watches how far it is, without knowing who watches."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work is: `done` of `total` steps (None if not known) of the named `phase`.

    `failed` of the steps so far came to nothing.
    """

    phase: str
    done: int
    total: int | None
    failed: int = 0


class ProgressListener(Protocol):
    """Whoever watches; called from the working thread, and must be quick."""

    def __call__(self, progress: Progress, /) -> None:
        """Take note of the progress."""


def ignore_progress(progress: Progress, /) -> None:
    """Watch nothing."""
