"""What a batch of images looks like to a question: the domains of its variables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from solvers.columnar import selecting
from solvers.columnar.kernels import Floats, Ground, Ids, Places
from solvers.columnar.store import FEW_ENTITIES, Store, merged, numbers_within
from solvers.geometry import Booleans
from solvers.tables import ALL_ONES, Words

Thresholds = Mapping[str, float]


class Presence(Protocol):
    """In which worlds, or at which levels of confidence, entities are there."""

    @property
    def width(self) -> int:
        """How many words a truth value has."""

    def words_of(self, domain: "Domain", *, positive: bool) -> Words:
        """A row an entity; `positive` where its quantifier stands under an even number of negations."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The entities a variable may stand for, of some leaves: `ids` (k), by image `offsets` (b + 1).

    `words` has a row an entity, or one row for all; `reach` (b, 3) is no less than what `reaches` would measure.
    """

    ids: Ids
    offsets: Places
    words: Words
    leaves: frozenset[str]
    reach: Floats | None = None

    @property
    def stride(self) -> int:
        """0 where all entities share the one row of words."""
        return 1 if len(self.words) == len(self.ids) and len(self.ids) != 1 else 0

    @property
    def always(self) -> bool:
        """Whether all entities are in every world."""
        return not self.stride and bool((self.words[:1] == ALL_ONES).all())

    def __len__(self) -> int:
        """The number of entities."""
        return len(self.ids)

    def spread_words(self) -> Words:
        """The words with a row an entity."""
        return self.words if self.stride else np.broadcast_to(self.words[:1], (len(self), self.words.shape[1]))


@dataclass(frozen=True)
class View:
    """A batch of images; `thresholds` by leaf say which detections count at all.

    With `worlds` an entity is there in the possible worlds that these say, else always.
    """

    store: Store
    images: Places | None
    thresholds: Thresholds
    worlds: Presence | None = None
    _found: dict[frozenset[str], tuple[Ids, Places]] = field(default_factory=dict)
    _words: dict[tuple[int, bool], Words] = field(default_factory=dict, init=False)
    """The worlds of what is in `_found`, by the identity of its entities."""

    @property
    def size(self) -> int:
        """The number of images."""
        return len(self.store.images) if self.images is None else len(self.images)

    @property
    def width(self) -> int:
        """How many words a truth value has."""
        return 1 if self.worlds is None else self.worlds.width

    @cached_property
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
        if self.images is None:
            ids, offsets, reach = self.store.above(leaves, self.thresholds)
            return Domain(ids, offsets, self.ones(), leaves, reach)
        if leaves not in self._found:
            found = np.zeros(0, np.int32), np.zeros(self.size + 1, np.int64)
            for place, label in enumerate(label for label in self.store.labels if label in leaves):
                own = self.store.selected(label, self.thresholds[label], self.images)
                found = own if place == 0 else merged(found, own, self.store.geometry.centroid)
            self._found[leaves] = found
        return Domain(*self._found[leaves], self.ones(), leaves)

    def with_worlds(self, domain: Domain, *, positive: bool = True) -> Domain:
        """The domain with the worlds that each of its entities is in."""
        if self.worlds is None:
            return domain
        known = self.with_known_worlds(domain, positive=positive)
        if known is not None:
            return known
        words = self.worlds.words_of(domain, positive=positive)
        if any(domain.ids is ids for ids, _ in self._found.values()):
            self._words[id(domain.ids), positive] = words
        return replace(domain, words=words)

    def with_known_worlds(self, domain: Domain, *, positive: bool) -> Domain | None:
        """The same if these worlds have been asked for before."""
        known = self._words.get((id(domain.ids), positive))
        return None if known is None else replace(domain, words=known)

    def run(self, kernel: Callable[[int, int], None], work: Sequence[Places], *, joins: bool = False) -> None:
        """Call a kernel, which may join entities, for ranges of images; the work grows with all of the offsets."""
        self.store.run(kernel, self.size, work, joins=joins)

    def counts(self, domain: Domain, mask: Booleans) -> Places:
        """How many entities of a domain a mask allows in each image."""
        if len(domain) < FEW_ENTITIES:
            return np.diff(numbers_within(mask, domain.offsets))
        return np.diff(self._offsets_kept(domain, mask))

    def kept(self, domain: Domain, mask: Booleans) -> Domain:
        """The entities of a domain that a mask allows."""
        if len(domain) < FEW_ENTITIES:
            ids, offsets = domain.ids[mask], numbers_within(mask, domain.offsets)
        else:
            ids, offsets = self._kept_of_many(domain, np.require(mask, requirements=["C", "W"]))
        words = domain.words[mask] if domain.stride else domain.words
        return replace(domain, ids=ids, offsets=offsets, words=words)

    def _offsets_kept(self, domain: Domain, mask: Booleans) -> Places:
        """Where those of each image would start."""
        offsets = np.zeros(self.size + 1, np.int64)
        self.run(lambda first, last: selecting.count_kept(first, last, mask, domain.offsets, offsets), [domain.offsets])
        return np.cumsum(offsets, out=offsets)

    def _kept_of_many(self, domain: Domain, mask: Booleans) -> tuple[Ids, Places]:
        offsets = self._offsets_kept(domain, mask)
        ids = np.empty(int(offsets[-1]), np.int32)
        self.run(
            lambda first, last: selecting.keep(first, last, mask, domain.ids, domain.offsets, ids, offsets),
            [domain.offsets],
        )
        return ids, offsets

    def without_absent(self, domain: Domain) -> Domain:
        """The domain without the entities that are in no world, where these are many."""
        real: Booleans = np.asarray(domain.words[:, 0] != 0 if self.width == 1 else domain.words.any(axis=1))
        if 4 * np.count_nonzero(real) > 3 * len(real):
            return domain
        # Without worlds what is there is always there.
        return self.kept(replace(domain, words=self.ones()) if self.worlds is None else domain, real)

    def surest(self, domain: Domain, most: int) -> Domain:
        """The most confident entities of each image, at most so many."""
        offsets = np.concatenate([[0], np.cumsum(np.minimum(np.diff(domain.offsets), most))]).astype(np.int64)
        ids = np.empty(int(offsets[-1]), np.int32)

        def choose(first: int, last: int) -> None:
            selecting.surest(
                first, last, np.zeros(most), domain.ids, domain.offsets, self.store.confidence, ids, offsets
            )

        self.run(choose, [domain.offsets])
        return replace(domain, ids=ids, offsets=offsets)

    def united(self, domain: Domain, other: Domain) -> Domain:
        """The entities of two domains that share none, always there."""
        both = merged((domain.ids, domain.offsets), (other.ids, other.offsets), self.store.geometry.centroid)
        return Domain(*both, self.ones(), domain.leaves | other.leaves)

    def part(self, places: Places) -> "View":
        """Some of these images, without worlds."""
        images = places if self.images is None else self.images[places]
        return View(self.store, images, self.thresholds)

    def of_part(self, places: Places, domain: Domain) -> Domain:
        """A domain over some of these images as one over all."""
        counts = np.zeros(self.size + 1, np.int64)
        counts[places + 1] = np.diff(domain.offsets)
        return replace(domain, offsets=np.cumsum(counts), words=self.ones())

    def firsts(self, known: Domain) -> Domain:
        """Of a domain of the whole store the first entity of each image of this view that is in its world."""
        assert self.images is not None
        ids, offsets = np.empty(self.size, np.int32), np.zeros(self.size + 1, np.int64)
        count = selecting.firsts(self.images, known.ids, known.offsets, known.words, known.stride, ids, offsets)
        return replace(known, ids=ids[:count], offsets=offsets, words=self.ones())
