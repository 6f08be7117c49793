"""One polygon as the relations see it (design 5)."""

import math
from dataclasses import dataclass
from itertools import pairwise

from shapely.geometry import LineString, MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

Corner = tuple[float, float]
TIE = 1e-9
"""Areas that differ by less, as a share, are one in float64."""
DIRECTION = 1e-6
"""In degrees."""


@dataclass(frozen=True, eq=False)
class Shape:
    """`angle` is that of the major axis in degrees within [0, 180); `length` >= `width` in pixels.

    `tied` says that two rectangles share the least area, so that the design leaves open which one's sides count.
    """

    outline: BaseGeometry
    x: float
    y: float
    area: float
    length: float
    width: float
    angle: float
    tied: bool

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
    return Shape(outline, x, y, area, *_smallest_rectangle(outline))


def _smallest_rectangle(outline: BaseGeometry) -> tuple[float, float, float, bool]:
    """Longer side, shorter side, the longer one's angle and `tied`: one side of it lies on one of the hull's."""
    hull = outline.convex_hull
    if isinstance(hull, Point):
        return 0.0, 0.0, 0.0, False
    ring = list(hull.coords) if isinstance(hull, LineString) else list(hull.exterior.coords)
    rectangles: list[tuple[float, float, float]] = []
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
        rectangles.append((first, second, angle % 180))
    best = min(rectangles, key=_area)
    # The two sides of a true rectangle give the same one twice.
    tied = any(
        _area(each) - _area(best) <= TIE * _area(best) and turn(each[2], best[2]) > DIRECTION for each in rectangles
    )
    return *best, tied


def _area(rectangle: tuple[float, float, float]) -> float:
    return rectangle[0] * rectangle[1]


def turn(first: float, second: float, modulus: float = 180.0) -> float:
    """The angle between two axes in degrees: with modulus 180 within [0, 90], with 90 within [0, 45]."""
    apart = abs(first - second) % modulus
    return min(apart, modulus - apart)
