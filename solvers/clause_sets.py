"""Which of some clauses can hold together: a largest set that can, and a smallest set that cannot.

Both by hitting sets, with an oracle that says whether a set of clauses can hold; adding a clause never makes a set hold
that did not. A set that can hold leaves out a clause of every failing set (core); a set that fails has a clause beyond
every largest set that can hold. The search is exact for up to `MAX_EXACT` clauses, within `MAX_QUESTIONS` to the oracle
and `MAX_STEPS` of its own; beyond them a set that cannot be enlarged, or made smaller, stands in.
"""

from collections.abc import Callable, Iterator, Sequence

ClauseSet = frozenset[int]
Oracle = Callable[[ClauseSet], bool]
Known = Callable[[ClauseSet], ClauseSet]
"""Of a set that has been found to fail, the least part of it that is known to."""

MAX_EXACT = 40
"""Of more clauses than these no largest or smallest set is searched for."""
MAX_QUESTIONS = 300
MAX_STEPS = 100_000


class _SearchLimitError(Exception):
    """The exact search takes too long."""


def largest_satisfiable(
    count: int,
    can_hold: Oracle,
    known: Known = lambda failing: failing,
    otherwise: Callable[[], ClauseSet] = frozenset,
) -> ClauseSet:
    """A largest set of the clauses 0 to `count` - 1 that can hold; of equals one that leaves out later clauses.

    Where the exact search takes too long it is a set that can hold, given by `otherwise`, with all that can be added.
    """
    everything = frozenset(range(count))
    ask = _Remembered(can_hold)
    cores: list[ClauseSet] = []

    def spared() -> ClauseSet:
        return everything - _smallest_hitting_set(cores, range(count - 1, -1, -1))

    try:
        while True:
            kept = spared()
            if ask.within_limit(kept):
                return kept
            cores.append(known(kept))
            if ask.within_limit(spared()):  # often so, and then the core need not be made smaller
                return spared()
            cores[-1] = _shrunk(cores[-1], ask)
    except _SearchLimitError:
        return _grown(otherwise(), everything, ask)


def smallest_failing(count: int, can_hold: Oracle) -> ClauseSet:
    """A smallest set of the clauses 0 to `count` - 1 that cannot hold; all of them together are taken not to."""
    everything = frozenset(range(count))
    ask = _Remembered(can_hold)
    ask.known[everything] = False
    for place in range(count):  # the usual case, and the cheapest to see
        if not ask(frozenset({place})):
            return frozenset({place})
    if count > MAX_EXACT:
        return _shrunk(everything, ask)
    corrections: list[ClauseSet] = []
    try:
        while True:
            candidate = _smallest_hitting_set(corrections, range(count))
            if not ask.within_limit(candidate):
                return candidate
            corrections.append(everything - _grown(candidate, everything, ask))
    except _SearchLimitError:
        return _shrunk(everything, ask)


class _Remembered:
    """The oracle, asked once of every set; `known` holds its answers."""

    def __init__(self, can_hold: Oracle) -> None:
        self._can_hold = can_hold
        self.known: dict[ClauseSet, bool] = {frozenset(): True}

    def __call__(self, clauses: ClauseSet) -> bool:
        if clauses not in self.known:
            self.known[clauses] = self._can_hold(clauses)
        return self.known[clauses]

    def within_limit(self, clauses: ClauseSet) -> bool:
        """The answer, unless too much has been asked."""
        if len(self.known) > MAX_QUESTIONS:
            raise _SearchLimitError
        return self(clauses)


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


def _smallest_hitting_set(sets: Sequence[ClauseSet], preferred: Sequence[int]) -> ClauseSet:
    """The fewest clauses that meet every set, by deepening; what is preferred is tried first."""
    rank = {place: number for number, place in enumerate(preferred)}
    steps = iter(range(MAX_STEPS))
    for size in range(len(rank) + 1):
        found = _hitting(sets, size, frozenset(), rank, steps)
        if found is not None:
            return found
    raise ValueError("a set without clauses cannot be hit")


def _hitting(
    sets: Sequence[ClauseSet], size: int, chosen: ClauseSet, rank: dict[int, int], steps: Iterator[int]
) -> ClauseSet | None:
    """At most `size` further clauses that meet the sets which are not met yet; branches on the smallest of these."""
    if next(steps, None) is None:
        raise _SearchLimitError
    unmet = [each for each in sets if not each & chosen]
    if not unmet:
        return chosen
    if size == 0:
        return None
    _, smallest = min(((len(each), number) for number, each in enumerate(unmet)))
    for place in sorted(unmet[smallest], key=rank.__getitem__):
        found = _hitting(unmet, size - 1, chosen | {place}, rank, steps)
        if found is not None:
            return found
    return None
