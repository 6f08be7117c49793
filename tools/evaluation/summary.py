"""From what a system answered to what it is worth: every figure with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.evaluation.metrics.bootstrap import Bootstrap, Interval, mean_of
from tools.evaluation.metrics.calibration import Reliability as MeasuredReliability
from tools.evaluation.metrics.calibration import reliability
from tools.evaluation.metrics.complexity import complexity_figures
from tools.evaluation.metrics.uncertainty import uncertainty_figures
from tools.evaluation.metrics.verdicts import verdict_figures
from tools.evaluation.results import (
    Estimate,
    KindResult,
    LevelResult,
    QueryFigures,
    Reliability,
    ReliabilityBin,
    SystemResult,
    UncertaintyResult,
)
from tools.evaluation.scoring import Scored

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

NOT_MEASURED = Estimate(value=None)


@dataclass(frozen=True)
class QueryFacts:
    """What is known of q queries over n images, whatever the system.

    `relevant` and `uncertainty` (bits) have shape (q, n); `complexity` and `level` one number a query, 0 where a query
    has none; `kinds` the phenomena of each.
    """

    relevant: Booleans
    uncertainty: Floats
    complexity: npt.NDArray[np.int64]
    level: npt.NDArray[np.int64]
    kinds: tuple[tuple[str, ...], ...]

    @property
    def answerable(self) -> Booleans:
        """Which queries have a relevant image."""
        return np.asarray(self.relevant.any(axis=1))


def summarise(scored: Scored, first: Scored, facts: QueryFacts, resamples: int, seed: int) -> SystemResult:
    """The figures of one system; `first` is the one that it is compared with."""
    chosen = facts.answerable
    bootstrap = Bootstrap(int(np.count_nonzero(chosen)), resamples, seed)
    precision = _column(scored, "average_precision")[chosen]
    graded = facts.complexity[chosen] > 0
    of_complexity = complexity_figures(
        facts.complexity[chosen][graded],
        facts.level[chosen][graded],
        precision[graded],
        Bootstrap(int(np.count_nonzero(graded)), resamples, seed),
    )
    of_uncertainty = uncertainty_figures(
        facts.uncertainty[chosen],
        scored.ordered[chosen].astype(np.float64),
        facts.relevant[chosen],
        precision,
        bootstrap,
    )
    verdicts = (
        None
        if scored.called is None
        else verdict_figures(scored.called, facts.relevant, Bootstrap(len(chosen), resamples, seed))
    )
    lead = _column(first, "average_precision")[chosen] - precision

    def mean(name: str) -> Estimate:
        return estimate(bootstrap.interval(mean_of(_column(scored, name)[chosen])))

    return SystemResult(
        name=scored.name,
        description=scored.description,
        refused=sum(each.refused is not None for each in scored.figures),
        mean_ap=mean("average_precision"),
        map_lead=estimate(bootstrap.interval(mean_of(lead))),
        recall_at_1=mean("recall_at_1"),
        recall_at_5=mean("recall_at_5"),
        recall_at_10=mean("recall_at_10"),
        ndcg=mean("ndcg"),
        precision=NOT_MEASURED if verdicts is None else estimate(verdicts.precision),
        recall=NOT_MEASURED if verdicts is None else estimate(verdicts.recall),
        f1=NOT_MEASURED if verdicts is None else estimate(verdicts.f1),
        false_alarms=NOT_MEASURED if verdicts is None else estimate(verdicts.false_alarms),
        rrqc=estimate(of_complexity.rrqc),
        rrqc_retention=estimate(of_complexity.retention),
        ap_slope=estimate(of_complexity.slope),
        rriu=estimate(of_uncertainty.rriu),
        rriu_retention=estimate(of_uncertainty.retention),
        levels=[
            LevelResult(level=each.level, queries=each.queries, mean_ap=estimate(each.mean_ap))
            for each in of_complexity.levels
        ],
        kinds=_kinds(precision, [each for each, own in zip(facts.kinds, chosen, strict=True) if own], bootstrap),
        uncertainty=[
            UncertaintyResult(
                low=each.low, high=each.high, mean=each.mean, queries=each.queries, mean_ap=estimate(each.mean_ap)
            )
            for each in of_uncertainty.groups
        ],
        reliability=_reliability(scored, facts) if scored.gives_probabilities else None,
    )


def estimate(interval: Interval) -> Estimate:
    """An interval as it is reported."""
    return Estimate(value=interval.value, low=interval.low, high=interval.high)


def reported(measured: MeasuredReliability | None) -> Reliability | None:
    """Reliability as it is reported."""
    if measured is None:
        return None
    bins = [
        ReliabilityBin(low=each.low, high=each.high, count=each.count, claimed=each.claimed, observed=each.observed)
        for each in measured.bins
    ]
    return Reliability(bins=bins, expected_calibration_error=measured.error, brier=measured.brier)


def _reliability(scored: Scored, facts: QueryFacts) -> Reliability | None:
    answered = np.array([each.refused is None for each in scored.figures], np.bool_)
    return reported(reliability(scored.scores[answered].ravel().astype(np.float64), facts.relevant[answered].ravel()))


def _kinds(precision: Floats, kinds: Sequence[Sequence[str]], bootstrap: Bootstrap) -> list[KindResult]:
    found: list[KindResult] = []
    for kind in sorted({each for of_query in kinds for each in of_query}):
        own = np.array([kind in of_query for of_query in kinds], np.bool_)
        interval = bootstrap.interval(mean_of(np.where(own, precision, np.nan)))
        found.append(KindResult(kind=kind, queries=int(np.count_nonzero(own)), mean_ap=estimate(interval)))
    return found


def _column(scored: Scored, name: str) -> Floats:
    values = (_value(each, name) for each in scored.figures)
    return np.array([np.nan if each is None else each for each in values], np.float64)


def _value(figures: QueryFigures, name: str) -> float | None:
    value: float | None = getattr(figures, name)
    return value
