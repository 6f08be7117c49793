"""The choice that satisfies most clauses without a search: the best of all choices, or the best one turn at a time."""

import numpy as np

from solvers.clause_sets import ClauseSet
from solvers.clause_system import ClauseSystem
from solvers.geometry import Booleans, Indices
from solvers.joins import Choice
from solvers.limits import ImageLimitError

MOST_ROUNDS = 4


def best_of_all(system: ClauseSystem) -> tuple[ClauseSet, Choice]:
    """The best of all choices, all looked at at once, and what it satisfies: of equals one that breaks later clauses.

    The choice has the entities' numbers.
    """
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
    choice = {name: int(number) for name, number in zip(system.variables, best, strict=True)}
    return frozenset(place for place, truth in held.items() if truth[best]), choice


def best_by_turns(system: ClauseSystem) -> tuple[ClauseSet, Choice]:
    """The choice that gives each variable in turn the entity that satisfies most, until nothing is won; as above."""
    chosen: dict[str, Indices] = {}
    kept: ClauseSet = frozenset()
    for _ in range(MOST_ROUNDS):
        before = len(kept)
        for name in system.variables:
            held = _held_by(system, {**chosen, name: system.everyone}, name)
            worth = np.sum([*held.values()], axis=0) if held else np.zeros(len(system.everyone))
            best = int(np.argmax(worth))
            chosen[name] = system.everyone[best : best + 1]
            own = frozenset(place for place, each in held.items() if each[best])
            kept = frozenset(place for place in kept if name not in system.scopes[place]) | own
        if len(kept) == before:
            break
    return kept, {name: int(numbers[0]) for name, numbers in chosen.items()}


def _held_by(system: ClauseSystem, candidates: dict[str, Indices], name: str) -> dict[int, Booleans]:
    """Which entities for one variable satisfy each clause of it whose other variables are chosen."""
    held: dict[int, Booleans] = {}
    for place, scope in enumerate(system.scopes):
        if name in scope and set(scope) <= candidates.keys() and place not in system.undecided:
            try:
                held[place] = system.held(place, candidates).reshape(len(system.everyone))
            except ImageLimitError:
                continue  # what cannot be seen is not counted on
    return held
