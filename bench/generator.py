"""Synthetic images as arrays: kinds of place, clusters in rows, a heavy tail of counts, a detector's confidences.

Boxes are axis-parallel with corners on a grid of 1/64 px, so that SQL can do the geometry exactly; `turned` turns them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.scene_types import SCENE_TYPES, SIDES

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_ENTITIES = 1_000
GRID = 64.0
CLUSTER_ENTITIES = 9
OWN_CLASS_SHARE = 0.15
STRAY_SHARE = 0.12
SPREAD_OF_COUNTS = 1.35
EMPTY_SHARE = 0.02
CERTAIN_SHARE = 0.5
FLOOR = 0.05


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to generate: `entities` fixes the number in each image, and `scene_type` the kind of place."""

    seed: int = 0
    entities: int | None = None
    scene_type: int | None = None
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Generated:
    """n images and m entities, those of an image together and by falling confidence.

    `width`, `height` (n, px), `gsd` (n, m/px); `image` (m) is an entity's image, `label` (m) the place in the sorted
    leaf names, `confidence` (m), `corners` (m, 8) as x0, y0, x1, y1, ... in px.
    """

    width: Integers
    height: Integers
    gsd: Floats
    image: Integers
    label: Integers
    confidence: Floats
    corners: Floats

    @property
    def index(self) -> Integers:
        """Each entity's place in its image."""
        return place_in_run(self.image)


def place_in_run(sorted_keys: Integers) -> Integers:
    """For sorted keys, how many of the same key come before each."""
    starts = np.flatnonzero(np.diff(sorted_keys, prepend=-1))
    lengths = np.diff(np.append(starts, len(sorted_keys)))
    return np.arange(len(sorted_keys)) - np.repeat(starts, lengths)


def generate(images: int, block: int, labels: Sequence[str], recipe: Recipe) -> Generated:
    """So many images over the sorted leaf names; the same recipe and block always give the same ones."""
    random = np.random.Generator(np.random.Philox(key=[recipe.seed, block]))
    kind = _kinds(random, images, recipe)
    counts = _counts(random, kind, recipe)
    side = np.array([1024, 2048, 4096])[random.choice(3, size=images, p=(0.6, 0.25, 0.15))]
    side = np.where(counts > 300, np.maximum(side, 2048), side)
    gsd = np.round(random.uniform(0.1, 1.0, images), 4)

    image = np.repeat(np.arange(images), counts)
    cluster, clusters = _clusters(random, counts, image)
    kind_of_cluster = np.repeat(kind, clusters)
    cluster_class = _draw_classes(random, kind_of_cluster, labels)
    own = random.random(len(image)) < OWN_CLASS_SHARE
    label = np.where(own, _draw_classes(random, kind[image], labels), cluster_class[cluster])

    sides = np.array([SIDES[name] for name in labels])
    image_of_cluster = np.repeat(np.arange(images), clusters)
    centre, angle = _places(random, cluster, side[image_of_cluster], sides[cluster_class])
    centre = _within(random, centre, side[image])
    corners = _boxes(random, centre, angle, sides[label], turned=recipe.turned)
    confidence = drawn_confidences(random, images, image)
    order = np.lexsort((-confidence, image))
    return Generated(side, side, gsd, image[order], label[order], confidence[order], corners[order])


def _kinds(random: np.random.Generator, images: int, recipe: Recipe) -> Integers:
    if recipe.scene_type is not None:
        return np.full(images, recipe.scene_type, np.int64)
    shares = [each.share for each in SCENE_TYPES]
    return np.asarray(random.choice(len(SCENE_TYPES), size=images, p=shares), np.int64)


def _counts(random: np.random.Generator, kind: Integers, recipe: Recipe) -> Integers:
    if recipe.entities is not None:
        return np.full(len(kind), recipe.entities, np.int64)
    median = np.array([each.median_entities for each in SCENE_TYPES])[kind]
    drawn = np.exp(random.normal(np.log(median), SPREAD_OF_COUNTS)).astype(np.int64)
    drawn[random.random(len(kind)) < EMPTY_SHARE] = 0
    return np.asarray(np.minimum(drawn, MOST_ENTITIES), np.int64)


def _clusters(random: np.random.Generator, counts: Integers, image: Integers) -> tuple[Integers, Integers]:
    """Each entity's cluster, and how many an image has; early clusters are the larger ones."""
    clusters = 1 + counts // CLUSTER_ENTITIES
    first = np.cumsum(clusters) - clusters
    drawn = first[image] + (random.random(len(image)) ** 1.5 * clusters[image]).astype(np.int64)
    return np.sort(drawn), clusters


def _draw_classes(random: np.random.Generator, kind: Integers, labels: Sequence[str]) -> Integers:
    drawn = np.empty(len(kind), np.int64)
    chance = random.random(len(kind))
    for number, scene_type in enumerate(SCENE_TYPES):
        bounds = np.cumsum(list(scene_type.mix.values()))
        codes = np.array([labels.index(name) for name in scene_type.mix])
        here = kind == number
        places = np.searchsorted(bounds / bounds[-1], chance[here], side="right")
        drawn[here] = codes[np.minimum(places, len(codes) - 1)]
    return drawn


def _places(random: np.random.Generator, cluster: Integers, side: Integers, sides: Floats) -> tuple[Floats, Floats]:
    """Centres (m, 2) in px and angles in radians: a cluster is a few rows of places, some empty, with jitter.

    `side` has for each cluster that of its image, `sides` (k, 2) the length and width of its class.
    """
    total = len(side)
    middle = random.uniform(0.05, 0.95, (total, 2)) * side[:, None]
    angle = np.where(random.random(total) < 0.5, 0.0, np.pi / 2)
    pitch = sides[:, ::-1] * random.uniform(1.15, 1.9, (total, 1))
    columns = random.integers(3, 13, total)

    slot = place_in_run(cluster)
    slot = slot + (slot * random.uniform(0.0, 0.6, len(slot))).astype(np.int64)
    grid = np.stack([slot % columns[cluster], slot // columns[cluster]], axis=1) * pitch[cluster]
    turn = angle[cluster]
    swapped = np.where((turn > 0)[:, None], grid[:, ::-1], grid)
    return middle[cluster] + swapped + random.normal(0.0, 3.0, grid.shape), turn


def _within(random: np.random.Generator, centre: Floats, side: Integers) -> Floats:
    """Some entities strayed anywhere; what would lie outside its image is mirrored into it."""
    strays = random.random(len(centre)) < STRAY_SHARE
    anywhere = random.random((len(centre), 2)) * side[:, None]
    folded = np.mod(np.where(strays[:, None], anywhere, centre), 2.0 * side[:, None])
    return np.asarray(np.minimum(folded, 2.0 * side[:, None] - folded), np.float64)


def _boxes(random: np.random.Generator, centre: Floats, angle: Floats, sides: Floats, *, turned: bool) -> Floats:
    """Four corners an entity, (m, 8); `sides` (m, 2) is the length and width of its class."""
    half = np.maximum(sides * np.exp(random.normal(0.0, 0.22, sides.shape)) / 2, 2.0)
    if turned:
        turn = angle + random.normal(0.0, 0.25, len(angle))
        along = np.stack([np.sin(turn), np.cos(turn)], axis=1) * half[:, :1]
        across = np.stack([np.cos(turn), -np.sin(turn)], axis=1) * half[:, 1:]
    else:
        upright = np.where((angle > 0)[:, None], half, half[:, ::-1])
        across, along = upright * np.array([1.0, 0.0]), upright * np.array([0.0, 1.0])
    corners = [centre + a * along + b * across for a, b in ((-1, -1), (-1, 1), (1, 1), (1, -1))]
    return np.round(np.concatenate(corners, axis=1) * GRID) / GRID


def drawn_confidences(random: np.random.Generator, images: int, image: Integers) -> Floats:
    """As a detector's: about half sure, the rest spread from the floor of 0.05 to 0.5; some images are hard."""
    certain = np.clip(random.normal(CERTAIN_SHARE, 0.2, images), 0.1, 0.9)[image]
    sure = random.beta(9.0, 2.0, len(image))
    doubtful = FLOOR + 0.45 * random.beta(0.8, 1.8, len(image))
    drawn = np.where(random.random(len(image)) < certain, sure, doubtful)
    return np.clip(drawn, FLOOR, 1.0).astype(np.float32).astype(np.float64)
