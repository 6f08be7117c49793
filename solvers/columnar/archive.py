"""One question over a whole archive: exact verdicts of all images, upper bounds of their scores, scores of some."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solvers.chances import Chance, bounds
from solvers.columnar.clauses import NotColumnarError, Unknowns
from solvers.columnar.kernels import Floats, Places
from solvers.columnar.program import Program, Setting
from solvers.columnar.store import Store
from solvers.columnar.view import BatchWorlds, View, floors, worlds_of
from solvers.evaluate import names_own_class
from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    Not,
    Quantified,
    bound_variables,
    subformulas,
)
from solvers.geometry import Booleans
from solvers.judge import ImageJudge, Judgement, JudgeSettings, clause_share
from solvers.plan import Plan
from solvers.quantities import needs_gsd
from solvers.relations import COMPASS
from solvers.verdict import Verdict
from solvers.worlds import WORDS, WORLDS

UNSAT, SAT, UNKNOWN = 0, 1, 2
SUREST = 4
"""How many entities a denied block is tried on before all: one that is nearly sure mostly decides."""
VERDICTS = (Verdict.UNSAT, Verdict.SAT, Verdict.UNKNOWN)

Verdicts = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Group:
    """Images alike in what they cannot tell of a question; `images` None means all."""

    images: Places | None
    unknowns: Unknowns


@dataclass(frozen=True)
class ArchiveJudge:
    """One plan over a store; `exact` gives the judge of one image by its number, for what the columns leave open."""

    plan: Plan
    store: Store
    settings: JudgeSettings
    exact: Callable[[int], ImageJudge]

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The images by what they cannot tell; most archives have one group."""
        images = self.store.images
        literals = [each for formula in self._formulas for each in subformulas(formula)]
        metric = any(isinstance(each, Comparison) and needs_gsd(each) for each in literals)
        compass = any(isinstance(each, Atom) and each.predicate in COMPASS for each in literals)
        named = {each for part in self.plan.parts for each in part.classes}
        leaves_of = self.plan.ontology.leaves_of
        unknown_sets = [frozenset(name for name in named if not leaves_of[name] <= each) for each in images.known_sets]
        distinct = list(dict.fromkeys(unknown_sets))
        key = np.array([distinct.index(each) for each in unknown_sets], np.int64)[images.known] * 4
        key += 2 * (np.isnan(images.gsd) & metric) + (np.isnan(images.north[:, 0]) & compass)
        found = np.unique(key)
        return tuple(
            Group(
                None if len(found) == 1 else np.flatnonzero(key == each),
                Unknowns(distinct[each // 4], bool(each & 2), bool(each & 1)),
            )
            for each in map(int, found)
        )

    @cached_property
    def verdicts(self) -> Verdicts:
        """Every image's verdict at the threshold, exact: 0 unsat, 1 sat, 2 unknown; open ones one by one."""
        found = np.zeros(len(self.store.images), np.int8)
        is_open = np.zeros(len(found), np.bool_)
        for group in self.groups:
            images = slice(None) if group.images is None else group.images
            found[images], is_open[images] = self._group_verdicts(group)
        for number in map(int, np.flatnonzero(is_open)):
            found[number] = VERDICTS.index(self._judged(number).verdict)
        return found

    @cached_property
    def limits(self) -> dict[int, str]:
        """The images at which a resource limit was reached, filled as they are judged."""
        return {}

    @cached_property
    def upper_bounds(self) -> Floats:
        """What no image's score exceeds, from the chances that the variables find anything at all.

        Only the classes of the variables are looked at; what other literals leave is known when an image is scored.
        """
        program = self.program(View(self.store, None, floors(self.store)), Unknowns())

        def finds(block: Quantified | Counted, name: str, least: int, lower: bool) -> Chance:
            greatest = program.chance_by_class(block, name, least)
            return Chance(np.zeros(1) if program.literals(block, name) else greatest, greatest)

        chance = bounds(self._whole, finds, lambda _: False, self.plan.ontology, lower=True)
        return np.broadcast_to(np.round(chance.greatest, 12), (len(self.store.images),))

    def tighter_bounds(self, images: Places) -> Floats:
        """What the scores of some images do not exceed: by a quarter of the worlds, and the surest of denied blocks."""
        found = self.upper_bounds[images].copy()
        for places, group in self.grouped(images):
            program = replace(self._worlds_program(images[places], group, words=1), most_denied=SUREST)
            worlds = program.view.worlds
            assert isinstance(worlds, BatchWorlds)
            drawn = np.flatnonzero(worlds.enumerated == 0)
            program.wanted[:] = worlds.enumerated == 0
            try:
                held = program.truth(self._whole, Setting(lower=True))
            except NotColumnarError:
                continue
            at_most = (np.bitwise_count(held[drawn, 0]).astype(np.int64) + (WORLDS - 64)) / WORLDS
            at_most[program.is_open[drawn] != 0] = 1.0
            least = self._chance(self._whole, program, group.unknowns.classes).least  # no score is below that
            at_most = np.maximum(at_most, np.broadcast_to(least, (program.view.size,))[drawn])
            found[places[drawn]] = np.minimum(found[places[drawn]], at_most)
        return found

    @cached_property
    def can_tighten(self) -> bool:
        """Whether any block is denied."""
        return any(_denies(formula) for formula in self._formulas)

    def scores(self, images: Places) -> tuple[Floats, Booleans]:
        """The scores of some images, and which of them are upper bounds only, for the exact evaluator to settle."""
        found, loose = np.zeros(len(images)), np.zeros(len(images), np.bool_)
        for places, group in self.grouped(images):
            found[places], loose[places] = self._group_scores(images[places], group)
        return found, loose

    @property
    def is_sat(self) -> Booleans:
        """Which images satisfy the formula at the threshold."""
        return np.asarray(self.verdicts == SAT)

    def settled_scores(self, images: Places) -> Floats:
        """The scores of some images, those that the columns leave open by the exact evaluator."""
        self.settings.tick()
        found, loose = self.scores(images)
        for place in map(int, np.flatnonzero(loose)):
            found[place] = self._judged(int(images[place])).score
        return found

    @cached_property
    def share_bounds(self) -> Floats:
        """What no image's share of satisfied clauses exceeds: classes that are not there, and one more where unsat."""
        total, most_clauses = np.zeros(len(self.store.images)), max(len(part.clauses) for part in self.plan.parts)
        for part in self.plan.parts:
            missing = np.zeros(len(total))
            for clause in part.clauses if part.variables else ():
                if isinstance(clause.formula, Atom) and clause.formula.predicate in self.plan.ontology.leaves_of:
                    missing += ~self._has_any(self.plan.ontology.leaves_of[clause.formula.predicate])
            total += (len(part.clauses) - missing) / len(part.clauses)
        shares = np.round(total / len(self.plan.parts), 12)
        least_step = 1 / (most_clauses * len(self.plan.parts))
        fails = (self.verdicts != SAT) & (shares == 1.0)
        return np.where(self.is_sat, 1.0, np.where(fails, round(1.0 - least_step, 12), shares))

    def share(self, image: int) -> float:
        """The share of clauses that the best assignment satisfies in one image."""
        return round(clause_share(self.exact(image)), 12)  # sums of equal shares in any order are equal

    def _has_any(self, leaves: frozenset[str]) -> Booleans:
        found = np.zeros(len(self.store.images), np.bool_)
        for label in sorted(leaves):
            _, offsets = self.store.above(label, self.settings.for_label(label))
            found |= np.diff(offsets) > 0
        return found

    def part_scores(self, images: Places, scores: Floats) -> tuple[Floats, Booleans]:
        """The scores of the parts (parts, images) given those of the whole, and which images the columns leave open."""
        found, is_open = np.zeros((len(self.plan.parts), len(images))), np.zeros(len(images), np.bool_)
        if len(self.plan.parts) == 1:
            return scores[None, :], is_open
        for places, group in self.grouped(images):
            program = self._worlds_program(images[places], group)
            try:
                for number, part in enumerate(self.plan.parts):
                    found[number, places] = self._score(part.formula, program, group)
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

    def _judged(self, number: int) -> Judgement:
        judgement = self.exact(number).judgement
        if judgement.limit is not None:
            self.limits[number] = judgement.limit
        return judgement

    def grouped(self, images: Places) -> Iterator[tuple[Places, Group]]:
        """The groups that some images belong to, each with the places of its own in `images`."""
        if len(self.groups) == 1:
            yield np.arange(len(images)), self.groups[0]
            return
        for group in self.groups:
            places = np.flatnonzero(np.isin(images, [] if group.images is None else group.images))
            if len(places):
                yield places, group

    def view_at_threshold(self, images: Places | None) -> View:
        """Some images, or all, with the entities that count for a verdict."""
        return View(self.store, images, {label: self.settings.for_label(label) for label in self.store.labels})

    def program(self, view: View, unknowns: Unknowns) -> Program:
        """What evaluates this plan's formulas over a view."""
        is_open, wanted = np.zeros(view.size, np.uint8), np.ones(view.size, np.uint8)
        return Program(view, self.plan.ontology, self.settings.relations, unknowns, is_open, wanted)

    def _group_verdicts(self, group: Group) -> tuple[Verdicts, Booleans]:
        cheapest_first = sorted(self._formulas, key=_variables)
        return self._verdict_of(cheapest_first, group.images, group)

    def _verdict_of(
        self, formulas: Sequence[Formula], images: Places | None, group: Group
    ) -> tuple[Verdicts, Booleans]:
        """The verdicts of a conjunction, and where they are open: unsat beats unknown beats sat."""
        view = self.view_at_threshold(images)
        verdict, is_open = np.full(view.size, SAT, np.int8), np.zeros(view.size, np.bool_)
        for formula in formulas:
            self.settings.tick()
            program = replace(self.program(view, group.unknowns), verdict_only=True)
            program.wanted[:] = verdict != UNSAT
            true, vague = _held(program, formula, lower=True)
            vague_images = vague | (program.is_open != 0)
            if may_be_unknown(formula, group.unknowns):
                possible, more = _held(program, formula, lower=False)
                own = np.where(true, SAT, np.where(possible, UNKNOWN, UNSAT))
                vague_images |= more | (program.is_open != 0)
            else:
                own = np.where(true, SAT, UNSAT)
            own = np.where(program.is_open != 0, SAT, own)  # nothing is known: another part may still settle the image
            verdict = np.where((verdict == UNSAT) | (own == UNSAT), UNSAT, np.maximum(verdict, own)).astype(np.int8)
            is_open = (is_open | vague_images) & (verdict != UNSAT)
        return verdict, is_open

    def _worlds_program(self, images: Places, group: Group, words: int = WORDS) -> Program:
        bare = View(self.store, images, floors(self.store))
        relevant = self.program(bare, group.unknowns).relevant(self._formulas)
        view = View(self.store, images, floors(self.store), worlds_of(bare, relevant, self.settings.seed, words))
        return self.program(view, group.unknowns)

    def _group_scores(self, images: Places, group: Group) -> tuple[Floats, Booleans]:
        program = self._worlds_program(images, group)
        try:
            found = self._score(self._whole, program, group)
        except NotColumnarError:
            return np.ones(len(images)), np.ones(len(images), np.bool_)
        loose = program.is_open != 0
        if program.relaxed:
            loose |= found > 0
        return np.where(program.is_open != 0, 1.0, found), loose

    def _score(self, formula: Formula, program: Program, group: Group) -> Floats:
        """The probability of a closed formula in each image of the program's view."""
        chance = self._chance(formula, program, group.unknowns.classes)
        if np.array_equal(chance.least, chance.greatest):
            estimate = np.broadcast_to(chance.least, (program.view.size,))
        else:
            estimate = self._estimate(formula, program)
        return np.round(chance.clamp(estimate), 12)

    def _estimate(self, formula: Formula, program: Program) -> Floats:
        worlds = program.view.worlds
        assert isinstance(worlds, BatchWorlds)
        return worlds.probabilities(program.truth(formula, Setting(lower=True)))

    def _chance(self, formula: Formula, program: Program, unknown_classes: frozenset[str]) -> Chance:
        def finds(block: Quantified | Counted, name: str, least: int, lower: bool) -> Chance:
            found = program.chance_of(block, name, least, lower=lower)
            return Chance(found, found)

        def is_unknown(block: Quantified | Counted) -> bool:
            return names_own_class(block, unknown_classes)

        return bounds(formula, finds, is_unknown, self.plan.ontology, lower=True)


def _held(program: Program, formula: Formula, *, lower: bool) -> tuple[Booleans, Booleans]:
    """Where a formula holds at one setting, and where that is only an upper bound."""
    before = len(program.relaxed)
    try:
        held = program.truth(formula, Setting(lower=lower))[:, 0] != 0
    except NotColumnarError:
        every = np.ones(program.view.size, np.bool_)
        return every, every
    return held, held & (len(program.relaxed) > before)


def may_be_unknown(formula: Formula, unknowns: Unknowns) -> bool:
    """Whether the two settings may differ."""
    for each in subformulas(formula):
        if isinstance(each, Comparison) and unknowns.metric and needs_gsd(each):
            return True
        if isinstance(each, Atom) and (
            each.predicate in unknowns.classes or (unknowns.compass and each.predicate in COMPASS)
        ):
            return True
    return False


def _denies(formula: Formula) -> bool:
    """Whether any block stands under a negation, or any count has an upper bound."""
    return any(
        (isinstance(each, Not) and isinstance(each.body, Quantified | Counted))
        or (isinstance(each, Counted) and each.comparator is not Comparator.GE)
        for each in subformulas(formula)
    )


def _variables(formula: Formula) -> int:
    return sum(len(bound_variables(each)) for each in subformulas(formula))
