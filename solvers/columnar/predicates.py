"""Whether a code holds of entities, for kernels: scalar functions over the columns of an archive.

What is plain arithmetic on the columns is the very arithmetic of `solvers.relations`, and so the same to the bit. What
rests on the corners is decided by bounds, then by convex rings; where the value is within rounding of its limit, or a
polygon is not plain, the answer is OPEN: the evaluator of one image is to be asked.
"""

import math

from solvers.columnar.closeness import by_area, by_gap, within
from solvers.columnar.codes import Code
from solvers.columnar.compiled import compiled_inline, compiled_part
from solvers.columnar.measured import (
    ADJACENT_SIZES,
    ASK,
    BETWEEN_SHARE,
    COLLINEAR_COSINE,
    COLLINEAR_SINE,
    NARROW,
    NEAR_SIZES,
    NO,
    OPEN,
    PARALLEL_DEGREES,
    SQUARE_RATIO,
    YES,
    Floats,
    Geometry,
)
from solvers.relations import MIRRORED as _MIRRORED

_SAME, _SAME_CLASS = int(Code.SAME), int(Code.SAME_CLASS)
_LEFT_OF, _RIGHT_OF, _ABOVE, _BELOW = int(Code.LEFT_OF), int(Code.RIGHT_OF), int(Code.ABOVE), int(Code.BELOW)
_UPPER_LEFT_OF, _UPPER_RIGHT_OF = int(Code.UPPER_LEFT_OF), int(Code.UPPER_RIGHT_OF)
_LOWER_LEFT_OF, _LOWER_RIGHT_OF = int(Code.LOWER_LEFT_OF), int(Code.LOWER_RIGHT_OF)
_NORTH_OF, _SOUTH_OF = int(Code.NORTH_OF), int(Code.SOUTH_OF)
_WEST_OF = int(Code.WEST_OF)
_LARGER_THAN, _SMALLER_THAN = int(Code.LARGER_THAN), int(Code.SMALLER_THAN)
_PARALLEL_TO, _PERPENDICULAR, _ALIGNED = int(Code.PARALLEL), int(Code.PERPENDICULAR), int(Code.ALIGNED)
_IS_NEAR, _IS_ADJACENT = int(Code.NEAR), int(Code.ADJACENT)
_ON = int(Code.ON)
_GAP_BELOW, _GAP_AT_MOST, _GAP_EQUAL = int(Code.GAP_BELOW), int(Code.GAP_AT_MOST), int(Code.GAP_EQUAL)
_LESS, _AT_MOST, _EQUAL = int(Code.LESS), int(Code.AT_MOST), int(Code.EQUAL)
_IS_BETWEEN = int(Code.BETWEEN)


@compiled_inline
def _by_cone(code: int, dx: float, dy: float) -> bool:
    if code == _LEFT_OF:
        return dx > 0 and abs(dy) <= dx
    if code == _RIGHT_OF:
        return dx < 0 and abs(dy) <= -dx
    if code == _ABOVE:
        return dy > 0 and abs(dx) <= dy
    if code == _BELOW:
        return dy < 0 and abs(dx) <= -dy
    if code == _UPPER_LEFT_OF:
        return dx > 0 and dy > 0
    if code == _UPPER_RIGHT_OF:
        return dx < 0 and dy > 0
    return dy < 0 and (dx > 0 if code == _LOWER_LEFT_OF else dx < 0)


@compiled_inline
def quickly(code: int, a: int, b: int, value: float, scale: float, geometry: Geometry, settings: Floats) -> int:
    """YES or NO of the commonest relations, where bounds and centroids tell; else ASK. The arguments are `holds`'s.

    It is small, so that kernels which need no more are soon compiled.
    """
    if code == _SAME:
        return int(a == b)
    dx = geometry.centroid[b, 0] - geometry.centroid[a, 0]
    dy = geometry.centroid[b, 1] - geometry.centroid[a, 1]
    if _LEFT_OF <= code <= _LOWER_RIGHT_OF:
        return int(_by_cone(code, dx, dy))
    if code in (_LARGER_THAN, _SMALLER_THAN):
        first, second = geometry.area[a], geometry.area[b]
        return int(first > second if code == _LARGER_THAN else first < second)
    if code in (_IS_NEAR, _IS_ADJACENT):
        if a == b:
            return NO
        sizes = settings[ADJACENT_SIZES] if code == _IS_ADJACENT else settings[NEAR_SIZES]
        limit_squared = sizes * sizes * max(geometry.area[a], geometry.area[b])
    elif code in (_GAP_BELOW, _GAP_AT_MOST) and scale > 0 and value > 0:
        limit_squared = (value / scale) * (value / scale)
    else:
        return ASK
    return within(a, b, limit_squared, geometry)


@compiled_part
def _by_compass(code: int, dx: float, dy: float, north_x: float, north_y: float) -> bool:
    ahead, aside = dx * north_x + dy * north_y, -dx * north_y + dy * north_x
    if north_x * north_x + north_y * north_y > _MIRRORED:
        aside = -aside
    if code == _NORTH_OF:
        return ahead < 0 and abs(aside) <= -ahead
    if code == _SOUTH_OF:
        return ahead > 0 and abs(aside) <= ahead
    if code == _WEST_OF:
        return aside > 0 and abs(ahead) <= aside
    return aside < 0 and abs(ahead) <= -aside


@compiled_part
def _by_axis(code: int, a: int, b: int, geometry: Geometry, settings: Floats) -> int:
    if a == b:
        return NO
    turn = abs(geometry.axis[a] - geometry.axis[b]) % 180.0
    angle = min(turn, 180.0 - turn)
    most = settings[PARALLEL_DEGREES]
    if code == _PERPENDICULAR:
        return int(angle >= 90.0 - most)
    ratio = settings[SQUARE_RATIO]
    if geometry.length[a] < ratio * geometry.width[a] or geometry.length[b] < ratio * geometry.width[b]:
        angle = min(angle, 90.0 - angle)
    if angle > most or code == _PARALLEL_TO:
        return int(angle <= most)
    dx = geometry.centroid[b, 0] - geometry.centroid[a, 0]
    dy = geometry.centroid[b, 1] - geometry.centroid[a, 1]
    if dx == 0 and dy == 0:
        return NO
    line = math.degrees(math.atan2(dy, dx))
    answer = YES
    for entity in (a, b):
        turn = abs(line - geometry.axis[entity]) % 90.0
        off = min(turn, 90.0 - turn) - most
        if abs(off) <= NARROW:
            answer = OPEN
        elif off > 0:
            return NO
    return answer


@compiled_inline
def _column(column: int, entity: int, geometry: Geometry) -> float:
    if column == 0:
        return float(geometry.area[entity])
    if column == 1:
        return float(geometry.length[entity])
    if column == 2:
        return float(geometry.width[entity])
    return float(geometry.centroid[entity, column - 3])


@compiled_part
def _by_columns(code: int, a: int, b: int, value: float, geometry: Geometry) -> bool:
    left = _column(int(value) // 5, a, geometry)
    right = _column(int(value) % 5, b, geometry)
    if code == _LESS:
        return left < right
    return left <= right if code == _AT_MOST else left == right


@compiled_part
def _by_three(code: int, a: int, b: int, c: int, centroid: Floats, settings: Floats) -> bool:
    if b in (a, c) or a == c:
        return False
    ax, ay = centroid[a, 0] - centroid[b, 0], centroid[a, 1] - centroid[b, 1]
    cx, cy = centroid[c, 0] - centroid[b, 0], centroid[c, 1] - centroid[b, 1]
    along, across = ax * cx + ay * cy, abs(ax * cy - ay * cx)
    if code == _IS_BETWEEN:
        squared = cx * cx + cy * cy
        return bool(0 < along < squared and across <= settings[BETWEEN_SHARE] * squared)
    if (ax == 0 and ay == 0) or (cx == 0 and cy == 0):
        return False
    if centroid[a, 0] == centroid[c, 0] and centroid[a, 1] == centroid[c, 1]:
        return False
    return bool(across * settings[COLLINEAR_COSINE] >= along * settings[COLLINEAR_SINE])


@compiled_part
def holds(
    code: int,
    a: int,
    b: int,
    c: int,
    value: float,
    scale: float,
    north_x: float,
    north_y: float,
    geometry: Geometry,
    settings: Floats,
) -> int:
    """Whether a code holds of entities by their numbers: NO, YES or OPEN; `c` counts for relations of three only.

    `value` is that of `Encoded`, `scale` the image's factor for its scale; a scale or a north that is NaN leaves the
    codes that need it OPEN. `settings` comes from `limits_of`.
    """
    if code <= _SAME_CLASS:
        return int(a == b if code == _SAME else geometry.label[a] == geometry.label[b])
    if code <= _WEST_OF:
        dx = geometry.centroid[b, 0] - geometry.centroid[a, 0]
        dy = geometry.centroid[b, 1] - geometry.centroid[a, 1]
        if code <= _LOWER_RIGHT_OF:
            return int(_by_cone(code, dx, dy))
        if math.isnan(north_x) and a != b:
            return OPEN
        return int(_by_compass(code, dx, dy, north_x, north_y))
    if code <= _SMALLER_THAN:
        first, second = geometry.area[a], geometry.area[b]
        return int(first > second if code == _LARGER_THAN else first < second)
    if code <= _ALIGNED:
        return _by_axis(code, a, b, geometry, settings)
    if code <= _IS_ADJACENT:
        return by_gap(code, a, b, value, scale, geometry, settings)
    if code <= _ON:
        return by_area(code, a, b, geometry, settings)
    if code <= _GAP_EQUAL:
        return by_gap(code, a, b, value, scale, geometry, settings)
    if code <= _EQUAL:
        return int(_by_columns(code, a, b, value, geometry))
    return int(_by_three(code, a, b, c, geometry.centroid, settings))
