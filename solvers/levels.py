"""The max-min confidence of a formula on one image, and the levels of confidence that stand for it bit by bit.

`solvers/columnar/levels.py` says what it is; here it is found by the evaluator of single images.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from solvers.evaluate import Evaluator
from solvers.fol.ast import Comparator, Counted, Formula, Not
from solvers.geometry import Floats
from solvers.judge import ImageJudge
from solvers.literals import Domains
from solvers.tables import Table, Words, complement, conjoin
from solvers.worlds import CONFIDENCE_FLOOR

LEVELS = 256
WORDS = LEVELS // 64
ROUNDS = 2
"""Each round looks at 256 levels between two neighbours of the one before."""


def _first_levels() -> Words:
    """Row k has the first k levels."""
    below = np.arange(LEVELS)[None, :] < np.arange(LEVELS + 1)[:, None]
    return np.packbits(below, axis=-1, bitorder="little").view(np.uint64)


def present_at(confidence: Floats, base: Floats, step: float, *, positive: bool) -> Words:
    """At which of the levels base + step, base + 2 step, ... entities are there, a row an entity.

    At level v a quantifier under an even number of negations ranges over confidences of at least v, one under an odd
    number over those above 1 - v.
    """
    rows = _first_levels()
    if positive:
        reached = np.floor((confidence - base) / step)
        return np.asarray(rows[np.clip(reached, 0, LEVELS).astype(np.int64)])
    missed = np.floor((1.0 - confidence - base) / step)
    return np.asarray(~rows[np.clip(missed, 0, LEVELS).astype(np.int64)])


def levels_reached(held: Words) -> npt.NDArray[np.int64]:
    """How many levels a statement reaches, a row an image: what holds at a level holds at all below."""
    return np.asarray(np.bitwise_count(held).sum(axis=1, dtype=np.int64))


@dataclass(frozen=True)
class LevelEvaluator(Evaluator):
    """An evaluator whose quantifiers range over other entities under an odd number of negations: those of `denied`."""

    denied: Words = field(default_factory=lambda: np.zeros((0, WORDS), np.uint64))

    @property
    def flipped(self) -> "LevelEvaluator":
        """What evaluates under one more negation."""
        return replace(self, presence=self.denied, denied=self.presence)

    def table(self, formula: Formula, domains: Domains, *, lower: bool) -> Table:
        """The truth of a formula over its free variables, level by level."""
        if isinstance(formula, Not):
            return complement(self.flipped.table(formula.body, domains, lower=not lower))
        return super().table(formula, domains, lower=lower)

    def _counted(self, formula: Counted, domains: Domains, *, lower: bool) -> Table:
        if formula.comparator is Comparator.GE:
            return super()._counted(formula, domains, lower=lower)
        fewer = replace(formula, comparator=Comparator.GE, count=formula.count + 1)
        at_most = complement(self.flipped._counted(fewer, domains, lower=not lower))
        if formula.comparator is Comparator.LE:
            return at_most
        return conjoin([super()._counted(replace(formula, comparator=Comparator.GE), domains, lower=lower), at_most])


def max_min_confidence(judge: ImageJudge) -> float:
    """The max-min confidence of a formula on one image, down to a step of 1 / 65,536."""
    confidence = np.array([entity.confidence for entity in judge.scene.entities], dtype=np.float64)
    counts = np.where(confidence >= CONFIDENCE_FLOOR, np.uint64(0xFFFF_FFFF_FFFF_FFFF), np.uint64(0))[:, None]
    found, step = 0.0, 1.0
    for _ in range(ROUNDS):
        step /= LEVELS
        base = np.full(len(confidence), found)
        there, denied = (present_at(confidence, base, step, positive=positive) & counts for positive in (True, False))
        evaluator = LevelEvaluator(judge.measured, judge.plan.ontology, there, judge.settings.tick, denied=denied)
        held = np.full((1, WORDS), np.uint64(0xFFFF_FFFF_FFFF_FFFF))
        for part in judge.plan.parts:
            held &= evaluator.truth(part.formula, lower=True)[None, :]
        found = min(1.0, found + step * int(levels_reached(held)[0]))
    return found
