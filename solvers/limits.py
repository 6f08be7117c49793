"""The limits of one evaluation: counts that repeat, and beside them a deadline as the last resort."""

from collections.abc import Callable
from dataclasses import dataclass

from solvers.errors import LimitError

MAX_LITERALS = 1 << 29
MAX_PIECES = 500


class ImageLimitError(LimitError):
    """One image is too much for a question; it is unknown there, and the others go on."""


class DeadlineError(LimitError):
    """The time is up for the whole run."""


Tick = Callable[[], None]


def never() -> None:
    """A tick that lets everything go on."""


@dataclass
class Budget:
    """What an evaluation may still do: literals to look at, pieces of blocks; `tick` may end the whole run."""

    most_pieces: int = MAX_PIECES
    tick: Tick = never

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin again, for the next closed sub-formula: what one costs must not decide another."""
        self._literals = MAX_LITERALS
        self._pieces = self.most_pieces

    def spend(self, literals: int) -> None:
        """Take note of so many literals; raises ImageLimitError beyond the budget."""
        self.tick()
        self._literals -= literals
        if self._literals < 0:
            raise ImageLimitError(f"more than {MAX_LITERALS:,} literals to look at")

    def take_piece(self) -> None:
        """Take note of one more piece of a block; raises ImageLimitError beyond the budget."""
        self._pieces -= 1
        if self._pieces < 0:
            raise ImageLimitError(f"more than {self.most_pieces:,} combinations to try one after the other")
