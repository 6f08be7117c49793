"""The slots of a block joined: the leaves of the join tree folded, then what is left of it, by compiled loops."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from solvers.columnar import backtracking, kernels, reaches, selecting, semi_joins, uncompiled
from solvers.columnar import clauses as joining
from solvers.columnar.clauses import Clause, Extreme
from solvers.columnar.codes import Column
from solvers.columnar.compiled import is_compiled, is_compiled_for_corners
from solvers.columnar.distance import NO_DISTANCE, distance_of
from solvers.columnar.kernels import Bytes, Exact
from solvers.columnar.measured import limits_of
from solvers.columnar.store import FEW_ENTITIES
from solvers.columnar.view import Domain, View
from solvers.geometry import Floats
from solvers.settings import RelationSettings
from solvers.tables import Words

MOST_STEPS = 2_000_000
"""How many pairs of entities one image may cost in one join; beyond that it is open."""


FEW_ASKED = 8
"""So many images are left to the exact evaluator rather than wait for the code that looks at corners."""

_REACHING = frozenset({kernels.WINDOW_SIZES, kernels.WINDOW_GAP})
"""The windows that are as wide as the entities that they look for."""

Looking = Callable[[int, int, Bytes, Bytes, Exact], None]
"""A kernel on a range of images: those wanted, those that asked, and whether it looks at corners."""


def are_few(asked: Bytes, loop: Callable[..., None]) -> bool:
    """Whether the images that ask for corners are so few that it is not worth to compile a loop for them."""
    return int(np.count_nonzero(asked)) <= FEW_ASKED and not is_compiled_for_corners(loop)


@dataclass(frozen=True, slots=True)
class Slot:
    """One variable of a block and the entities that it may stand for."""

    name: str
    domain: Domain


@dataclass(frozen=True)
class Joins:
    """Joins over the images of a view; `is_open` (b) and `wanted` (b) are those of the program."""

    view: View
    settings: RelationSettings
    is_open: kernels.Bytes
    wanted: kernels.Bytes
    stop_at: int = kernels.STOP_NEVER

    @property
    def unstopped(self) -> "Joins":
        """The same looking at every entity."""
        return replace(self, stop_at=kernels.STOP_NEVER)

    def joined(self, slots: Mapping[str, Slot], clauses: Sequence[Clause], outer: Slot | None) -> Words:
        """Fold the leaves of the join tree, then join what is left: a row an entity of the outer slot, or an image."""
        waiting, left = list(clauses), dict(slots)
        whole: list[Words] = []
        counts = cache(lambda name: np.diff(slots[name].domain.offsets)[self.wanted != 0].astype(np.float64))
        while len(left) > 1:
            fold = joining.next_fold(left.keys(), waiting, None if outer is None else outer.name, counts)
            if fold is None:
                break
            leaf, into = fold
            if into is None:
                whole.append(self.any_in(left.pop(leaf).domain))
                continue
            if len(left) == 2 and outer is None:
                break
            between = [clause for clause in waiting if leaf in clause.names]
            waiting = [clause for clause in waiting if leaf not in clause.names]
            last = len(left) == 2 and not whole
            joins = self if last else self.unstopped
            words = joins.join([left[into], left.pop(leaf)], between, by_image=False)
            left[into] = Slot(into, replace(left[into].domain, words=words))
        order = joining.binding_order(left.keys(), waiting, None if outer is None else outer.name, self._sizes(left))
        if len(order) > 1:
            joins = self.unstopped if whole else self
            found = joins.join([left[name] for name in order], waiting, by_image=outer is None)
        else:
            found = self.any_in(left[order[0]].domain) if outer is None else left[order[0]].domain.spread_words()
            if outer is not None and left[order[0]] is slots[order[0]]:  # the caller's own words stay as they are
                found = found.copy()
        for words in whole:
            found = found & (words if outer is None else np.repeat(words, np.diff(outer.domain.offsets), axis=0))
        return found

    def _sizes(self, slots: dict[str, Slot]) -> dict[str, int]:
        return {name: len(slot.domain) for name, slot in slots.items()}

    def any_in(self, domain: Domain) -> Words:
        """In which worlds an image has any entity of a domain."""
        if not domain.stride:  # no matter which one
            return np.where((domain.offsets[1:] != domain.offsets[:-1])[:, None], domain.words[:1], np.uint64(0))
        found = np.zeros((self.view.size, self.view.width), np.uint64)
        words = np.ascontiguousarray(domain.spread_words())
        self.view.run(partial(selecting.any_of, domain.offsets, words, found), [domain.offsets])
        return found

    def join(self, slots: Sequence[Slot], clauses: Sequence[Clause], *, by_image: bool) -> Words:
        """For each entity of the first slot, or each image, whether the others can be chosen."""
        self.need(clauses, slots)
        root = slots[0].domain
        found = np.zeros((self.view.size if by_image else len(root), self.view.width), np.uint64)
        if len(slots) > 2:
            self._backtrack(slots, clauses, found, by_image=by_image)
            return found
        extreme = None if by_image else joining.extreme_of(clauses, slots[1].name)
        if extreme is None:
            self._semi_join(slots[0], slots[1], clauses, found, by_image=by_image)
        elif self.view.width == 1 and root.always and slots[1].domain.always:
            self._exceeded(extreme, root, slots[1].domain, found)
        else:
            self._outdone(extreme, root, slots[1].domain, found)
        return found

    def _semi_join(
        self, root_slot: Slot, leaf_slot: Slot, clauses: Sequence[Clause], found: Words, *, by_image: bool
    ) -> None:
        root, leaf = root_slot.domain, leaf_slot.domain
        arrays = joining.arrays_of(tuple(clauses), (root_slot.name, leaf_slot.name), self.settings)
        reach = self.reach(leaf, arrays)
        ground, geometry, limits = self.view.ground, self.view.store.geometry, limits_of(self.settings)
        distance = distance_of(clauses, self.settings, ground.gsd)

        def semi_join(first: int, last: int, wanted: Bytes, asked: Bytes, exact: Exact) -> None:
            tested = arrays if distance is None or exact else None
            semi_joins.semi_join(
                first, last, by_image, root.ids, root.offsets, root.words, root.stride, leaf.ids, leaf.offsets,
                leaf.words, leaf.stride, leaf.always, reach, tested, distance or NO_DISTANCE, ground, geometry, limits,
                MOST_STEPS, self.stop_at, wanted, kernels.scratch(2, self.view.width), found, self.is_open, asked,
                exact,
            )  # fmt: skip

        self.run(semi_join, semi_joins.semi_join, clauses, (root.offsets, leaf.offsets))

    def _backtrack(self, slots: Sequence[Slot], clauses: Sequence[Clause], found: Words, *, by_image: bool) -> None:
        root, *others = (slot.domain for slot in slots)
        offsets = np.stack([root.offsets, *(domain.offsets for domain in others)])
        base = np.cumsum([0, 0, *(len(domain) for domain in others[:-1])])
        word_base = np.cumsum([0, 0, *(len(domain.words) for domain in others[:-1])])
        strides = np.array([0, *(domain.stride for domain in others)], np.int64)
        ids = np.concatenate([domain.ids for domain in others])
        words = np.concatenate([domain.words for domain in others])
        arrays = joining.arrays_of(tuple(clauses), tuple(slot.name for slot in slots), self.settings)
        reach = np.stack([self.reach(slot.domain, arrays) for slot in slots])
        ground, geometry, limits = self.view.ground, self.view.store.geometry, limits_of(self.settings)

        def join(first: int, last: int, wanted: Bytes, asked: Bytes, exact: Exact) -> None:
            backtracking.join(
                first, last, by_image, root.ids, root.words, root.stride, ids, base, offsets, words, word_base,
                strides, reach, arrays, ground, geometry, limits, MOST_STEPS, self.stop_at, wanted,
                kernels.scratch(len(slots), self.view.width), found, self.is_open, asked, exact,
            )  # fmt: skip

        self.run(join, backtracking.join, clauses, [slot.domain.offsets for slot in slots])

    def _column(self, column: Column) -> Floats:
        geometry = self.view.store.geometry
        columns = {Column.AREA: geometry.area, Column.LENGTH: geometry.length, Column.WIDTH: geometry.width}
        return columns[column] if column in columns else geometry.centroid[:, int(column) - int(Column.CX)]

    def _exceeded(self, extreme: Extreme, root: Domain, leaf: Domain, found: Words) -> None:
        """The comparison decided by each image's extreme alone, where all entities are always there."""

        def exceeded(first: int, last: int) -> None:
            selecting.exceeded(
                first, last, root.ids, root.offsets, self._column(extreme.root_column), leaf.ids, leaf.offsets,
                self._column(extreme.column), extreme.sign, extreme.strict, extreme.apart, self.wanted, found,
            )  # fmt: skip

        self.view.run(exceeded, (root.offsets, leaf.offsets))

    def _outdone(self, extreme: Extreme, root: Domain, leaf: Domain, found: Words) -> None:
        """The comparison decided from the greatest value down: what outdoes an entity also outdoes the lesser ones."""
        root_key, key = (
            -extreme.sign * self._column(column)[domain.ids]
            for column, domain in ((extreme.root_column, root), (extreme.column, leaf))
        )
        root_order, order = np.arange(len(root)), np.arange(len(leaf))

        def outdone(first: int, last: int) -> None:
            selecting.sort_across(first, last, root.offsets, root_key, root_order)
            selecting.sort_across(first, last, leaf.offsets, key, order)
            selecting.outdone(
                first, last, root.ids, root.offsets, root_order, root_key, root.words, root.stride, leaf.ids,
                leaf.offsets, order, key, leaf.words, leaf.stride, extreme.strict, extreme.apart, self.wanted, found,
            )  # fmt: skip

        self.view.run(outdone, (root.offsets, leaf.offsets))

    def count(self, slot: Slot, least: int, clauses: Sequence[Clause], outer: Slot | None) -> Words:
        """For each entity of the outer slot, or each image, whether so many of a slot's entities can be chosen."""
        size, domain = self.view.size, slot.domain
        per_image = Domain(np.zeros(size, np.int32), np.arange(size + 1), self.view.ones(), frozenset())
        parents = per_image if outer is None else outer.domain
        found = np.zeros((len(parents), self.view.width), np.uint64)
        self.need(clauses, [slot] if outer is None else [outer, slot])
        arrays = joining.arrays_of(tuple(clauses), ("" if outer is None else outer.name, slot.name), self.settings)
        reach = self.reach(domain, arrays)
        ground, geometry = self.view.ground, self.view.store.geometry
        limits = limits_of(self.settings)

        def planes() -> Words:
            return np.zeros((least.bit_length(), self.view.width), np.uint64)

        def count(first: int, last: int, wanted: Bytes, asked: Bytes, exact: Exact) -> None:
            semi_joins.count(
                first, last, least, parents.ids, parents.offsets, parents.words, parents.stride, domain.ids,
                domain.offsets, domain.words, domain.stride, reach, arrays, ground, geometry, limits, planes(),
                self.stop_at, wanted, kernels.scratch(2, self.view.width), found, self.is_open, asked, exact,
            )  # fmt: skip

        self.run(count, semi_joins.count, clauses, (domain.offsets, parents.offsets))
        return found

    def run(
        self, kernel: Looking, loop: Callable[..., None], clauses: Sequence[Clause], work: Sequence[kernels.Places]
    ) -> None:
        """Run a kernel, which calls a loop, on the wanted images: without looking at corners, then on those that ask.

        The answers are the same as with corners at once, which is done where many would ask; but what needs no corners
        needs not the code for them, which takes long to compile. As long as it is not there few images are left open.
        """
        asked = np.zeros(self.view.size, np.uint8)
        if not (joining.are_plain(clauses) and self.view.store.mostly_upright):
            self.view.run(lambda first, last: kernel(first, last, self.wanted, asked, True), work, joins=True)
            return
        self.view.run(lambda first, last: kernel(first, last, self.wanted, asked, None), work, joins=True)
        if asked.any() and are_few(asked, loop):
            np.maximum(self.is_open, asked, out=self.is_open)
        elif asked.any():
            nothing = np.zeros_like(asked)
            self.view.run(lambda first, last: kernel(first, last, asked, nothing, True), work, joins=True)

    def reach(self, domain: Domain, clauses: kernels.Clauses) -> Floats:
        """How far a domain's entities reach in each image, where clauses have windows that need it: (b, 3)."""
        if domain.reach is not None:
            return domain.reach
        reach = np.zeros((self.view.size, 3))
        if not _REACHING.isdisjoint(clauses.window.tolist()):
            geometry = self.view.store.geometry
            few = len(domain) < FEW_ENTITIES and not is_compiled(reaches.measure)
            measure = uncompiled.measure if few else reaches.measure
            measure(domain.ids, domain.offsets, geometry.centroid, geometry.bounds, geometry.area, reach)
        return reach

    def need(self, clauses: Sequence[Clause], slots: Sequence[Slot]) -> None:
        """Have the columns that the clauses look at."""
        if joining.need_rectangles(clauses):
            self.view.store.need_rectangles(frozenset().union(*(slot.domain.leaves for slot in slots)))
