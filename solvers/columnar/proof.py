"""Z3's word on what the columns say: every closed block of a question confirmed on many images at once.

Each block goes to Z3 as a constraint satisfaction problem over the entities that are left of its domains, the geometry
given as facts; what the formula makes of its blocks is folded in three values. An image whose verdict Z3 denies is an
error, and never hidden.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solvers.certify import Outcome, Outcomes, certify_counts, raise_disagreements
from solvers.columnar.archive import SAT, UNKNOWN, UNSAT, ArchiveJudge, Verdicts, may_be_unknown
from solvers.columnar.blocks import Setting
from solvers.columnar.clauses import NotColumnarError
from solvers.columnar.groups import grouped
from solvers.columnar.kernels import Places
from solvers.columnar.program import Program
from solvers.columnar.solutions import Solutions, facts, instances, solve
from solvers.evaluate import names_own_class
from solvers.fol.ast import And, Comparator, Counted, Formula, Not, Or, Quantified
from solvers.fol.printer import print_formula
from solvers.geometry import Booleans
from solvers.problem import BlockArrays, Int64s
from solvers.z3_backend import Z3Backend

CertifyBlocks = Callable[[BlockArrays, Booleans], Outcomes]
CertifyCounts = Callable[[Comparator, int, Int64s, Int64s, Booleans], Outcomes]


@dataclass(frozen=True, slots=True)
class Z3Says:
    """How claims come before Z3: that a block, or a count, holds on each image or does not."""

    blocks: CertifyBlocks
    counts: CertifyCounts

    @classmethod
    def by(cls, blocks: CertifyBlocks, backend: Z3Backend) -> "Z3Says":
        """Claims of blocks as they are certified here or there; of counts few differ, and one backend does for all."""

        def counts(comparator: Comparator, count: int, least: Int64s, most: Int64s, holds: Booleans) -> Outcomes:
            return certify_counts(comparator, count, least, most, holds=holds, backend=backend)

        return cls(blocks, counts)


@dataclass(frozen=True, slots=True)
class Proved:
    """The verdict of each part on each image (parts, images), by Z3; `is_open` marks what no column could put to it.

    `undecided` marks the images on which Z3 met a limit; where it met none, unknown is its verdict. `solutions` are
    those of the blocks, for each group of the images.
    """

    parts: Verdicts
    is_open: Booleans
    undecided: Booleans
    solutions: tuple[Solutions, ...]

    @property
    def verdicts(self) -> Verdicts:
        """The verdict of the whole: unsat beats unknown beats sat."""
        unsat, unknown = (self.parts == UNSAT).any(axis=0), (self.parts == UNKNOWN).any(axis=0)
        return np.where(unsat, UNSAT, np.where(unknown, UNKNOWN, SAT)).astype(np.int8)


def prove(judge: ArchiveJudge, images: Places, z3: Z3Says) -> Proved:
    """Have Z3 confirm some images, part by part; raises DisagreementError where it denies what the columns say."""
    parts = np.full((len(judge.plan.parts), len(images)), UNKNOWN, np.int8)
    is_open, undecided = np.zeros(len(images), np.bool_), np.zeros(len(images), np.bool_)
    solutions: list[Solutions] = []
    for places, group in grouped(judge.groups, images):
        view = judge.view_at_threshold(images[places])
        solutions.append({})
        for number, part in enumerate(judge.plan.parts):
            try:
                fold = _Fold(judge, judge.program(view, group.unknowns), z3, solutions[-1])
                verdict, met_limit = fold.verdict(part.formula, vague=may_be_unknown(part.formula, group.unknowns))
            except NotColumnarError:
                is_open[places] = True
                continue
            parts[number, places] = verdict
            undecided[places] |= met_limit
            is_open[places] |= (fold.program.is_open != 0) | bool(fold.program.relaxed)
    return Proved(parts, is_open, undecided, tuple(solutions))


@dataclass(frozen=True, slots=True)
class _Truth:
    """Whether a formula holds on each image, as far as it is `decided`."""

    held: Booleans
    decided: Booleans


@dataclass(frozen=True)
class _Fold:
    judge: ArchiveJudge
    program: Program
    z3: Z3Says
    solutions: Solutions

    def verdict(self, formula: Formula, *, vague: bool) -> tuple[Verdicts, Booleans]:
        """A part's verdict from its truth at the lower setting, and at the upper one where the two may differ.

        And on which images a limit keeps it from one.
        """
        lower = self._truth(formula, lower=True)
        upper = self._truth(formula, lower=False) if vague else lower
        sat, unsat = lower.held & lower.decided, ~upper.held & upper.decided
        verdict = np.where(sat, SAT, np.where(unsat, UNSAT, UNKNOWN)).astype(np.int8)
        return verdict, (verdict == UNKNOWN) & ~(lower.decided & upper.decided)

    def _truth(self, formula: Formula, *, lower: bool) -> _Truth:
        match formula:
            case Not(body):
                inner = self._truth(body, lower=not lower)
                return _Truth(~inner.held, inner.decided)
            case And(parts):
                return _every([self._truth(part, lower=lower) for part in parts])
            case Or(parts):
                negated = (self._truth(part, lower=lower) for part in parts)
                found = _every([_Truth(~each.held, each.decided) for each in negated])
                return _Truth(~found.held, found.decided)
            case Quantified() | Counted() if names_own_class(formula, self.program.unknowns.classes):
                size = self.program.view.size
                return _Truth(np.full(size, not lower), np.ones(size, np.bool_))
            case Quantified():
                return self._block(formula, lower=lower)
            case Counted():
                return self._count(formula, lower=lower)
            case _:
                raise NotColumnarError

    def _block(self, formula: Quantified, *, lower: bool) -> _Truth:
        solved = solve(self.program.prepared(formula, None, Setting(lower, positive=False)))
        if lower:
            self.solutions[formula] = solved
        return self._settled(formula, solved.holds, self.z3.blocks(facts(solved.prepared), solved.holds))

    def _count(self, formula: Counted, *, lower: bool) -> _Truth:
        comparator, count = formula.comparator, formula.count
        least = np.zeros(self.program.view.size, np.int64)
        most = least.copy()
        if comparator is not Comparator.LE:
            least = self._instances(formula, lower=lower)
        if comparator is not Comparator.GE:
            most = self._instances(formula, lower=not lower)
        enough, not_more = least >= count, most <= count
        held = {Comparator.GE: enough, Comparator.LE: not_more}.get(comparator, enough & not_more)
        return self._settled(formula, held, self.z3.counts(comparator, count, least, most, held))

    def _instances(self, formula: Counted, *, lower: bool) -> Int64s:
        prepared = self.program.prepared(formula, None, Setting(lower, positive=False))
        return np.diff(instances(prepared, formula.variable.name).offsets)

    def _settled(self, formula: Formula, held: Booleans, outcomes: Outcomes) -> _Truth:
        images, view = self.judge.store.images, self.program.view
        numbers = range(len(images)) if view.images is None else view.images.tolist()
        wanted = np.where(self.program.is_open != 0, int(Outcome.UNKNOWN), outcomes).astype(np.uint8)
        raise_disagreements(wanted, [images.ids[number] for number in numbers], held, print_formula(formula))
        return _Truth(held, wanted == Outcome.CONFIRMED)


def _every(truths: list[_Truth]) -> _Truth:
    """False beats a limit, and a limit beats true."""
    false = np.logical_or.reduce([~each.held & each.decided for each in truths])
    decided = np.logical_and.reduce([each.decided for each in truths])
    return _Truth(~false & np.logical_and.reduce([each.held for each in truths]), false | decided)
