"""The choice that satisfies most clauses without a search: the best of all choices, or the best one turn at a time."""

import numpy as np

from solvers.clause_sets import ClauseSet
from solvers.clause_system import ClauseSystem
from solvers.geometry import Indices
from solvers.limits import ImageLimitError


def best_of_all(system: ClauseSystem) -> ClauseSet:
    """What the best of all choices satisfies, all looked at at once: of equals one that breaks later clauses."""
    everyone = dict.fromkeys(system.variables, system.everyone)
    shape = (len(system.everyone),) * len(system.variables)
    decided = [place for place in range(len(system.clauses)) if place not in system.undecided]
    held = {}
    worth = np.zeros(shape, dtype=np.int64)
    count = len(system.clauses)
    for place in decided:
        try:
            truth = system.held(place, everyone)
        except ImageLimitError:
            continue  # what cannot be seen is not counted on
        axes = tuple(axis for axis, name in enumerate(system.variables) if name not in system.scopes[place])
        held[place] = np.broadcast_to(np.expand_dims(truth, axes), shape)
        worth += np.where(held[place], count**2 + count - place, 0)  # one clause more outweighs any earlier ones
    best = np.unravel_index(int(np.argmax(worth)), shape)
    return frozenset(place for place, truth in held.items() if truth[best])


def best_by_turns(system: ClauseSystem) -> ClauseSet:
    """What a choice satisfies that gives each variable in turn the entity that satisfies most so far."""
    chosen: dict[str, Indices] = {}
    kept: set[int] = set()
    for name in system.variables:
        candidates = {**chosen, name: system.everyone}
        held = {}
        for place, scope in enumerate(system.scopes):
            if name in scope and set(scope) <= candidates.keys() and place not in system.undecided:
                try:
                    held[place] = system.held(place, candidates).reshape(len(system.everyone))
                except ImageLimitError:
                    continue  # what cannot be seen is not counted on
        best = int(np.argmax(np.sum([*held.values()], axis=0))) if held else 0
        chosen[name] = system.everyone[best : best + 1]
        kept |= {place for place, each in held.items() if each[best]}
    return frozenset(kept)
