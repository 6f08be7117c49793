"""Why an image is not there: the smallest set of clauses that fails, certified by Z3's core."""

from dataclasses import dataclass

from solvers.clause_sets import ClauseSet, smallest_failing
from solvers.evaluate import Evaluator
from solvers.judge import ImageJudge
from solvers.limits import ImageLimitError
from solvers.nearest import block_of
from solvers.plan import Part
from solvers.verdict import Verdict
from solvers.z3_backend import Z3Backend


@dataclass(frozen=True, slots=True)
class Failure:
    """One clause of the failing set, and its part."""

    part: str
    clause: str


def why_not(judge: ImageJudge, backend: Z3Backend) -> tuple[Failure, ...]:
    """The smallest set of clauses that no assignment satisfies, of the first part that has one; empty unless unsat."""
    failing = [each.part for each in judge.judgement.parts if each.verdict is Verdict.UNSAT]
    found = [(part, _smallest(part, judge.quick, backend)) for part in failing]
    if not found:
        return ()
    part, places = min(found, key=lambda each: len(each[1]))
    return tuple(Failure(part.id, part.clauses[place].text) for place in places)


def _smallest(part: Part, evaluator: Evaluator, backend: Z3Backend) -> tuple[int, ...]:
    if not part.variables:
        return (0,)
    if len(evaluator.active) == 0:
        return (0,)  # nothing holds of nothing
    places = tuple(sorted(smallest_failing(len(part.clauses), lambda each: _can_hold(part, each, evaluator))))
    try:
        return backend.failing_clauses(part, places, evaluator) or places
    except ImageLimitError:
        return places


def _can_hold(part: Part, clauses: ClauseSet, evaluator: Evaluator) -> bool:
    """Whether some assignment may satisfy some clauses, unknown literals taken as true."""
    return bool(evaluator.truth(block_of(part, clauses), lower=False).any())
