"""Large counts for Z3: `exists>=40 x. plane(x)` is a proposition, known by what it implies, not forty entities.

    exists>=40 x. p(x) -> exists>=20 x. p(x) -> exists>=8 x. p(x)           of the counts that are named, and of eight
    exists>=40 x. p(x) & (forall x. p(x) -> q(x)) -> exists>=20 x. q(x)     where p and q have no further variables

All of it is true of every scene, so what Z3 refutes with it is refuted; what it does not refute is left open.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise, permutations

import z3

from solvers.fol.ast import (
    Comparator,
    Counted,
    Formula,
    Iff,
    Xor,
    children,
    free_variables,
)

MAX_WRITTEN_OUT = 8
"""Larger counts than this are not written out entity by entity."""
MAX_COMPARED = 4
"""So many bodies of large counts are compared with each other."""

Bound = Mapping[str, z3.ExprRef]


def encoded_weight(formula: Formula) -> int:
    """How many literals a formula has with its counts written out, found without writing them."""
    weight = sum(map(encoded_weight, children(formula))) or 1
    match formula:
        case Counted(comparator, count):
            copies = min(count + (comparator is Comparator.LE), MAX_WRITTEN_OUT) or 1
            return weight * copies * (2 if comparator is Comparator.EQ else 1)
        case Iff() | Xor():
            return 2 * weight
        case _:
            return weight


@dataclass
class _Body:
    """What a large count counts: a formula of the entity `here` and of some further ones, with all its counts."""

    number: int
    formula: z3.BoolRef
    further: list[z3.ExprRef]
    counts: set[int] = field(default_factory=set)


@dataclass
class LargeCounts:
    """The large counts of one theory."""

    context: z3.Context
    entity: z3.SortRef
    _bodies: dict[int, _Body] = field(default_factory=dict)

    def at_least(
        self, counted: Counted, least: int, bound: Bound, body: Callable[[z3.ExprRef, Bound], z3.BoolRef]
    ) -> z3.BoolRef:
        """That at least so many entities satisfy the body; equal bodies, whatever their variables, count the same."""
        names = [name for name in bound if name in free_variables(counted)]
        further = [z3.Const(f"further{number}", self.entity) for number in range(len(names))]
        formula = body(self._here, dict(zip(names, further, strict=True)))
        same = self._bodies.setdefault(formula.get_id(), _Body(len(self._bodies), formula, further))
        same.counts.add(least)
        return self._proposition(same, least, [bound[name] for name in names])

    def facts(self) -> Iterator[z3.BoolRef]:
        """What every scene satisfies of the large counts that were named."""
        for body in self._bodies.values():
            ordered = sorted(body.counts)
            for fewer, more in pairwise(ordered):
                yield self._always(body, z3.Implies(self._holds(body, more), self._holds(body, fewer)))
            some = [z3.Const(f"some{number}", self.entity) for number in range(MAX_WRITTEN_OUT)]
            satisfied = [z3.substitute(body.formula, (self._here, each)) for each in some]
            enough = z3.Exists(some, z3.And(*satisfied, z3.Distinct(*some)))
            yield self._always(body, z3.Implies(self._holds(body, ordered[0]), enough))
        closed = [body for body in self._bodies.values() if not body.further]
        for one, other in permutations(closed[:MAX_COMPARED], 2):
            exception = z3.Exists([self._here], z3.And(one.formula, z3.Not(other.formula)))
            for more in one.counts:
                for fewer in (each for each in other.counts if each <= more):
                    yield z3.Or(exception, z3.Implies(self._holds(one, more), self._holds(other, fewer)))

    @property
    def _here(self) -> z3.ExprRef:
        return z3.Const("here", self.entity)

    def _holds(self, body: _Body, least: int) -> z3.BoolRef:
        return self._proposition(body, least, body.further)

    def _always(self, body: _Body, fact: z3.BoolRef) -> z3.BoolRef:
        return z3.ForAll(body.further, fact) if body.further else fact

    def _proposition(self, body: _Body, least: int, places: list[z3.ExprRef]) -> z3.BoolRef:
        name = f"count {body.number} at least {least}"
        if not places:
            return z3.Bool(name, self.context)
        return z3.Function(name, *([self.entity] * len(places)), z3.BoolSort(self.context))(*places)
