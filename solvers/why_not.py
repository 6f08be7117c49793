"""Why an image is not there: the smallest set of clauses that fails, certified by Z3's core."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice

from solvers.errors import LimitError
from solvers.evaluate import Evaluator
from solvers.fol.ast import And, Formula, Quantified, Quantifier, Variable, free_variables
from solvers.judge import ImageJudge
from solvers.plan import Part
from solvers.verdict import Verdict
from solvers.z3_backend import Z3Backend

MAX_SETS = 400


@dataclass(frozen=True, slots=True)
class Failure:
    """One clause of the failing set, and its part."""

    part: str
    clause: str


def why_not(judge: ImageJudge, backend: Z3Backend) -> tuple[Failure, ...]:
    """The smallest set of clauses that no assignment satisfies, of the first part that has one; empty unless unsat."""
    failing = [each.part for each in judge.judgement.parts if each.verdict is Verdict.UNSAT]
    found = [(part, _smallest(part, judge.certain, backend)) for part in failing]
    if not found:
        return ()
    part, places = min(found, key=lambda each: len(each[1]))
    return tuple(Failure(part.id, part.clauses[place].text) for place in places)


def _smallest(part: Part, evaluator: Evaluator, backend: Z3Backend) -> tuple[int, ...]:
    everything = tuple(range(len(part.clauses)))
    if not part.variables:
        return everything
    for places in islice(_linked_sets(part), MAX_SETS):
        if not _can_hold(part, places, evaluator):
            return _certified(part, places, evaluator, backend)
    return _certified(part, everything, evaluator, backend)


def _certified(part: Part, places: tuple[int, ...], evaluator: Evaluator, backend: Z3Backend) -> tuple[int, ...]:
    """Z3's core of the set; the set itself where Z3 reaches a limit."""
    try:
        return backend.failing_clauses(part, places, evaluator) or places
    except LimitError:
        return places


def _linked_sets(part: Part) -> Iterator[tuple[int, ...]]:
    """Sets of clauses by size; only such as hang together by their variables, since others fail only if a part does."""
    names = [free_variables(clause.formula) for clause in part.clauses]
    for size in range(1, len(names) + 1):
        for places in combinations(range(len(names)), size):
            if _hang_together([names[place] for place in places]):
                yield places


def _hang_together(names: list[frozenset[str]]) -> bool:
    reached, waiting = names[0], names[1:]
    while waiting:
        touching = [each for each in waiting if each & reached]
        if not touching:
            return False
        reached = reached.union(*touching)
        waiting = [each for each in waiting if not each & reached]
    return True


def _can_hold(part: Part, places: tuple[int, ...], evaluator: Evaluator) -> bool:
    formulas = tuple(part.clauses[place].formula for place in places)
    used = frozenset[str]().union(*map(free_variables, formulas))
    variables = tuple(Variable(name) for name in part.variables if name in used)
    body: Formula = formulas[0] if len(formulas) == 1 else And(formulas)
    try:
        return bool(evaluator.truth(Quantified(Quantifier.EXISTS, variables, body), lower=False).any())
    except LimitError:
        return True
