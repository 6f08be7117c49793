"""The relations and functions of the design's section 5 over arrays of entities of one picture.

Every method takes entity indices as integer arrays that broadcast against each other, and answers with an array of
their common shape. None instead of an array means that the picture cannot say.
"""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from tools.evaluation.brute_force.picture import Picture
from tools.evaluation.brute_force.shapes import shape_of

Indices = NDArray[np.int64]
Truths = NDArray[np.bool_]
Values = NDArray[np.float64]

NEAR, ADJACENT, OVERLAP, INSIDE = 2.0, 0.25, 1e-6, 0.9
PARALLEL, PERPENDICULAR, ALIGNED, COLLINEAR = 10.0, 80.0, 10.0, 165.0
SQUARE, BETWEEN, BORDER = 1.2, 0.25, 1.0
SLACK = 1e-9
"""What the bounding boxes may be wrong by, as a share, without an answer that changes."""

INVERSE = {
    "right_of": "left_of", "below": "above", "contains": "inside", "smaller_than": "larger_than",
    "lower_right_of": "upper_left_of", "lower_left_of": "upper_right_of", "south_of": "north_of", "west_of": "east_of",
}  # fmt: skip
THIRDS = {
    "in_left": (0, None), "in_middle_column": (1, None), "in_right": (2, None),
    "in_top": (None, 0), "in_middle_row": (None, 1), "in_bottom": (None, 2), "in_center": (1, 1),
    "in_top_left": (0, 0), "in_top_right": (2, 0), "in_bottom_left": (0, 2), "in_bottom_right": (2, 2),
}  # fmt: skip
UNARY = frozenset(THIRDS) | {"in_far_left", "in_far_right", "in_far_top", "in_far_bottom", "at_border"}
BINARY = frozenset(INVERSE) | frozenset(INVERSE.values()) | {
    "near", "far_from", "adjacent", "overlaps", "on", "parallel", "perpendicular", "aligned", "same_class",
}  # fmt: skip
TERNARY = frozenset({"collinear", "between"})
GROUPS = frozenset({"row", "column", "clustered", "aligned"})


class Arrangement:
    """Where the things of one picture lie, and what they look like."""

    def __init__(self, picture: Picture) -> None:
        shapes = [shape_of(thing.polygon) for thing in picture.things]
        self.picture = picture
        self.labels = np.array([thing.label for thing in picture.things], dtype=object)
        self.outlines = np.array([shape.outline for shape in shapes], dtype=object)
        self.x, self.y, self.area, self.length, self.width, self.angle = (
            np.array([getattr(shape, name) for shape in shapes], dtype=np.float64)
            for name in ("x", "y", "area", "length", "width", "angle")
        )
        self.tied = np.array([shape.tied for shape in shapes], dtype=np.bool_)
        self.size = np.sqrt(self.area)
        self.bounds = shapely.bounds(self.outlines).reshape(-1, 4)

    def __len__(self) -> int:
        return len(self.picture.things)

    def region(self, name: str, at: Indices) -> Truths:
        """Which entities lie in a part of the image."""
        width, height = self.picture.width, self.picture.height
        x, y = self.x[at], self.y[at]
        match name:
            case "at_border":
                edge = shapely.LinearRing([(0, 0), (width, 0), (width, height), (0, height)])
                found: Truths = shapely.distance(self.outlines[at], edge) <= BORDER
                return found
            case "in_far_left":
                return x < width / 6
            case "in_far_right":
                return x >= 5 * width / 6
            case "in_far_top":
                return y < height / 6
            case "in_far_bottom":
                return y >= 5 * height / 6
        column, row = THIRDS[name]
        holds = np.ones(x.shape, dtype=np.bool_)
        for part, place, extent in ((column, x, width), (row, y, height)):
            if part is not None:
                holds &= np.where(place < extent / 3, 0, np.where(place < 2 * extent / 3, 1, 2)) == part
        return holds

    def measure(self, name: str, *at: Indices, limit: float | None = None) -> Values:
        """A function's values in pixels, or square pixels for area; distances surely above the limit are infinite."""
        if name == "distance":
            a, b = np.broadcast_arrays(*at)
            if limit is None:
                return self.gap(a, b)
            found = np.full(a.shape, np.inf)
            near = self._bounds_within(np.full(a.shape, limit), a, b)
            found[near] = self.gap(a[near], b[near])
            return found
        values: Values = {"area": self.area, "length": self.length, "width": self.width, "cx": self.x, "cy": self.y}[
            name
        ][at[0]]
        return values

    def gap(self, a: Indices, b: Indices) -> Values:
        """The distance between two polygons."""
        found: Values = shapely.distance(self.outlines[a], self.outlines[b])
        return found

    def related(self, name: str, *at: Indices) -> Truths | None:
        """Which pairs, triples or longer tuples a relation or a group word holds of."""
        at = tuple(np.broadcast_arrays(*at))
        if name in GROUPS and not (name == "aligned" and len(at) == 2):
            return self._group(name, at)
        if len(at) == 3:
            return self._triple(name, *at)
        a, b = at
        if name in INVERSE:
            name, a, b = INVERSE[name], b, a
        if name == "same_class":
            same: Truths = np.asarray(self.labels[a] == self.labels[b], dtype=np.bool_)
            return same
        found = self._pair(name, a, b)
        return None if found is None else found & (a != b)

    def _pair(self, name: str, a: Indices, b: Indices) -> Truths | None:
        dx, dy = self.x[b] - self.x[a], self.y[b] - self.y[a]
        match name:
            case "left_of":
                return self._left_of(a, b)
            case "above":
                return self._above(a, b)
            case "upper_left_of":
                return (dx > 0) & (dy > 0)
            case "upper_right_of":
                return (dx < 0) & (dy > 0)
            case "north_of" | "east_of":
                return self._compass(name, dx, dy)
            case "near":
                return self._within(NEAR, a, b)
            case "far_from":
                return ~self._within(NEAR, a, b)
            case "adjacent":
                return self._within(ADJACENT, a, b)
            case "overlaps":
                return self._shared(a, b) > OVERLAP
            case "inside":
                smaller = (self.area[a] > 0) & (self.area[a] < self.area[b])
                return smaller & (self._shared(a, b) >= INSIDE * self.area[a])
            case "on":
                smaller = self.area[a] < self.area[b]
                covered: Truths = shapely.covers(self.outlines[b], shapely.points(self.x[a], self.y[a]))
                return smaller & covered
            case "larger_than":
                return self.area[a] > self.area[b]
            case "perpendicular":
                return _turn(self.angle[a], self.angle[b], 180.0) >= PERPENDICULAR
            case "parallel":
                return self._parallel(a, b)
            case "aligned":
                # Major and minor axis are at right angles: turned by 90 degrees one is the other.
                line = np.degrees(np.arctan2(dy, dx))
                along = [_turn(line, self.angle[each], 90.0) <= ALIGNED for each in (a, b)]
                return np.asarray(self._parallel(a, b) & along[0] & along[1] & ((dx != 0) | (dy != 0)), dtype=np.bool_)
        raise ValueError(f"no relation {name}")

    def _left_of(self, a: Indices, b: Indices) -> Truths:
        dx, dy = self.x[b] - self.x[a], self.y[b] - self.y[a]
        return np.asarray((dx > 0) & (np.abs(dy) <= dx), dtype=np.bool_)

    def _above(self, a: Indices, b: Indices) -> Truths:
        dx, dy = self.x[b] - self.x[a], self.y[b] - self.y[a]
        return np.asarray((dy > 0) & (np.abs(dx) <= dy), dtype=np.bool_)

    def _within(self, factor: float, a: Indices, b: Indices) -> Truths:
        """Whether the gap is at most a multiple of the greater size."""
        reach = factor * np.maximum(self.size[a], self.size[b])
        near = self._bounds_within(reach, a, b)
        near[near] = self.gap(a[near], b[near]) <= reach[near]
        return near

    def _bounds_within(self, reach: Values, a: Indices, b: Indices) -> Truths:
        """Whether the bounding boxes come so near to each other; where they do not, the polygons do not either."""
        one, other = self.bounds[a], self.bounds[b]
        across = np.maximum(0, np.maximum(one[..., 0] - other[..., 2], other[..., 0] - one[..., 2]))
        down = np.maximum(0, np.maximum(one[..., 1] - other[..., 3], other[..., 1] - one[..., 3]))
        return np.asarray(np.hypot(across, down) <= reach * (1 + SLACK) + SLACK, dtype=np.bool_)

    def _shared(self, a: Indices, b: Indices) -> Values:
        """The area that two polygons share; only of those whose bounding boxes meet."""
        one, other = self.bounds[a], self.bounds[b]
        meet = (one[..., 0] <= other[..., 2]) & (other[..., 0] <= one[..., 2])
        meet &= (one[..., 1] <= other[..., 3]) & (other[..., 1] <= one[..., 3])
        shared = np.zeros(meet.shape)
        shared[meet] = shapely.area(shapely.intersection(self.outlines[a[meet]], self.outlines[b[meet]]))
        return shared

    def _parallel(self, a: Indices, b: Indices) -> Truths:
        squarish = self.length < SQUARE * self.width
        modulus = np.where(squarish[a] | squarish[b], 90.0, 180.0)
        return np.asarray(_turn(self.angle[a], self.angle[b], modulus) <= PARALLEL, dtype=np.bool_)

    def _compass(self, name: str, dx: Values, dy: Values) -> Truths | None:
        if self.picture.transform is None:
            return None
        a, b, _, d, e, _ = self.picture.transform
        # The step in the image, (column, row), that leads due north on the ground.
        determinant = a * e - b * d
        north = (-b / determinant, a / determinant)
        scale = math.hypot(*north)
        north = (north[0] / scale, north[1] / scale)
        # A quarter turn clockwise as people see it, counter-clockwise where the image is mirrored.
        east = (-north[1], north[0]) if determinant < 0 else (north[1], -north[0])
        to_north = dx * north[0] + dy * north[1]
        to_east = dx * east[0] + dy * east[1]
        if name == "north_of":
            to_north, to_east = to_east, to_north
        return np.asarray((to_east < 0) & (np.abs(to_north) <= -to_east), dtype=np.bool_)

    def _triple(self, name: str, a: Indices, b: Indices, c: Indices) -> Truths:
        distinct = (a != b) & (b != c) & (a != c)
        if name == "collinear":
            ax, ay, cx, cy = self.x[a] - self.x[b], self.y[a] - self.y[b], self.x[c] - self.x[b], self.y[c] - self.y[b]
            apart = ((ax != 0) | (ay != 0)) & ((cx != 0) | (cy != 0)) & ((ax != cx) | (ay != cy))
            bend = np.degrees(np.arctan2(np.abs(ax * cy - ay * cx), ax * cx + ay * cy))
            return np.asarray(distinct & apart & (bend >= COLLINEAR), dtype=np.bool_)
        sx, sy, px, py = self.x[c] - self.x[b], self.y[c] - self.y[b], self.x[a] - self.x[b], self.y[a] - self.y[b]
        squared, along, off = sx * sx + sy * sy, px * sx + py * sy, np.abs(px * sy - py * sx)
        inner = (along > 0) & (along < squared) & (off <= BETWEEN * squared)
        holds = np.asarray(distinct & inner, dtype=np.bool_)
        # Where rounding could decide, exact arithmetic does.
        close = SLACK * (squared + np.abs(along) + off)
        tight = np.minimum(np.abs(along), np.minimum(np.abs(squared - along), np.abs(off - BETWEEN * squared)))
        for place in zip(*np.nonzero(distinct & (tight <= close)), strict=True):
            holds[place] = _exactly_between(*(float(each[place]) for each in (sx, sy, px, py)))
        return holds

    def _group(self, name: str, at: tuple[Indices, ...]) -> Truths:
        holds = np.ones(at[0].shape, dtype=np.bool_)
        for number, each in enumerate(at):
            for other in at[:number]:
                holds &= each != other
        for before, after in pairwise(at):
            match name:
                case "row":
                    holds &= self._left_of(before, after)
                case "column":
                    holds &= self._above(before, after)
                case "clustered":
                    holds &= self._within(NEAR, before, after) & (before != after)
        if name != "clustered":
            for triple in zip(at, at[1:], at[2:], strict=False):
                holds &= self._triple("collinear", *triple)
        return holds


def _turn(first: Values, second: Values, modulus: float | Values) -> Values:
    """The angle between two axes in degrees."""
    apart = np.abs(first - second) % modulus
    return np.minimum(apart, modulus - apart)


def _exactly_between(*floats: float) -> bool:
    sx, sy, px, py = map(Fraction, floats)
    squared = sx * sx + sy * sy
    return 0 < px * sx + py * sy < squared and abs(px * sy - py * sx) <= Fraction(BETWEEN) * squared
