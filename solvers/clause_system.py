"""The clauses under one block of existentials on one image: which of them can hold together, and by which entities.

A clause of one or two variables is looked at once for each entity or pair, and only for those that come into question:
entities that the cheap clauses leave, and those that satisfy most first. Every choice that is found answers all later
questions about the clauses that it satisfies, and every set found to fail all those about larger ones.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod

import numpy as np

from solvers.clause_cells import ClauseCells
from solvers.clause_sets import ClauseSet
from solvers.evaluate import Evaluator, names_own_class
from solvers.fol.ast import Formula, Quantified, Quantifier, Variable, free_variables
from solvers.geometry import Booleans, Indices
from solvers.joins import Choice, Join, Pairs, Wide, Work, choices, first_choice, is_forest
from solvers.limits import ImageLimitError

_CELLS_AT_ONCE = 1 << 15
_FIRST_PIECE = 32

Candidates = dict[str, Indices]


@dataclass(frozen=True)
class ClauseSystem:
    """Clauses in existential form over variables that take an entity each; unknown literals as `lower` says.

    The evaluator is one of a single world. `bound` are the places in the scene of further variables that the clauses
    name. Choices that are handed out name places in the scene too; within, the active entities have numbers from 0.
    """

    evaluator: Evaluator
    variables: tuple[str, ...]
    clauses: tuple[Formula, ...]
    lower: bool
    bound: Mapping[str, int] = field(default_factory=dict)
    work: Work = field(default_factory=Work)
    _failing: list[ClauseSet] = field(default_factory=list, repr=False)
    _found: dict[ClauseSet, Choice] = field(default_factory=dict, repr=False)

    @cached_property
    def scopes(self) -> tuple[tuple[str, ...], ...]:
        """The variables that each clause names, in their order."""
        named = map(free_variables, self.clauses)
        return tuple(tuple(name for name in self.variables if name in names) for names in named)

    @cached_property
    def undecided(self) -> ClauseSet:
        """The clauses that name a class which the image's source could not report: what they are in is unknown."""
        unknown = self.evaluator.literals.unknown_classes
        if not unknown:
            return frozenset()
        return frozenset(place for place, clause in enumerate(self.clauses) if _names_own_class(clause, unknown))

    def can_hold(self, clauses: ClauseSet) -> bool:
        """Whether some choice satisfies some clauses; at a limit not at the lower setting, and yes at the upper one."""
        if clauses & self.undecided:
            return not self.lower
        try:
            return self.choice(clauses) is not None
        except ImageLimitError:
            return not self.lower

    def known_failing(self, clauses: ClauseSet) -> ClauseSet:
        """The least part of a failing set that has been found to fail."""
        return min((each for each in self._failing if each <= clauses), key=len, default=clauses)

    def remember(self, clauses: ClauseSet, numbers: Choice) -> ClauseSet:
        """Note that a choice of entities, by number, satisfies some clauses, which are handed back."""
        self._found[clauses] = self._places(numbers)
        return clauses

    @property
    def most_found(self) -> ClauseSet:
        """The most clauses that any choice found so far satisfies."""
        return max(self._found, key=len, default=frozenset())

    def choice(self, clauses: ClauseSet) -> Choice | None:
        """A choice of all variables that satisfies some clauses, the same one every time; None where there is none.

        Raises ImageLimitError.
        """
        for held, earlier in self._found.items():
            if clauses <= held:
                return earlier
        if any(failing <= clauses for failing in self._failing):
            return None
        groups = self._groups(clauses)
        conditioned = [self._conditioned(names, connected) for names, connected in groups]
        if None in conditioned:
            return None
        found: Choice = {}
        for (_, connected), candidates in zip(groups, conditioned, strict=True):
            part = None if candidates is None else self._search_preferred(connected, candidates)
            if part is None:
                self._failing.append(frozenset(connected))
                return None
            found |= part
        for name in self.variables:
            if name not in found:
                found[name] = int(self._preferred(name, self.everyone)[0])
        self.remember(clauses.union(self._also_held(clauses, found)), found)
        return self._places(found)

    def choices(self, clauses: ClauseSet) -> Iterator[Choice]:
        """All choices of all variables that satisfy some clauses, by the first variable's place, then the second's.

        Raises ImageLimitError.
        """
        candidates = self._conditioned(self.variables, clauses)
        if candidates is not None:
            yield from map(self._places, choices(self._join(clauses, candidates), self.variables))

    def candidates(self, clauses: ClauseSet) -> Candidates | None:
        """The places that choices which satisfy some clauses take for each variable, and perhaps more; None if none do.

        They are all that single clauses leave a partner. Raises ImageLimitError.
        """
        candidates = self._conditioned(self.variables, clauses)
        ready = None if candidates is None else self._join(clauses, candidates).ready()
        return None if ready is None else {name: self._active[ready.candidates[name]] for name in self.variables}

    def takers(
        self, clauses: ClauseSet, names: Iterable[str], known: Iterable[Choice] = ()
    ) -> tuple[dict[str, list[int]], bool]:
        """For some variables the places that choices which satisfy some clauses take, and whether these are all.

        `known` are such choices. At a limit only those that are sure are told.
        """
        takers: dict[str, set[int]] = {name: {choice[name] for choice in known} for name in names}
        try:
            candidates = self._conditioned(self.variables, clauses)
            ready = None if candidates is None else self._join(clauses, candidates).ready()
            if ready is None:
                return {name: [] for name in takers}, True
            for name, sure in takers.items():
                for place in self._active[ready.candidates[name]].tolist():
                    if place not in sure and (is_forest(ready) or self.choice_with(clauses, {name: place}) is not None):
                        sure.add(place)
        except ImageLimitError:
            return {name: sorted(sure) for name, sure in takers.items()}, False
        return {name: sorted(sure) for name, sure in takers.items()}, True

    def choice_with(self, clauses: ClauseSet, fixed: Mapping[str, int]) -> Choice | None:
        """A choice that satisfies some clauses, with the places of some variables given. Raises ImageLimitError."""
        candidates = self._conditioned(self.variables, clauses, fixed)
        found = None if candidates is None else first_choice(self._join(clauses, candidates))
        return None if found is None else self._places(found)

    def held(self, place: int, candidates: Mapping[str, Indices]) -> Booleans:
        """The truth of a clause over some entities, by number, for each of its variables, an axis each."""
        return self._cells[place].over([candidates[name] for name in self.scopes[place]])

    @cached_property
    def everyone(self) -> Indices:
        """The numbers of all active entities."""
        return np.arange(len(self._active))

    @cached_property
    def _active(self) -> Indices:
        return self.evaluator.active

    def _places(self, numbers: Choice) -> Choice:
        return {name: int(self._active[numbers[name]]) for name in self.variables}

    @cached_property
    def _cells(self) -> tuple[ClauseCells, ...]:
        return tuple(
            ClauseCells(clause, names, self.evaluator, self.lower, self.work, self.bound)
            for clause, names in zip(self.clauses, self.scopes, strict=True)
        )

    def _groups(self, clauses: Iterable[int]) -> list[tuple[tuple[str, ...], list[int]]]:
        """The clauses that share variables, and these: each group holds or fails on its own."""
        groups: list[tuple[set[str], list[int]]] = []
        for place in sorted(clauses):
            names, members = set(self.scopes[place]), [place]
            for group in [group for group in groups if not names.isdisjoint(group[0])]:
                names |= group[0]
                members += group[1]
                groups.remove(group)
            groups.append((names, members))
        return [(tuple(n for n in self.variables if n in names), sorted(members)) for names, members in groups]

    def _conditioned(
        self, names: Iterable[str], clauses: Iterable[int], fixed: Mapping[str, int] | None = None
    ) -> Candidates | None:
        """The numbers that clauses of one variable leave each; None where they leave one nothing, which is noted."""
        candidates = dict.fromkeys(names, self.everyone)
        for name, place in (fixed or {}).items():
            candidates[name] = np.flatnonzero(self._active == place)
        applied: dict[tuple[str, ...], list[int]] = {}
        for place in sorted(clauses, key=lambda each: not self._cells[each].is_literal):
            scope = self.scopes[place]
            if len(scope) > 1:
                continue
            applied.setdefault(scope, []).append(place)
            held = self.held(place, candidates)
            if scope:
                candidates[scope[0]] = candidates[scope[0]][held]
            if not held.any():
                if not fixed:
                    self._failing.append(frozenset(applied[scope]) if scope else frozenset({place}))
                return None
        return candidates if all(map(len, candidates.values())) else None

    @cached_property
    def _merits(self) -> dict[str, Indices]:
        """For each variable how many literals of it alone each entity satisfies."""
        merits = {name: np.zeros(len(self.everyone), dtype=np.intp) for name in self.variables}
        for place, scope in enumerate(self.scopes):
            if len(scope) == 1 and place not in self.undecided and self._cells[place].is_literal:
                merits[scope[0]] += self.held(place, {scope[0]: self.everyone})
        return merits

    def _preferred(self, name: str, candidates: Indices) -> Indices:
        merits = self._merits[name][candidates]
        return np.asarray(candidates[merits == merits.max()])

    def _search_preferred(self, clauses: Sequence[int], candidates: Candidates) -> Choice | None:
        """A choice among candidates, if possible among those that satisfy more than is asked for."""
        preferred = {name: self._preferred(name, numbers) for name, numbers in candidates.items()}
        if any(len(preferred[name]) < len(numbers) for name, numbers in candidates.items()):
            found = self._search(clauses, preferred)
            if found is not None:
                return found
        return self._search(clauses, candidates)

    def _search(self, clauses: Sequence[int], candidates: Candidates) -> Choice | None:
        """A choice among candidates, a few of one variable at a time where all would be many to look at."""
        related = [self.scopes[place] for place in clauses if len(self.scopes[place]) > 1]
        if not related:
            return {name: int(numbers[0]) for name, numbers in candidates.items()}
        cells = max(prod(len(candidates[name]) for name in scope) for scope in related)
        if cells <= _CELLS_AT_ONCE:
            return first_choice(self._join(clauses, candidates))
        name = max({name for scope in related for name in scope}, key=lambda each: (len(candidates[each]), each))
        waiting, size = candidates[name], _FIRST_PIECE
        while len(waiting):
            found = first_choice(self._join(clauses, {**candidates, name: waiting[:size]}))
            if found is not None:
                return found
            waiting, size = waiting[size:], 4 * size
        return None

    def _join(self, clauses: Iterable[int], candidates: Mapping[str, Indices]) -> Join:
        """The relations between candidates; those that have no partner in one are left out of the later ones."""
        pairs: Pairs = {}
        wide: list[Wide] = []
        left = dict(candidates)
        related = [place for place in clauses if len(self.scopes[place]) > 1]
        for place in sorted(related, key=lambda each: prod(len(left[name]) for name in self.scopes[each])):
            names = self.scopes[place]
            if len(names) > 2:
                wide.append(Wide(names, self._cells[place].over))
                continue
            first, second = names
            held = self.held(place, left)
            pairs[first, second] = pairs[first, second] & held if (first, second) in pairs else held
            for axis, name in ((1, first), (0, second)):
                kept = np.flatnonzero(pairs[first, second].any(axis=axis))
                if len(kept) < len(left[name]):
                    left[name] = left[name][kept]
                    for key in pairs:
                        if name in key:
                            pairs[key] = pairs[key].take(kept, axis=key.index(name))
        return Join(left, pairs, tuple(wide), self.work)

    def _also_held(self, clauses: ClauseSet, choice: Choice) -> Iterator[int]:
        """The clauses beyond those asked for that a choice of numbers satisfies, as far as limits let it be seen."""
        for place, names in enumerate(self.scopes):
            if place in clauses or place in self.undecided:
                continue
            try:
                if self._cells[place].at([choice[name] for name in names]):
                    yield place
            except ImageLimitError:
                continue


def _names_own_class(clause: Formula, classes: frozenset[str]) -> bool:
    names = tuple(Variable(name) for name in sorted(free_variables(clause)))
    return names_own_class(Quantified(Quantifier.EXISTS, names, clause), classes)
