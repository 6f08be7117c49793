"""Possible worlds: which detections are real in which world, one bit a world.

Each detection is real independently with its confidence. Where few uncertain ones matter all their worlds are
enumerated with their weights, and probabilities are exact; else a fixed number of worlds is drawn from a seed
(standard error at most 0.5 / sqrt(worlds)). A last word holds the scene at the operating threshold, so that one
evaluation gives the verdict and the score.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solvers.geometry import Booleans, Floats
from solvers.tables import ALL_ONES, Words

CONFIDENCE_FLOOR = 0.05
DEFAULT_WORLDS = 256
MAX_ENUMERATED = 8
_BITS = 64


@dataclass(frozen=True)
class Worlds:
    """The presence of n entities: `presence` has shape (n, words + 1), its last word the scene at the threshold.

    `weights` has one probability a world; they sum to 1.
    """

    presence: Words
    weights: Floats
    exact: bool

    def probability(self, bits: Words) -> float:
        """The probability of a statement whose truth is given world by world."""
        held = np.unpackbits(np.ascontiguousarray(bits[:-1]).view(np.uint8), bitorder="little")[: len(self.weights)]
        if held.all():
            return 1.0
        return round(float(np.dot(held, self.weights)), 12)  # beyond that it is the noise of the sum

    def at_threshold(self, bits: Words) -> bool:
        """Whether the statement holds in the scene at the threshold."""
        return bool(bits[-1])


def make_worlds(
    confidences: Floats, relevant: Booleans, at_threshold: Booleans, *, count: int = DEFAULT_WORLDS, seed: int = 0
) -> Worlds:
    """The worlds of n detections; those that are not relevant may be put anywhere, and are put at their confidence.

    `count` is a multiple of 64.
    """
    if count % _BITS:
        raise ValueError(f"the number of worlds must be a multiple of {_BITS}, not {count}")
    possible = confidences >= CONFIDENCE_FLOOR
    uncertain = np.flatnonzero(possible & relevant & (confidences < 1))
    exact = len(uncertain) <= MAX_ENUMERATED
    drawn, weights = _enumerated(confidences[uncertain]) if exact else _sampled(confidences[uncertain], count, seed)
    presence = np.zeros((len(confidences), drawn.shape[1] + 1), dtype=np.uint64)
    presence[possible & (confidences >= 1), :-1] = ALL_ONES
    presence[uncertain, :-1] = drawn
    presence[at_threshold, -1] = ALL_ONES
    return Worlds(presence, weights, exact)


def _enumerated(confidences: Floats) -> tuple[Words, Floats]:
    """All worlds of m detections: world w holds detection i where bit i of w is set."""
    worlds = np.arange(1 << len(confidences))
    real = (worlds[None, :] >> np.arange(len(confidences))[:, None]) & 1 == 1
    chances = np.where(real, confidences[:, None], 1 - confidences[:, None])
    return _packed(real), np.asarray(chances.prod(axis=0), dtype=np.float64)


def _sampled(confidences: Floats, count: int, seed: int) -> tuple[Words, Floats]:
    generator = np.random.Generator(np.random.Philox(seed))
    real = generator.random((len(confidences), count)) < confidences[:, None]
    return _packed(real), np.full(count, 1 / count)


def _packed(real: npt.NDArray[np.bool_]) -> Words:
    width = max(_BITS, -(-real.shape[1] // _BITS) * _BITS)
    padded = np.zeros((real.shape[0], width), dtype=np.bool_)
    padded[:, : real.shape[1]] = real
    return np.packbits(padded, axis=-1, bitorder="little").view(np.uint64)
