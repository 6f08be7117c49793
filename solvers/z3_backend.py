"""Z3's verdict on closed formulas in one scene at the threshold.

The geometry, and what is quantified below a block, is evaluated to boolean relations first and given as facts over
conditioned, semi-joined entities. A block of existentials becomes a constraint satisfaction problem: one selector a
variable and entity, exactly one of each variable true, and for each relation every choice leaves the next variable
its partners only. A count becomes a cardinality constraint. Limits are resource counts that repeat.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import z3

from solvers.evaluate import Block, Evaluator
from solvers.fol.ast import And, Comparator, Counted, Formula, Not, Or, Quantified, conjuncts_of, free_variables
from solvers.geometry import Indices
from solvers.limits import ImageLimitError
from solvers.plan import Part
from solvers.tables import Table, TableTooLargeError, conjoin

RESOURCES_PER_CHECK = 5_000_000
TIMEOUT_MS = 10_000
MAX_TERMS = 1_000_000
CANDIDATES_BESIDE_WITNESS = 8

Selectors = Mapping[str, Sequence[z3.BoolRef]]


@dataclass(frozen=True)
class Z3Backend:
    """One solver in a context of its own; one a process, not to be shared between threads."""

    @cached_property
    def _context(self) -> z3.Context:
        return z3.Context()

    @cached_property
    def _solver(self) -> z3.Solver:
        solver = z3.SolverFor("QF_FD", ctx=self._context)
        solver.set("rlimit", RESOURCES_PER_CHECK)
        solver.set("timeout", TIMEOUT_MS)
        # Z3 would take control-C for itself, and leave a handler behind that wakes no waiting thread.
        solver.set("ctrl_c", False)
        return solver

    def decide(
        self, formula: Formula, evaluator: Evaluator, *, lower: bool, witness: Mapping[str, int] | None = None
    ) -> bool | None:
        """Whether a closed formula in existential form holds at one of the two settings; None at a limit.

        With a `witness` for its leading variables these range over it and a few entities beside it only: enough to
        prove that the formula holds, never that it does not; and Z3 must accept the witness itself.
        """
        match formula:
            case And(parts):
                return _every([self.decide(part, evaluator, lower=lower) for part in parts])
            case Or(parts):
                return _negation(_every([_negation(self.decide(part, evaluator, lower=lower)) for part in parts]))
            case Not(body):
                return _negation(self.decide(body, evaluator, lower=not lower))
            case Quantified() | Counted() if evaluator.is_closed_unknown(formula):
                return not lower
            case Quantified():
                return self._decide_block(formula, evaluator, lower=lower, witness=witness)
            case Counted():
                return self._decide_count(formula, evaluator, lower=lower)
            case _:
                raise TypeError(f"{type(formula).__name__} is not closed")

    def failing_clauses(self, part: Part, clauses: Sequence[int], evaluator: Evaluator) -> tuple[int, ...] | None:
        """Z3's core of some of a part's clauses, by place, that fail together; None if they may hold.

        Unknown literals count as true here. A part without leading variables is its own only clause.
        """
        if not part.variables:
            return None if self.decide(part.formula, evaluator, lower=False) is not False else tuple(clauses)
        problem = _Problem(self._context)
        self._solver.push()
        try:
            trackers = problem.tracked(self._solver, part, clauses, evaluator)
            if _answer(self._solver.check(*trackers.values())) is not False:
                return None
            core = {str(each) for each in self._solver.unsat_core()}
            return tuple(place for place, tracker in trackers.items() if str(tracker) in core)
        finally:
            self._solver.pop()

    def _decide_block(
        self, formula: Quantified, evaluator: Evaluator, *, lower: bool, witness: Mapping[str, int] | None
    ) -> bool | None:
        """A block holds where any of its pieces does, and fails where all fail."""
        evaluator.literals.budget.renew()
        beside = evaluator.active[:CANDIDATES_BESIDE_WITNESS]
        within = {name: np.unique(np.append(beside, place)) for name, place in (witness or {}).items()}

        def decide(block: Block) -> bool | None:
            problem = _Problem(self._context)
            return self._check(lambda solver: problem.block(solver, block, witness or {}))

        failed: list[bool | None] = []
        try:
            for answer in evaluator.in_pieces(decide, formula, {}, within, lower=lower):
                if answer:
                    return True
                failed.append(_negation(answer))
        except ImageLimitError:
            return None
        return _negation(_every(failed))

    def _decide_count(self, formula: Counted, evaluator: Evaluator, *, lower: bool) -> bool | None:
        evaluator.literals.budget.renew()
        problem = _Problem(self._context)
        try:
            return self._check(lambda solver: problem.count(solver, formula, evaluator, lower=lower))
        except ImageLimitError:
            return None

    def _check(self, assert_on: Callable[[z3.Solver], list[z3.BoolRef]]) -> bool | None:
        """Assert a problem, check it under what it assumes, and forget it."""
        self._solver.push()
        try:
            assumptions = assert_on(self._solver)
            return _answer(self._solver.check(*assumptions))
        except TableTooLargeError:
            raise
        except ImageLimitError:
            return None
        finally:
            self._solver.pop()


def _answer(result: z3.CheckSatResult) -> bool | None:
    return True if result == z3.sat else False if result == z3.unsat else None


def _negation(value: bool | None) -> bool | None:
    return None if value is None else not value


def _every(values: Sequence[bool | None]) -> bool | None:
    """False beats a limit, and a limit beats true."""
    return False if False in values else None if None in values else True


@dataclass
class _Problem:
    """The assertions of one check; `terms` counts them against the limit."""

    context: z3.Context
    terms: int = 0

    def block(self, solver: z3.Solver, block: Block, witness: Mapping[str, int]) -> list[z3.BoolRef]:
        """Assert a block; the answer is what to assume: the selectors of the witness."""
        if block.is_empty:
            solver.add(self._falsehood())
            return []
        selectors = self._select(solver, block.domains)
        for table in block.tables:
            self._constrain(solver, table, selectors, [])
        places = {name: np.flatnonzero(block.domains[name] == index) for name, index in witness.items()}
        return [selectors[name][int(place[0])] if len(place) else self._falsehood() for name, place in places.items()]

    def count(self, solver: z3.Solver, formula: Counted, evaluator: Evaluator, *, lower: bool) -> list[z3.BoolRef]:
        """Assert a count over the entities of its variable, one proposition each, pinned to the facts."""
        if formula.comparator in (Comparator.GE, Comparator.EQ):
            instances = self._instances(solver, formula, "least", evaluator, lower=lower)
            enough = len(instances) >= formula.count
            solver.add(z3.AtLeast(*instances, formula.count) if enough and instances else self._truth(enough))
        if formula.comparator in (Comparator.LE, Comparator.EQ):
            instances = self._instances(solver, formula, "most", evaluator, lower=not lower)
            solver.add(z3.AtMost(*instances, formula.count) if instances else self._truth(formula.count >= 0))
        return []

    def tracked(
        self, solver: z3.Solver, part: Part, clauses: Sequence[int], evaluator: Evaluator
    ) -> dict[int, z3.BoolRef]:
        """Assert some clauses of a part over all real entities, each behind a tracker."""
        used = frozenset[str]().union(*(free_variables(part.clauses[place].formula) for place in clauses))
        domains = {name: evaluator.active for name in part.variables if name in used}
        selectors = self._select(solver, domains)
        trackers = {place: z3.Bool(f"clause!{place}", self.context) for place in clauses}
        for place, tracker in trackers.items():
            table = evaluator.table(part.clauses[place].formula, domains, lower=False)
            self._constrain(solver, table, selectors, [tracker])
        return trackers

    def _instances(
        self, solver: z3.Solver, formula: Counted, name: str, evaluator: Evaluator, *, lower: bool
    ) -> list[z3.BoolRef]:
        variable = formula.variable.name
        conjuncts = conjuncts_of(formula.body)
        block = evaluator.block((variable,), conjuncts, {}, {}, lower=lower)
        if block.is_empty:
            return []
        held = (conjoin(block.tables).bits != 0).any(axis=-1)
        instances = [z3.Bool(f"{name}!{index}", self.context) for index in block.domains[variable]]
        self._spend(len(instances))
        for instance, fact in zip(instances, held, strict=True):
            solver.add(instance if fact else z3.Not(instance))
        return instances

    def _select(self, solver: z3.Solver, domains: Mapping[str, Indices]) -> Selectors:
        selectors: dict[str, list[z3.BoolRef]] = {}
        for name, indices in domains.items():
            selectors[name] = [z3.Bool(f"{name}={index}", self.context) for index in indices]
            self._spend(len(indices))
            solver.add(self._any(selectors[name]))
            if len(indices) > 1:
                solver.add(z3.AtMost(*selectors[name], 1))
        return selectors

    def _constrain(self, solver: z3.Solver, table: Table, selectors: Selectors, guard: list[z3.BoolRef]) -> None:
        """Every choice of all but the last variable leaves the last one its partners only."""
        if not table.names:
            if not table.bits.any():
                solver.add(self._implies(guard, self._falsehood()))
            return
        shape = tuple(len(selectors[name]) for name in table.names)
        held = np.broadcast_to((table.bits != 0).any(axis=-1), shape)
        *first, last = table.names
        for places in np.ndindex(*shape[:-1]):
            row = held[places]
            if row.all():
                continue
            self._spend(int(row.sum()) + 1)
            heads = [selectors[name][place] for name, place in zip(first, places, strict=True)]
            allowed = self._any([selectors[last][int(column)] for column in np.flatnonzero(row)])
            solver.add(self._implies([*guard, *heads], allowed))

    def _any(self, terms: Sequence[z3.BoolRef]) -> z3.BoolRef:
        return z3.Or(*terms) if terms else self._falsehood()

    def _implies(self, heads: Sequence[z3.BoolRef], body: z3.BoolRef) -> z3.BoolRef:
        return z3.Or(*(z3.Not(head) for head in heads), body) if heads else body

    def _truth(self, value: bool) -> z3.BoolRef:
        return z3.BoolVal(value, self.context)

    def _falsehood(self) -> z3.BoolRef:
        return self._truth(False)

    def _spend(self, terms: int) -> None:
        self.terms += terms
        if self.terms > MAX_TERMS:
            raise ImageLimitError(f"one image needs more than {MAX_TERMS:,} terms in Z3")
