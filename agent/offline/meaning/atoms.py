"""The smallest formulas: classes, relations, distinctness and measurements of entities."""

from itertools import combinations, pairwise

from agent.offline.meaning.boxes import Box, Entity, Subject
from agent.offline.syntax import Bound, Grouping, Pattern
from solvers.fol.ast import (
    Atom,
    Comparator,
    Comparison,
    Formula,
    FunctionTerm,
    Quantity,
    conjunction,
    disjunction,
)


def relation(name: str, *entities: Entity) -> Formula:
    """`name(x, y, ...)`."""
    return Atom(name, tuple(entity.variable for entity in entities))


def distinct(first: Entity, second: Entity) -> Formula:
    """`x != y`, the one that came up first on the left."""
    one, other = sorted((first, second), key=lambda entity: entity.number)
    return Comparison(one.variable, Comparator.NE, other.variable)


def may_coincide(first: Entity, second: Entity) -> bool:
    """Whether the classes of two entities let them be one."""
    return not first.leaves.isdisjoint(second.leaves)


def add_class(entity: Entity, box: Box) -> None:
    """That the entity is of one of its classes; nothing for any object."""
    if None not in entity.classes:
        box.add(disjunction(tuple(relation(name, entity) for name in entity.classes if name is not None)))


def within_bounds(function: str, bounds: tuple[Bound, ...], *entities: Entity) -> Formula:
    """A function of entities inside bounds."""
    term = FunctionTerm(function, tuple(entity.variable for entity in entities))
    return conjunction(
        tuple(Comparison(term, Comparator(each.comparator), Quantity(each.value, each.unit)) for each in bounds)
    )


def compared(function: str, comparator: str, left: Subject, right: Subject) -> Formula:
    """The same function of two tuples of entities, compared."""
    terms = [FunctionTerm(function, tuple(entity.variable for entity in each)) for each in (left, right)]
    return Comparison(terms[0], Comparator(comparator), terms[1])


def ordered(grouping: Grouping, members: Subject) -> Formula:
    """That the members stand in a group, which has two or more."""
    pairs: list[tuple[Entity, Entity]] = []
    match grouping.pattern:
        case Pattern.APART:
            pass
        case Pattern.TOGETHER:
            return relation(grouping.relation, *members)
        case Pattern.CHAIN:
            pairs = list(pairwise(members))
        case Pattern.PAIRWISE:
            pairs = list(combinations(members, 2))
    if grouping.bounds:
        return conjunction(tuple(within_bounds("distance", grouping.bounds, *pair) for pair in pairs))
    return conjunction(tuple(relation(grouping.relation, *pair) for pair in pairs))
