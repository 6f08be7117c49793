"""Pools of entities that small scenes are drawn from: sized and placed around what some formulas speak of.

A pool is one scene with more entities than any scene needs, and a table of which of them each of many small scenes
has. Everything is drawn from a seed that counts the pools, so the same formulas are given the same ones every time.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from solvers.fol.ast import Atom, Comparison, Formula, Quantity, subformulas
from solvers.fol.signature import UNITS, Dimension
from solvers.geometry import Booleans, Floats
from solvers.ontology import Ontology
from solvers.scene import Entity, Georeference, Polygon, Scene
from solvers.tables import Words
from solvers.theory import Lack

SCENES_AT_ONCE = 1_024
LEAST_ENTITIES = 32
MOST_ENTITIES = 64
MOST_LABELS = 8
_SIDE = 1_000.0
_LENGTHS = (12.0, 30.0, 80.0)
_PIXELS_FOR_A_METRIC_LENGTH = (16.0, 64.0, 128.0)
_TURNS = (0.0, 0.0, 0.0, 90.0, 45.0, 30.0)


@dataclass(frozen=True)
class Pool:
    """One scene, and which of its entities each small scene has: `presence` has shape (entities, words)."""

    scene: Scene
    presence: Words


@dataclass(frozen=True)
class Subject:
    """What some formulas speak of: leaf labels, one that none of them names among them, and lengths."""

    labels: tuple[str, ...]
    pixels: tuple[float, ...]
    metres: tuple[float, ...]
    lacks: frozenset[Lack]
    known_labels: frozenset[str]


def subject_of(formulas: Sequence[Formula], ontology: Ontology, lacks: frozenset[Lack]) -> Subject:
    """What to draw for; of an area the length is its square root, and areas and lengths are in base units."""
    every = tuple(each for formula in formulas for each in subformulas(formula))
    named = dict.fromkeys(each.predicate for each in every if isinstance(each, Atom))
    leaves = dict.fromkeys(leaf for name in named for leaf in sorted(ontology.leaves_of.get(name, ())))
    others = [leaf for leaf in ontology.leaf_names if leaf not in leaves]
    labels = (*others[:1], *leaves)[:MOST_LABELS]
    lengths: dict[bool, dict[float, None]] = {True: {}, False: {}}
    for each in every:
        for side in (each.left, each.right) if isinstance(each, Comparison) else ():
            if isinstance(side, Quantity) and side.unit is not None and side.value > 0:
                unit = UNITS[side.unit]
                value = side.value * unit.factor
                lengths[unit.metric][math.sqrt(value) if unit.dimension is Dimension.AREA else value] = None
    return Subject(labels, tuple(lengths[False]), tuple(lengths[True]), lacks, frozenset(ontology.leaf_names))


def make_pools(subject: Subject, count: int) -> Iterator[Pool]:
    """So many pools, one after the other; every third lacks what the formulas allow a scene to lack."""
    for number in range(count):
        generator = np.random.Generator(np.random.Philox(number))
        complete = not subject.lacks or number % 3 < 2
        gsd = _gsd(subject, generator) if complete or generator.random() < 0.5 else None
        with_north = Lack.NORTH in subject.lacks and (complete or (gsd is None and generator.random() < 0.5))
        north = _georeference(generator) if with_north else None
        lengths = (*subject.pixels, *(each / gsd for each in subject.metres if gsd is not None))
        side = math.ceil(max(_SIDE, 4 * max(lengths, default=0.0)))
        size = min(MOST_ENTITIES, max(LEAST_ENTITIES, 6 * len(subject.labels)))
        usual = (*lengths, *lengths, *_LENGTHS) if lengths else _LENGTHS
        polygons = (_grid if number % 2 else _scattered)(size, usual, float(side), generator)
        labels = generator.choice(len(subject.labels), size=size)
        entities = tuple(
            Entity(index, subject.labels[label], 1.0, polygon)
            for index, (label, polygon) in enumerate(zip(labels, polygons, strict=True))
        )
        scene = Scene(f"pool{number}", side, side, entities, subject.known_labels, gsd, north)
        yield Pool(scene, as_words(_subsets(labels, generator)))


def as_words(members: Booleans) -> Words:
    """Which entities each small scene has, from shape (entities, scenes), a multiple of 64 scenes, to words."""
    return np.packbits(members, axis=-1, bitorder="little").view(np.uint64)


def _gsd(subject: Subject, generator: np.random.Generator) -> float | None:
    if not subject.metres:
        return None
    if generator.random() < 0.3:
        return 1.0
    return float(generator.choice(subject.metres) / generator.choice(_PIXELS_FOR_A_METRIC_LENGTH))


def _georeference(generator: np.random.Generator) -> Georeference:
    turn = math.radians(float(generator.choice((0.0, 30.0, 90.0, 200.0))))
    cosine, sine = math.cos(turn), math.sin(turn)
    return Georeference("EPSG:32631", (cosine, sine, 0.0, sine, -cosine, 0.0))


def _subsets(labels: np.typing.NDArray[np.int64], generator: np.random.Generator) -> Booleans:
    """Which entities each small scene has: none in the first, else mostly few, often of some labels only."""
    entities, scenes = len(labels), SCENES_AT_ONCE
    order = generator.random((entities, scenes))
    allowed = generator.random((int(labels.max()) + 1, scenes)) < generator.choice((0.4, 0.7, 1.0), size=scenes)
    order[~allowed[labels]] = np.inf
    few, some = generator.integers(1, 5, size=scenes), generator.integers(5, 13, size=scenes)
    many = generator.integers(1, entities + 1, size=scenes)
    sizes = np.choose(generator.choice(4, size=scenes), (few, few, some, many))
    sizes[0] = 0
    places = np.argsort(np.argsort(order, axis=0), axis=0)
    return np.asarray((places < sizes) & np.isfinite(order))


def _scattered(count: int, lengths: Sequence[float], side: float, generator: np.random.Generator) -> list[Polygon]:
    """Boxes of all sizes, many of them set off from one before by a length that matters, or continuing a line."""
    centres: list[Floats] = []
    shapes: list[Floats] = []
    for number in range(count):
        shape = _shape(lengths, side, generator)
        if number and generator.random() < 0.4:
            shape = shapes[generator.integers(number)]
        centre = generator.random(2) * side
        kind = generator.random()
        if number > 1 and kind < 0.25:
            first, second = generator.choice(number, size=2, replace=False)
            centre = 2 * centres[second] - centres[first]
        elif number and kind < 0.75:
            before = generator.integers(number)
            reach = float(generator.choice((0.0, 0.2, 0.5, 0.55, 1.0, 2.0))) * (shape[0] + shapes[before][0])
            if generator.random() < 0.4:
                reach = reach / 2 + float(generator.choice(lengths)) * float(generator.choice((0.5, 0.9, 1.1)))
            turn = math.radians(float(generator.integers(8)) * 45.0 + float(generator.choice((0.0, 0.0, 7.0, 20.0))))
            centre = centres[before] + reach * np.array([math.cos(turn), math.sin(turn)])
        centres.append(np.asarray(centre % side))
        shapes.append(shape)
    return [_box(centre, shape) for centre, shape in zip(centres, shapes, strict=True)]


def _grid(count: int, lengths: Sequence[float], side: float, generator: np.random.Generator) -> list[Polygon]:
    """Boxes of one or two sizes in lines, so that rows, columns and crowds of equal things are among them."""
    across = int(generator.integers(5, 9))
    shapes = [_shape(lengths, side, generator) for _ in range(int(generator.integers(1, 3)))]
    step = min(side / across, max(shapes[0][0], 2.0) * float(generator.choice((1.05, 1.5, 3.0, 6.0))))
    start = generator.random(2) * (side - step * across) + step / 2
    places = [start + step * np.array([number % across, number // across]) for number in range(count)]
    return [_box(place, shapes[generator.integers(len(shapes))]) for place in places]


def _shape(lengths: Sequence[float], side: float, generator: np.random.Generator) -> Floats:
    """Length, width and turn in degrees."""
    length = float(generator.choice(lengths)) * float(generator.choice((0.3, 0.7, 1.0, 1.0, 1.4, 3.0)))
    length = min(max(length, 2.0), side / 3)
    return np.array([length, length / float(generator.choice((1.0, 1.0, 1.5, 4.0))), float(generator.choice(_TURNS))])


def _box(centre: Floats, shape: Floats) -> Polygon:
    length, width, turn = shape
    along = np.array([math.cos(math.radians(turn)), math.sin(math.radians(turn))]) * length / 2
    beside = np.array([-math.sin(math.radians(turn)), math.cos(math.radians(turn))]) * width / 2
    corners = (centre - along - beside, centre + along - beside, centre + along + beside, centre - along + beside)
    return tuple((round(float(x), 3), round(float(y), 3)) for x, y in corners)
