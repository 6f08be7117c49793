"""What every reader hands on, and the bounds that every reader checks."""

import math
from dataclasses import dataclass
from datetime import datetime

from solvers.scene import Entity, Polygon

MAX_PIXELS = 1_000_000_000
"""No side of an image and no corner lies further out, in pixels; beyond it areas would leave float64's sound range."""


@dataclass(frozen=True, slots=True)
class Annotations:
    """What annotators say of one image.

    `entities` in source order; `gsd` in m/px, `width` and `height` in px and `acquired`, when it was taken, with a time
    zone, each None where the source does not tell; `unmapped` the source's class names that the ontology lacks, whose
    objects were left out.
    """

    entities: tuple[Entity, ...]
    gsd: float | None = None
    width: int | None = None
    height: int | None = None
    unmapped: frozenset[str] = frozenset()
    acquired: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImageSize:
    """The width and height of an image in pixels, and its ground sample distance in m/px where it is known."""

    width: int
    height: int
    gsd: float | None = None


def scaled(polygon: Polygon, width: float, height: float) -> Polygon:
    """A polygon in shares of an image's width and height, in pixels."""
    return tuple((x * width, y * height) for x, y in polygon)


def is_coordinate(value: float) -> bool:
    """Whether a number can be a corner's coordinate in pixels."""
    return math.isfinite(value) and abs(value) <= MAX_PIXELS


def is_gsd(value: float) -> bool:
    """Whether a number can be a ground sample distance in metres per pixel."""
    return math.isfinite(value) and value > 0
