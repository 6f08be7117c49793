"""The clauses under one block of existentials on one image: which of them can hold together, and by which entities.

A clause of one or two variables is looked at once for each entity or pair, and only for those that come into question:
entities that the cheap clauses leave, and those that satisfy most first. Every choice that is found answers all later
questions about the clauses that it satisfies, and every set found to fail all those about larger ones.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from solvers.clause_sets import ClauseSet
from solvers.evaluate import Evaluator, names_own_class
from solvers.fol.ast import Atom, Comparison, Formula, Not, Quantified, Quantifier, Variable, free_variables
from solvers.geometry import Booleans, Indices
from solvers.joins import Choice, Join, Pairs, Wide, Work, choices, first_choice
from solvers.limits import ImageLimitError
from solvers.tables import aligned

MAX_KEPT_CELLS = 1 << 22
"""So many truth values of one clause are kept; those of larger ones are looked at again."""
_CELLS_AT_ONCE = 1 << 15
_FIRST_PIECE = 32


@dataclass(frozen=True)
class ClauseSystem:
    """Clauses in existential form over variables that take an entity each; unknown literals as `lower` says.

    Choices name places in the scene. The evaluator is one of a single world. `bound` are the places of further
    variables that the clauses name.
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
        return tuple(
            tuple(name for name in self.variables if name in free_variables(clause)) for clause in self.clauses
        )

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

    def choice(self, clauses: ClauseSet) -> Choice | None:
        """A choice of all variables that satisfies some clauses, the same one every time; None where there is none.

        Raises ImageLimitError.
        """
        for held, earlier in self._found.items():
            if clauses <= held:
                return earlier
        if any(failing <= clauses for failing in self._failing):
            return None
        found: Choice = {}
        for names, connected in self._components(clauses):
            part = self._component_choice(names, connected)
            if part is None:
                return None
            found |= part
        for name in self.variables:
            if name not in found:
                found[name] = int(self._preferred(name, self._everyone)[0])
        choice = {name: int(self._active[found[name]]) for name in self.variables}
        self._found[frozenset(self._satisfied(clauses, found))] = choice
        return choice

    def choices(self, clauses: ClauseSet) -> Iterator[Choice]:
        """All choices of all variables that satisfy some clauses, by the first variable's place, then the second's.

        Raises ImageLimitError.
        """
        candidates = dict.fromkeys(self.variables, self._everyone)
        if not self._fits(clauses, candidates) or any(len(each) == 0 for each in candidates.values()):
            return
        for choice in choices(self._join(clauses, candidates), self.variables):
            yield {name: int(self._active[place]) for name, place in choice.items()}

    def candidates(self, clauses: ClauseSet) -> dict[str, Indices] | None:
        """Each variable's places that every single clause leaves a partner, a superset of what choices take; or None.

        Raises ImageLimitError.
        """
        candidates = dict.fromkeys(self.variables, self._everyone)
        if not self._fits(clauses, candidates) or any(len(each) == 0 for each in candidates.values()):
            return None
        ready = self._join(clauses, candidates).ready()
        return None if ready is None else {name: self._active[ready.candidates[name]] for name in self.variables}

    def choice_with(self, clauses: ClauseSet, fixed: Mapping[str, int]) -> Choice | None:
        """A choice that satisfies some clauses with some variables' places given. Raises ImageLimitError."""
        candidates = dict.fromkeys(self.variables, self._everyone)
        for name, place in fixed.items():
            candidates[name] = np.flatnonzero(self._active == place)
        if not self._fits(clauses, candidates) or any(len(each) == 0 for each in candidates.values()):
            return None
        found = first_choice(self._join(clauses, candidates))
        return None if found is None else {name: int(self._active[found[name]]) for name in self.variables}

    def held(self, place: int, candidates: Mapping[str, Indices]) -> Booleans:
        """The truth of a clause over some of the active entities for each of its variables, an axis each."""
        return self._cells[place].over([candidates[name] for name in self.scopes[place]])

    @property
    def everyone(self) -> Indices:
        """The numbers of all active entities, as `held` takes them."""
        return self._everyone

    @cached_property
    def _active(self) -> Indices:
        return self.evaluator.active

    @cached_property
    def _everyone(self) -> Indices:
        return np.arange(len(self._active))

    @cached_property
    def _cells(self) -> tuple["_Cells", ...]:
        return tuple(_Cells(clause, names, self) for clause, names in zip(self.clauses, self.scopes, strict=True))

    def _components(self, clauses: Iterable[int]) -> list[tuple[tuple[str, ...], list[int]]]:
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

    def _component_choice(self, names: tuple[str, ...], clauses: Sequence[int]) -> Choice | None:
        """A choice of entities' numbers for a group of clauses; where there is none, why is remembered."""
        candidates = dict.fromkeys(names, self._everyone)
        if not self._fits(clauses, candidates):
            self._failing.append(frozenset(clauses))
            return None
        for name in names:
            if len(candidates[name]) == 0:
                self._failing.append(frozenset(place for place in clauses if self.scopes[place] == (name,)))
                return None
        preferred = {name: self._preferred(name, places) for name, places in candidates.items()}
        found = None
        if any(len(preferred[name]) < len(candidates[name]) for name in names):
            found = self._search(clauses, preferred)
        if found is None:
            found = self._search(clauses, candidates)
        if found is None:
            self._failing.append(frozenset(clauses))
        return found

    def _fits(self, clauses: Iterable[int], candidates: dict[str, Indices]) -> bool:
        """Leave each variable the candidates that its own clauses allow, cheap clauses first; whether the rest hold."""
        if len(self._everyone) == 0:
            return False
        for place in sorted(clauses, key=lambda each: not _is_literal(self.clauses[each])):
            match self.scopes[place]:
                case ():
                    if not self._cells[place].over(()):
                        return False
                case (name,):
                    candidates[name] = candidates[name][self.held(place, candidates)]
        return True

    def _preferred(self, name: str, candidates: Indices) -> Indices:
        """Those candidates that satisfy most of the literals of one variable alone."""
        if len(candidates) == 0:
            return candidates
        count = np.zeros(len(candidates), dtype=np.intp)
        for place, scope in enumerate(self.scopes):
            if scope == (name,) and place not in self.undecided and _is_literal(self.clauses[place]):
                count += self.held(place, {name: candidates})
        return np.asarray(candidates[count == count.max()])

    def _search(self, clauses: Sequence[int], candidates: Mapping[str, Indices]) -> Choice | None:
        """A choice among some candidates, a few of one variable at a time where all would be many to look at."""
        related = [self.scopes[place] for place in clauses if len(self.scopes[place]) > 1]
        cells = max((_product(len(candidates[name]) for name in scope) for scope in related), default=0)
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
        pairs: Pairs = {}
        wide: list[Wide] = []
        left = dict(candidates)
        related = [place for place in clauses if len(self.scopes[place]) > 1]
        for place in sorted(related, key=lambda each: _product(len(left[name]) for name in self.scopes[each])):
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

    def _satisfied(self, clauses: ClauseSet, choice: Choice) -> Iterator[int]:
        """The clauses that a choice of numbers satisfies: those asked for, and more."""
        chosen = {name: self._everyone[number : number + 1] for name, number in choice.items()}
        for place in range(len(self.clauses)):
            if place in clauses or (place not in self.undecided and self._is_held(place, chosen)):
                yield place

    def _is_held(self, place: int, chosen: Mapping[str, Indices]) -> bool:
        try:
            return bool(self.held(place, chosen).all())
        except ImageLimitError:
            return False  # it was not asked for: what cannot be seen is not counted on


@dataclass
class _Cells:
    """The truth of one clause over the active entities, by number, looked at when first asked for."""

    formula: Formula
    names: tuple[str, ...]
    system: ClauseSystem

    def __post_init__(self) -> None:
        shape = (len(self.system.everyone),) * len(self.names)
        self._is_kept = _product(shape) <= MAX_KEPT_CELLS
        self._held = np.zeros(shape if self._is_kept else 0, dtype=np.bool_)
        self._known = np.zeros(shape if self._is_kept else 0, dtype=np.bool_)
        self._is_complete = False

    def over(self, candidates: Sequence[Indices]) -> Booleans:
        """One axis a variable."""
        if not self._is_kept:
            return self._look(candidates)
        if tuple(map(len, candidates)) == self._held.shape:
            if not self._is_complete:
                self._held, self._is_complete = self._look(candidates), True
            return self._held
        at = np.ix_(*candidates)
        if not self._is_complete and not self._known[at].all():
            self._held[at] = self._look(candidates)
            self._known[at] = True
        return np.asarray(self._held[at])

    def _look(self, candidates: Sequence[Indices]) -> Booleans:
        system, evaluator = self.system, self.system.evaluator
        shape = tuple(map(len, candidates))
        system.work.look(_product(shape) * (1 if _is_literal(self.formula) else len(evaluator.active)))
        active = evaluator.active
        domains = {name: active[places] for name, places in zip(self.names, candidates, strict=True)}
        fixed = {name: np.array([place], dtype=np.intp) for name, place in system.bound.items()}
        evaluator.literals.budget.renew()
        table = evaluator.table(self.formula, {**fixed, **domains}, lower=system.lower)
        bits = aligned(table, (*fixed, *self.names))[..., 0]
        return np.broadcast_to(bits.reshape(bits.shape[len(fixed) :]) != 0, shape)


def _product(sizes: Iterable[int]) -> int:
    product = 1
    for size in sizes:
        product *= size
    return product


def _is_literal(formula: Formula) -> bool:
    return isinstance(formula.body if isinstance(formula, Not) else formula, Atom | Comparison)


def _names_own_class(clause: Formula, classes: frozenset[str]) -> bool:
    names = tuple(Variable(name) for name in sorted(free_variables(clause)))
    return names_own_class(Quantified(Quantifier.EXISTS, names, clause), classes)
