"""One polygon as the relations see it (design 5)."""

import math
from dataclasses import dataclass
from itertools import pairwise

from shapely.geometry import LineString, MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize, unary_union

Corner = tuple[float, float]
TIE = 1e-9
"""Areas that differ by less, as a share, are one in float64."""
DIRECTION = 1e-6
"""In degrees."""


@dataclass(frozen=True, eq=False)
class Shape:
    """`angle` is that of the major axis in degrees within [0, 180); `length` >= `width` in pixels.

    `tied` says that two rectangles share the least area, or that it is a square: the design leaves open which one's
    sides count, or which side is the axis.
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
    ring = corners
    if not outline.is_valid:
        touching = _touching(corners)
        outline = touching or MultiPoint(corners).convex_hull
        if touching is None:
            ring = tuple(outline.exterior.coords) if isinstance(outline, Polygon) else ()
    moments = _moments(ring)
    if moments is None:
        x = sum(corner[0] for corner in corners) / len(corners)
        y = sum(corner[1] for corner in corners) / len(corners)
        moments = (x, y, 0.0)
    length, width, angle, tied = _smallest_rectangle(outline)
    return Shape(outline, *moments, length, width, angle, tied)


def _moments(ring: tuple[Corner, ...]) -> tuple[float, float, float] | None:
    """Centroid and area in exact arithmetic, rounded once; None without area."""
    # A float is a whole number over a power of two, so that all corners are whole numbers over the greatest of them.
    ratios = [(x.as_integer_ratio(), y.as_integer_ratio()) for x, y in ring]
    scale = max((bottom for corner in ratios for _, bottom in corner), default=1)
    points = [(x * (scale // x_bottom), y * (scale // y_bottom)) for (x, x_bottom), (y, y_bottom) in ratios]
    doubled = sum_x = sum_y = 0
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        cross = x0 * y1 - x1 * y0
        doubled += cross
        sum_x += (x0 + x1) * cross
        sum_y += (y0 + y1) * cross
    if doubled == 0:
        return None
    return sum_x / (3 * doubled * scale), sum_y / (3 * doubled * scale), abs(doubled) / (2 * scale * scale)


def _touching(corners: tuple[Corner, ...]) -> BaseGeometry | None:
    """What a ring encloses and runs along, if it goes round every place once and the same way round, or not at all."""
    line = LineString((*corners, corners[0]))
    faces = list(polygonize(unary_union(line)))
    turns = [_turns_around(corners, face.representative_point()) for face in faces]
    if set(turns) - {0} not in ({1}, {-1}):
        return None
    return unary_union([line, *(face for face, turn in zip(faces, turns, strict=True) if turn)])


def _turns_around(corners: tuple[Corner, ...], place: Point) -> int:
    turns = 0
    for (x0, y0), (x1, y1) in pairwise((*corners, corners[0])):
        left = (x1 - x0) * (place.y - y0) - (y1 - y0) * (place.x - x0)
        if y0 <= place.y < y1 and left > 0:
            turns += 1
        if y1 <= place.y < y0 and left < 0:
            turns -= 1
    return turns


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
    tied = best[0] - best[1] <= TIE * best[0] or any(
        _area(each) - _area(best) <= TIE * _area(best) and turn(each[2], best[2]) > DIRECTION for each in rectangles
    )
    return *best, tied


def _area(rectangle: tuple[float, float, float]) -> float:
    return rectangle[0] * rectangle[1]


def turn(first: float, second: float, modulus: float = 180.0) -> float:
    """The angle between two axes in degrees: with modulus 180 within [0, 90], with 90 within [0, 45]."""
    apart = abs(first - second) % modulus
    return min(apart, modulus - apart)
