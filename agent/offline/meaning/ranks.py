"""Superlatives and ordinals: which of its kind an entity is."""

from collections.abc import Callable

from agent.offline.meaning.atoms import add_class, compared, distinct, relation
from agent.offline.meaning.boxes import Box, Entity, Subject
from agent.offline.syntax import Measure, Rank
from solvers.fol.ast import (
    Comparator,
    Counted,
    Formula,
    Implies,
    Not,
    Quantified,
    Quantifier,
    conjunction,
    disjunction,
)


def add_rank(
    rank: Rank, members: Subject, other: Entity, goal: Subject, *, box: Box, restrict: Callable[[Subject, Box], None]
) -> None:
    """That the members are the `rank.ordinal`-th of their kind: of those like them, k - 1 times as many come before.

    The first come strictly before all others. `other` is a fresh entity of the same classes, `restrict` says what the
    others have to be, and `goal` is what a distance is measured to.
    """
    others = Box(box, (other,))
    add_class(other, others)
    if (rank.ordinal == 1 and rank.measure.corner is None) or len(members) > 1:
        for member in members:  # elsewhere coming before another says that they are two
            others.add(distinct(member, other))
    restrict((other,), others)
    earlier = conjunction(tuple(_before(rank.measure, other, member, goal) for member in members))
    later = conjunction(tuple(_before(rank.measure, member, other, goal) for member in members))
    before = (rank.ordinal - 1) * len(members)
    if before:
        body = conjunction((others.formula(), earlier))
        box.add(Counted(Comparator.EQ, before, other.variable, body))
        if len(members) > 1 and rank.measure.corner is None:
            box.add(_all(other, others, disjunction((earlier, later))))
    elif rank.measure.corner is None:
        box.add(_all(other, others, later))
    else:
        nearer = disjunction(tuple(_before(rank.measure, other, member, goal) for member in members))
        box.add(Not(Quantified(Quantifier.EXISTS, (other.variable,), conjunction((others.formula(), nearer)))))


def _all(other: Entity, others: Box, claim: Formula) -> Formula:
    return Quantified(Quantifier.FORALL, (other.variable,), Implies(others.formula(), claim))


def _before(measure: Measure, first: Entity, second: Entity, goal: Subject) -> Formula:
    """That one entity comes before another."""
    if measure.relation is not None:
        return relation(measure.relation, first, second)
    if measure.corner is not None:
        return relation(measure.corner, first, second)
    comparator = "<" if measure.least_first else ">"
    return compared(measure.function or "", comparator, (first, *goal), (second, *goal))
