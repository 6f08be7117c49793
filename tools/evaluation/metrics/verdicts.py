"""How good the verdicts at the operating threshold are: precision, recall and F1 over pairs of query and image."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.evaluation.metrics.bootstrap import Bootstrap, Interval, ratio_of

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class VerdictFigures:
    """Of all pairs together; `false_alarms` is the share of images that are called answers where none is one."""

    precision: Interval
    recall: Interval
    f1: Interval
    false_alarms: Interval


@dataclass(frozen=True, slots=True)
class QueryVerdicts:
    """Of one query; None where nothing is relevant, or nothing was called so, and the figure asks for it."""

    precision: float | None
    recall: float | None
    f1: float | None


def query_verdicts(called: Booleans, relevant: Booleans) -> QueryVerdicts:
    """The figures of one query from which images are called answers and which are."""
    from sklearn.metrics import precision_recall_fscore_support

    if not called.any() and not relevant.any():
        return QueryVerdicts(None, None, None)
    found = precision_recall_fscore_support(relevant, called, average="binary", zero_division=0.0)
    precision, recall, f1 = (float(each) for each in found[:3])
    return QueryVerdicts(precision if called.any() else None, recall if relevant.any() else None, f1)


def verdict_figures(called: Booleans, relevant: Booleans, bootstrap: Bootstrap) -> VerdictFigures:
    """The figures over all pairs, both of shape (queries, images)."""
    right = np.count_nonzero(called & relevant, axis=1).astype(np.float64)
    called_count = np.count_nonzero(called, axis=1).astype(np.float64)
    relevant_count = np.count_nonzero(relevant, axis=1).astype(np.float64)
    barren = relevant_count == 0
    return VerdictFigures(
        precision=bootstrap.interval(ratio_of(right, called_count)),
        recall=bootstrap.interval(ratio_of(right, relevant_count)),
        f1=bootstrap.interval(ratio_of(2 * right, called_count + relevant_count)),
        false_alarms=bootstrap.interval(
            ratio_of(np.where(barren, called_count, 0.0), np.where(barren, float(called.shape[1]), 0.0))
        ),
    )
