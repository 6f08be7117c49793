"""Possible worlds: which detections are real in which world, one bit a world.

Each detection is real independently with its confidence. Where few uncertain ones matter all their worlds are
enumerated with their weights, and probabilities are exact. Else 256 worlds are drawn: a detection of confidence c is
real in 256 c of them, rounded up or down at random, and which ones a permutation of its own says (Latin hypercube
sampling, McKay, Beckman and Conover 1979), so that no single detection's share is off by more than one world. The
permutations come from the seed and the detection's index in its source: the same worlds for every question. A last
word holds the scene at the operating threshold, so that one evaluation gives the verdict and the score.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from solvers.geometry import Booleans, Floats
from solvers.tables import ALL_ONES, Words

CONFIDENCE_FLOOR = 0.05
WORLDS = 256
"""How many worlds are drawn; a rank of a permutation fits a byte."""
MAX_ENUMERATED = 8
PERMUTATIONS = 1024
WORDS = WORLDS // 64

Ranks = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Draws:
    """The random numbers of a seed.

    `ranks` has shape (PERMUTATIONS, WORLDS), each row a permutation; `jitters` (PERMUTATIONS) lie in [0, 1).
    """

    ranks: Ranks
    jitters: Floats


@lru_cache(maxsize=4)
def draws_of(seed: int) -> Draws:
    """The permutations and jitters of a seed; the same on every machine."""
    generator = np.random.Generator(np.random.Philox(seed))
    rows = np.broadcast_to(np.arange(WORLDS, dtype=np.uint8), (PERMUTATIONS, WORLDS))
    return Draws(generator.permuted(rows, axis=1), generator.random(PERMUTATIONS))


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
        return weighted(held, self.weights)

    def at_threshold(self, bits: Words) -> bool:
        """Whether the statement holds in the scene at the threshold."""
        return bool(bits[-1])


def weighted(held: npt.NDArray[np.uint8], weights: Floats) -> float:
    """The weight of the worlds that are held."""
    if held.all():
        return 1.0
    return round(float(np.dot(held, weights)), 12)  # beyond that it is the noise of the sum


def make_worlds(
    confidences: Floats,
    indices: npt.NDArray[np.int64],
    relevant: Booleans,
    at_threshold: Booleans,
    *,
    seed: int = 0,
) -> Worlds:
    """The worlds of n detections, each with its index in its source; those that are not relevant are in no world."""
    possible = (confidences >= CONFIDENCE_FLOOR) & relevant
    uncertain = np.flatnonzero(possible & (confidences < 1))
    exact = len(uncertain) <= MAX_ENUMERATED
    if exact:
        drawn, weights = enumerated(confidences[uncertain])
    else:
        drawn, weights = _sampled(confidences[uncertain], indices[uncertain], seed), np.full(WORLDS, 1 / WORLDS)
    presence = np.zeros((len(confidences), drawn.shape[1] + 1), dtype=np.uint64)
    presence[possible & (confidences >= 1), :-1] = ALL_ONES
    presence[uncertain, :-1] = drawn
    presence[at_threshold, -1] = ALL_ONES
    return Worlds(presence, weights, exact)


def enumerated(confidences: Floats) -> tuple[Words, Floats]:
    """All worlds of m detections, and their weights: world w holds detection i where bit i of w is set."""
    worlds = np.arange(1 << len(confidences))
    real = (worlds[None, :] >> np.arange(len(confidences))[:, None]) & 1 == 1
    chances = np.where(real, confidences[:, None], 1 - confidences[:, None])
    return _packed(real), np.asarray(chances.prod(axis=0), dtype=np.float64)


def _sampled(confidences: Floats, indices: npt.NDArray[np.int64], seed: int) -> Words:
    draws = draws_of(seed)
    own, turn = indices % PERMUTATIONS, indices // PERMUTATIONS % PERMUTATIONS
    # beyond the table a permutation follows another one, and so is a new one
    ranks = np.where(
        (turn == 0)[:, None],
        draws.ranks[own],
        np.take_along_axis(draws.ranks[turn], draws.ranks[own].astype(np.intp), axis=1),
    )
    filled = np.ceil(confidences * WORLDS - draws.jitters[own])
    return _packed(ranks < filled[:, None])


def _packed(real: Booleans) -> Words:
    width = max(64, -(-real.shape[1] // 64) * 64)
    padded = np.zeros((real.shape[0], width), dtype=np.bool_)
    padded[:, : real.shape[1]] = real
    return np.packbits(padded, axis=-1, bitorder="little").view(np.uint64)
