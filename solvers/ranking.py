"""The first images of a ranking: score, then the share of clauses that the best assignment satisfies, then the id.

Images are scored in the order of their upper bounds, until no other one can come among the first. The share is asked
for only where scores tie; of images with score 0 in the order of what their share can be at most.
"""

from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

FIRST_BATCH = 32
FIRST_CHEAP_BATCH = 96
"""So many images are scored first, the more where that is cheap."""
MOST_AT_ONCE = 4096
TIGHTENED_AT_ONCE = 8192
SAT_TIGHTENED = 1024
"""So many images that hold have their bounds tightened at once."""
DISAPPOINTING = 0.9
"""Below this share of what they promised, first scores have bounds of sat images tightened before more are scored."""
MANY_WAITING = 1000
"""From so many images on, tighter bounds are cheaper than scores."""
AFTER_TIGHTENING = 256
"""So many that still promise something are scored at once: what a batch costs apart from its images counts then."""


class Judged(Protocol):
    """What a ranking asks of n judged images, which are numbered in the order of their ids."""

    @property
    def upper_bounds(self) -> Floats:
        """What no image's score exceeds, shape (n,)."""

    @property
    def is_cheap(self) -> bool:
        """Whether a score costs little beside what a batch of them costs."""

    @property
    def can_tighten(self) -> bool:
        """Whether tighter bounds are to be had."""

    def tighter_bounds(self, images: Places) -> Floats:
        """What the scores of some images do not exceed, at some cost."""

    @property
    def is_sat(self) -> Booleans:
        """Which images are sat at the threshold, so that their share is 1."""

    def settled_scores(self, images: Places) -> Floats:
        """The scores of some images."""

    @property
    def share_bounds(self) -> Floats:
        """What no image's share exceeds, shape (n,)."""

    def share(self, image: int) -> float:
        """The share of clauses that the best assignment satisfies in one image."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One image of a ranking, by its number."""

    image: int
    score: float


def first_images(judged: Judged, count: int, looked_at: Callable[[int], None] = lambda _: None) -> list[Ranked]:
    """The first `count` images (0: all) by score, share and id; `looked_at` hears how many have been scored."""
    wanted = len(judged.is_sat) if count == 0 else min(count, len(judged.is_sat))
    scores = _scored(judged, wanted, looked_at)
    positive = np.flatnonzero(scores > 0)
    order = positive[np.lexsort((positive, ~judged.is_sat[positive], -scores[positive]))]
    found: list[Ranked] = []
    for score, tied in groupby(order.tolist(), key=lambda image: float(scores[image])):
        if len(found) >= wanted:
            break
        found.extend(Ranked(image, score) for image in _by_share(judged, list(tied), wanted - len(found)))
    if len(found) < wanted:
        others = np.flatnonzero(~(scores > 0))
        found.extend(Ranked(image, 0.0) for image in _first_by_share(judged, others, wanted - len(found)))
    return found


def _scored(judged: Judged, wanted: int, looked_at: Callable[[int], None]) -> Floats:
    """The scores of all images that can be among the first; NaN for the others, and where the bound is 0."""
    race = _Race(judged, wanted)
    done = 0
    for batch in _batches(race):
        race.put(batch, judged.settled_scores(batch))
        done += len(batch)
        looked_at(done)
    return race.scores


class _Race:
    """The images without a score that may still come among the first: always fewer, as bounds fall and scores come."""

    def __init__(self, judged: Judged, wanted: int) -> None:
        self.judged, self.wanted = judged, wanted
        self.bounds = judged.upper_bounds.copy() if judged.can_tighten else judged.upper_bounds
        self.scores = np.full(len(self.bounds), np.nan)
        self._waiting: Places = np.flatnonzero(self.bounds > 0) if wanted else np.zeros(0, np.int64)
        self._positive = np.zeros(0, np.int64)
        self._has_scores = False

    def put(self, batch: Places, scores: Floats) -> None:
        """Take up the scores of some images."""
        self.scores[batch] = scores
        self._has_scores = True
        self._positive = np.concatenate([self._positive, batch[scores > 0]])

    @property
    def disappoints(self) -> bool:
        """Whether the first ones so far fall so short of their bounds that these tell little of the others."""
        best = np.sort(self.scores[self._positive])[::-1][: self.wanted]
        return len(best) == 0 or bool(best[-1] < DISAPPOINTING * self.bounds[self._positive].max())

    def waiting(self) -> Places:
        """The images, ascending."""
        found, known = self._waiting, np.sort(self._positive)
        if 0 < self.wanted <= len(known):
            scores, is_sat = self.scores[known], self.judged.is_sat
            least = np.partition(scores, len(known) - self.wanted)[len(known) - self.wanted]
            better = int(np.count_nonzero(scores > least))
            tied = known[scores == least]
            last = tied[np.lexsort((tied, ~is_sat[tied]))][self.wanted - better - 1]
            found = found[self.bounds[found] >= least]
            if is_sat[last]:
                found = found[(self.bounds[found] > least) | (is_sat[found] & (found < last))]
        if self._has_scores:
            found = np.asarray(found[np.isnan(self.scores[found])])
        self._waiting = found
        return found


def _batches(race: _Race) -> Iterator[Places]:
    """Always the images that promise most of those that can still be among the first.

    Scores come meanwhile; bounds are tightened, once each, where they promised too much or many promise as much.
    """
    judged, bounds = race.judged, race.bounds
    size = max(FIRST_CHEAP_BATCH if judged.is_cheap else FIRST_BATCH, 2 * race.wanted)
    tight = np.full(len(bounds), not judged.can_tighten)
    waiting = race.waiting()
    sat = waiting[judged.is_sat[waiting]]
    if len(sat):
        yield _best(sat, bounds, min(size, MOST_AT_ONCE))
        waiting = race.waiting()
        sat = waiting[judged.is_sat[waiting]]
        if len(sat) > 2 * size and judged.can_tighten and race.disappoints:
            loose = _best(sat, bounds, SAT_TIGHTENED)
            bounds[loose], tight[loose] = judged.tighter_bounds(loose), True
        if len(sat):
            yield _best(sat, bounds, min(2 * size, MOST_AT_ONCE))
    while True:
        waiting = race.waiting()
        if not len(waiting):
            return
        batch = _best(waiting, bounds, min(size, MOST_AT_ONCE))
        loose = batch[~tight[batch]]
        if len(loose) and len(waiting) > MANY_WAITING:
            loose = _best(waiting[~tight[waiting]], bounds, TIGHTENED_AT_ONCE)
            bounds[loose], tight[loose] = judged.tighter_bounds(loose), True
            size = max(size, AFTER_TIGHTENING)
            continue
        yield batch
        size *= 2


def _best(images: Places, bounds: Floats, size: int) -> Places:
    """The images with the greatest bounds, of equals the first."""
    if len(images) <= size:
        return images
    own = bounds[images]
    least = np.partition(own, len(images) - size)[len(images) - size]
    better, level = images[own > least], images[own == least]
    return np.sort(np.concatenate([better, level[: size - len(better)]]))


def _by_share(judged: Judged, tied: Sequence[int], wanted: int) -> list[int]:
    """Images of one score by share and id: those that are sat come first, and have been put first."""
    sat = [image for image in tied if judged.is_sat[image]]
    others = [image for image in tied if not judged.is_sat[image]]
    if len(sat) >= wanted or len(others) < 2:
        return (sat + others)[:wanted]
    return sat + _first_by_share(judged, np.array(others, np.int64), wanted - len(sat))


def _first_by_share(judged: Judged, images: Places, wanted: int) -> list[int]:
    """The first images by share and id; those whose bound cannot bring them among them are not asked."""
    bounds = judged.share_bounds[images]
    order = np.lexsort((images, -bounds))
    best: list[tuple[float, int]] = []
    for place in order.tolist():
        image, bound = int(images[place]), float(bounds[place])
        if len(best) >= wanted and (-bound, image) > best[wanted - 1]:
            if -bound > best[wanted - 1][0]:
                break
            continue
        insort(best, (-(1.0 if judged.is_sat[image] else judged.share(image)), image))
    return [image for _, image in best[:wanted]]
