"""Clauses that fail together as a block for Z3, an edge a clause, with no more in it than their failing takes.

An entity that a clause of one variable forbids needs no partner: entities that the same such clauses forbid stand for
each other, and the relations let them pair with anything. What one relation forbids no later one has to forbid again.
Each edge then says less than its clause, never more: where Z3 finds that the edges fail, so do the clauses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from solvers.clause_system import ClauseSystem
from solvers.geometry import Booleans, Indices
from solvers.limits import ImageLimitError
from solvers.problem import BlockArrays, arrays_of_tables

MAX_CELLS = 1 << 21
"""A clause of more combinations is not given to Z3."""


@dataclass
class _Domain:
    """One variable's entities for Z3: first those that its own clauses allow, then one for each kind of the others.

    `open` marks, of the first ones, those that no relation so far has left without a partner.
    """

    allowed: Indices
    forbidden: Booleans
    """Shape (kinds, clauses of the variable alone): which of them forbid the kind."""
    open: Booleans

    def __len__(self) -> int:
        return len(self.allowed) + len(self.forbidden)


def failing_block(system: ClauseSystem, clauses: Sequence[int]) -> BlockArrays:
    """The block of some clauses of a system, edges in their order. Raises ImageLimitError where one is too large."""
    names = [name for name in system.variables if any(name in system.scopes[place] for place in clauses)]
    own = {name: [place for place in clauses if system.scopes[place] == (name,)] for name in names}
    domains = {name: _domain(system, name, own[name]) for name in names}
    tables: dict[int, tuple[tuple[int, ...], Booleans]] = {}
    forbidden: dict[tuple[str, ...], Booleans] = {}
    for name in names:
        for column, place in enumerate(own[name]):
            kinds = ~domains[name].forbidden[:, column]
            tables[place] = (names.index(name),), np.append(np.ones(len(domains[name].allowed), np.bool_), kinds)
    related = {place: _related(system, place, domains) for place in clauses if place not in tables}
    for place in sorted(related, key=lambda each: (related[each].ndim, np.count_nonzero(related[each]))):
        scope, held = system.scopes[place], related[place]
        asked = _open_cells(scope, domains)
        if scope in forbidden:
            asked = asked & ~forbidden[scope]
        forbidden[scope] = forbidden.get(scope, np.zeros_like(held)) | ~held
        for axis, name in enumerate(scope):
            others = tuple(each for each in range(held.ndim) if each != axis)
            domains[name].open &= (held & asked).any(axis=others)
        whole = np.ones([len(domains[name]) for name in scope], dtype=np.bool_)
        whole[tuple(slice(size) for size in held.shape)] = held | ~asked
        tables[place] = tuple(map(names.index, scope)), whole
    return arrays_of_tables([len(domains[name]) for name in names], [tables[each] for each in clauses], drop_full=False)


def _domain(system: ClauseSystem, name: str, own: Sequence[int]) -> _Domain:
    everyone = system.everyone
    held = np.ones((len(everyone), len(own)), dtype=np.bool_)
    for column, place in enumerate(own):
        held[:, column] = system.held(place, {name: everyone})
    allowed = held.all(axis=1)
    kinds = np.unique(~held[~allowed], axis=0) if not allowed.all() else ~held[:0]
    return _Domain(everyone[allowed], kinds, np.ones(int(allowed.sum()), dtype=np.bool_))


def _related(system: ClauseSystem, place: int, domains: dict[str, _Domain]) -> Booleans:
    candidates = {name: domains[name].allowed for name in system.scopes[place]}
    cells = 1
    for each in candidates.values():
        cells *= len(each)
    if cells > MAX_CELLS:
        raise ImageLimitError(f"a clause relates {cells:,} combinations of objects, more than {MAX_CELLS:,}")
    return system.held(place, candidates)


def _open_cells(scope: Sequence[str], domains: dict[str, _Domain]) -> Booleans:
    """The combinations whose entities all still have partners in the relations so far."""
    asked = np.ones((), dtype=np.bool_)
    for name in scope:
        asked = asked[..., None] & domains[name].open
    return np.asarray(asked)
