"""`left_of(x, y) & x != y` -> `left_of(x, y)`: inequalities that other conjuncts entail are not looked at.

A relation that is irreflexive keeps its arguments apart; a chain of one strict order keeps its ends apart. Only the
formula that is evaluated loses them: the clauses that explain an image stay as they were written.
"""

from collections.abc import Iterable
from itertools import combinations

from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Formula,
    Variable,
    children,
    conjunction,
    rebuild,
)
from solvers.fol.signature import INVERSES, ORDERS, RELATIONS


def drop_entailed(formula: Formula) -> Formula:
    """Drop from every conjunction the inequalities that the rest of it entails; duplicates go as well."""
    inner = rebuild(formula, tuple(map(drop_entailed, children(formula))))
    if not isinstance(inner, And):
        return inner
    parts = tuple(dict.fromkeys(inner.parts))
    apart = _kept_apart(parts)
    kept = tuple(part for part in parts if _unequal(part) not in apart)
    return conjunction(kept or parts[:1], inner.span)


def _unequal(part: Formula) -> frozenset[str] | None:
    match part:
        case Comparison(Variable(name=left), Comparator.NE, Variable(name=right)) if left != right:
            return frozenset((left, right))
        case _:
            return None


def _kept_apart(parts: Iterable[Formula]) -> set[frozenset[str]]:
    """The pairs of variables that the relations among the conjuncts keep apart."""
    apart: set[frozenset[str]] = set()
    after: dict[str, dict[str, set[str]]] = {}
    for part in parts:
        if not isinstance(part, Atom) or part.predicate not in RELATIONS or not RELATIONS[part.predicate].irreflexive:
            continue
        names = [argument.name for argument in part.arguments if isinstance(argument, Variable)]
        apart.update(frozenset(pair) for pair in combinations(names, 2) if pair[0] != pair[1])
        order = INVERSES.get(part.predicate, part.predicate)
        if order in ORDERS:
            first, second = names if order == part.predicate else reversed(names)
            after.setdefault(order, {}).setdefault(first, set()).add(second)
    for steps in after.values():
        for start in steps:
            apart.update(frozenset((start, end)) for end in _reached(start, steps) if end != start)
    return apart


def _reached(start: str, steps: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for each in steps.get(waiting.pop(), set()) - reached:
            reached.add(each)
            waiting.append(each)
    return reached
