"""The relations of the design, each over all tuples of conditioned subsets at once.

A relation takes one index array an argument and answers with a boolean array of that many axes; the arrays need not
be sorted, and may share entities. Every relation is false of an entity and itself, `same_class` apart.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np

from solvers.geometry import Booleans, Floats, Indices, Shapes
from solvers.regions import REGIONS, Placed, Region
from solvers.scene import Georeference, Scene
from solvers.settings import RelationSettings


@dataclass(frozen=True)
class Measured:
    """A scene with its shapes measured, ready for relations."""

    scene: Scene
    settings: RelationSettings = field(default_factory=RelationSettings)

    @cached_property
    def shapes(self) -> Shapes:
        """The entities' geometry, in the scene's order."""
        return Shapes(self.scene.entities)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The entities' labels, in the scene's order."""
        return tuple(entity.label for entity in self.scene.entities)

    @cached_property
    def north(self) -> tuple[float, float] | None:
        """The vector to north in pixels, as `north_of` has it, or None where the image is not georeferenced."""
        return None if self.scene.georeference is None else north_of(self.scene.georeference)


MIRRORED = 2.0
"""The length of the vector to north of an image that shows the ground as in a mirror: rows from south to north, say."""


def north_of(georeference: Georeference) -> tuple[float, float]:
    """The vector to north, in pixels to the right and down, of length 1; of a mirrored image, of length MIRRORED."""
    a, b, _, d, e, _ = georeference.transform
    step = np.linalg.solve(np.array([[a, b], [d, e]]), np.array([0.0, 1.0]))
    unit = step / np.hypot(*step)
    length = MIRRORED if a * e - b * d > 0 else 1.0
    return float(unit[0]) * length, float(unit[1]) * length


Relation = Callable[..., Booleans]


def is_known(name: str, measured: Measured) -> bool:
    """Whether a relation has a value on this image at all."""
    return measured.north is not None or name not in COMPASS


def _offsets(measured: Measured, a: Indices, b: Indices) -> tuple[Floats, Floats]:
    """dx and dy from the centroid of each a to that of each b."""
    centre = measured.shapes.centroid
    delta = centre[b][None, :, :] - centre[a][:, None, :]
    return delta[..., 0], delta[..., 1]


def _left_of(measured: Measured, a: Indices, b: Indices) -> Booleans:
    dx, dy = _offsets(measured, a, b)
    return (dx > 0) & (np.abs(dy) <= dx)


def _above(measured: Measured, a: Indices, b: Indices) -> Booleans:
    dx, dy = _offsets(measured, a, b)
    return (dy > 0) & (np.abs(dx) <= dy)


def _quadrant(right: float, down: float) -> Relation:
    """b lies to the right (1) or left (-1), and down (1) or up (-1), of a."""

    def relation(measured: Measured, a: Indices, b: Indices) -> Booleans:
        dx, dy = _offsets(measured, a, b)
        return (right * dx > 0) & (down * dy > 0)

    return relation


def _north_of(measured: Measured, a: Indices, b: Indices) -> Booleans:
    ahead, aside = _turned(measured, a, b)
    return (ahead < 0) & (np.abs(aside) <= -ahead)


def _west_of(measured: Measured, a: Indices, b: Indices) -> Booleans:
    ahead, aside = _turned(measured, a, b)
    return (aside > 0) & (np.abs(ahead) <= aside)


def _turned(measured: Measured, a: Indices, b: Indices) -> tuple[Floats, Floats]:
    """How far b lies north, and how far east, of a, up to one factor; all zero where north is not known."""
    dx, dy = _offsets(measured, a, b)
    north_x, north_y = measured.north or (0.0, 0.0)
    ahead, aside = dx * north_x + dy * north_y, -dx * north_y + dy * north_x
    return ahead, -aside if is_mirrored(north_x, north_y) else aside


def is_mirrored(north_x: float, north_y: float) -> bool:
    """Whether east lies to the left of this north."""
    return north_x * north_x + north_y * north_y > MIRRORED


def _inverse(relation: Relation) -> Relation:
    def inverse(measured: Measured, a: Indices, b: Indices) -> Booleans:
        held: Booleans = relation(measured, b, a).T
        return held

    return inverse


def _distinct(relation: Relation) -> Relation:
    """The relation, false of an entity and itself."""

    def distinct(measured: Measured, a: Indices, b: Indices) -> Booleans:
        held: Booleans = relation(measured, a, b) & (a[:, None] != b[None, :])
        return held

    return distinct


def _within_sizes(sizes: Callable[[RelationSettings], float]) -> Relation:
    """The gap is at most so many sizes of the larger one."""

    def relation(measured: Measured, a: Indices, b: Indices) -> Booleans:
        size = measured.shapes.size
        limits = sizes(measured.settings) * np.maximum(size[a][:, None], size[b][None, :])
        return measured.shapes.gaps_within(a, b, limits)

    return relation


def _overlaps(measured: Measured, a: Indices, b: Indices) -> Booleans:
    found = np.zeros((len(a), len(b)), dtype=np.bool_)
    row, column, shared = measured.shapes.shared_areas(a, b)
    found[row, column] = shared > measured.settings.overlap_area
    return found


def _inside(measured: Measured, a: Indices, b: Indices) -> Booleans:
    area = measured.shapes.area
    found = np.zeros((len(a), len(b)), dtype=np.bool_)
    row, column, shared = measured.shapes.shared_areas(a, b)
    inner, outer = area[a][row], area[b][column]
    found[row, column] = (inner > 0) & (inner < outer) & (shared >= measured.settings.inside_share * inner)
    return found


def _on(measured: Measured, a: Indices, b: Indices) -> Booleans:
    area = measured.shapes.area
    return (area[a][:, None] < area[b][None, :]) & measured.shapes.centres_covered(a, b)


def _larger_than(measured: Measured, a: Indices, b: Indices) -> Booleans:
    area = measured.shapes.area
    return area[a][:, None] > area[b][None, :]


def _angle_between(measured: Measured, a: Indices, b: Indices) -> Floats:
    """The angle between the major axes in degrees, in [0, 90]."""
    axis = measured.shapes.axis
    turn = np.abs(axis[a][:, None] - axis[b][None, :]) % 180.0
    return np.minimum(turn, 180.0 - turn)


def _squarish(measured: Measured) -> Booleans:
    return np.asarray(measured.shapes.length < measured.settings.square_ratio * measured.shapes.width)


def _parallel(measured: Measured, a: Indices, b: Indices) -> Booleans:
    angle = _angle_between(measured, a, b)
    square = _squarish(measured)
    either = square[a][:, None] | square[b][None, :]
    return np.where(either, np.minimum(angle, 90.0 - angle), angle) <= measured.settings.parallel_degrees


def _perpendicular(measured: Measured, a: Indices, b: Indices) -> Booleans:
    return _angle_between(measured, a, b) >= 90.0 - measured.settings.parallel_degrees


def _aligned(measured: Measured, a: Indices, b: Indices) -> Booleans:
    dx, dy = _offsets(measured, a, b)
    line = np.degrees(np.arctan2(dy, dx))
    axis = measured.shapes.axis
    held: Booleans = _parallel(measured, a, b) & ((dx != 0) | (dy != 0))
    for own in (axis[a][:, None], axis[b][None, :]):
        turn = np.abs(line - own) % 90.0
        held &= np.minimum(turn, 90.0 - turn) <= measured.settings.parallel_degrees
    return held


def _same_class(measured: Measured, a: Indices, b: Indices) -> Booleans:
    labels = np.array(measured.labels, dtype=object)
    return np.asarray(labels[a][:, None] == labels[b][None, :], dtype=np.bool_)


def _all_distinct(a: Indices, b: Indices, c: Indices) -> Booleans:
    first, second, third = a[:, None, None], b[None, :, None], c[None, None, :]
    return np.asarray((first != second) & (first != third) & (second != third))


def _collinear(measured: Measured, a: Indices, b: Indices, c: Indices) -> Booleans:
    """The angle at b, told without measuring it: the sine of what it exceeds the limit by is not negative."""
    centre = measured.shapes.centroid
    to_a = (centre[a][:, None, :] - centre[b][None, :, :])[:, :, None, :]
    to_c = (centre[c][None, :, :] - centre[b][:, None, :])[None, :, :, :]
    distinct = np.any(to_a != 0, axis=-1) & np.any(to_c != 0, axis=-1)
    distinct &= np.any(centre[a][:, None, :] != centre[c][None, :, :], axis=-1)[:, None, :]
    along, across = _products(to_a, to_c)
    cosine, sine = measured.settings.collinear_direction
    return np.asarray((across * cosine >= along * sine) & distinct & _all_distinct(a, b, c))


def _between(measured: Measured, a: Indices, b: Indices, c: Indices) -> Booleans:
    centre = measured.shapes.centroid
    segment = (centre[c][None, :, :] - centre[b][:, None, :])[None, :, :, :]
    along, across = _products((centre[a][:, None, :] - centre[b][None, :, :])[:, :, None, :], segment)
    squared = segment[..., 0] * segment[..., 0] + segment[..., 1] * segment[..., 1]
    held = (along > 0) & (along < squared) & (across <= measured.settings.between_share * squared)
    return np.asarray(held & _all_distinct(a, b, c))


def _products(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """The scalar product of vectors, and how large their cross product is."""
    along = first[..., 0] * second[..., 0] + first[..., 1] * second[..., 1]
    return along, np.abs(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0])


def _region(region: Region) -> Relation:
    def relation(measured: Measured, a: Indices) -> Booleans:
        shapes, scene = measured.shapes, measured.scene
        placed = Placed(
            shapes.centroid[a], shapes.bounds[a], scene.width, scene.height, lambda rows: shapes.polygons[a[rows]]
        )
        return region(placed, measured.settings)

    return relation


def _table() -> Mapping[str, Relation]:
    near = _distinct(_within_sizes(lambda settings: settings.near_sizes))

    def far_from(measured: Measured, a: Indices, b: Indices) -> Booleans:
        return ~near(measured, a, b)

    inside = _distinct(_inside)
    table: dict[str, Relation] = {
        "left_of": _left_of, "right_of": _inverse(_left_of), "above": _above, "below": _inverse(_above),
        "upper_left_of": _quadrant(1, 1), "upper_right_of": _quadrant(-1, 1),
        "lower_left_of": _quadrant(1, -1), "lower_right_of": _quadrant(-1, -1),
        "north_of": _north_of, "south_of": _inverse(_north_of),
        "west_of": _west_of, "east_of": _inverse(_west_of),
        "near": near, "far_from": _distinct(far_from),
        "adjacent": _distinct(_within_sizes(lambda settings: settings.adjacent_sizes)),
        "overlaps": _distinct(_overlaps), "inside": inside, "contains": _inverse(inside), "on": _distinct(_on),
        "larger_than": _larger_than, "smaller_than": _inverse(_larger_than),
        "parallel": _distinct(_parallel), "perpendicular": _distinct(_perpendicular), "aligned": _distinct(_aligned),
        "same_class": _same_class, "collinear": _collinear, "between": _between,
        **{name: _region(region) for name, region in REGIONS.items()},
    }  # fmt: skip
    return MappingProxyType(table)


COMPASS = frozenset({"north_of", "south_of", "east_of", "west_of"})

RELATION_TABLES: Mapping[str, Relation] = _table()
