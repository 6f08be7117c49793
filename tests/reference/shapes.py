"""One polygon as the relations see it (design 5)."""

import math
from dataclasses import dataclass
from itertools import pairwise

from shapely.geometry import LineString, MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

Corner = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Shape:
    """`angle` is that of the major axis in degrees within [0, 180); `length` >= `width` in pixels."""

    outline: BaseGeometry
    x: float
    y: float
    area: float
    length: float
    width: float
    angle: float

    @property
    def size(self) -> float:
        return math.sqrt(self.area)


def shape_of(corners: tuple[Corner, ...]) -> Shape:
    """The shape of a polygon; one that crosses itself gives its hull, one without area the mean of its corners."""
    outline: BaseGeometry = Polygon(corners)
    if not outline.is_valid:
        outline = MultiPoint(corners).convex_hull
    area = float(outline.area)
    if area > 0:
        x, y = outline.centroid.x, outline.centroid.y
    else:
        x = sum(corner[0] for corner in corners) / len(corners)
        y = sum(corner[1] for corner in corners) / len(corners)
    length, width, angle = _smallest_rectangle(outline)
    return Shape(outline, x, y, area, length, width, angle)


def _smallest_rectangle(outline: BaseGeometry) -> tuple[float, float, float]:
    """Longer side, shorter side and the longer side's angle: one side of the rectangle lies on one of the hull's."""
    hull = outline.convex_hull
    if isinstance(hull, Point):
        return 0.0, 0.0, 0.0
    ring = list(hull.coords) if isinstance(hull, LineString) else list(hull.exterior.coords)
    best: tuple[float, float, float, float] | None = None
    for (x0, y0), (x1, y1) in pairwise(ring):
        step = math.hypot(x1 - x0, y1 - y0)
        if step == 0:
            continue
        ux, uy = (x1 - x0) / step, (y1 - y0) / step
        along = [px * ux + py * uy for px, py in ring]
        across = [py * ux - px * uy for px, py in ring]
        first, second = max(along) - min(along), max(across) - min(across)
        angle = math.degrees(math.atan2(uy, ux))
        if second > first:
            first, second, angle = second, first, angle + 90
        if best is None or first * second < best[0]:
            best = (first * second, first, second, angle % 180)
    assert best is not None
    return best[1:]


def turn(first: float, second: float, modulus: float = 180.0) -> float:
    """The angle between two axes in degrees: with modulus 180 within [0, 90], with 90 within [0, 45]."""
    apart = abs(first - second) % modulus
    return min(apart, modulus - apart)
