"""The limits of one evaluation: counts that repeat, and beside them a deadline as the last resort."""

from collections.abc import Callable
from dataclasses import dataclass

from solvers.errors import LimitError

MAX_LITERALS = 1 << 31


class ImageLimitError(LimitError):
    """One image is too much for a question; it is unknown there, and the others go on."""


class DeadlineError(LimitError):
    """The time is up for the whole run."""


Tick = Callable[[], None]


def never() -> None:
    """A tick that lets everything go on."""


@dataclass
class Budget:
    """How many literals an evaluation may still look at; `tick` may end the whole run by DeadlineError."""

    left: int = MAX_LITERALS
    tick: Tick = never

    def spend(self, cells: int) -> None:
        """Take note of so many; raises ImageLimitError beyond the budget."""
        self.tick()
        self.left -= cells
        if self.left < 0:
            raise ImageLimitError(f"more than {MAX_LITERALS:,} literals to look at")

    def renew(self) -> None:
        """Begin again, for the next closed sub-formula: what one costs must not decide another."""
        self.left = MAX_LITERALS
