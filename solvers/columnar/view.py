"""What a batch of images looks like to a question: the domains of its variables, and the worlds they are there in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import numpy as np

from solvers.columnar import chance_loops, selecting
from solvers.columnar.kernels import Bytes, Floats, Ground, Ids, Places, Reals
from solvers.columnar.store import THREADS, Store
from solvers.geometry import Booleans
from solvers.tables import ALL_ONES, Words
from solvers.worlds import CONFIDENCE_FLOOR, MAX_ENUMERATED, PERMUTATIONS, WORDS, WORLDS, draws_of

_ENTITIES_PER_THREAD = 20_000

Thresholds = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Domain:
    """The entities a variable may stand for, of some leaves: `ids` (k), by image `offsets` (b + 1).

    `words` has a row an entity, or one row for all.
    """

    ids: Ids
    offsets: Places
    words: Words
    leaves: frozenset[str]

    @property
    def stride(self) -> int:
        """0 where all entities share the one row of words."""
        return 1 if len(self.words) == len(self.ids) and len(self.ids) != 1 else 0

    def __len__(self) -> int:
        """The number of entities."""
        return len(self.ids)

    def spread_words(self) -> Words:
        """The words with a row an entity."""
        return self.words if self.stride else np.broadcast_to(self.words[:1], (len(self), self.words.shape[1]))


def surest(domain: Domain, most: int, confidence: Reals) -> Domain:
    """The most confident entities of each image, at most so many; they are always there."""
    ids, offsets = np.empty(len(domain), np.int32), np.empty_like(domain.offsets)
    selecting.surest(np.zeros(most), domain.ids, domain.offsets, confidence, ids, offsets)
    return replace(domain, ids=ids[: offsets[-1]], offsets=offsets)


def kept(domain: Domain, mask: Booleans) -> Domain:
    """The entities that a mask allows."""
    ids, offsets = np.empty(len(domain), np.int32), np.empty_like(domain.offsets)
    count = selecting.keep(mask, domain.ids, domain.offsets, ids, offsets)
    words = domain.words[mask] if domain.stride else domain.words
    return Domain(ids[:count], offsets, words, domain.leaves)


def without_absent(domain: Domain) -> Domain:
    """The domain without the entities that are in no world, where these are many."""
    real: Booleans = np.asarray(domain.words.any(axis=1))
    return domain if 4 * np.count_nonzero(real) > 3 * len(real) else kept(domain, real)


class Presence(Protocol):
    """In which worlds, or at which levels of confidence, entities are there."""

    @property
    def width(self) -> int:
        """How many words a truth value has."""

    def words_of(self, domain: Domain, *, positive: bool) -> Words:
        """A row an entity; `positive` where its quantifier stands under an even number of negations."""


@dataclass(frozen=True)
class View:
    """A batch of images; `thresholds` by leaf say which detections count at all.

    With `worlds` an entity is there in the possible worlds that these say, else always.
    """

    store: Store
    images: Places | None
    thresholds: Thresholds
    worlds: Presence | None = None

    @property
    def size(self) -> int:
        """The number of images."""
        return len(self.store.images) if self.images is None else len(self.images)

    @property
    def width(self) -> int:
        """How many words a truth value has."""
        return 1 if self.worlds is None else self.worlds.width

    @property
    def ground(self) -> Ground:
        """Scale and north of the images."""
        images = self.store.images
        every = slice(None) if self.images is None else self.images
        return Ground(images.gsd[every], images.north[every])

    def ones(self) -> Words:
        """One row: there in every world."""
        return np.full((1, self.width), ALL_ONES)

    def entities(self, leaves: frozenset[str]) -> Domain:
        """The entities of some leaves that count, always there; worlds come later, by `with_worlds`."""
        found: tuple[Ids, Places] | None = None
        for label in (label for label in self.store.labels if label in leaves):
            own = self._of_leaf(label)
            found = own if found is None else _merged(found, own, self.store.geometry.centroid)
        if found is None:
            found = np.zeros(0, np.int32), np.zeros(self.size + 1, np.int64)
        return Domain(found[0], found[1], self.ones(), leaves)

    def with_worlds(self, domain: Domain, *, positive: bool = True) -> Domain:
        """The domain with the worlds that each of its entities is in."""
        if self.worlds is None:
            return domain
        return replace(domain, words=self.worlds.words_of(domain, positive=positive))

    def _of_leaf(self, label: str) -> tuple[Ids, Places]:
        threshold = self.thresholds[label]
        if self.images is None:
            return self.store.above(label, threshold)
        starts, store = self.store.offsets(label), self.store
        offsets = np.zeros(len(self.images) + 1, np.int64)
        ids = np.empty(int(np.sum(starts[self.images + 1] - starts[self.images])), np.int32)
        selecting.select(self.images, starts, store.confidence, threshold, ids, offsets)
        return ids[: offsets[-1]], offsets

    def run(self, kernel: Callable[[int, int], None], weights: Places) -> None:
        """Call a kernel for ranges of images, side by side where it pays; `weights` (b + 1) grow with the work."""
        total = int(weights[-1])
        if total < THREADS * _ENTITIES_PER_THREAD:
            kernel(0, self.size)
            return
        cuts = np.searchsorted(weights, np.linspace(0, total, 4 * THREADS + 1)[1:-1])
        ends = [0, *map(int, cuts), self.size]
        list(self.store.threads.map(kernel, ends[:-1], ends[1:]))


def _merged(first: tuple[Ids, Places], second: tuple[Ids, Places], centroid: Floats) -> tuple[Ids, Places]:
    ids, offsets = np.empty(len(first[0]) + len(second[0]), np.int32), np.empty_like(first[1])
    selecting.merge(*first, *second, centroid, ids, offsets)
    return ids, offsets


@dataclass(frozen=True)
class BatchWorlds:
    """The possible worlds of a batch of images.

    `uncertain` (b) counts the relevant detections that are not certain; where they are few all worlds are
    `enumerated` (b): the confidences are in `of_bit` (b, 8), and `numbers` (all entities) tells which is whose.
    """

    store: Store
    seed: int
    uncertain: Places
    enumerated: Bytes
    of_bit: Floats
    numbers: Ids
    width: int = WORDS
    """How many words of the worlds are looked at; fewer than all only where none are enumerated."""

    def words_of(self, domain: Domain, *, positive: bool = True) -> Words:
        """The worlds of a domain's entities, all of them relevant; a negation changes nothing about them."""
        del positive
        store, draws = self.store, draws_of(self.seed)
        words = np.empty((len(domain), self.width), np.uint64)
        chance_loops.presence(
            domain.ids, domain.offsets, store.confidence, store.index, draws.ranks, draws.jitters, _table(self.seed),
            self.enumerated, self.numbers, _patterns(), words,
        )  # fmt: skip
        return words

    def probabilities(self, held: Words) -> Floats:
        """How probable a statement is in each image, given the worlds where it holds (b, W)."""
        found = np.empty(len(held))
        chance_loops.probabilities(held, self.enumerated, self.uncertain, self.of_bit, found)
        return np.round(found, 12)


def floors(store: Store) -> Thresholds:
    """The confidence below which no world holds a detection."""
    return dict.fromkeys(store.labels, CONFIDENCE_FLOOR)


@lru_cache(maxsize=2)
def _table(seed: int) -> Words:
    table = np.zeros((PERMUTATIONS, WORLDS + 1, WORDS), np.uint64)
    chance_loops.world_table(draws_of(seed).ranks, table)
    return table


@lru_cache(maxsize=1)
def _patterns() -> Words:
    """For each of eight detections the worlds, of all that there are, that it is in."""
    worlds = np.arange(WORLDS)
    real = (worlds[None, :] >> np.arange(MAX_ENUMERATED)[:, None]) & 1 == 1
    return np.packbits(real, axis=-1, bitorder="little").view(np.uint64)


def worlds_of(view: View, relevant: Sequence[Domain], seed: int, width: int = WORDS) -> BatchWorlds:
    """The worlds of the entities that any quantifier of a question ranges over."""
    store = view.store
    domains = _once_each(view, relevant)
    uncertain = np.zeros(view.size, np.int64)
    for domain in domains:
        chance_loops.uncertain_of(domain.ids, domain.offsets, store.confidence, uncertain)
    enumerated = (uncertain <= MAX_ENUMERATED).astype(np.uint8)
    of_bit, following = np.zeros((view.size, MAX_ENUMERATED)), np.zeros(view.size, np.int64)
    for domain in domains:
        chance_loops.number_uncertain(
            domain.ids, domain.offsets, store.confidence, enumerated, store.scratch, following, of_bit
        )
    return BatchWorlds(store, seed, uncertain, enumerated, of_bit, store.scratch, width)


def _once_each(view: View, domains: Sequence[Domain]) -> list[Domain]:
    """The same entities in domains that share none."""
    found: list[Domain] = []
    for domain in domains:
        meeting = [each for each in found if each.leaves & domain.leaves]
        found = [each for each in found if not each.leaves & domain.leaves]
        found.append(_union(view, [domain, *meeting]) if meeting else domain)
    return found


def _union(view: View, domains: Sequence[Domain]) -> Domain:
    images = np.arange(view.size, dtype=np.int64)
    keys = [(np.repeat(images, np.diff(domain.offsets)) << 32) | domain.ids for domain in domains]
    every = np.unique(np.concatenate(keys))
    offsets = np.searchsorted(every >> 32, np.arange(view.size + 1)).astype(np.int64)
    leaves = frozenset[str]().union(*(domain.leaves for domain in domains))
    return Domain((every & 0xFFFF_FFFF).astype(np.int32), offsets, domains[0].words, leaves)
