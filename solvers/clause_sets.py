"""Which of some clauses can hold together: a largest set that can, and a smallest set that cannot.

Both by hitting sets, with an oracle that says whether a set of clauses can hold; adding a clause never makes a set hold
that did not. A set that can hold leaves out a clause of every failing set (core); a set that fails has a clause beyond
every largest set that can hold.
"""

from collections.abc import Callable, Iterable
from itertools import combinations

ClauseSet = frozenset[int]
Oracle = Callable[[ClauseSet], bool]


def largest_satisfiable(count: int, can_hold: Oracle) -> ClauseSet:
    """A largest set of the clauses 0 to `count` - 1 that can hold; of equals one that leaves out the latest clauses."""
    everything = frozenset(range(count))
    ask = _remembered(can_hold)
    cores = [frozenset({place}) for place in range(count) if not ask(frozenset({place}))]
    while True:
        kept = everything - _smallest_hitting_set(cores, range(count - 1, -1, -1))
        if ask(kept):
            return kept
        cores.append(_shrunk(kept, ask))


def smallest_failing(count: int, can_hold: Oracle) -> ClauseSet:
    """A smallest set of the clauses 0 to `count` - 1 that cannot hold; all of them together must not."""
    everything = frozenset(range(count))
    ask = _remembered(can_hold)
    for place in range(count):  # the usual case, and the cheapest to see
        if not ask(frozenset({place})):
            return frozenset({place})
    corrections: list[ClauseSet] = []
    while True:
        candidate = _smallest_hitting_set(corrections, range(count))
        if not ask(candidate):
            return candidate
        corrections.append(everything - _grown(candidate, everything, ask))


def _remembered(can_hold: Oracle) -> Oracle:
    known: dict[ClauseSet, bool] = {frozenset(): True}

    def ask(clauses: ClauseSet) -> bool:
        if clauses not in known:
            known[clauses] = can_hold(clauses)
        return known[clauses]

    return ask


def _shrunk(clauses: ClauseSet, ask: Oracle) -> ClauseSet:
    """A failing set without what is not needed for failing, the first clauses left out first."""
    for place in sorted(clauses):
        if not ask(clauses - {place}):
            clauses -= {place}
    return clauses


def _grown(clauses: ClauseSet, everything: ClauseSet, ask: Oracle) -> ClauseSet:
    """A set that can hold with all that can be added, the first clauses first."""
    for place in sorted(everything - clauses):
        if ask(clauses | {place}):
            clauses |= {place}
    return clauses


def _smallest_hitting_set(sets: Iterable[ClauseSet], preferred: Iterable[int]) -> ClauseSet:
    """The fewest clauses that meet every set; of equals those that come first in the order preferred."""
    waiting = list(sets)
    forced = frozenset[int]().union(*(each for each in waiting if len(each) == 1))
    waiting = [each for each in waiting if not each & forced]
    named = frozenset[int]().union(*waiting)
    candidates = [place for place in preferred if place in named]
    for size in range(len(candidates) + 1):
        for chosen in combinations(candidates, size):
            if all(each.intersection(chosen) for each in waiting):
                return forced.union(chosen)
    raise ValueError("a set without clauses cannot be hit")
