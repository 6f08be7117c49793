"""What a system that is compared must be able to do: give every image of an archive a score for a question."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Question:
    """One question as systems see it: in English, as a formula, or both; `id` seeds what is random."""

    id: str
    english: str | None
    formula: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system says of n images, in the order of the archive's ids.

    `scores` (n), greater is better; `near_misses` (n) puts images of equal score in order; `called` (n) are those that
    the system calls answers at the operating threshold, None where it has none.
    """

    scores: Floats
    near_misses: Floats | None = None
    called: Booleans | None = None


class CannotAnswerError(Exception):
    """A system has no ranking for one question: it cannot be read, or says nothing that the system looks at."""


class RetrievalSystem(Protocol):
    """A way to rank the images of one archive by a question."""

    @property
    def name(self) -> str:
        """What it is called on the command line and in reports."""

    @property
    def description(self) -> str:
        """What it does, in one sentence."""

    @property
    def gives_probabilities(self) -> bool:
        """Whether its scores claim to be probabilities, so that their reliability can be measured."""

    def answer(self, question: Question) -> Answer:
        """Score every image; raises CannotAnswerError where the question cannot be asked of the system."""
