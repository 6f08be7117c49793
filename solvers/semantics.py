"""What Z3 can say of a formula before any scene: that none can satisfy it, or that every one does.

Most formulas are judged in milliseconds where they are asked. For what is large, or still open after that, a scene is
looked for that settles it; then Z3 is given more patience in a process of its own, behind a hard stop. Limits are
counts that repeat; a clock is the last resort.
"""

from dataclasses import dataclass

import z3

from solvers.axioms import axioms_for
from solvers.conflict import Conflict, find_conflict
from solvers.fol.ast import (
    And,
    Comparator,
    Comparison,
    Counted,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Quantified,
    Quantifier,
    Variable,
    Xor,
)
from solvers.fol.cost import normal_form_size
from solvers.fol.diagnostics import Code, Diagnostic, Severity
from solvers.fol.passes.expand_groups import expand_groups
from solvers.hard_stop import HardStopError, run_with_hard_stop
from solvers.ontology import Ontology
from solvers.telling_scene import find_telling_scene
from solvers.theory import NotEncodedError, Theory, lacks_of
from solvers.z3_limits import PATIENT, QUICK, Z3Limits

MAX_HERE = 400
"""Formulas whose normal form has more nodes are judged behind the hard stop only."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What Z3 found; where it is not `decided`, Z3 reached a limit and nothing is said."""

    warnings: tuple[Diagnostic, ...] = ()
    decided: bool = True


def judge_formula(formula: Formula, ontology: Ontology, text: str | None = None) -> tuple[Diagnostic, ...]:
    """The warnings of a canonical formula that only Z3 can give: unsatisfiable with the conflicting parts, tautology.

    `text` is what the formula was read from; conflicting parts are quoted from it. Nothing is said where Z3 reaches
    its limits.
    """
    if normal_form_size(formula) <= MAX_HERE:
        assessment = assess(formula, ontology, QUICK, text)
    else:
        assessment = _assess_outside(formula, ontology, QUICK, text)
    if not assessment.decided and not _some_scene_differs(formula, ontology):
        assessment = _assess_outside(formula, ontology, PATIENT, text)
    return assessment.warnings


def _assess_outside(formula: Formula, ontology: Ontology, limits: Z3Limits, text: str | None) -> Assessment:
    """The same in a process of its own that is stopped when it overruns."""
    try:
        return run_with_hard_stop(limits.seconds, assess, formula, ontology, limits, text)
    except HardStopError:
        return Assessment(decided=False)


def assess(formula: Formula, ontology: Ontology, limits: Z3Limits, text: str | None = None) -> Assessment:
    """The same within given limits, in this process."""
    try:
        if holds_in_empty_scene(formula):  # so some scene satisfies it; and where it does not, it is no tautology
            return _assess_tautology(formula, ontology, limits)
        conflict = find_conflict(formula, ontology, limits, text)
    except (NotEncodedError, z3.Z3Exception):
        return Assessment(decided=False)
    if not conflict:
        return Assessment(decided=conflict.decided)
    return Assessment((_warning(Code.UNSATISFIABLE, conflict.span, _conflict_message(conflict)),))


def _some_scene_differs(formula: Formula, ontology: Ontology) -> bool:
    """Whether a scene is found that does what the empty one does not: satisfies the formula, or fails it."""
    x = Variable("x")
    comparator = Comparator.EQ if holds_in_empty_scene(formula) else Comparator.NE
    quantifier = Quantifier.FORALL if holds_in_empty_scene(formula) else Quantifier.EXISTS
    constant = Quantified(quantifier, (x,), Comparison(x, comparator, x))
    return find_telling_scene(formula, constant, ontology, lacks_of(formula)) is not None


def holds_in_empty_scene(formula: Formula) -> bool:
    """Whether a closed formula is true where there are no entities: every exists is false, every forall true."""
    match formula:
        case Quantified(quantifier):
            return quantifier is Quantifier.FORALL
        case Counted(comparator, count):
            return count == 0 or comparator is Comparator.LE
        case Not(body):
            return not holds_in_empty_scene(body)
        case And(parts):
            return all(map(holds_in_empty_scene, parts))
        case Or(parts):
            return any(map(holds_in_empty_scene, parts))
        case Implies(left, right):
            return not holds_in_empty_scene(left) or holds_in_empty_scene(right)
        case Iff(left, right):
            return holds_in_empty_scene(left) is holds_in_empty_scene(right)
        case Xor(left, right):
            return holds_in_empty_scene(left) is not holds_in_empty_scene(right)
        case _:
            raise TypeError(f"{type(formula).__name__} is not closed")


def _assess_tautology(formula: Formula, ontology: Ontology, limits: Z3Limits) -> Assessment:
    """What holds with every literal unknown that may be, at the lower setting, holds with all of their values."""
    theory = Theory(ontology)
    solver = limits.solver(theory.context)
    expanded = expand_groups(formula)
    solver.add(z3.Not(theory.encode(expanded, {}, lower=True, lacking=lacks_of(formula))))
    solver.add(*(axiom.formula for axiom in axioms_for((expanded,), theory)), *theory.large_counts.facts())
    outcome = solver.check()
    if outcome != z3.unsat:
        return Assessment(decided=bool(outcome == z3.sat))
    message = "every scene satisfies the formula, so it tells no image from another"
    return Assessment((_warning(Code.TAUTOLOGY, formula.span, message),))


def _warning(code: Code, span: tuple[int, int], message: str) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, *span, message)


def _conflict_message(conflict: Conflict) -> str:
    if len(conflict.words) == 1:
        return f"no scene can satisfy {conflict.words[0]}"
    return f"no scene can satisfy all of these at once: {'; '.join(conflict.words)}"
