"""What a run tells whoever watches: one typed union, the contract between the agent and every front end."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from agent.conversation.turns import Turn
from tools.results import ArchiveSize, AttemptModel, DiagnosticModel, Model, Ranking, RunResult


class Problem(Model):
    """A part of the question that cannot be put into logic; offsets in the question, None where it is not there."""

    word: str
    message: str
    start: int | None = None
    end: int | None = None
    suggestions: list[str] = Field(default_factory=list)


class RunStarted(Model):
    """A run begins; `archive` is None where the question is only translated."""

    type: Literal["run_started"] = "run_started"
    query: str
    model: str
    candidates: int
    archive: ArchiveSize | None


class ModelCalled(Model):
    """The model is asked; `call` counts from 1 within a candidate."""

    type: Literal["model_called"] = "model_called"
    candidate: int
    call: int


class ModelStreamed(Model):
    """A piece of what the model says, as it comes: of its `text`, or of the `arguments` of a tool call."""

    type: Literal["model_streamed"] = "model_streamed"
    candidate: int
    call: int
    part: Literal["text", "arguments"]
    piece: str


class ModelRetried(Model):
    """The provider failed in a way that may pass, and is asked again after `wait` seconds.

    What it has streamed of its answer so far does not count.
    """

    type: Literal["model_retried"] = "model_retried"
    reason: str
    wait: float


class ModelAnswered(Model):
    """The model has answered; tokens are None where the provider does not count them."""

    type: Literal["model_answered"] = "model_answered"
    candidate: int
    call: int
    seconds: float
    input_tokens: int | None
    output_tokens: int | None


class FormulaProposed(Model):
    """The model wrote a formula; nothing is known of it yet."""

    type: Literal["formula_proposed"] = "formula_proposed"
    candidate: int
    formula: str


class FormulaValidated(Model):
    """The formula was checked; `canonical` is None where it is not valid."""

    type: Literal["formula_validated"] = "formula_validated"
    candidate: int
    formula: str
    ok: bool
    canonical: str | None
    diagnostics: list[DiagnosticModel]


class FormulaQuestioned(Model):
    """A valid formula that no scene, or every scene, satisfies goes back to the model, once; `reasons` say which."""

    type: Literal["formula_questioned"] = "formula_questioned"
    candidate: int
    formula: str
    reasons: list[str]


class RepairRequested(Model):
    """The diagnostics go back to the model; `best` is the formula that it is to mend, None where it wrote none."""

    type: Literal["repair_requested"] = "repair_requested"
    candidate: int
    repair: int
    repairs_left: int
    best: AttemptModel | None


class QueryRefused(Model):
    """The model says what in the question no formula can express."""

    type: Literal["query_refused"] = "query_refused"
    candidate: int
    problems: list[Problem]


class CandidateGroup(Model):
    """Candidates that mean the same, as Z3 proves; `log_probability` is the sum of theirs, None where it is unknown."""

    formula: str
    candidates: list[int]
    log_probability: float | None = None


class CandidatesCompared(Model):
    """The valid candidates were grouped; `agreement` of them are of the winning group, the first of `groups`."""

    type: Literal["candidates_compared"] = "candidates_compared"
    candidates: int
    valid: int
    agreement: int
    formula: str
    groups: list[CandidateGroup] = Field(default_factory=list)


class FormulaChosen(Model):
    """The formula that the images are ranked by, and in English what it looks for."""

    type: Literal["formula_chosen"] = "formula_chosen"
    formula: str
    reading: str


class ToolStarted(Model):
    """A tool begins; `arguments` as the caller gave them."""

    type: Literal["tool_started"] = "tool_started"
    tool: str
    arguments: dict[str, object]


class ToolFinished(Model):
    """A tool has ended; `refused` says why it did not run or failed, None where it did its work."""

    type: Literal["tool_finished"] = "tool_finished"
    tool: str
    refused: str | None = None


class ProgressMade(Model):
    """How far a long piece of work is; `total` is None where it is not known."""

    type: Literal["progress_made"] = "progress_made"
    phase: str
    done: int
    total: int | None


class RankingReady(Model):
    """The images are ranked."""

    type: Literal["ranking_ready"] = "ranking_ready"
    ranking: Ranking


class RunFinished(Model):
    """The last event of every run, whatever became of it."""

    type: Literal["run_finished"] = "run_finished"
    result: RunResult


class TurnFinished(Model):
    """The last event of every turn of a conversation, whatever became of it."""

    type: Literal["turn_finished"] = "turn_finished"
    turn: Turn


Event = Annotated[
    RunStarted
    | ModelCalled
    | ModelStreamed
    | ModelRetried
    | ModelAnswered
    | FormulaProposed
    | FormulaValidated
    | FormulaQuestioned
    | RepairRequested
    | QueryRefused
    | CandidatesCompared
    | FormulaChosen
    | ToolStarted
    | ToolFinished
    | ProgressMade
    | RankingReady
    | RunFinished
    | TurnFinished,
    Field(discriminator="type"),
]


def read_event(text: str | bytes) -> Event:
    """The event that one JSON text holds; raises pydantic's ValidationError if it holds none."""
    adapter: TypeAdapter[Event] = TypeAdapter(Event)
    return adapter.validate_json(text)
