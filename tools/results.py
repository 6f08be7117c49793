"""What the tools answer: the shapes of RUNE's JSON (schema version 1)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1

VerdictName = Literal["sat", "unsat", "unknown"]
StatusName = Literal["ok", "unrepairable", "provider_error", "limit", "error"]


class Model(BaseModel):
    """The base of every answer: frozen, and no field beside the named ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DiagnosticModel(Model):
    """One thing that is wrong with a formula; `start` and `end` are character offsets in the text that was given."""

    code: str
    severity: Literal["error", "warning", "hint"]
    message: str
    start: int
    end: int
    expected: list[str] = Field(default_factory=list)
    suggestions: list[str] = Field(default_factory=list)


class AttemptModel(Model):
    """One formula that the model wrote, with what validation said of it."""

    formula: str
    diagnostics: list[DiagnosticModel] = Field(default_factory=list)


class PartModel(Model):
    """One closed top-level conjunct of the query's normal form."""

    id: str
    formula: str
    classes: list[str]
    clauses: list[str]


class Validation(Model):
    """Whether a text is a formula over an ontology; `canonical` is None when it is not."""

    ok: bool
    canonical: str | None
    diagnostics: list[DiagnosticModel]


class EntityModel(Model):
    """One entity of an image; `polygon` in pixels."""

    index: int
    label: str
    confidence: float
    polygon: list[tuple[float, float]]


class PartVerdict(Model):
    """What one part of the query is worth in one image."""

    id: str
    verdict: VerdictName
    score: float


class FailedClause(Model):
    """One clause of a smallest set that an image fails."""

    part: str
    clause: str


class BrokenClause(Model):
    """One clause that the nearest miss breaks: what the image has, and what the clause needs.

    `entities` are the indices of those beyond the assignment that `found` speaks of: counted ones, the next one, a
    partner that comes near, the ones against a universal.
    """

    clause: str
    found: str
    needed: str
    entities: list[int] = Field(default_factory=list)


class NearestMiss(Model):
    """The assignment that breaks fewest clauses; `assignment` maps variables to entity indices."""

    assignment: dict[str, int]
    broken: list[BrokenClause]


Witness = dict[str, int | list[int]]


class ImageResult(Model):
    """One image of a ranking."""

    rank: int
    image_id: str
    path: str | None
    verdict: VerdictName
    score: float
    witness: Witness
    entities: list[EntityModel]
    parts: list[PartVerdict]
    why_not: list[FailedClause]


class PartWitnesses(Model):
    """The witnesses of one part that holds, in the order of their entities' places in the source.

    `complete` says that there are no others; `distinct_sets` counts the sets of entities among the listed ones, since
    an assignment and its permutation are two witnesses. `entities` has for each variable the indices of all entities
    that take its place in any witness, listed or not; of variables bound within what another has to satisfy, in the
    listed ones. `entities_complete` is false where a resource limit kept some others from being told.
    """

    part: str
    witnesses: list[Witness]
    complete: bool
    distinct_sets: int
    entities: dict[str, list[int]]
    entities_complete: bool = True


class CheckResult(Model):
    """One image judged by one formula.

    `witnesses` has every part that holds where they were asked for; `entities` are those that the witness, the
    witnesses or the nearest miss name, of a broken clause's the first 20.
    """

    image_id: str
    verdict: VerdictName
    score: float
    witness: Witness
    parts: list[PartVerdict]
    why_not: list[FailedClause]
    nearest_miss: NearestMiss | None
    warnings: list[str] = Field(default_factory=list)
    witnesses: list[PartWitnesses] = Field(default_factory=list)
    entities: list[EntityModel] = Field(default_factory=list)


class ArchiveSize(Model):
    """How much an archive holds."""

    images: int
    entities: int


class Filtered(Model):
    """What filters left of an archive: `images`, of which alone a question was asked.

    `not_placed` were left out by the area since they have no georeference, `not_dated` by the time since it is not
    known when they were taken.
    """

    images: int
    not_placed: int = 0
    not_dated: int = 0


class VerdictCounts(Model):
    """How many images have which verdict at the operating threshold, of the whole archive or of what filters left."""

    sat: int
    unsat: int
    unknown: int


class Timings(Model):
    """Where a run's time went, in milliseconds."""

    translate: float = 0.0
    plan: float = 0.0
    prefilter: float = 0.0
    solve: float = 0.0
    total: float = 0.0


class Ranking(Model):
    """What `rank` answers: the images in order, with proof."""

    formula: str
    warnings: list[str]
    parts: list[PartModel]
    archive: ArchiveSize
    filtered: Filtered | None = None
    counts: VerdictCounts
    results: list[ImageResult]
    timings_ms: Timings


class Agreement(Model):
    """How far the candidates of a question agree: of so many, `valid` came to a formula, `agreeing` to this one."""

    candidates: int
    valid: int
    agreeing: int


class RunResult(Model):
    """What `ask` and `rank` print as JSON, whatever became of the run.

    Fields that the run did not reach are None or empty; `error` says in one sentence why a run has no results, and
    `reading` in English what the formula looks for. `agreement` is there where several candidates were asked for.
    `archive` is the whole of it; with filters the counts and results are those of the `filtered` images.
    """

    schema_version: int = SCHEMA_VERSION
    status: StatusName
    query: str | None
    model: str | None
    formula: str | None = None
    reading: str | None = None
    agreement: Agreement | None = None
    attempts: list[AttemptModel] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)
    parts: list[PartModel] = Field(default_factory=list)
    archive: ArchiveSize | None = None
    filtered: Filtered | None = None
    counts: VerdictCounts | None = None
    results: list[ImageResult] = Field(default_factory=list)
    timings_ms: Timings = Field(default_factory=Timings)
    error: str | None = None


class RejectedItem(Model):
    """One image or annotation that indexing could not use, and why."""

    path: str
    reason: str


class SkippedAnnotations(Model):
    """Broken annotations of the images that a run read, left out: how many, and the `first` with place and reason."""

    count: int = 0
    first: list[str] = Field(default_factory=list)


class IndexReport(Model):
    """What indexing did; `unmapped` are the source's classes that the ontology lacks, whose objects were left out."""

    archive: str
    images: int
    entities: int
    added: int
    unchanged: int
    replaced: int
    dropped: int
    rejected: list[RejectedItem]
    unmapped: list[str] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)
    skipped: SkippedAnnotations = Field(default_factory=SkippedAnnotations)
