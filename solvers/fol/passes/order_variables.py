"""`exists x y. near(x, y) & ship(y)` -> `exists y x. near(x, y) & ship(y)`: the order in which to bind a block.

The variable whose own literals leave fewest entities comes first; then always one that a conjunct connects to those
that are bound, the one that is left with fewest; where nothing connects, the next selective one. An inequality leaves
nearly all and connects nothing. Ties keep the order of the text. The order of the variables of one block changes no
value, and no variable changes its name.

How much a literal leaves is a rough share, known without any image: it only orders, and never decides.
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from solvers.fol.ast import (
    Atom,
    Comparator,
    Comparison,
    Formula,
    Not,
    Quantified,
    Quantifier,
    Variable,
    children,
    conjuncts_of,
    free_variables,
    rebuild,
)
from solvers.fol.signature import ORDERS, RELATIONS

_CLASS, _REGION, _MEASURE, _NESTED, _RELATION = 0.1, 0.3, 0.5, 0.5, 0.25

_SHARES: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(("overlaps", "inside", "contains", "on", "adjacent"), 0.02),
        **dict.fromkeys(("near", "collinear", "between", "aligned"), 0.1),
        **dict.fromkeys(("far_from",), 0.9),
        **dict.fromkeys(ORDERS, _RELATION),
        **dict.fromkeys(("larger_than", "smaller_than"), 0.5),
    }
)
"""The share of the pairs that a relation is taken to leave; other relations leave `_RELATION`."""


def order_variables(formula: Formula) -> Formula:
    """Put the variables of every existential block of a formula in existential form into the order to bind them."""
    inner = rebuild(formula, tuple(map(order_variables, children(formula))))
    match inner:
        case Quantified(Quantifier.EXISTS, variables, body, span) if len(variables) > 1:
            return Quantified(Quantifier.EXISTS, binding_order(variables, conjuncts_of(body)), body, span)
        case _:
            return inner


def binding_order(variables: Sequence[Variable], conjuncts: Sequence[Formula]) -> tuple[Variable, ...]:
    """The variables of a block in the order to bind them, given the conjuncts under it."""
    names = {variable.name for variable in variables}
    left = [(free_variables(conjunct) & names, math.log(share(conjunct))) for conjunct in conjuncts]
    waiting = list(dict.fromkeys(variables))
    ordered: list[Variable] = []
    bound: set[str] = set()
    while waiting:
        ranks = [_rank(variable.name, left, bound) for variable in waiting]
        chosen = waiting.pop(ranks.index(min(ranks)))
        ordered.append(chosen)
        bound.add(chosen.name)
    return tuple(ordered)


def _rank(name: str, conjuncts: Sequence[tuple[frozenset[str], float]], bound: set[str]) -> tuple[bool, float]:
    """Whether nothing connects a variable to the bound ones, and the logarithm of the share that it is left with."""
    connected, left = False, 0.0
    for names, logarithm in conjuncts:
        if name in names:
            connected = connected or (logarithm < 0.0 and not names.isdisjoint(bound))
            if names <= bound | {name}:
                left += logarithm
    return not connected, left


def share(conjunct: Formula) -> float:
    """The share of entities, pairs or triples that a conjunct is taken to leave, in (0, 1]."""
    match conjunct:
        case Atom(name) if name in RELATIONS:
            return _SHARES.get(name, _REGION if RELATIONS[name].arity == 1 else _RELATION)
        case Atom():
            return _CLASS
        case Comparison(Variable(), Comparator.EQ):
            return 0.01
        case Comparison(Variable()):
            return 1.0
        case Comparison(_, Comparator.EQ):
            return 0.05
        case Comparison(_, Comparator.NE):
            return 0.95
        case Comparison():
            return _MEASURE
        case Not(Atom() as atom):
            return 1.0 - share(atom)
        case _:
            return _NESTED
