"""What Z3 can say before any scene: that none can satisfy a formula, that every one does, that two mean the same."""

from enum import StrEnum

import z3

from solvers.fol.ast import And, Formula, Not
from solvers.fol.diagnostics import Code, Diagnostic, Severity
from solvers.fol.passes.expand_groups import expand_groups
from solvers.ontology import Ontology
from solvers.plan import make_plan
from solvers.theory import NotEncodedError, Theory

TIMEOUT_MS = 5_000
RESOURCES = 300_000


class Equivalence(StrEnum):
    """Whether two formulas hold in the same scenes."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def judge_formula(formula: Formula, ontology: Ontology) -> tuple[Diagnostic, ...]:
    """The warnings of a canonical formula that only Z3 can give: unsatisfiable with the conflicting parts, tautology.

    Nothing is said where Z3 reaches its limit.
    """
    try:
        conflict = _conflict(formula, ontology)
        if conflict is not None:
            return (Diagnostic(Code.UNSATISFIABLE, Severity.WARNING, *formula.span, _conflict_message(conflict)),)
        if _refuted((Not(formula),), ontology):
            message = "every scene satisfies the formula, so it tells no image from another"
            return (Diagnostic(Code.TAUTOLOGY, Severity.WARNING, *formula.span, message),)
    except NotEncodedError:
        return ()
    return ()


def equivalent(first: Formula, second: Formula, ontology: Ontology) -> Equivalence:
    """Whether two canonical formulas hold in exactly the same scenes, under the axioms of the relations."""
    if first == second:
        return Equivalence.YES
    try:
        outcomes = [_check(pair, ontology) for pair in ((first, Not(second)), (Not(first), second))]
    except NotEncodedError:
        return Equivalence.UNKNOWN
    if z3.sat in outcomes:
        return Equivalence.NO
    return Equivalence.YES if all(each == z3.unsat for each in outcomes) else Equivalence.UNKNOWN


def _conflict_message(conflict: tuple[str, ...]) -> str:
    if len(conflict) == 1:
        return f"no scene can satisfy {conflict[0]}"
    return f"no scene can satisfy all of these at once: {'; '.join(conflict)}"


def _conflict(formula: Formula, ontology: Ontology) -> tuple[str, ...] | None:
    """The parts that no scene satisfies together, one core of Z3's; None where some scene may."""
    theory = Theory(ontology)
    solver = _solver(theory)
    expanded = expand_groups(formula)
    solver.add(*theory.axioms((expanded,)))
    plan = make_plan(formula, ontology)
    trackers = {part.text: z3.Bool(part.text, theory.context) for part in plan.parts}
    for part in plan.parts:
        solver.add(z3.Implies(trackers[part.text], theory.encode(part.formula, {})))
    if solver.check(*trackers.values()) != z3.unsat:
        return None
    core = {str(each) for each in solver.unsat_core()}
    return tuple(text for text, tracker in trackers.items() if str(tracker) in core) or (plan.text,)


def _refuted(formulas: tuple[Formula, ...], ontology: Ontology) -> bool:
    return bool(_check(formulas, ontology) == z3.unsat)


def _check(formulas: tuple[Formula, ...], ontology: Ontology) -> z3.CheckSatResult:
    theory = Theory(ontology)
    solver = _solver(theory)
    expanded = tuple(map(expand_groups, formulas))
    solver.add(*theory.axioms(expanded))
    solver.add(theory.encode(And(expanded) if len(expanded) > 1 else expanded[0], {}))
    return solver.check()


def _solver(theory: Theory) -> z3.Solver:
    solver = z3.Solver(ctx=theory.context)
    solver.set("timeout", TIMEOUT_MS)
    solver.set("rlimit", RESOURCES)
    # Z3 would take control-C for itself, and leave a handler behind that wakes no waiting thread.
    solver.set("ctrl_c", False)
    return solver
