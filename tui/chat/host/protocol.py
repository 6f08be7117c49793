"""What the screen asks of the process beside it, and what that one reports: a line of JSON each way."""

from functools import cache
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from agent.conversation.turns import Standing, Turn
from agent.events import Event
from agent.sessions.summary import SessionSummary
from tools.results import ArchiveSize, CheckResult, IndexReport, Model, VerdictName

Failure = Literal["input", "limit", "provider", "cancelled", "fault"]
ExportName = Literal["md", "jsonl", "geojson", "csv", "json"]


class Open(Model):
    """Open an archive and go on with a session over it; without `archive` the session's own.

    `threshold` and `top_k` hold where the session is new.
    """

    type: Literal["open"] = "open"
    number: int
    session: str
    archive: str | None
    model: str = "offline"
    base_url: str | None = None
    candidates: int = 1
    threshold: float = 0.25
    top_k: int = 10


class Say(Model):
    """Take a turn of the conversation; with `is_logic` the text is a formula, and no model is asked."""

    type: Literal["say"] = "say"
    number: int
    text: str
    is_logic: bool = False


class Stop(Model):
    """End the work on another request as soon as it can be ended."""

    type: Literal["stop"] = "stop"
    number: int
    of: int


class Look(Model):
    """Judge one image by the formula in force; with `picture` draw it as well."""

    type: Literal["look"] = "look"
    number: int
    image_id: str
    picture: bool = False


class Find(Model):
    """The images whose ids begin with, or else hold, a text."""

    type: Literal["find"] = "find"
    number: int
    text: str


class Index(Model):
    """Bring an archive up to date; `arguments` as a user types them, `archive` where they name none."""

    type: Literal["index"] = "index"
    number: int
    arguments: list[str]
    archive: str | None


class Sample(Model):
    """Render the sample scenes and index them, unless that was done before."""

    type: Literal["sample"] = "sample"
    number: int


class Export(Model):
    """Write the conversation (md, jsonl) or the last ranking (geojson, csv, json) to a file."""

    type: Literal["export"] = "export"
    number: int
    format: ExportName
    path: str


class ListSessions(Model):
    """The sessions that are kept."""

    type: Literal["list_sessions"] = "list_sessions"
    number: int


Request = Annotated[
    Open | Say | Stop | Look | Find | Index | Sample | Export | ListSessions, Field(discriminator="type")
]


class Word(Model):
    """One name that a formula may use, and what it means."""

    name: str
    meaning: str


class FormulaNode(Model):
    """A formula as a tree; `part` is the part that the node is the whole of."""

    label: str
    part: str | None = None
    children: list["FormulaNode"] = Field(default_factory=list)


class Opened(Model):
    """The archive is open and the session goes on; `turns` are those that it had."""

    type: Literal["opened"] = "opened"
    number: int
    session: str
    archive: str
    size: ArchiveSize
    model: str
    ontology: str
    words: list[Word]
    standing: Standing
    turns: list[Turn]
    tree: FormulaNode | None


class Happened(Model):
    """An event of the agent, `seconds` after its request came."""

    type: Literal["happened"] = "happened"
    number: int
    seconds: float
    event: Event


class Progressed(Model):
    """How far indexing is, or the rendering of the sample."""

    type: Literal["progressed"] = "progressed"
    number: int
    seconds: float
    phase: str
    done: int
    total: int | None


class Taken(Model):
    """A turn has ended; of its ranking the first images are there, `ranked` counts all of them."""

    type: Literal["taken"] = "taken"
    number: int
    seconds: float
    turn: Turn
    ranked: int
    tree: FormulaNode | None


class Looked(Model):
    """One image judged; `words` say it, `picture` is the file that was drawn, `path` the image's own.

    `no_picture` says why there is none.
    """

    type: Literal["looked"] = "looked"
    number: int
    image_id: str
    verdict: VerdictName
    words: list[str]
    check: CheckResult
    path: str | None
    picture: str | None = None
    no_picture: str | None = None


class Found(Model):
    """Ids of images, at most a few."""

    type: Literal["found"] = "found"
    number: int
    text: str
    image_ids: list[str]


class Indexed(Model):
    """An archive is up to date."""

    type: Literal["indexed"] = "indexed"
    number: int
    report: IndexReport


class Exported(Model):
    """A file was written."""

    type: Literal["exported"] = "exported"
    number: int
    path: str


class SessionsListed(Model):
    """The sessions, the latest first."""

    type: Literal["sessions_listed"] = "sessions_listed"
    number: int
    sessions: list[SessionSummary]


class Failed(Model):
    """A request came to nothing; `details` is the traceback of a fault in RUNE itself."""

    type: Literal["failed"] = "failed"
    number: int
    kind: Failure
    message: str
    details: str = ""


class Stuck(Model):
    """Work that was cancelled still goes on, and holds a processor."""

    type: Literal["stuck"] = "stuck"
    number: int = 0


class Printed(Model):
    """A line that some library printed."""

    type: Literal["printed"] = "printed"
    number: int = 0
    text: str


class Died(Model):
    """The process has ended without being asked to."""

    type: Literal["died"] = "died"
    number: int = 0
    exit_code: int | None


Report = Annotated[
    Opened
    | Happened
    | Progressed
    | Taken
    | Looked
    | Found
    | Indexed
    | Exported
    | SessionsListed
    | Failed
    | Stuck
    | Printed
    | Died,
    Field(discriminator="type"),
]


@cache
def _requests() -> TypeAdapter[Request]:
    return TypeAdapter(Request)


@cache
def _reports() -> TypeAdapter[Report]:
    return TypeAdapter(Report)


def read_request(line: str | bytes) -> Request:
    """The request of one line; raises pydantic's ValidationError if it holds none."""
    return _requests().validate_json(line)


def read_report(line: str | bytes) -> Report:
    """The report of one line; raises pydantic's ValidationError if it holds none."""
    return _reports().validate_json(line)
