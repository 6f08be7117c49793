"""What it would take: for a clause that an assignment breaks, what the image has and what the clause needs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from solvers import quantities
from solvers.evaluate import Evaluator
from solvers.fol.ast import (
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    FunctionTerm,
    Not,
    Quantified,
    Quantifier,
    Quantity,
    Variable,
    conjuncts_of,
)
from solvers.fol.printer import print_term
from solvers.fol.signature import FUNCTIONS
from solvers.relations import Measured
from solvers.tables import conjoin, supported
from solvers.witness import Assignment


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What was found, and what is needed."""

    found: str
    needed: str


def shortfall(formula: Formula, assignment: Assignment, evaluator: Evaluator) -> Shortfall:
    """Why a clause in existential form does not hold under an assignment of its free variables."""
    measured = evaluator.measured
    match formula:
        case Atom(name, (Variable(name=variable),)) if name in evaluator.ontology.by_name:
            return Shortfall(measured.labels[assignment[variable]], name)
        case Not(Atom(name, (Variable(name=variable),))) if name in evaluator.ontology.by_name:
            return Shortfall(measured.labels[assignment[variable]], f"not {name}")
        case Atom("near" | "adjacent" | "far_from") | Not(Atom("near" | "adjacent" | "far_from")):
            return _gap(formula, assignment, measured)
        case Atom(name) | Not(Atom(name)):
            return _relation(formula, name, assignment, measured)
        case Comparison():
            return _comparison(formula, assignment, measured)
        case Counted():
            return _count(formula, assignment, evaluator)
        case Not(Counted() as counted):
            missed = _count(counted, assignment, evaluator)
            return Shortfall(missed.found, f"not {missed.needed}")
        case Not(Quantified() as block):
            return _counterexamples(block, assignment, evaluator)
        case Quantified():
            return Shortfall("no such objects", "some")
        case _:
            return Shortfall("none of the alternatives holds", "one of them")


def _places(atom: Atom, assignment: Assignment) -> list[int]:
    return [assignment[argument.name] for argument in atom.arguments if isinstance(argument, Variable)]


def _gap(literal: Atom | Not, assignment: Assignment, measured: Measured) -> Shortfall:
    atom = literal.body if isinstance(literal, Not) else literal
    if not isinstance(atom, Atom):
        raise TypeError("a gap is between the arguments of an atom")
    first, second = _places(atom, assignment)
    if first == second:
        return Shortfall("one and the same object", "two objects")
    gap = float(measured.shapes.gaps(np.array([first]), np.array([second]))[0, 0])
    settings = measured.settings
    sizes = settings.adjacent_sizes if atom.predicate == "adjacent" else settings.near_sizes
    limit = sizes * float(max(measured.shapes.size[first], measured.shapes.size[second]))
    wants_far = isinstance(literal, Not) is not (atom.predicate == "far_from")
    bound = "more than" if wants_far else "at most"
    return Shortfall(f"a gap of {_pixels(gap, measured)}", f"{bound} {_pixels(limit, measured)}")


def _relation(literal: Formula, name: str, assignment: Assignment, measured: Measured) -> Shortfall:
    negated = isinstance(literal, Not)
    atom = literal.body if isinstance(literal, Not) else literal
    needed = f"not {name}" if negated else name
    if not isinstance(atom, Atom):
        raise TypeError("a relation is an atom")
    places = _places(atom, assignment)
    if len(set(places)) < len(places):
        return Shortfall("one and the same object", "different objects")
    if negated:
        return Shortfall(name, needed)
    centres = measured.shapes.centroid
    if len(places) == 2:
        dx, dy = centres[places[0]] - centres[places[1]]
        across = f"{abs(dx):.0f} px to the {'right' if dx > 0 else 'left'}"
        return Shortfall(f"{across} and {abs(dy):.0f} px {'below' if dy > 0 else 'above'}", needed)
    x, y = centres[places[0]]
    return Shortfall(f"centred at ({x:.0f}, {y:.0f}) px of {measured.scene.width} x {measured.scene.height}", needed)


def _comparison(comparison: Comparison, assignment: Assignment, measured: Measured) -> Shortfall:
    left, comparator, right = comparison.left, comparison.comparator, comparison.right
    if isinstance(left, Variable) and isinstance(right, Variable):
        same = assignment[left.name] == assignment[right.name]
        return Shortfall("one and the same object" if same else "two objects", str(comparator))
    names = tuple(sorted(assignment))
    axes = quantities.axes_of(names, {name: np.array([place]) for name, place in assignment.items()})
    unit = next((side.unit for side in (left, right) if isinstance(side, Quantity)), None)
    functions = [side for side in (left, right) if isinstance(side, FunctionTerm)]
    found = " and ".join(f"{print_term(each)} = {_value(each, unit, axes, measured)}" for each in functions)
    return Shortfall(found, f"{print_term(left)} {comparator} {print_term(right)}")


def _value(term: FunctionTerm, unit: str | None, axes: quantities.Axes, measured: Measured) -> str:
    unit = unit or ("px2" if FUNCTIONS[term.name].dimension == "area" else "px")
    if measured.scene.gsd is None and unit not in ("px", "px2"):
        return "unknown without a ground sample distance"
    value = float(quantities.function_values(term, axes, measured).reshape(-1)[0])
    return f"{quantities.in_unit(value, unit, measured.scene.gsd):,.1f} {unit}"


def _count(formula: Counted, assignment: Assignment, evaluator: Evaluator) -> Shortfall:
    conjuncts = conjuncts_of(formula.body)
    at_most = formula.comparator is Comparator.LE
    block = evaluator.block((formula.variable.name,), conjuncts, _fixed(assignment), {}, lower=not at_most)
    found = 0 if block.is_empty else int(supported(conjoin(block.tables), formula.variable.name).sum())
    words = {Comparator.GE: "at least", Comparator.LE: "at most", Comparator.EQ: "exactly"}
    return Shortfall(str(found), f"{words[formula.comparator]} {formula.count}")


def _counterexamples(block: Quantified, assignment: Assignment, evaluator: Evaluator) -> Shortfall:
    first, *others = block.variables
    body: Formula = Quantified(Quantifier.EXISTS, tuple(others), block.body) if others else block.body
    domains = {**_fixed(assignment), first.name: evaluator.active}
    table = evaluator.table(body, domains, lower=False)
    everyone = np.full(len(evaluator.active), bool(table.bits.any()))
    held = supported(table, first.name) if first.name in table.names else everyone
    entities = evaluator.measured.scene.entities
    against = [entities[int(place)].index for place in evaluator.active[held]]
    shown = ", ".join(f"#{index}" for index in against[:3])
    return Shortfall(f"{len(against)} against it ({first.name} = {shown}{', ...' if len(against) > 3 else ''})", "none")


def _fixed(assignment: Assignment) -> Mapping[str, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    return {name: np.array([place], dtype=np.intp) for name, place in assignment.items()}


def _pixels(value: float, measured: Measured) -> str:
    metres = "" if measured.scene.gsd is None else f" ({value * measured.scene.gsd:,.1f} m)"
    return f"{value:,.1f} px{metres}"
