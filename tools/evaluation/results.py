"""What an evaluation answers: the shape of its JSON (schema version 1)."""

from typing import Literal

from pydantic import Field

from tools.results import ArchiveSize, Model

SCHEMA_VERSION = 1


class Estimate(Model):
    """A figure with its bootstrap 95 per cent interval over the queries; None where it is not defined."""

    value: float | None
    low: float | None = None
    high: float | None = None


class LevelResult(Model):
    """One level of complexity."""

    level: int
    queries: int
    mean_ap: Estimate


class KindResult(Model):
    """One phenomenon that questions of a set are marked with."""

    kind: str
    queries: int
    mean_ap: Estimate


class UncertaintyResult(Model):
    """Queries whose images are alike uncertain, in bits a detection: from `low` to `high`, on average `mean`."""

    low: float
    high: float
    mean: float
    queries: int
    mean_ap: Estimate


class ReliabilityBin(Model):
    """What was claimed between two probabilities: how often, on average, and how often it was so."""

    low: float
    high: float
    count: int
    claimed: float
    observed: float


class Reliability(Model):
    """Whether probabilities mean what they say: expected calibration error and Brier score, 0 is perfect for both."""

    bins: list[ReliabilityBin]
    expected_calibration_error: float
    brier: float


class SystemResult(Model):
    """What one system is worth.

    Figures of rankings and robustness are over the queries that have a relevant image; precision, recall and F1 over
    all pairs of query and image, for systems with an operating threshold; `false_alarms` is the share of images called
    answers by queries without one. `map_lead` is the mean average precision of the first system less that of this one,
    on the same draws.
    """

    name: str
    description: str
    refused: int
    mean_ap: Estimate
    map_lead: Estimate
    recall_at_1: Estimate
    recall_at_5: Estimate
    recall_at_10: Estimate
    ndcg: Estimate
    precision: Estimate
    recall: Estimate
    f1: Estimate
    false_alarms: Estimate
    rrqc: Estimate
    rrqc_retention: Estimate
    ap_slope: Estimate
    rriu: Estimate
    rriu_retention: Estimate
    levels: list[LevelResult]
    kinds: list[KindResult]
    uncertainty: list[UncertaintyResult]
    reliability: Reliability | None


class CurvePoint(Model):
    """Mean average precision where detections are perturbed at a strength."""

    strength: float
    mean_ap: Estimate


class CurveResult(Model):
    """The controlled curve of one system; `area` is that under P(e) / P(0), 1 where nothing is lost."""

    system: str
    points: list[CurvePoint]
    area: Estimate


class TranslationResult(Model):
    """How a translator reads the questions that have a gold formula; `errors` counts the kinds of what went wrong.

    `undecided` are those where neither a proof nor a scene that tells the two formulas apart was found.
    """

    translator: str
    questions: int
    executable: Estimate
    equivalent: Estimate
    undecided: int
    errors: dict[str, int]


class DetectionResult(Model):
    """How far the entities of the archive are those of the labelled one.

    `reliability` is that of their confidences; `recall` the share of labelled entities found at the threshold.
    """

    matched: int
    false: int
    missed: int
    reliability: Reliability | None
    recall: float | None


class QueryFigures(Model):
    """One query under one system; `refused` says why there is no ranking, which counts as one that finds nothing."""

    average_precision: float | None
    recall_at_1: float | None
    recall_at_5: float | None
    recall_at_10: float | None
    ndcg: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    refused: str | None = None


TranslationOutcome = Literal["equivalent", "different", "undecided", "unreadable", "invalid"]


class QueryTranslation(Model):
    """What became of one question in English; `error` is the kind of what went wrong."""

    outcome: TranslationOutcome
    formula: str | None
    error: str | None
    said: str | None


class ShownImage(Model):
    """One image of a ranking."""

    rank: int
    image_id: str
    score: float
    relevant: bool


class QueryResult(Model):
    """One query; `uncertainty` is the mean of its images, in bits.

    `shown` has the first images of the first system's ranking, and its last relevant one.
    """

    id: str
    query: str | None
    formula: str | None
    complexity: int | None
    level: int | None
    kinds: list[str]
    relevant: int
    uncertainty: float
    systems: dict[str, QueryFigures]
    shown: list[ShownImage] = Field(default_factory=list)
    translation: QueryTranslation | None = None


class Evaluation(Model):
    """What `rune eval` measures: systems compared on one archive by one set of queries."""

    schema_version: int = SCHEMA_VERSION
    archive: ArchiveSize
    ontology: str
    threshold: float | dict[str, float]
    seed: int
    resamples: int
    near_misses: Literal["bounds", "exact"]
    calibrated: bool
    queries: int
    without_relevant: int
    without_complexity: int
    systems: list[SystemResult]
    curves: list[CurveResult] = Field(default_factory=list)
    translation: TranslationResult | None = None
    detections: DetectionResult | None = None
    per_query: list[QueryResult]
    warnings: list[str] = Field(default_factory=list)
