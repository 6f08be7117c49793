"""Whether a probability means what it says: reliability in bins, expected calibration error, Brier score."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

BINS = 15
"""So many bins of equal width, as in Guo et al. (ICML 2017)."""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """What was claimed between two probabilities: how often, on average, and how often it was so."""

    low: float
    high: float
    count: int
    claimed: float
    observed: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """The bins that hold anything, the expected calibration error and the Brier score; 0 is perfect for both."""

    bins: tuple[ReliabilityBin, ...]
    error: float
    brier: float


def reliability(claimed: Floats, true: Booleans) -> Reliability | None:
    """The reliability of n claimed probabilities given what was true; None where there is none."""
    if not len(claimed):
        return None
    place = np.minimum((claimed * BINS).astype(np.int64), BINS - 1)
    bins = tuple(
        ReliabilityBin(
            number / BINS,
            (number + 1) / BINS,
            int(np.count_nonzero(own)),
            float(claimed[own].mean()),
            float(true[own].mean()),
        )
        for number in range(BINS)
        for own in [place == number]
        if own.any()
    )
    error = sum(each.count * abs(each.claimed - each.observed) for each in bins) / len(claimed)
    return Reliability(bins, error, float(np.mean((claimed - true) ** 2)))
