"""What a run is asked to do, checked before anything heavy is loaded."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.budget import Budget
from agent.choice import ModelChoice, OfflineChoice
from solvers.errors import InputError
from solvers.ontology import Ontology
from tools.archive import Archive
from tools.progress import ProgressListener, ignore_progress
from tools.registry import IndexSources, Threshold

if TYPE_CHECKING:
    from langchain_core.messages import AnyMessage

MAX_QUERY_CHARACTERS = 20_000
MAX_CANDIDATES = 64
MAX_REPAIRS = 20


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One question and all that settles how it is answered; without an archive it is only translated.

    `timeout` is the time in seconds that the model has for all of its answers together, retries included; `budget` is
    what the whole run may spend. `earlier` are messages that the model reads before the question, and `in_force` is a
    formula that has passed validation before, so that the model may use every tool on it. With `sources` the model may
    have the archive brought up to date with them; the next question sees what came of it.
    """

    query: str
    model: ModelChoice
    ontology: Ontology
    archive: Archive | None = None
    candidates: int = 1
    top_k: int = 10
    threshold: Threshold = 0.25
    certify: bool = False
    timeout: float = 60.0
    max_repairs: int = 3
    progress: ProgressListener = ignore_progress
    budget: Budget = field(default_factory=Budget)
    earlier: "Sequence[AnyMessage]" = ()
    in_force: str | None = None
    sources: IndexSources | None = None

    def __post_init__(self) -> None:
        check_query(self.query)
        _check_range("candidates", self.candidates, 1, MAX_CANDIDATES)
        _check_range("max_repairs", self.max_repairs, 0, MAX_REPAIRS)
        if self.top_k < 0:
            raise InputError(f"top_k is {self.top_k}; it is the number of images to show, 0 for all")
        if not (math.isfinite(self.timeout) and self.timeout > 0):
            raise InputError(f"the time-out is {self.timeout}; it is a number of seconds above 0")

    @property
    def samples(self) -> int:
        """How many candidates are asked for: one of a model that always answers the same."""
        return 1 if isinstance(self.model, OfflineChoice) else self.candidates

    @property
    def repairs(self) -> int:
        """How often a formula may be sent back: never to a model that has no other."""
        return 0 if isinstance(self.model, OfflineChoice) else self.max_repairs


def check_query(query: str) -> None:
    """Raise InputError for a query that is blank, too long or not UTF-8."""
    if not query.strip():
        raise InputError("the query is blank: ask for something, such as: two planes next to a storage tank")
    if len(query) > MAX_QUERY_CHARACTERS:
        raise InputError(f"the query has {len(query):,} characters; at most {MAX_QUERY_CHARACTERS:,} are read")
    try:
        query.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"the query is not a text in UTF-8: character {error.start + 1} is broken") from None


def _check_range(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InputError(f"{name} is {value}; it may be {least} to {most}")
