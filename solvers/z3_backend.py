"""Z3's verdict on closed formulas in one scene at the threshold.

The geometry, and what is quantified below a block, is evaluated to boolean relations first and given as facts over
conditioned, semi-joined entities. A block of existentials becomes a constraint satisfaction problem (`clauses.py`), a
count a cardinality constraint over pinned facts. Limits are resource counts that repeat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from solvers.clauses import Encoding, encode
from solvers.evaluate import Block, Evaluator
from solvers.fol.ast import Comparator, Counted, Formula, Quantified
from solvers.grounding import count_of, every, fold, negation, sizes_and_tables
from solvers.limits import ImageLimitError
from solvers.problem import BlockArrays, Count, Problem, arrays_of, arrays_of_tables
from solvers.small_clauses import MOST_LITERALS, SmallEncoding, encode_small
from solvers.z3_raw import Answer, CheckLimits, ClauseSolver

MAX_LITERALS = 1_000_000
EASY_LITERALS = 500
"""Beyond so many a problem may come near the limits, which then must not depend on the problems before it."""
CANDIDATES_BESIDE_WITNESS = 8


@dataclass(frozen=True)
class Z3Backend:
    """One solver in a context of its own; one a process, not to be shared between threads."""

    limits: CheckLimits = field(default_factory=CheckLimits)

    @cached_property
    def solver(self) -> ClauseSolver:
        """The solver, made when first needed."""
        return ClauseSolver(self.limits)

    @cached_property
    def _untimed(self) -> ClauseSolver:
        """The solver of small problems, whose resources are spent long before any time-out."""
        return ClauseSolver(replace(self.limits, timeout_ms=None))

    def decide(
        self, formula: Formula, evaluator: Evaluator, *, lower: bool, witness: Mapping[str, int] | None = None
    ) -> bool | None:
        """Whether a closed formula in existential form holds at one of the two settings; None at a limit.

        With a `witness` for its leading variables these range over it and a few entities beside it only: enough to
        prove that the formula holds, never that it does not; and Z3 must accept the witness itself.
        """

        def decide_block(block: Quantified | Counted, lower: bool) -> bool | None:
            if evaluator.is_closed_unknown(block):
                return not lower
            evaluator.literals.budget.renew()
            try:
                if isinstance(block, Counted):
                    return self.holds(count_of(block, evaluator, lower=lower))
                leading = witness if block is formula else None
                return self._decide_block(block, evaluator, leading or {}, lower=lower)
            except ImageLimitError:
                return None

        return fold(formula, decide_block, lower=lower)

    def holds(self, problem: Problem) -> bool | None:
        """Whether one image's problem has a solution; None at a limit."""
        if isinstance(problem, Count):
            return self._holds_count(problem.signature)
        small = encode_small(problem.sizes, [(each.variables, each.allowed) for each in problem.relations])
        if small is not None:
            return self._holds_small(small)
        try:
            return self._holds_encoded(encode(arrays_of(problem)))
        except ImageLimitError:
            return None

    def core(self, blocks: BlockArrays) -> tuple[int, ...] | None:
        """Z3's core of the edges of one image's block that fail together; empty if they need not; None at a limit."""
        encoding = self._within_limits(encode(blocks, tracked=True))
        trackers = encoding.trackers.tolist()
        with self.solver.scope():
            self.solver.add(encoding.clauses)
            answer = self.solver.check(trackers)
            core = set(self.solver.core(trackers)) if answer is Answer.UNSAT else set()
        found = tuple(edge for edge, tracker in enumerate(trackers) if tracker in core)
        return None if answer is Answer.UNKNOWN else found

    def _decide_block(
        self, formula: Quantified, evaluator: Evaluator, witness: Mapping[str, int], *, lower: bool
    ) -> bool | None:
        """A block holds where any of its pieces does, and fails where all fail."""
        beside = evaluator.active[:CANDIDATES_BESIDE_WITNESS]
        within = {name: np.unique(np.append(beside, place)) for name, place in witness.items()}

        def decide(block: Block) -> bool | None:
            return self._holds_block(block, witness)

        failed: list[bool | None] = []
        for answer in evaluator.in_pieces(decide, formula, {}, within, lower=lower):
            if answer:
                return True
            failed.append(negation(answer))
        return negation(every(failed))

    def _holds_block(self, block: Block, witness: Mapping[str, int]) -> bool | None:
        if block.is_empty:
            return self._holds_nothing()
        places = {name: np.flatnonzero(block.domains[name] == index) for name, index in witness.items()}
        if not all(len(place) for place in places.values()):
            return self._holds_nothing()
        names = list(block.domains)
        chosen = [(names.index(name), int(place[0])) for name, place in places.items()]
        sizes, tables = sizes_and_tables(block)
        small = encode_small(sizes, [(variables, held.tobytes()) for variables, held in tables])
        if small is not None:
            return self._holds_small(small, _only(chosen, sizes, small.starts))
        encoding = encode(arrays_of_tables(sizes, tables))
        return self._holds_encoded(encoding, _only(chosen, sizes, encoding.selectors[0].tolist()))

    def _holds_small(self, small: SmallEncoding, assumed: Sequence[int] = ()) -> bool | None:
        """Whether a small problem has a solution under some assumptions."""
        solver = self._untimed
        solver.reserve(small.highest)
        with solver.scope():
            solver.add_few(small.clauses)
            return _TRUTH[solver.check(assumed)]

    def _holds_nothing(self) -> bool | None:
        """Whether a variable can take one of no entities, which is what the empty clause says."""
        return self._holds_small(SmallEncoding([[]], [], 0))

    def _holds_encoded(self, encoding: Encoding, assumed: Sequence[int] = ()) -> bool | None:
        """Whether one image's block has a solution under some assumptions."""
        self._within_limits(encoding)
        with self.solver.scope():
            self.solver.add(encoding.clauses)
            return _TRUTH[self.solver.check(assumed)]

    def _holds_count(self, problem: Count) -> bool | None:
        highest = problem.least + problem.most + 2 * problem.others
        solver = self._untimed if highest <= MOST_LITERALS else self.solver
        solver.reserve(highest)
        with solver.scope():
            if problem.comparator in (Comparator.GE, Comparator.EQ):
                _add_count(solver, problem.least, problem.others, 0, at_least=problem.count)
            if problem.comparator in (Comparator.LE, Comparator.EQ):
                before = problem.least + problem.others
                _add_count(solver, problem.most, problem.others, before, at_most=problem.count)
            return _TRUTH[solver.check()]

    def _within_limits(self, encoding: Encoding) -> Encoding:
        """The encoding, if it is not too large; for a large one the solver begins anew."""
        literals = len(encoding.clauses.literals)
        if literals > MAX_LITERALS:
            raise ImageLimitError(f"one image needs {literals:,} literals in Z3, more than {MAX_LITERALS:,}")
        if literals > EASY_LITERALS:
            self.solver.forget()
        return encoding


def _add_count(
    solver: ClauseSolver,
    held: int,
    others: int,
    before: int,
    *,
    at_least: int | None = None,
    at_most: int | None = None,
) -> None:
    """Assert a bound on how many of some propositions, pinned to the facts, are true."""
    propositions = list(range(before + 1, before + held + others + 1))
    solver.add_few([each if place < held else -each] for place, each in enumerate(propositions))
    count = len(propositions)
    if (at_least is not None and at_least > count) or (at_most is not None and at_most < 0):
        solver.add_few([[]])
    elif at_least is not None and at_least > 0:
        solver.add_at_least(propositions, at_least)
    elif at_most is not None and at_most < count:
        solver.add_at_most(propositions, at_most)


def _only(chosen: Sequence[tuple[int, int]], sizes: Sequence[int], starts: Sequence[int]) -> list[int]:
    """What to assume so that the chosen places are taken and no others: an assignment is accepted, not searched for."""
    assumed: list[int] = []
    for variable, place in chosen:
        first = starts[variable]
        assumed += [first + each if each == place else -(first + each) for each in range(sizes[variable])]
    return assumed


_TRUTH = {Answer.SAT: True, Answer.UNSAT: False, Answer.UNKNOWN: None}
