"""Which choices of one entity a variable go together: candidates, and what relates them, on boolean arrays.

A join is narrowed until every candidate has a partner in every relation, then its variables are eliminated one after
the other while none is related to more than two others: two relations of a variable become one between its neighbours
by a product of matrices, which is far less than all triples. What is left is tried candidate by candidate. Relations
of three and more variables are looked at once all but two of theirs are chosen, or at once where they are small. Every
step is counted: beyond the limit WorkLimitError, the same on every run.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from solvers.geometry import Booleans, Indices
from solvers.limits import ImageLimitError

MAX_STEPS = 3_000
"""How often one question may choose a candidate and narrow the rest."""
MAX_CELLS = 6_000_000
"""How many truth values one question may ask for."""
_SMALL_CELLS = 1 << 17
_PLANE_CELLS = 1 << 14
_PRODUCTS_A_CELL = 512
"""So many products of a matrix product cost what one truth value does."""

Choice = dict[str, int]
Pairs = dict[tuple[str, str], Booleans]


class WorkLimitError(ImageLimitError):
    """The question takes too many steps, or asks for too many truth values."""


@dataclass
class Work:
    """What may still be done; both are counts that repeat."""

    steps: int = MAX_STEPS
    cells: int = MAX_CELLS

    @property
    def is_spent(self) -> bool:
        """Whether more was asked for than may be done."""
        return self.steps < 0 or self.cells < 0

    def step(self) -> None:
        """Take note of one more choice; raises WorkLimitError beyond the limit."""
        self.steps -= 1
        if self.steps < 0:
            raise WorkLimitError("too many combinations of objects to try one after the other")

    def look(self, cells: int) -> None:
        """Take note of so many truth values; raises WorkLimitError beyond the limit."""
        self.cells -= cells
        if self.cells < 0:
            raise WorkLimitError("too many combinations of objects to look at")


@dataclass(frozen=True)
class Wide:
    """A relation of three variables or more; `over` gives its truth over some candidates each, one axis a variable."""

    names: tuple[str, ...]
    over: Callable[[Sequence[Indices]], Booleans]


@dataclass(frozen=True)
class Join:
    """Every variable's candidates in rising order, and which pairs of candidates of two variables go together."""

    candidates: Mapping[str, Indices]
    pairs: Mapping[tuple[str, str], Booleans]
    wide: tuple[Wide, ...] = ()
    work: Work = field(default_factory=Work)

    def narrowed(self) -> "Join | None":
        """The join without candidates that some relation gives no partner; None where a variable has none left."""
        candidates, pairs = dict(self.candidates), dict(self.pairs)
        if not all(map(len, candidates.values())) or not all(map(np.any, pairs.values())):
            return None
        waiting = list(pairs)
        while waiting:
            first, second = key = waiting.pop()
            for axis, name in ((1, first), (0, second)):
                kept = np.flatnonzero(pairs[key].any(axis=axis))
                if len(kept) == len(candidates[name]):
                    continue
                if len(kept) == 0:
                    return None
                candidates[name] = candidates[name][kept]
                for other in [each for each in pairs if name in each]:
                    pairs[other] = pairs[other].take(kept, axis=other.index(name))
                    if other not in waiting and other != key:
                        waiting.append(other)
        telling = {key: held for key, held in pairs.items() if not held.all()}
        return Join(candidates, telling, self.wide, self.work)

    def chosen(self, name: str, candidate: int) -> "Join":
        """The join with one candidate of a variable."""
        place = int(np.searchsorted(self.candidates[name], candidate))
        kept = slice(place, place + 1)
        pairs = {
            key: held if name not in key else held[kept] if key[0] == name else held[:, kept]
            for key, held in self.pairs.items()
        }
        return Join({**self.candidates, name: self.candidates[name][kept]}, pairs, self.wide, self.work)

    def ready(self) -> "Join | None":
        """Narrowed, and with every wide relation looked at that few enough candidates are left for; None: it fails."""
        join = self.narrowed()
        while join is not None and join.wide:
            looked_at = [each for each in join.wide if join._is_told(each)]
            small = looked_at + [
                each for each in join.wide if each not in looked_at and join.cells(each) <= _SMALL_CELLS
            ]
            before = sum(map(len, join.candidates.values()))
            join = join._with(small, looked_at).narrowed()
            if join is None or (not looked_at and before == sum(map(len, join.candidates.values()))):
                break
        return join

    def _is_told(self, wide: Wide) -> bool:
        """Whether a wide relation can be looked at as one of its last two variables, or of the last one."""
        open_names = self.open_names(wide)
        return open_names <= 1 or (open_names == 2 and self.cells(wide) <= _PLANE_CELLS)

    def open_names(self, wide: Wide) -> int:
        """How many of a relation's variables have more than one candidate."""
        return sum(len(self.candidates[name]) > 1 for name in wide.names)

    def cells(self, wide: Wide) -> int:
        """How many choices of a relation's variables there are."""
        cells = 1
        for name in wide.names:
            cells *= len(self.candidates[name])
        return cells

    def _with(self, small: Sequence[Wide], looked_at: Sequence[Wide]) -> "Join":
        """What wide relations say of their variables, singly or, of those that are done with, in pairs."""
        candidates, pairs = dict(self.candidates), dict(self.pairs)
        masks = {name: np.ones(len(places), dtype=np.bool_) for name, places in candidates.items()}
        for each in small:
            held = each.over([self.candidates[name] for name in each.names])
            open_names = [name for name in each.names if len(candidates[name]) > 1]
            flat = held.reshape([len(candidates[name]) for name in open_names])
            for axis, name in enumerate(open_names):
                masks[name] &= flat.any(axis=tuple(other for other in range(flat.ndim) if other != axis))
            if not flat.any():
                masks[each.names[0]][:] = False
            if len(open_names) == 2 and each in looked_at:
                first, second = open_names
                if (second, first) in pairs:
                    pairs[second, first] = pairs[second, first] & flat.T
                else:
                    pairs[first, second] = pairs[first, second] & flat if (first, second) in pairs else flat
        for name, mask in masks.items():
            if not mask.all():
                kept = np.flatnonzero(mask)
                candidates[name] = candidates[name][kept]
                pairs = {
                    key: held.take(kept, axis=key.index(name)) if name in key else held for key, held in pairs.items()
                }
        left = tuple(each for each in self.wide if each not in looked_at)
        return Join(candidates, pairs, left, self.work)


def first_choice(join: Join) -> Choice | None:
    """One choice that satisfies a join, the same one every time; None where there is none.

    Raises WorkLimitError.
    """
    join.work.step()
    ready = join.ready()
    return None if ready is None else _eliminated(ready)


def choices(join: Join, names: Sequence[str]) -> Iterator[Choice]:
    """All choices that satisfy a join, by the candidates of the first name, then of the second, and so on.

    Raises WorkLimitError.
    """
    join.work.step()
    ready = join.ready()
    if ready is None:
        return
    waiting = [name for name in names if len(ready.candidates[name]) > 1]
    if not waiting:
        yield {name: int(ready.candidates[name][0]) for name in names}
        return
    name = waiting[0]
    if len(waiting) == 1 and not ready.wide:
        others = {each: int(ready.candidates[each][0]) for each in names}
        for candidate in ready.candidates[name].tolist():
            yield {**others, name: candidate}
        return
    for candidate in ready.candidates[name].tolist():
        alone = ready.chosen(name, candidate)
        if is_forest(ready) or first_choice(alone) is not None:
            yield from choices(alone, names)


def is_forest(join: Join) -> bool:
    """Whether every candidate of a narrowed join is part of a choice: its relations make no circle."""
    if join.wide:
        return False
    trees: list[set[str]] = []
    for first, second in join.pairs:
        touched = [tree for tree in trees if first in tree or second in tree]
        if any(first in tree and second in tree for tree in touched):
            return False
        trees = [tree for tree in trees if tree not in touched] + [{first, second}.union(*touched)]
    return True


def _eliminated(join: Join) -> Choice | None:
    """A choice of a ready join by eliminating its variables, and trying the candidates of one where none can be."""
    candidates, pairs = dict(join.candidates), dict(join.pairs)
    held_back = {name for each in join.wide for name in each.names}
    trace: list[tuple[str, Indices, list[tuple[str, Indices, Booleans]]]] = []
    while True:
        neighbours = {name: [key for key in pairs if name in key] for name in candidates}
        free = [name for name in candidates if name not in held_back and len(neighbours[name]) <= 2]
        if not free:
            break
        name = min(free, key=lambda each: (len(neighbours[each]), len(candidates[each])))
        links = [_towards(name, key, pairs[key]) for key in neighbours[name]]
        trace.append((name, candidates.pop(name), [(other, candidates[other], held) for other, held in links]))
        for key in neighbours[name]:
            del pairs[key]
        if len(links) == 2:
            merged = _merged(links, pairs, join.work)
            if not merged.any():
                return None
        narrowed = Join(candidates, pairs, join.wide, join.work).narrowed()
        if narrowed is None:
            return None
        candidates, pairs = dict(narrowed.candidates), dict(narrowed.pairs)
    found = _tried(Join(candidates, pairs, join.wide, join.work)) if candidates else {}
    if found is None:
        return None
    for name, places, linked in reversed(trace):
        fits = np.ones(len(places), dtype=np.bool_)
        for other, others, held in linked:
            fits &= held[:, int(np.searchsorted(others, found[other]))]
        found[name] = int(places[np.flatnonzero(fits)[0]])
    return found


def _towards(name: str, key: tuple[str, str], held: Booleans) -> tuple[str, Booleans]:
    """The other variable of a pair, and the relation with the rows of `name`."""
    return (key[1], held) if key[0] == name else (key[0], held.T)


def _merged(links: Sequence[tuple[str, Booleans]], pairs: Pairs, work: Work) -> Booleans:
    """Two relations of an eliminated variable as one between its neighbours, put among the pairs."""
    (first, one), (second, two) = links
    work.look(one.size * two.shape[1] // _PRODUCTS_A_CELL)
    joined = one.T.astype(np.float32) @ two.astype(np.float32) > 0
    if (second, first) in pairs:
        first, second, joined = second, first, joined.T
    pairs[first, second] = pairs[first, second] & joined if (first, second) in pairs else joined
    return pairs[first, second]


def _tried(join: Join) -> Choice | None:
    """A choice by trying the candidates of the variable that has fewest."""
    wanted = {name for each in join.wide for name in each.names if len(join.candidates[name]) > 1} or join.candidates
    name = min(sorted(wanted), key=lambda each: len(join.candidates[each]))
    for candidate in join.candidates[name].tolist():
        found = first_choice(join.chosen(name, candidate))
        if found is not None:
            return found
    return None
