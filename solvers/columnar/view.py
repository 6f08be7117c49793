"""What a batch of images looks like to a question: the domains of its variables, and the worlds they are there in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from solvers.columnar import kernels
from solvers.columnar.kernels import Floats, Ground, Ids, Places
from solvers.columnar.store import THREADS, Store
from solvers.geometry import Booleans
from solvers.tables import ALL_ONES, Words
from solvers.worlds import CONFIDENCE_FLOOR, MAX_ENUMERATED, PERMUTATIONS, WORDS, WORLDS, draws_of, weighted

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


def kept(domain: Domain, mask: Booleans) -> Domain:
    """The entities that a mask allows."""
    ids, offsets = np.empty(len(domain), np.int32), np.empty_like(domain.offsets)
    count = kernels.keep(mask, domain.ids, domain.offsets, ids, offsets)
    words = domain.words[mask] if domain.stride else domain.words
    return Domain(ids[:count], offsets, words, domain.leaves)


@dataclass(frozen=True)
class View:
    """A batch of images; `thresholds` by leaf say which detections count at all.

    With `worlds` an entity is there in the possible worlds that these say, else always.
    """

    store: Store
    images: Places | None
    thresholds: Thresholds
    worlds: "BatchWorlds | None" = None

    @property
    def size(self) -> int:
        """The number of images."""
        return len(self.store.images) if self.images is None else len(self.images)

    @property
    def width(self) -> int:
        """How many words a truth value has."""
        return 1 if self.worlds is None else WORDS

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

    def with_worlds(self, domain: Domain) -> Domain:
        """The domain with the worlds that each of its entities is in."""
        if self.worlds is None:
            return domain
        return replace(domain, words=self.worlds.words_of(domain.ids))

    def _of_leaf(self, label: str) -> tuple[Ids, Places]:
        threshold = self.thresholds[label]
        if self.images is None:
            return self.store.above(label, threshold)
        starts, store = self.store.offsets(label), self.store
        offsets = np.zeros(len(self.images) + 1, np.int64)
        ids = np.empty(int(np.sum(starts[self.images + 1] - starts[self.images])), np.int32)
        kernels.select(self.images, starts, store.confidence, threshold, ids, offsets)
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
    kernels.merge(*first, *second, centroid, ids, offsets)
    return ids, offsets


@dataclass(frozen=True)
class BatchWorlds:
    """The possible worlds of a batch: `words` (k, W) of its relevant entities, found by `rows` (all entities).

    `uncertain` (b) counts an image's relevant detections that are not certain; up to eight, its `weights` (256) are
    the probabilities of its worlds, else they are equal.
    """

    words: Words
    rows: Ids
    uncertain: Places
    weights: Mapping[int, Floats]

    def words_of(self, ids: Ids) -> Words:
        """The words of some entities, all among those that are relevant."""
        return np.take(self.words, np.take(self.rows, ids), axis=0)

    def probabilities(self, held: Words) -> Floats:
        """How probable a statement is in each image, given the worlds where it holds (b, W)."""
        found = np.bitwise_count(held).sum(axis=1) / WORLDS
        for row, weights in self.weights.items():
            bits = np.unpackbits(np.ascontiguousarray(held[row]).view(np.uint8), bitorder="little")
            found[row] = weighted(bits[: len(weights)], weights)
        return np.asarray(found, dtype=np.float64)


def floors(store: Store) -> Thresholds:
    """The confidence below which no world holds a detection."""
    return dict.fromkeys(store.labels, CONFIDENCE_FLOOR)


@lru_cache(maxsize=2)
def _table(seed: int) -> Words:
    table = np.zeros((PERMUTATIONS, WORLDS + 1, WORDS), np.uint64)
    kernels.world_table(draws_of(seed).ranks, table)
    return table


def worlds_of(view: View, relevant: Sequence[Domain], seed: int) -> BatchWorlds:
    """The worlds of the entities that any quantifier of a question ranges over."""
    store, draws = view.store, draws_of(seed)
    ids, offsets = _union(view, relevant)
    words, uncertain = np.empty((len(ids), WORDS), np.uint64), np.zeros(view.size, np.int64)

    def draw(first: int, last: int) -> None:
        kernels.presence(
            first, last, ids, offsets, store.confidence, store.index, draws.ranks, draws.jitters, _table(seed),
            MAX_ENUMERATED, words, uncertain,
        )  # fmt: skip

    view.run(draw, offsets)
    weights: dict[int, Floats] = {}
    for row in np.flatnonzero(uncertain <= MAX_ENUMERATED).tolist():
        of_image = store.confidence[ids[offsets[row] : offsets[row + 1]]]
        weights[row] = _weights(of_image[of_image < 1])
    rows = store.scratch
    rows[ids] = np.arange(len(ids), dtype=np.int32)
    return BatchWorlds(words, rows, uncertain, weights)


def _union(view: View, domains: Sequence[Domain]) -> tuple[Ids, Places]:
    """The entities of some domains, each once, image by image."""
    if len(domains) == 1:
        return domains[0].ids, domains[0].offsets
    images = np.arange(view.size, dtype=np.int64)
    keys = [(np.repeat(images, np.diff(domain.offsets)) << 32) | domain.ids for domain in domains]
    every = np.unique(np.concatenate(keys)) if keys else np.zeros(0, np.int64)
    offsets = np.searchsorted(every >> 32, np.arange(view.size + 1)).astype(np.int64)
    return (every & 0xFFFF_FFFF).astype(np.int32), offsets


def _weights(confidences: Floats) -> Floats:
    """The probability of every world of a few detections."""
    weights = np.ones(1)
    for confidence in confidences.tolist():
        weights = np.concatenate([weights * (1 - confidence), weights * confidence])
    return weights
