"""One question over a whole archive: exact verdicts of all images, upper bounds of their scores, scores of some."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solvers.columnar.blocks import Setting
from solvers.columnar.clauses import NotColumnarError, Unknowns
from solvers.columnar.groups import Group
from solvers.columnar.kernels import Floats, Places
from solvers.columnar.program import Denying, Program
from solvers.columnar.scores import Scorer, denies
from solvers.columnar.store import Store
from solvers.columnar.view import View
from solvers.fol.ast import (
    Atom,
    Comparison,
    Formula,
    bound_variables,
    subformulas,
)
from solvers.geometry import Booleans
from solvers.judge import ImageJudge, Judgement, JudgeSettings, clause_share
from solvers.plan import Plan
from solvers.quantities import needs_gsd
from solvers.relations import COMPASS
from solvers.verdict import Verdict
from solvers.worlds import CONFIDENCE_FLOOR

UNSAT, SAT, UNKNOWN = 0, 1, 2
VERDICTS = (Verdict.UNSAT, Verdict.SAT, Verdict.UNKNOWN)

Verdicts = npt.NDArray[np.int8]


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
        kind, kinds = images.kinds
        unknown = [
            Unknowns(
                frozenset(name for name in named if not leaves_of[name] <= images.known_sets[known]),
                metric and not has_scale,
                compass and not has_north,
            )
            for known, has_scale, has_north in kinds
        ]
        distinct = list(dict.fromkeys(unknown))
        if len(distinct) == 1:
            return (Group(None, distinct[0]),)
        of_kind = np.array([distinct.index(each) for each in unknown])[kind]
        return tuple(Group(np.flatnonzero(of_kind == number), each) for number, each in enumerate(distinct))

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
    def scorer(self) -> Scorer:
        """What scores images, and bounds their scores."""
        return Scorer(self.plan, self.store, self.settings, self.groups, self.denying)

    @cached_property
    def upper_bounds(self) -> Floats:
        """What no image's score exceeds."""
        return self.scorer.upper_bounds()

    def tighter_bounds(self, images: Places) -> Floats:
        """What the scores of some images do not exceed, closer to them."""
        return np.minimum(self.upper_bounds[images], self.scorer.tighter_bounds(images))

    @cached_property
    def denying(self) -> Denying:
        """What denied blocks find at the threshold, filled as verdicts are found."""
        return {}

    @property
    def is_cheap(self) -> bool:
        """Whether scores look at one entity at a time only."""
        return all(_variables(formula) == 1 for formula in self._formulas)

    @cached_property
    def can_tighten(self) -> bool:
        """Whether any block is denied."""
        return any(denies(formula) for formula in self._formulas)

    @cached_property
    def is_sat(self) -> Booleans:
        """Which images satisfy the formula at the threshold."""
        return np.asarray(self.verdicts == SAT)

    def settled_scores(self, images: Places) -> Floats:
        """The scores of some images, those that the columns leave open by the exact evaluator."""
        self.settings.tick()
        found, loose = self.scorer.scores(images)
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
            found |= np.diff(self.store.above(frozenset({label}), self._thresholds)[1]) > 0
        return found

    @cached_property
    def _formulas(self) -> tuple[Formula, ...]:
        return tuple(part.formula for part in self.plan.parts)

    def _judged(self, number: int) -> Judgement:
        judgement = self.exact(number).judgement
        if judgement.limit is not None:
            self.limits[number] = judgement.limit
        return judgement

    def view_at_threshold(self, images: Places | None) -> View:
        """Some images, or all, with the entities that count for a verdict."""
        return View(self.store, images, self._thresholds)

    @cached_property
    def _thresholds(self) -> dict[str, float]:
        return {label: self.settings.for_label(label) for label in self.store.labels}

    def program(self, view: View, unknowns: Unknowns) -> Program:
        """What evaluates this plan's formulas over a view."""
        return Program.over(view, self.plan.ontology, self.settings.relations, unknowns)

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
            if images is None and min(view.thresholds.values(), default=0.0) >= CONFIDENCE_FLOOR:
                program = replace(program, denying=self.denying)
            np.not_equal(verdict, UNSAT, out=program.wanted, casting="unsafe")
            true, vague = _held(program, formula, lower=True)
            vague_images = vague | (program.is_open != 0)
            if may_be_unknown(formula, group.unknowns):
                possible, more = _held(program, formula, lower=False)
                own = np.where(true, SAT, np.where(possible, UNKNOWN, UNSAT)).astype(np.int8)
                vague_images |= more | (program.is_open != 0)
            else:
                own = true.astype(np.int8)  # SAT is 1, UNSAT is 0
            if program.is_open.any():  # nothing is known there: another part may still settle the image
                own = np.where(program.is_open != 0, np.int8(SAT), own)
            verdict = np.where((verdict == UNSAT) | (own == UNSAT), np.int8(UNSAT), np.maximum(verdict, own))
            is_open = (is_open | vague_images) & (verdict != UNSAT)
        return verdict, is_open


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


def _variables(formula: Formula) -> int:
    return sum(len(bound_variables(each)) for each in subformulas(formula))
