"""Families of polygons, from plain boxes to degenerate ones, as scenes for the solver and for the reference."""

import math
import random
from collections.abc import Callable

from solvers.scene import Entity, Georeference, Scene
from tests.reference.scenes import Picture, Thing
from tests.strategies import DOTA_LEAVES, LABELS, Pair

Polygon = tuple[tuple[float, float], ...]
Transform = tuple[float, float, float, float, float, float]
SIDE = 100
NORTH_UP = (0.5, 0.0, 5.0, 0.0, -0.5, 9.0)
TURNED = (0.6, 0.8, 0.0, 0.8, -0.6, 0.0)
"""Its unit vectors are not exact, so that whole offsets on the edge of a cone lie in it or not by rounding alone."""

DEGENERATE: dict[str, Polygon] = {
    "a point": ((7.0, 9.0),) * 4,
    "a segment": ((0.0, 0.0), (40.0, 0.0), (20.0, 0.0)),
    "a slanted segment": ((10.0, 20.0), (40.0, 30.0), (70.0, 40.0), (40.0, 30.0)),
    "a bow tie": ((0.0, 0.0), (30.0, 20.0), (30.0, 0.0), (0.0, 20.0)),
    "a bow tie with its crossing as corner": (
        (0.0, 0.0), (20.0, 20.0), (40.0, 40.0), (40.0, 0.0), (20.0, 20.0), (0.0, 40.0),
    ),
    "two triangles that kiss": ((0.0, 0.0), (20.0, 20.0), (40.0, 0.0), (40.0, 40.0), (20.0, 20.0), (0.0, 40.0)),
    "a corner on an edge": ((0.0, 0.0), (40.0, 0.0), (40.0, 40.0), (20.0, 0.0), (0.0, 40.0)),
    "a spike outwards": ((0.0, 0.0), (10.0, 0.0), (10.0, 5.0), (15.0, 5.0), (10.0, 5.0), (10.0, 10.0), (0.0, 10.0)),
    "a spike inwards": ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (5.0, 10.0), (5.0, 5.0), (5.0, 10.0), (0.0, 10.0)),
    "a hole by a bridge": (
        (0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0), (3.0, 3.0), (3.0, 6.0), (6.0, 6.0), (6.0, 3.0),
        (3.0, 3.0),
    ),
    "a box gone round twice": ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)) * 2,
    "a pentagram": ((0.0, -20.0), (12.0, 16.0), (-19.0, -6.0), (19.0, -6.0), (-12.0, 16.0)),
    "corners on a line": ((0.0, 0.0), (2.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)),
    "a closing corner": ((0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (0.0, 4.0), (0.0, 0.0)),
    "corners given twice": ((0.0, 0.0), (0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (6.0, 4.0), (0.0, 4.0)),
    "an arrow": ((0.0, 0.0), (20.0, 10.0), (0.0, 20.0), (5.0, 10.0)),
    "a box": ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)),
    "the same box the other way round": ((0.0, 10.0), (10.0, 10.0), (10.0, 0.0), (0.0, 0.0)),
}  # fmt: skip


def grid_box(rng: random.Random) -> Polygon:
    """An upright box on a coarse grid, so that edges, centres and gaps coincide often."""
    x, y = rng.randrange(0, 60, 2), rng.randrange(0, 60, 2)
    width, height = rng.choice((4, 6, 10, 20)), rng.choice((4, 6, 10, 30))
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return _as_given(rng, [(float(a), float(b)) for a, b in corners])


def grid_polygon(rng: random.Random) -> Polygon:
    """A few corners on a grid: it may cross itself, touch itself, or be flat."""
    corners = [(rng.randrange(0, 40, 4), rng.randrange(0, 40, 4)) for _ in range(rng.randint(3, 7))]
    return tuple((float(x), float(y)) for x, y in corners)


def turned_box(rng: random.Random) -> Polygon:
    """A box anywhere, at any angle."""
    x, y, turn = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(0, math.pi)
    length, width = rng.uniform(4, 30), rng.uniform(3, 15)
    cos, sin = math.cos(turn), math.sin(turn)
    sides = [(-length, -width), (length, -width), (length, width), (-length, width)]
    return _as_given(rng, [(x + (a * cos - b * sin) / 2, y + (a * sin + b * cos) / 2) for a, b in sides])


def oval(rng: random.Random) -> Polygon:
    """A convex polygon of 3 to 40 corners."""
    return _round(rng, lambda: 1.0)


def star(rng: random.Random) -> Polygon:
    """A simple polygon of 3 to 40 corners, hardly ever convex."""
    return _round(rng, lambda: rng.uniform(0.4, 1.0))


def degenerate(rng: random.Random) -> Polygon:
    """One of the degenerate polygons, moved by whole pixels."""
    x, y = rng.randrange(60), rng.randrange(60)
    return tuple((a + x, b + y) for a, b in rng.choice(list(DEGENERATE.values())))


FAMILIES: dict[str, Callable[[random.Random], Polygon]] = {
    each.__name__: each for each in (grid_box, grid_polygon, turned_box, oval, star, degenerate)
}


def mixed(rng: random.Random) -> Polygon:
    """A polygon of any family."""
    return rng.choice(list(FAMILIES.values()))(rng)


def pair_of(polygons: list[Polygon], rng: random.Random, transform: Transform) -> Pair:
    """The same scene, georeferenced, for the solver and for the reference."""
    labels = [rng.choice(LABELS) for _ in polygons]
    drawn = list(enumerate(zip(labels, polygons, strict=True)))
    return Pair(
        Scene(
            "scene", SIDE, SIDE, tuple(Entity(index, label, 1.0, polygon) for index, (label, polygon) in drawn),
            frozenset(DOTA_LEAVES), 0.5, Georeference("EPSG:32631", transform),
        ),
        Picture(
            "scene", SIDE, SIDE, tuple(Thing(label, polygon) for _, (label, polygon) in drawn), 0.5,
            frozenset(DOTA_LEAVES), transform,
        ),
    )  # fmt: skip


def scene_of(make: Callable[[random.Random], Polygon], seed: int, entities: int) -> Pair:
    """A random scene of one family; some polygons are there twice."""
    rng = random.Random(seed)
    polygons = [make(rng) for _ in range(entities)]
    transform = TURNED if make in (turned_box, oval, star) else NORTH_UP
    return pair_of([*polygons[:-2], *rng.sample(polygons, 2)], rng, transform)


def picture_scene(picture: Picture) -> Scene:
    """What the reference read, for the solver."""
    return Scene(
        picture.image_id, picture.width, picture.height,
        tuple(Entity(index, thing.label, 1.0, thing.polygon) for index, thing in enumerate(picture.things)),
        frozenset(DOTA_LEAVES), picture.gsd,
    )  # fmt: skip


def _as_given(rng: random.Random, corners: list[tuple[float, float]]) -> Polygon:
    """The same ring from any corner on, either way round."""
    start = rng.randrange(len(corners))
    corners = corners[start:] + corners[:start]
    return tuple(reversed(corners)) if rng.random() < 0.5 else tuple(corners)


def _round(rng: random.Random, reach: Callable[[], float]) -> Polygon:
    count = rng.randint(3, 40)
    x, y, across, down = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(4, 20), rng.uniform(4, 20)
    angles = sorted(rng.uniform(0, 2 * math.pi) for _ in range(count))
    drawn = []
    for angle in angles:
        factor = reach()
        drawn.append((x + factor * across * math.cos(angle), y + factor * down * math.sin(angle)))
    return _as_given(rng, drawn)
