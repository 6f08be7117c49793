"""Every relation and function of design 5, literally, each pair of an image computed once."""

import math
from itertools import pairwise

from shapely.geometry import LinearRing, Point

from tests.reference.scenes import Picture
from tools.evaluation.brute_force.shapes import Shape, shape_of, turn

NEAR, ADJACENT = 2.0, 0.25
OVERLAP = 1e-6
INSIDE = 0.9
PARALLEL, PERPENDICULAR, ALIGNED, COLLINEAR = 10.0, 80.0, 10.0, 165.0
SQUARE = 1.2
BETWEEN = 0.25
BORDER = 1.0

_INVERSE = {
    "right_of": "left_of",
    "below": "above",
    "contains": "inside",
    "smaller_than": "larger_than",
    "lower_right_of": "upper_left_of",
    "lower_left_of": "upper_right_of",
    "south_of": "north_of",
    "west_of": "east_of",
}
_COLUMNS = {"left": 0, "middle": 1, "right": 2}
_ROWS = {"top": 0, "middle": 1, "bottom": 2}
REGIONS = {
    "in_left": (0, None),
    "in_middle_column": (1, None),
    "in_right": (2, None),
    "in_top": (None, 0),
    "in_middle_row": (None, 1),
    "in_bottom": (None, 2),
    "in_center": (1, 1),
    "in_top_left": (0, 0),
    "in_top_right": (2, 0),
    "in_bottom_left": (0, 2),
    "in_bottom_right": (2, 2),
}
UNARY = frozenset(REGIONS) | {"in_far_left", "in_far_right", "in_far_top", "in_far_bottom", "at_border"}
BINARY = frozenset(_INVERSE) | frozenset(_INVERSE.values()) | {
    "near", "far_from", "adjacent", "overlaps", "on", "parallel", "perpendicular", "aligned", "same_class",
}  # fmt: skip
TERNARY = frozenset({"collinear", "between"})
GROUPS = frozenset({"row", "column", "aligned", "clustered"})


class Geometry:
    """The relations of one picture's entities; they do not depend on which of the entities are present."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.shapes: tuple[Shape, ...] = tuple(shape_of(thing.polygon) for thing in picture.things)
        self._known: dict[tuple[str, tuple[int, ...]], bool | None] = {}
        self._gaps: dict[tuple[int, int], float] = {}

    def holds(self, name: str, entities: tuple[int, ...]) -> bool | None:
        """Whether a relation or region holds of entities by index; None where the picture cannot say."""
        key = (name, entities)
        if key not in self._known:
            self._known[key] = self._decide(name, entities)
        return self._known[key]

    def measure(self, name: str, entities: tuple[int, ...]) -> float:
        """A function's value in pixels, or square pixels for area."""
        if name == "distance":
            return self.gap(entities[0], entities[1])
        shape = self.shapes[entities[0]]
        return {"area": shape.area, "length": shape.length, "width": shape.width, "cx": shape.x, "cy": shape.y}[name]

    def gap(self, a: int, b: int) -> float:
        pair = (a, b) if a <= b else (b, a)
        if pair not in self._gaps:
            self._gaps[pair] = float(self.shapes[pair[0]].outline.distance(self.shapes[pair[1]].outline))
        return self._gaps[pair]

    def _decide(self, name: str, entities: tuple[int, ...]) -> bool | None:
        if name in UNARY and len(entities) == 1:
            return self._region(name, self.shapes[entities[0]])
        if name in BINARY and len(entities) == 2:
            return self._binary(name, *entities)
        if name in TERNARY and len(entities) == 3:
            return self._ternary(name, *entities)
        if name in GROUPS and len(entities) >= 2:
            return self._group(name, entities)
        raise ValueError(f"no relation {name} of {len(entities)} entities")

    def _region(self, name: str, shape: Shape) -> bool:
        width, height = self.picture.width, self.picture.height
        match name:
            case "at_border":
                edge = LinearRing([(0, 0), (width, 0), (width, height), (0, height)])
                return bool(shape.outline.distance(edge) <= BORDER)
            case "in_far_left":
                return shape.x < width / 6
            case "in_far_right":
                return shape.x >= 5 * width / 6
            case "in_far_top":
                return shape.y < height / 6
            case "in_far_bottom":
                return shape.y >= 5 * height / 6
        column, row = REGIONS[name]
        return column in {None, _third(shape.x, width)} and row in {None, _third(shape.y, height)}

    def _binary(self, name: str, a: int, b: int) -> bool | None:
        if name == "same_class":
            return self.picture.things[a].label == self.picture.things[b].label
        if a == b:
            return False
        if name in _INVERSE:
            return self.holds(_INVERSE[name], (b, a))
        first, second = self.shapes[a], self.shapes[b]
        dx, dy = second.x - first.x, second.y - first.y
        match name:
            case "left_of":
                return dx > 0 and abs(dy) <= dx
            case "above":
                return dy > 0 and abs(dx) <= dy
            case "upper_left_of":
                return dx > 0 and dy > 0
            case "upper_right_of":
                return dx < 0 and dy > 0
            case "north_of" | "east_of":
                return self._compass(name, dx, dy)
            case "near":
                return self.gap(a, b) <= NEAR * max(first.size, second.size)
            case "far_from":
                return not self.holds("near", (a, b))
            case "adjacent":
                return self.gap(a, b) <= ADJACENT * max(first.size, second.size)
            case "overlaps":
                return _shared(first, second) > OVERLAP
            case "inside":
                return 0 < first.area < second.area and _shared(first, second) >= INSIDE * first.area
            case "on":
                return first.area < second.area and bool(second.outline.covers(Point(first.x, first.y)))
            case "larger_than":
                return first.area > second.area
            case "parallel":
                return turn(first.angle, second.angle, 90.0 if _squarish(first, second) else 180.0) <= PARALLEL
            case "perpendicular":
                return turn(first.angle, second.angle) >= PERPENDICULAR
            case "aligned":
                return bool(self.holds("parallel", (a, b))) and _in_line(first, second, dx, dy)
        raise ValueError(f"no relation {name}")

    def _compass(self, name: str, dx: float, dy: float) -> bool | None:
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
            return to_north < 0 and abs(to_east) <= -to_north
        return to_east < 0 and abs(to_north) <= -to_east

    def _ternary(self, name: str, a: int, b: int, c: int) -> bool:
        if len({a, b, c}) < 3:
            return False
        first, second, third = self.shapes[a], self.shapes[b], self.shapes[c]
        if name == "collinear":
            ax, ay, cx, cy = first.x - second.x, first.y - second.y, third.x - second.x, third.y - second.y
            if (ax, ay) == (0, 0) or (cx, cy) == (0, 0) or (ax, ay) == (cx, cy):
                return False
            return math.degrees(math.atan2(abs(ax * cy - ay * cx), ax * cx + ay * cy)) >= COLLINEAR
        sx, sy, px, py = _whole(third.x - second.x, third.y - second.y, first.x - second.x, first.y - second.y)
        share, of = BETWEEN.as_integer_ratio()
        squared = sx * sx + sy * sy
        return 0 < px * sx + py * sy < squared and of * abs(px * sy - py * sx) <= share * squared

    def _group(self, name: str, entities: tuple[int, ...]) -> bool | None:
        if len(set(entities)) < len(entities):
            return False
        pairs = list(pairwise(entities))
        lined = all(self.holds("collinear", each) for each in zip(entities, entities[1:], entities[2:], strict=False))
        match name:
            case "row":
                return lined and all(self.holds("right_of", (after, before)) for before, after in pairs)
            case "column":
                return lined and all(self.holds("below", (after, before)) for before, after in pairs)
            case "clustered":
                return all(self.holds("near", pair) for pair in pairs)
            case _:
                return lined


def _whole(*values: float) -> list[int]:
    """The values times one power of two, exactly; fractions would say the same, but are reduced at every step."""
    ratios = [value.as_integer_ratio() for value in values]
    common = max(denominator for _, denominator in ratios)
    return [numerator * (common // denominator) for numerator, denominator in ratios]


def _third(value: float, extent: float) -> int:
    if value < extent / 3:
        return 0
    return 1 if value < 2 * extent / 3 else 2


def _shared(first: Shape, second: Shape) -> float:
    return float(first.outline.intersection(second.outline).area)


def _squarish(*shapes: Shape) -> bool:
    return any(shape.length < SQUARE * shape.width for shape in shapes)


def _in_line(first: Shape, second: Shape, dx: float, dy: float) -> bool:
    if (dx, dy) == (0, 0):
        return False
    line = math.degrees(math.atan2(dy, dx))
    # Major and minor axis are at right angles: turned by 90 one is the other.
    return all(turn(line, shape.angle, 90.0) <= ALIGNED for shape in (first, second))
