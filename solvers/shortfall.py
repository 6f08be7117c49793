"""What it would take: for a clause that an assignment breaks, what the image has and what the clause needs.

What is quantified within a clause is explained by the objects that come nearest: for a count the ones that were found
and the next one, for a missing partner the best candidate, for a universal the first one against it.
"""

from collections.abc import Mapping

import numpy as np

from solvers.clause_system import ClauseSystem
from solvers.evaluate import Evaluator
from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    Not,
    Or,
    Quantified,
    Variable,
    conjuncts_of,
    free_variables,
)
from solvers.fol.passes.negation_normal_form import negation_normal_form
from solvers.geometry import Indices
from solvers.nearest import nearest_choice
from solvers.shortfall_literals import Shortfall, named, of_literal
from solvers.tables import conjoin, supported
from solvers.witness import Assignment, holds

SHOWN = 5
"""So many objects are named; of more there is the number."""


def shortfall(formula: Formula, assignment: Assignment, evaluator: Evaluator) -> Shortfall:
    """Why a clause in existential form does not hold under an assignment of its free variables."""
    match formula:
        case Atom() | Comparison():
            return of_literal(formula, assignment, evaluator.measured, evaluator.ontology, negated=False)
        case Not(Atom() | Comparison() as literal):
            return of_literal(literal, assignment, evaluator.measured, evaluator.ontology, negated=True)
        case Counted():
            return _count(formula, assignment, evaluator)
        case Not(Counted() as counted):
            missed = _count(counted, assignment, evaluator)
            return Shortfall(missed.found, f"not {missed.needed}", missed.entities)
        case Not(Quantified() as block):
            return _counterexamples(block, assignment, evaluator)
        case Quantified():
            return _missing(formula, assignment, evaluator)
        case And(parts):
            failing = [part for part in parts if not holds(evaluator, part, assignment, lower=True)]
            return shortfall(failing[0] if failing else parts[0], assignment, evaluator)
        case Or(parts):
            return _alternatives([shortfall(part, assignment, evaluator) for part in parts[:SHOWN]])
        case _:
            return Shortfall("the opposite", "as it is written")


def _alternatives(missed: list[Shortfall]) -> Shortfall:
    found = "; ".join(map(_within, missed))
    return Shortfall(f"none of the alternatives: {found}", "one of them", sum((each.entities for each in missed), ()))


def _count(formula: Counted, assignment: Assignment, evaluator: Evaluator) -> Shortfall:
    name, conjuncts = formula.variable.name, conjuncts_of(formula.body)
    at_most = formula.comparator is Comparator.LE
    block = evaluator.block((name,), conjuncts, _fixed(assignment), {}, lower=not at_most)
    counted: list[int] = []
    if not block.is_empty:
        counted = block.domains[name][supported(conjoin(block.tables), name)].tolist()
    words = {Comparator.GE: "at least", Comparator.LE: "at most", Comparator.EQ: "exactly"}
    found, others = f"{len(counted)}{_listed(counted, evaluator)}", tuple(counted)
    if len(counted) < formula.count and (next_one := _next_one(formula, counted, assignment, evaluator)) is not None:
        place, lacking = next_one
        found += f"; the next: {_of(named(place, evaluator.measured), lacking)}"
        others += (place, *lacking.entities)
    return Shortfall(found, f"{words[formula.comparator]} {formula.count}", tuple(dict.fromkeys(others)))


def _next_one(
    formula: Counted, counted: list[int], assignment: Assignment, evaluator: Evaluator
) -> tuple[int, Shortfall] | None:
    """Of the entities of the class that is counted, but were not, the one that satisfies most, and what it lacks."""
    name, conjuncts = formula.variable.name, conjuncts_of(formula.body)
    classes = [each for each in conjuncts if _is_class(each, evaluator)]
    if not classes or len(classes) == len(conjuncts):
        return None
    held = [_held_by(name, each, evaluator.active, assignment, evaluator) for each in conjuncts]
    others = ~np.isin(evaluator.active, counted)
    for each, truth in zip(conjuncts, held, strict=True):
        if each in classes:
            others &= truth
    if not others.any():
        return None
    place = int(evaluator.active[np.argmax(np.where(others, np.sum(held, axis=0), -1))])
    return place, _first_lacking(conjuncts, {**assignment, name: place}, evaluator)


def _held_by(
    name: str, formula: Formula, entities: Indices, assignment: Assignment, evaluator: Evaluator
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    table = evaluator.table(formula, {**_fixed(assignment), name: entities}, lower=True)
    if name not in table.names:
        return np.full(len(entities), bool(table.bits.any()))
    return supported(table, name)


def _first_lacking(conjuncts: tuple[Formula, ...], assignment: Assignment, evaluator: Evaluator) -> Shortfall:
    lacking = (each for each in conjuncts if not holds(evaluator, each, assignment, lower=True))
    return shortfall(next(lacking, conjuncts[0]), assignment, evaluator)


def _missing(block: Quantified, assignment: Assignment, evaluator: Evaluator) -> Shortfall:
    """What the choice of a block that comes nearest lacks; a class that is not there at all says it all."""
    if len(evaluator.active) == 0:
        return Shortfall("no objects", "some")
    names, conjuncts = tuple(variable.name for variable in block.variables), conjuncts_of(block.body)
    system = ClauseSystem(evaluator, names, conjuncts, lower=True, bound=assignment)
    for each in conjuncts:
        name = next(iter(free_variables(each)), "")
        if not (isinstance(each, Atom) and name in names and _is_class(each, evaluator)):
            continue
        if not _held_by(name, each, evaluator.active, {}, evaluator).any():
            return Shortfall(f"no {each.predicate}", "some")
    choice = nearest_choice(system).assignment
    if choice is None:
        return Shortfall("no such objects", "some")
    lacking = _first_lacking(conjuncts, {**assignment, **choice}, evaluator)
    chosen = ", ".join(f"{name} = {named(place, evaluator.measured)}" for name, place in choice.items())
    entities = tuple(dict.fromkeys((*choice.values(), *lacking.entities)))
    return Shortfall(f"the nearest is {chosen}: {lacking.found}", lacking.needed, entities)


def _counterexamples(block: Quantified, assignment: Assignment, evaluator: Evaluator) -> Shortfall:
    names, conjuncts = tuple(variable.name for variable in block.variables), conjuncts_of(block.body)
    system = ClauseSystem(evaluator, names, conjuncts, lower=False, bound=assignment)
    everything = frozenset(range(len(conjuncts)))
    first = next(system.choices(everything), None)
    if first is None:
        return Shortfall("not all of it known", "none against it")
    taken, is_all = system.takers(everything, names[:1])
    against = taken[names[0]]
    found = f"{'' if is_all else 'at least '}{len(against)} against it{_listed(against, evaluator, names[0])}"
    entities = tuple(dict.fromkeys((*against, *first.values())))
    telling = sorted((each for each in conjuncts if not _is_class(each, evaluator)), key=_says_little)
    if telling:
        lacking = shortfall(_opposite(telling[0]), {**assignment, **first}, evaluator)
        chosen = ", ".join(f"{name} = {named(place, evaluator.measured)}" for name, place in first.items())
        found += f"; for {_of(chosen, lacking)}"
        entities = tuple(dict.fromkeys((*entities, *lacking.entities)))
    return Shortfall(found, "none against it", entities)


def _says_little(formula: Formula) -> int:
    """What speaks against a universal best comes first: a missing partner, then what can be measured."""
    match formula:
        case Not(Quantified() | Counted()):
            return 0
        case Comparison(Variable(), _, Variable()):
            return 2
        case _:
            return 1


def _within(missed: Shortfall) -> str:
    return f"{missed.found}, where {missed.needed} is needed"


def _of(chosen: str, missed: Shortfall) -> str:
    """What some objects lack; they are not named twice."""
    return _within(missed) if chosen in missed.found else f"{chosen}: {_within(missed)}"


def _opposite(formula: Formula) -> Formula:
    match formula:
        case Not(body):
            return body
        case Comparison():
            return negation_normal_form(formula, negated=True)
        case _:
            return Not(formula)


def _is_class(formula: Formula, evaluator: Evaluator) -> bool:
    return isinstance(formula, Atom) and formula.predicate in evaluator.ontology.by_name


def _listed(places: list[int], evaluator: Evaluator, name: str | None = None) -> str:
    """The first of some entities in brackets, by their indices in the source."""
    if not places:
        return ""
    entities = evaluator.measured.scene.entities
    shown = ", ".join(f"#{entities[place].index}" for place in places[:SHOWN])
    head = "" if name is None else f"{name} = "
    return f" ({head}{shown}{', ...' if len(places) > SHOWN else ''})"


def _fixed(assignment: Assignment) -> Mapping[str, Indices]:
    return {name: np.array([place], dtype=np.intp) for name, place in assignment.items()}
