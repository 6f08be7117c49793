"""The state of a run, as the graph's nodes hand it on, and the context that they work in."""

import asyncio
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from time import perf_counter
from typing import Annotated, NamedTuple, TypedDict

from langchain_core.messages import AnyMessage
from langchain_core.tools import BaseTool

from agent.answers import Step
from agent.budget import Meter
from agent.events import Event, Problem
from agent.provider import Provider
from agent.request import RunRequest
from tools.registry import ToolContext
from tools.results import Agreement, AttemptModel, Model, PartModel, Ranking

# Calls that only ask for information (the ontology, say) do not count as repairs, but they are not endless.
INFORMATION_CALLS = 4


class Outcome(StrEnum):
    """How a candidate, or a run, ended short of an exception."""

    VALID = "valid"
    REFUSED = "refused"
    EXHAUSTED = "exhausted"
    LIMIT = "limit"
    PROVIDER_ERROR = "provider_error"


class Candidate(Model):
    """What became of one translation of the question; `formula` is canonical and there only where it is valid.

    `log_probability` is that of the answer with the formula, where the server gives it.
    """

    index: int
    outcome: Outcome
    formula: str | None = None
    attempts: tuple[AttemptModel, ...] = ()
    best: AttemptModel | None = None
    problems: tuple[Problem, ...] = ()
    error: str | None = None
    warnings: tuple[str, ...] = ()
    log_probability: float | None = None


class Held(NamedTuple):
    """A valid formula that the model was asked to look at again; it counts unless a better one comes."""

    attempt: AttemptModel
    formula: str
    log_probability: float | None


class CandidateState(TypedDict):
    """One translation under way: `steps` is what the last answer asks for, `best` the formula with fewest errors.

    `questioned` is true from the moment that a `held` formula goes back to the model until it has answered.
    """

    index: int
    messages: Annotated[list[AnyMessage], operator.add]
    steps: tuple[Step, ...]
    attempts: Annotated[list[AttemptModel], operator.add]
    best: AttemptModel | None
    formula: str | None
    problems: tuple[Problem, ...]
    calls: int
    informed: bool
    repairs: int
    outcome: Outcome | None
    error: str | None
    held: Held | None
    questioned: bool
    log_probability: float | None


class CandidateUpdate(TypedDict, total=False):
    """What a node changes of a CandidateState."""

    messages: list[AnyMessage]
    steps: tuple[Step, ...]
    attempts: list[AttemptModel]
    best: AttemptModel | None
    formula: str | None
    problems: tuple[Problem, ...]
    calls: int
    informed: bool
    repairs: int
    outcome: Outcome | None
    error: str | None
    held: Held | None
    questioned: bool
    log_probability: float | None


class RunState(TypedDict):
    """One run: the candidates, the one that was chosen, and the ranking by its formula."""

    candidates: Annotated[list[Candidate], operator.add]
    chosen: Candidate | None
    agreement: Agreement | None
    warnings: Annotated[list[str], operator.add]
    parts: list[PartModel]
    ranking: Ranking | None
    outcome: Outcome | None
    error: str | None
    translate_ms: float


class RunUpdate(TypedDict, total=False):
    """What a node changes of a RunState."""

    candidates: list[Candidate]
    chosen: Candidate | None
    agreement: Agreement | None
    warnings: list[str]
    parts: list[PartModel]
    ranking: Ranking | None
    outcome: Outcome | None
    error: str | None
    translate_ms: float


class CandidateTask(TypedDict):
    """The task of making one candidate."""

    index: int


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a run works with, and what no state holds.

    `offered` are the tools that the model may call now; `meter` is what the budget is spent from; `work` lets one tool
    run at a time, since Z3 asks for that; `ranking` lets one ranking run at a time, also among runs side by side that
    share it.
    """

    request: RunRequest
    provider: Provider
    tools: ToolContext
    offered: Sequence[BaseTool]
    emit: Callable[[Event], None]
    meter: Meter
    started: float = field(default_factory=perf_counter)
    work: asyncio.Lock = field(default_factory=asyncio.Lock)
    ranking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def most_calls(self) -> int:
        """How often the model may be asked for one candidate: once more where it looks at a formula again."""
        return self.request.repairs + 1 + INFORMATION_CALLS + (1 if self.request.repairs else 0)
