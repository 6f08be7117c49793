"""What it would take for a literal: what the image has, measured, and what the literal needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from solvers import quantities
from solvers.fol.ast import Atom, Comparison, FunctionTerm, Quantity, Variable
from solvers.fol.printer import print_term
from solvers.fol.signature import FUNCTIONS
from solvers.ontology import Ontology
from solvers.relations import Measured

Assignment = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What was found, and what is needed; `entities` are further places in the scene that `found` speaks of."""

    found: str
    needed: str
    entities: tuple[int, ...] = ()


def of_literal(
    literal: Atom | Comparison, assignment: Assignment, measured: Measured, ontology: Ontology, *, negated: bool
) -> Shortfall:
    """Why a literal, or its negation, does not hold of the places in the scene that its variables are assigned."""
    match literal:
        case Comparison():
            return _comparison(literal, assignment, measured, negated=negated)
        case Atom(name, (Variable(name=variable),)) if name in ontology.by_name:
            return Shortfall(measured.labels[assignment[variable]], f"not {name}" if negated else name)
        case Atom("near" | "adjacent" | "far_from"):
            return _gap(literal, assignment, measured, negated=negated)
        case _:
            return _relation(literal, assignment, measured, negated=negated)


def named(place: int, measured: Measured) -> str:
    """An entity by its class and its index in the source."""
    return f"{measured.labels[place]} #{measured.scene.entities[place].index}"


def pixels(value: float, measured: Measured) -> str:
    """A length in pixels, and in metres where the image has a ground sample distance."""
    metres = "" if measured.scene.gsd is None else f" ({value * measured.scene.gsd:,.1f} m)"
    return f"{value:,.1f} px{metres}"


def _places(atom: Atom, assignment: Assignment) -> Sequence[int]:
    return [assignment[argument.name] for argument in atom.arguments if isinstance(argument, Variable)]


def _gap(atom: Atom, assignment: Assignment, measured: Measured, *, negated: bool) -> Shortfall:
    first, second = _places(atom, assignment)
    if first == second:
        return Shortfall("one and the same object", "two objects")
    gap = float(measured.shapes.gaps(np.array([first]), np.array([second]))[0, 0])
    settings = measured.settings
    sizes = settings.adjacent_sizes if atom.predicate == "adjacent" else settings.near_sizes
    limit = sizes * float(max(measured.shapes.size[first], measured.shapes.size[second]))
    wants_far = negated is not (atom.predicate == "far_from")
    found = f"{named(first, measured)} and {named(second, measured)} with a gap of {pixels(gap, measured)}"
    return Shortfall(found, f"{'more than' if wants_far else 'at most'} {pixels(limit, measured)}")


def _relation(atom: Atom, assignment: Assignment, measured: Measured, *, negated: bool) -> Shortfall:
    places = _places(atom, assignment)
    needed = f"not {atom.predicate}" if negated else atom.predicate
    if len(set(places)) < len(places):
        return Shortfall("one and the same object", "different objects")
    if negated:
        return Shortfall(atom.predicate, needed)
    centres = measured.shapes.centroid
    if atom.predicate in ("parallel", "perpendicular"):
        turn = abs(measured.shapes.axis[places[0]] - measured.shapes.axis[places[1]]) % 180.0
        between = f"{min(turn, 180.0 - turn):.0f} degrees between their axes"
        return Shortfall(f"{named(places[0], measured)} and {named(places[1], measured)} with {between}", needed)
    if len(places) == 2:
        dx, dy = centres[places[0]] - centres[places[1]]
        across = f"{abs(dx):.0f} px to the {'right' if dx > 0 else 'left'}"
        where = f"{across} and {abs(dy):.0f} px {'below' if dy > 0 else 'above'}"
        return Shortfall(f"{named(places[0], measured)} {where} of {named(places[1], measured)}", needed)
    x, y = centres[places[0]]
    at = f"centred at ({x:.0f}, {y:.0f}) px of {measured.scene.width} x {measured.scene.height}"
    return Shortfall(f"{named(places[0], measured)} {at}", needed)


def _comparison(comparison: Comparison, assignment: Assignment, measured: Measured, *, negated: bool) -> Shortfall:
    left, comparator, right = comparison.left, comparison.comparator, comparison.right
    if isinstance(left, Variable) and isinstance(right, Variable):
        same = assignment[left.name] == assignment[right.name]
        return Shortfall("one and the same object" if same else "two objects", "two objects" if same else "one")
    names = tuple(sorted(assignment))
    axes = quantities.axes_of(names, {name: np.array([place]) for name, place in assignment.items()})
    unit = next((side.unit for side in (left, right) if isinstance(side, Quantity)), None)
    functions = [side for side in (left, right) if isinstance(side, FunctionTerm)]
    found = " and ".join(f"{print_term(each)} = {_value(each, unit, axes, measured)}" for each in functions)
    needed = f"{print_term(left)} {comparator} {print_term(right)}"
    return Shortfall(found, f"not {needed}" if negated else needed)


def _value(term: FunctionTerm, unit: str | None, axes: quantities.Axes, measured: Measured) -> str:
    unit = unit or ("px2" if FUNCTIONS[term.name].dimension == "area" else "px")
    if measured.scene.gsd is None and unit not in ("px", "px2"):
        return "unknown without a ground sample distance"
    value = float(quantities.function_values(term, axes, measured).reshape(-1)[0])
    return f"{quantities.in_unit(value, unit, measured.scene.gsd):,.1f} {unit}"
