"""Intervals: the queries are drawn anew with replacement, and every figure is computed again (Efron 1979)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LEVEL = 0.95
_CELLS_AT_ONCE = 1 << 21

Statistic = Callable[[Places], Floats]
"""From drawn queries, shape (draws, queries), to a figure a draw; NaN where it is not defined."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure, and between what it lies for 95 of 100 draws; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The draws of a seed: every figure of every system sees the same ones, so that differences are paired."""

    queries: int
    resamples: int = 1000
    seed: int = 0

    def interval(self, statistic: Statistic, resamples: int | None = None) -> Interval:
        """The figure of the queries as they are, and its percentile interval; `resamples` to make fewer draws."""
        if self.queries == 0:
            return Interval(None, None, None)
        value = float(statistic(np.arange(self.queries, dtype=np.int64)[None, :])[0])
        if not np.isfinite(value):
            return Interval(None, None, None)
        figures = self._figures(statistic, resamples or self.resamples)
        if not len(figures):
            return Interval(value, None, None)
        low, high = np.quantile(figures, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return Interval(value, float(low), float(high))

    def _figures(self, statistic: Statistic, resamples: int) -> Floats:
        generator = np.random.Generator(np.random.Philox(self.seed))
        step = max(1, _CELLS_AT_ONCE // self.queries)
        found: list[Floats] = []
        for first in range(0, resamples, step):
            drawn = generator.integers(0, self.queries, (min(step, resamples - first), self.queries), dtype=np.int64)
            found.append(statistic(drawn))
        figures: Floats = np.concatenate([np.zeros(0), *found])
        finite: Floats = figures[np.isfinite(figures)]
        return finite


def mean_of(values: Floats) -> Statistic:
    """The mean of one value a query; NaN values do not count."""
    return ratio_of(np.where(np.isnan(values), 0.0, values), np.where(np.isnan(values), 0.0, 1.0))


def ratio_of(numerators: Floats, denominators: Floats) -> Statistic:
    """The sum of one value a query over the sum of another."""

    def statistic(drawn: Places) -> Floats:
        below = denominators[drawn].sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(below > 0, numerators[drawn].sum(axis=1) / below, np.nan))

    return statistic
