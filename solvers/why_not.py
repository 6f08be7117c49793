"""Why an image is not there: the smallest set of clauses that fails, certified by Z3's core."""

from dataclasses import dataclass

from solvers.clause_sets import smallest_failing
from solvers.evaluate import Evaluator
from solvers.failing_block import failing_block
from solvers.judge import DisagreementError, ImageJudge
from solvers.limits import ImageLimitError
from solvers.nearest import system_of
from solvers.plan import Part
from solvers.verdict import Verdict
from solvers.z3_backend import Z3Backend


@dataclass(frozen=True, slots=True)
class Failure:
    """One clause of the failing set, and its part."""

    part: str
    clause: str


def why_not(judge: ImageJudge, backend: Z3Backend) -> tuple[Failure, ...]:
    """The smallest set of clauses that no assignment satisfies, of the first part that has one; empty unless unsat.

    Raises DisagreementError where Z3 finds an assignment.
    """
    found: tuple[Part, tuple[int, ...]] | None = None
    for part in (each.part for each in judge.judgement.parts if each.verdict is Verdict.UNSAT):
        places = _smallest(part, judge, backend)
        if found is None or len(places) < len(found[1]):
            found = part, places
        if len(places) == 1:
            break
    if found is None:
        return ()
    part, places = found
    return tuple(Failure(part.id, part.clauses[place].text) for place in places)


def _smallest(part: Part, judge: ImageJudge, backend: Z3Backend) -> tuple[int, ...]:
    evaluator = judge.quick
    if not part.variables or len(evaluator.active) == 0:  # its own only clause; or nothing holds of nothing
        return (0,)
    return _certified(part, evaluator, backend, judge.scene.image_id)


def _certified(part: Part, evaluator: Evaluator, backend: Z3Backend, image_id: str) -> tuple[int, ...]:
    """A smallest failing set of a part's clauses, by place, as far as Z3 needs it; past a limit what it would be."""
    system = system_of(evaluator, part, lower=False)
    # what speaks of one entity is cheap to see, and says more than a relation
    order = sorted(range(len(part.clauses)), key=lambda place: len(system.scopes[place]))
    failing = smallest_failing(len(order), lambda each: system.can_hold(frozenset(order[number] for number in each)))
    places = tuple(sorted(order[number] for number in failing))
    try:
        core = backend.core(failing_block(system, places))
    except ImageLimitError:
        return places
    if core is None:
        return places
    if not core:
        raise DisagreementError(f"image {image_id}: of {part.text} Z3 satisfies clauses that are said to fail")
    return tuple(places[edge] for edge in core)
