"""Robustness to uncertainty: how unsure the detections of an image are for a query, RRIU, and its retention.

The paper names RRIU and does not give its formula; this one is ours, with reasons in docs/evaluation.md.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.evaluation.metrics.bootstrap import Bootstrap, Floats, Interval, Places, Statistic, mean_of, ratio_of

THIRDS = 3
GROUPS = 5
"""Average precision is told in so many groups of queries, from the surest to the least sure."""

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class UncertaintyGroup:
    """Queries that are alike unsure: from where to where, their mean, how many, and their mean average precision."""

    low: float
    high: float
    mean: float
    queries: int
    mean_ap: Interval


@dataclass(frozen=True, slots=True)
class UncertaintyFigures:
    """RRIU; `retention` is the order kept in the most uncertain third over that in the least, at equal base rates."""

    rriu: Interval
    retention: Interval
    groups: tuple[UncertaintyGroup, ...]


def binary_entropy(confidence: Floats) -> Floats:
    """The entropy of whether a detection is real, in bits."""
    inside = (confidence > 0) & (confidence < 1)
    p = np.where(inside, confidence, 0.5)
    return np.where(inside, -(p * np.log2(p) + (1 - p) * np.log2(1 - p)), 0.0)


def uncertainty_figures(
    uncertainty: Floats, ordered: Floats, relevant: Booleans, precision: Floats, bootstrap: Bootstrap
) -> UncertaintyFigures:
    """The figures over pairs of query and image; the first three have shape (queries, images), `precision` (queries).

    `ordered` is the share of partners in the right order, NaN for a query whose images all have one label.
    """
    pairs = ~np.isnan(ordered)
    weight = np.where(pairs, uncertainty, 0.0)
    share = np.where(pairs, ordered, 0.0)
    return UncertaintyFigures(
        rriu=bootstrap.interval(ratio_of((weight * share).sum(axis=1), weight.sum(axis=1))),
        retention=bootstrap.interval(_retention(uncertainty, share, relevant, pairs)),
        groups=_groups(uncertainty.mean(axis=1), precision, bootstrap) if uncertainty.size else (),
    )


def _retention(uncertainty: Floats, share: Floats, relevant: Booleans, pairs: Booleans) -> Statistic:
    """Both thirds weigh relevant images and others alike, so that one with fewer relevant images is not worse for it.

    The thirds are of all pairs together; pairs that are equally uncertain stay together, in the lower third.
    """
    values = np.sort(uncertainty[pairs])
    if not len(values) or values[0] == values[-1]:
        return lambda drawn: np.full(len(drawn), np.nan)
    least_up_to = values[(len(values) - 1) // THIRDS]
    most_above = values[min(len(values) - 1, 2 * len(values) // THIRDS)]
    least = pairs & (uncertainty <= least_up_to)
    most = pairs & ((uncertainty > most_above) | ((uncertainty == most_above) & (most_above > least_up_to)))
    means = [
        ratio_of(np.where(chosen, share, 0.0).sum(axis=1), chosen.sum(axis=1).astype(np.float64))
        for third in (least, most)
        for label in (relevant, ~relevant)
        for chosen in [third & label]
    ]

    def statistic(drawn: Places) -> Floats:
        sure_yes, sure_no, unsure_yes, unsure_no = (mean(drawn) for mean in means)
        sure = sure_yes + sure_no
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(sure > 0, (unsure_yes + unsure_no) / sure, np.nan))

    return statistic


def _groups(unsure: Floats, precision: Floats, bootstrap: Bootstrap) -> tuple[UncertaintyGroup, ...]:
    """Groups of about as many queries each; queries that are equally uncertain stay together."""
    edges = np.unique(np.quantile(unsure, np.linspace(0, 1, GROUPS + 1)))
    if len(edges) == 1:
        edges = np.array([edges[0], edges[0]])
    place = np.clip(np.searchsorted(edges, unsure, "left") - 1, 0, len(edges) - 2)
    return tuple(
        UncertaintyGroup(
            low=float(edges[group]),
            high=float(edges[group + 1]),
            mean=float(unsure[own].mean()),
            queries=int(np.count_nonzero(own)),
            mean_ap=bootstrap.interval(mean_of(np.where(own, precision, np.nan))),
        )
        for group in range(len(edges) - 1)
        for own in [place == group]
        if own.any()
    )
