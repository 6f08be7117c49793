"""The possible worlds of a batch of images: in which of them each detection is there, and how probable they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from solvers.columnar import chance_loops, uncompiled
from solvers.columnar.compiled import is_compiled
from solvers.columnar.kernels import Bytes, Floats, Places
from solvers.columnar.store import FEW_ENTITIES, Store, numbers_within
from solvers.columnar.view import Domain, Thresholds, View
from solvers.geometry import Booleans
from solvers.tables import Words
from solvers.worlds import CONFIDENCE_FLOOR, MAX_ENUMERATED, PERMUTATIONS, WORDS, WORLDS, draws_of

FEW_IMAGES = 1_000
"""For the probabilities of so many numpy takes less time than compiling takes."""


@dataclass(frozen=True)
class BatchWorlds:
    """The possible worlds of a batch of images.

    `uncertain` (b) counts the relevant detections that are not certain, at least as far as few; there all worlds are
    `enumerated` (b): the confidences are in `of_bit` (b, 8), and `numbers` (all entities) tells which is whose.
    """

    store: Store
    seed: int
    uncertain: Places
    enumerated: Bytes
    of_bit: Floats
    numbers: Bytes
    width: int = WORDS
    """How many words of the worlds are looked at; with fewer than all none are enumerated."""

    @classmethod
    def drawn(cls, store: Store, seed: int, uncertain: Places) -> "BatchWorlds":
        """The first few of the worlds, none of them enumerated."""
        size = len(uncertain)
        nothing, of_bit = np.zeros(size, np.uint8), np.zeros((size, MAX_ENUMERATED))
        return cls(store, seed, uncertain, nothing, of_bit, store.scratch, width=1)

    def words_of(self, domain: Domain, *, positive: bool = True) -> Words:
        """The worlds of a domain's entities, all of them relevant; a negation changes nothing about them."""
        del positive
        store, draws = self.store, draws_of(self.seed)
        words = np.empty((len(domain), self.width), np.uint64)
        table, patterns = _table(self.seed), _patterns()
        if len(domain) < FEW_ENTITIES and not is_compiled(chance_loops.presence):
            uncompiled.presence(
                domain.ids, domain.offsets, store.confidence, store.index, draws.ranks, draws.jitters, table,
                self.enumerated, self.numbers, patterns, words,
            )  # fmt: skip
            return words

        def presence(first: int, last: int) -> None:
            chance_loops.presence(
                first, last, domain.ids, domain.offsets, store.confidence, store.index, draws.ranks, draws.jitters,
                table, self.enumerated, self.numbers, patterns, words,
            )  # fmt: skip

        store.run(presence, len(domain.offsets) - 1, [domain.offsets])
        return words

    def probabilities(self, held: Words) -> Floats:
        """How probable a statement is in each image, given the worlds where it holds (b, W)."""
        found = np.empty(len(held))
        few = len(held) < FEW_IMAGES and not is_compiled(chance_loops.probabilities)
        loop = uncompiled.probabilities if few else chance_loops.probabilities
        loop(held, self.enumerated, self.uncertain, self.of_bit, found)
        return np.round(found, 12)


def floors(store: Store) -> Thresholds:
    """The confidence below which no world holds a detection."""
    return dict.fromkeys(store.labels, CONFIDENCE_FLOOR)


@lru_cache(maxsize=2)
def _table(seed: int) -> Words:
    """For each permutation and each share of the worlds the words of those with a rank below it."""
    ranks, (rows, worlds) = draws_of(seed).ranks, np.indices((PERMUTATIONS, WORLDS))
    table = np.zeros((PERMUTATIONS, WORLDS + 1, WORDS), np.uint64)
    table[rows, ranks.astype(np.int64) + 1, worlds >> 6] = np.uint64(1) << (worlds & 63).astype(np.uint64)
    return np.bitwise_or.accumulate(table, axis=1)


@lru_cache(maxsize=1)
def _patterns() -> Words:
    """For each of eight detections the worlds, of all that there are, that it is in."""
    worlds = np.arange(WORLDS)
    real = (worlds[None, :] >> np.arange(MAX_ENUMERATED)[:, None]) & 1 == 1
    return np.packbits(real, axis=-1, bitorder="little").view(np.uint64)


def worlds_of(view: View, relevant: Sequence[Domain], seed: int) -> BatchWorlds:
    """The worlds of the entities that any quantifier of a question ranges over."""
    store, domains = view.store, _once_each(view, relevant)
    uncertain = _count(view, domains)
    of_bit = np.zeros((view.size, MAX_ENUMERATED))
    enumerated, following = uncertain <= MAX_ENUMERATED, np.zeros(view.size, np.int64)
    for domain in domains:
        _number(domain, store, enumerated, following, of_bit)
    return BatchWorlds(store, seed, uncertain, enumerated.astype(np.uint8), of_bit, store.scratch)


def count_uncertain(view: View, relevant: Sequence[Domain]) -> Places:
    """How many of these entities are not certain, as far as they are few: shape (b,)."""
    return _count(view, _once_each(view, relevant))


def _count(view: View, domains: Sequence[Domain]) -> Places:
    found = np.zeros(view.size, np.int64)
    for domain in domains:
        if len(domain) < FEW_ENTITIES and not is_compiled(chance_loops.count_uncertain):
            found += np.diff(numbers_within(view.store.confidence[domain.ids] < 1.0, domain.offsets))
            continue
        view.run(partial(_count_in, domain, view.store, found), [domain.offsets])
    return found


def _count_in(domain: Domain, store: Store, found: Places, first: int, last: int) -> None:
    chance_loops.count_uncertain(first, last, domain.ids, domain.offsets, store.confidence, MAX_ENUMERATED, found)


def _number(domain: Domain, store: Store, wanted: Booleans, following: Places, of_bit: Floats) -> None:
    """Number the uncertain entities of the wanted images on from `following`; `of_bit` gets the confidence of each."""
    confidence = store.confidence[domain.ids]
    mask = (confidence < 1.0) & np.repeat(wanted, np.diff(domain.offsets))
    starts = numbers_within(mask, domain.offsets)
    counts = np.diff(starts)
    image = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(int(starts[-1])) - np.repeat(starts[:-1] - following, counts)
    store.scratch[domain.ids[mask]] = number
    of_bit[image, number] = confidence[mask]
    following += counts


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
