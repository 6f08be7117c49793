"""Robustness to complexity: RRQC, its retention over the levels, and the slope of average precision.

The paper names RRQC and does not give its formula; this one is ours, with reasons in docs/evaluation.md.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.evaluation.metrics.bootstrap import Bootstrap, Floats, Interval, Places, Statistic, mean_of, ratio_of

MOST_SLOPES = 200
"""A slope looks at all pairs of queries, so that fewer draws are made for its interval."""


@dataclass(frozen=True, slots=True)
class LevelFigures:
    """One level of complexity: how many queries, and their mean average precision."""

    level: int
    queries: int
    mean_ap: Interval


@dataclass(frozen=True, slots=True)
class ComplexityFigures:
    """RRQC; `retention` is the mean of the levels above the first over the first; `slope` AP for each unit of c."""

    rrqc: Interval
    retention: Interval
    slope: Interval
    levels: tuple[LevelFigures, ...]


def complexity_figures(
    complexity: npt.NDArray[np.int64], level: npt.NDArray[np.int64], precision: Floats, bootstrap: Bootstrap
) -> ComplexityFigures:
    """The figures of queries that have a relevant image: complexity, level and average precision, one a query."""
    weight = complexity.astype(np.float64)
    levels = tuple(
        LevelFigures(number, int(np.count_nonzero(level == number)), bootstrap.interval(mean_of(own)))
        for number in sorted(set(level.tolist()))
        for own in [np.where(level == number, precision, np.nan)]
    )
    return ComplexityFigures(
        rrqc=bootstrap.interval(ratio_of(weight * precision, weight)),
        retention=bootstrap.interval(_retention(level, precision)),
        slope=bootstrap.interval(_slope(weight, precision), MOST_SLOPES),
        levels=levels,
    )


def _retention(level: npt.NDArray[np.int64], precision: Floats) -> Statistic:
    numbers = sorted(set(level.tolist()))
    means = [mean_of(np.where(level == number, precision, np.nan)) for number in numbers]

    def statistic(drawn: Places) -> Floats:
        if numbers[:1] != [1] or len(numbers) < 2:
            return np.full(len(drawn), np.nan)
        first, *above = (mean(drawn) for mean in means)
        there = ~np.isnan(above)  # a draw may miss a level
        count = there.sum(axis=0)
        total = np.where(there, above, 0.0).sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where((first > 0) & (count > 0), total / count / first, np.nan)

    return statistic


def _slope(weight: Floats, precision: Floats) -> Statistic:
    from scipy.stats import theilslopes

    def statistic(drawn: Places) -> Floats:
        found = np.full(len(drawn), np.nan)
        for place, queries in enumerate(drawn):
            x = weight[queries]
            if x.min() < x.max():
                with np.errstate(invalid="ignore"):  # its own interval, which is not looked at, needs more queries
                    found[place] = theilslopes(precision[queries], x).slope
        return found

    return statistic
