"""The max-min confidence of a formula on many images at once: one bit a level of confidence, instead of one a world.

An entity is there to the degree of its confidence, and a relation holds or does not. A conjunction is worth the least
of its conjuncts, a disjunction the greatest, a negation 1 less its body, a block of existentials the greatest of all
assignments, a count of at least k the k-th greatest instance (Zadeh, Fuzzy sets, 1965). Such a value is at least v
exactly where the formula holds with quantifiers under an even number of negations ranging over the entities of
confidence at least v, and those under an odd number over the entities of confidence above 1 - v. So the loops for
possible worlds find it: 256 levels at once, and once more between the two that it lies between.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solvers.columnar.archive import ArchiveJudge
from solvers.columnar.batch_worlds import floors
from solvers.columnar.blocks import Setting
from solvers.columnar.clauses import NotColumnarError
from solvers.columnar.groups import Group, grouped
from solvers.columnar.store import Store
from solvers.columnar.view import Domain, View
from solvers.fol.ast import And, Formula
from solvers.levels import LEVELS, ROUNDS, WORDS, levels_reached, present_at
from solvers.tables import Words

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class BatchLevels:
    """The levels base + step, base + 2 step, ... of a batch of images; `base` (b) has one confidence an image."""

    store: Store
    base: Floats
    step: float
    width: int = WORDS

    def words_of(self, domain: Domain, *, positive: bool) -> Words:
        """At which levels each entity is there."""
        confidence = self.store.confidence[domain.ids].astype(np.float64)
        base = np.repeat(self.base, np.diff(domain.offsets))
        return present_at(confidence, base, self.step, positive=positive)


def max_min_confidences(judge: ArchiveJudge, images: Places) -> Floats:
    """The max-min confidence of the judge's formula in some images, down to a step of 1 / 65,536."""
    from solvers.levels import max_min_confidence

    found = np.zeros(len(images))
    for places, group in grouped(judge.groups, images):
        judge.settings.tick()
        found[places], loose = _of_group(judge, images[places], group)
        for place in map(int, places[loose]):
            found[place] = max_min_confidence(judge.exact(int(images[place])))
    return found


def _of_group(judge: ArchiveJudge, images: Places, group: Group) -> tuple[Floats, Booleans]:
    """The values of images that are alike, and which of them are upper bounds only."""
    formulas = tuple(part.formula for part in judge.plan.parts)
    whole: Formula = formulas[0] if len(formulas) == 1 else And(formulas)
    found, loose, step = np.zeros(len(images)), np.zeros(len(images), np.bool_), 1.0
    for _ in range(ROUNDS):
        step /= LEVELS
        levels = BatchLevels(judge.store, found, step)
        program = judge.program(View(judge.store, images, floors(judge.store), levels), group.unknowns)
        try:
            held = program.truth(whole, Setting(lower=True))
        except NotColumnarError:
            return np.ones(len(images)), np.ones(len(images), np.bool_)
        found = np.minimum(1.0, found + step * levels_reached(held))
        loose |= (program.is_open != 0) | bool(program.relaxed)
    return found, loose
