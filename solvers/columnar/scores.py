"""The scores of images on their possible worlds, and what their scores cannot exceed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from solvers.chances import Chance, bounds
from solvers.columnar.batch_worlds import BatchWorlds, count_uncertain, floors, worlds_of
from solvers.columnar.blocks import Setting
from solvers.columnar.clauses import NotColumnarError, Unknowns
from solvers.columnar.groups import Group, grouped
from solvers.columnar.kernels import Floats, Places
from solvers.columnar.program import Denying, Program
from solvers.columnar.store import Store
from solvers.columnar.view import View
from solvers.evaluate import names_own_class
from solvers.fol.ast import And, Comparator, Counted, Formula, Not, Quantified, subformulas
from solvers.geometry import Booleans
from solvers.judge import JudgeSettings
from solvers.plan import Plan
from solvers.worlds import MAX_ENUMERATED, WORLDS

_ROUNDING = 2e-12
"""What the roundings of a bound and of a score can differ by."""


@dataclass(frozen=True)
class Scorer:
    """Scores one plan over a store; what denied blocks find in `denying` at the threshold is looked at first."""

    plan: Plan
    store: Store
    settings: JudgeSettings
    groups: Sequence[Group]
    denying: Denying

    def upper_bounds(self) -> Floats:
        """What no image's score exceeds, from the chances that the variables find anything at all.

        Only the classes of the variables are looked at; what other literals leave is known when an image is scored.
        """
        program = self._program(View(self.store, None, floors(self.store)), Unknowns())

        def finds(block: Quantified | Counted, name: str, least: int, lower: bool) -> Chance:
            greatest = program.conditions.chance_by_class(block, name, least)
            return Chance.of(np.zeros(1) if program.conditions.literals(block, name) else greatest, greatest)

        greatest = bounds(self._whole, finds, lambda _: False, self.plan.ontology, lower=True).greatest
        rounded = greatest + _ROUNDING
        np.minimum(rounded, 1.0, out=rounded)
        rounded[greatest <= 0.0] = 0.0
        return np.broadcast_to(rounded, (len(self.store.images),))

    def tighter_bounds(self, images: Places) -> Floats:
        """What the scores of some images do not exceed: by a quarter of the worlds, and a few of denied blocks."""
        found = np.ones(len(images))
        for places, group in grouped(self.groups, images):
            program, worlds = self._hopeful_program(images[places], group)
            is_drawn = worlds.uncertain > MAX_ENUMERATED
            drawn = np.flatnonzero(is_drawn)
            program.wanted[:] = is_drawn
            try:
                held = program.truth(self._whole, Setting(lower=True))
            except NotColumnarError:
                continue
            at_most = (np.bitwise_count(held[drawn, 0]).astype(np.int64) + (WORLDS - 64)) / WORLDS
            at_most[program.is_open[drawn] != 0] = 1.0
            least = self._chance(self._whole, program, group.unknowns.classes).least  # no score is below that
            found[places[drawn]] = np.maximum(at_most, np.broadcast_to(least + _ROUNDING, (len(places),))[drawn])
        return found

    def scores(self, images: Places) -> tuple[Floats, Booleans]:
        """The scores of some images, and which of them are upper bounds only, for the exact evaluator to settle."""
        found, loose = np.zeros(len(images)), np.zeros(len(images), np.bool_)
        for places, group in grouped(self.groups, images):
            found[places], loose[places] = self._group_scores(images[places], group)
        return found, loose

    def part_scores(self, images: Places, scores: Floats) -> tuple[Floats, Booleans]:
        """The scores of the parts (parts, images) given those of the whole, and which images the columns leave open."""
        found, is_open = np.zeros((len(self.plan.parts), len(images))), np.zeros(len(images), np.bool_)
        if len(self.plan.parts) == 1:
            return scores[None, :], is_open
        for places, group in grouped(self.groups, images):
            program, worlds = self._worlds_program(images[places], group)
            try:
                for number, formula in enumerate(self._formulas):
                    found[number, places] = self._score(formula, program, worlds, group)
            except NotColumnarError:
                is_open[places] = True
                continue
            is_open[places] = (program.is_open != 0) | bool(program.relaxed)
        return found, is_open

    @cached_property
    def _formulas(self) -> tuple[Formula, ...]:
        return tuple(part.formula for part in self.plan.parts)

    @cached_property
    def _whole(self) -> Formula:
        return self._formulas[0] if len(self._formulas) == 1 else And(self._formulas)

    def _program(self, view: View, unknowns: Unknowns) -> Program:
        return Program.over(view, self.plan.ontology, self.settings.relations, unknowns)

    def _worlds_program(self, images: Places, group: Group) -> tuple[Program, BatchWorlds]:
        bare = View(self.store, images, floors(self.store))
        relevant = self._program(bare, group.unknowns).conditions.relevant(self._formulas)
        worlds = worlds_of(bare, relevant, self.settings.seed)
        return self._program(replace(bare, worlds=worlds), group.unknowns), worlds

    def _hopeful_program(self, images: Places, group: Group) -> tuple[Program, BatchWorlds]:
        """What bounds scores by a quarter of the worlds; where only classes matter it selects no entity for them."""
        bare = View(self.store, images, floors(self.store))
        conditions = self._program(bare, group.unknowns).conditions
        leaves = conditions.relevant_leaves(self._formulas)
        if leaves is None:
            uncertain = count_uncertain(bare, conditions.relevant(self._formulas))
        else:
            uncertain = self.store.uncertain(leaves, bare.thresholds)[images].astype(np.int64)
        worlds = BatchWorlds.drawn(self.store, self.settings.seed, uncertain)
        program = self._program(replace(bare, worlds=worlds), group.unknowns)
        return replace(program, hopeful=True, denying=self.denying), worlds

    def _group_scores(self, images: Places, group: Group) -> tuple[Floats, Booleans]:
        program, worlds = self._worlds_program(images, group)
        try:
            found = self._score(self._whole, program, worlds, group)
        except NotColumnarError:
            return np.ones(len(images)), np.ones(len(images), np.bool_)
        loose = program.is_open != 0
        if program.relaxed:
            loose |= found > 0
        return np.where(program.is_open != 0, 1.0, found), loose

    def _score(self, formula: Formula, program: Program, worlds: BatchWorlds, group: Group) -> Floats:
        """The probability of a closed formula in each image of the program's view."""
        chance = self._chance(formula, program, group.unknowns.classes)
        if np.array_equal(chance.least, chance.greatest):
            estimate = np.broadcast_to(chance.least, (program.view.size,))
        else:
            estimate = worlds.probabilities(program.truth(formula, Setting(lower=True)))
        return np.round(chance.clamp(estimate), 12)

    def _chance(self, formula: Formula, program: Program, unknown_classes: frozenset[str]) -> Chance:
        def finds(block: Quantified | Counted, name: str, least: int, lower: bool) -> Chance:
            found = program.conditions.chance_of(block, name, least, lower=lower)
            return Chance.of(found, found)

        def is_unknown(block: Quantified | Counted) -> bool:
            return names_own_class(block, unknown_classes)

        return bounds(formula, finds, is_unknown, self.plan.ontology, lower=True)


def denies(formula: Formula) -> bool:
    """Whether any block stands under a negation, or any count has an upper bound."""
    return any(
        (isinstance(each, Not) and isinstance(each.body, Quantified | Counted))
        or (isinstance(each, Counted) and each.comparator is not Comparator.GE)
        for each in subformulas(formula)
    )
