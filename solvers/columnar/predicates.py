"""Whether a code holds of entities, for kernels: scalar functions over the columns of an archive.

What is plain arithmetic on the columns is the very arithmetic of `solvers.relations`, and so the same to the bit. What
rests on the corners is decided by bounds, then by convex rings; where the value is within rounding of its limit, or a
polygon is not plain, the answer is OPEN: the evaluator of one image is to be asked.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solvers.columnar import rings
from solvers.columnar.codes import Code
from solvers.columnar.compiled import compiled_inline, compiled_part
from solvers.relations import MIRRORED as _MIRRORED
from solvers.settings import RelationSettings

Floats = npt.NDArray[np.float64]

NO, YES, OPEN = 0, 1, 2
ASK = 3
"""No answer yet: `holds` is to be asked."""


class Geometry(NamedTuple):
    """The columns of m entities and the N corners of their polygons, in pixels; `codes.needs` tells which are read.

    `bounds` and `corners` may be float32 where that is exact; `plain` marks simple convex rings of positive area;
    `ring_start` has one element where all polygons have four corners.
    """

    centroid: Floats
    bounds: npt.NDArray[np.floating]
    area: Floats
    length: Floats
    width: Floats
    axis: Floats
    plain: npt.NDArray[np.bool_]
    label: npt.NDArray[np.signedinteger]
    ring_start: npt.NDArray[np.signedinteger]
    corners: npt.NDArray[np.floating]


@lru_cache(maxsize=8)
def limits_of(settings: RelationSettings) -> Floats:
    """The thresholds as the kernels read them, in the order of the constants below."""
    return np.array(
        [
            settings.near_sizes, settings.adjacent_sizes, settings.overlap_area, settings.inside_share,
            settings.parallel_degrees, settings.square_ratio, *settings.collinear_direction, settings.between_share,
        ]
    )  # fmt: skip


_NEAR, _ADJACENT, _OVERLAP, _INSIDE, _PARALLEL, _SQUARE, _COLLINEAR_COS, _COLLINEAR_SIN, _BETWEEN = range(9)

_SAME, _SAME_CLASS = int(Code.SAME), int(Code.SAME_CLASS)
_LEFT_OF, _RIGHT_OF, _ABOVE, _BELOW = int(Code.LEFT_OF), int(Code.RIGHT_OF), int(Code.ABOVE), int(Code.BELOW)
_UPPER_LEFT_OF, _UPPER_RIGHT_OF = int(Code.UPPER_LEFT_OF), int(Code.UPPER_RIGHT_OF)
_LOWER_LEFT_OF, _LOWER_RIGHT_OF = int(Code.LOWER_LEFT_OF), int(Code.LOWER_RIGHT_OF)
_NORTH_OF, _SOUTH_OF = int(Code.NORTH_OF), int(Code.SOUTH_OF)
_EAST_OF, _WEST_OF = int(Code.EAST_OF), int(Code.WEST_OF)
_LARGER_THAN, _SMALLER_THAN = int(Code.LARGER_THAN), int(Code.SMALLER_THAN)
_PARALLEL_TO, _PERPENDICULAR, _ALIGNED = int(Code.PARALLEL), int(Code.PERPENDICULAR), int(Code.ALIGNED)
_IS_NEAR, _FAR_FROM, _IS_ADJACENT = int(Code.NEAR), int(Code.FAR_FROM), int(Code.ADJACENT)
_OVERLAPS, _IS_INSIDE, _CONTAINS, _ON = int(Code.OVERLAPS), int(Code.INSIDE), int(Code.CONTAINS), int(Code.ON)
_GAP_BELOW, _GAP_AT_MOST, _GAP_EQUAL = int(Code.GAP_BELOW), int(Code.GAP_AT_MOST), int(Code.GAP_EQUAL)
_LESS, _AT_MOST, _EQUAL = int(Code.LESS), int(Code.AT_MOST), int(Code.EQUAL)
_COLLINEAR, _IS_BETWEEN = int(Code.COLLINEAR), int(Code.BETWEEN)

_UPRIGHT = 1e-6
_NARROW = 1e-9
"""Values closer to a limit than this share of it are left open."""
_MEETING, _WITHIN, _AT_LIMIT, _BEYOND = 0, 1, 2, 3


@compiled_inline
def surely_apart(a: int, b: int, limit_squared: float, bounds: npt.NDArray[np.floating]) -> bool:
    """Whether the bounds alone put two entities further apart than a limit, given squared, in px2."""
    across = max(np.float64(bounds[a, 0]) - bounds[b, 2], np.float64(bounds[b, 0]) - bounds[a, 2], 0.0)
    down = max(np.float64(bounds[a, 1]) - bounds[b, 3], np.float64(bounds[b, 1]) - bounds[a, 3], 0.0)
    return bool(across * across + down * down > limit_squared * (1 + 3 * _NARROW))


@compiled_inline
def _slack(a: int, b: int, bounds: npt.NDArray[np.floating]) -> float:
    """A length in pixels well above what rounding can do to these corners, and far below what anyone means."""
    reach = 0.0
    for side in range(4):
        reach = max(reach, abs(np.float64(bounds[a, side])), abs(np.float64(bounds[b, side])))
    return 1e-12 + 1e-13 * reach


@compiled_inline
def _ring(entity: int, geometry: Geometry) -> tuple[int, int]:
    """The rows of an entity's corners: four each where `ring_start` does not tell them."""
    if len(geometry.ring_start) == 1:
        return int(entity) * 4, int(entity) * 4 + 4
    return int(geometry.ring_start[entity]), int(geometry.ring_start[entity + 1])


@compiled_inline
def _is_upright(entity: int, geometry: Geometry) -> bool:
    """Whether an entity fills its bounds, so that its gap to another such one is that of the bounds.

    A corner that is cut by less than the area's rounding moves the gap by less than `_UPRIGHT` of a side.
    """
    bounds = geometry.bounds
    across = np.float64(bounds[entity, 2]) - bounds[entity, 0]
    down = np.float64(bounds[entity, 3]) - bounds[entity, 1]
    return bool(geometry.area[entity] == across * down)


@compiled_part
def _gap_side(limit_squared: float, a: int, b: int, geometry: Geometry) -> int:
    """Where the gap of two entities lies: 0 for sure, within the limit, too close to it to say, beyond."""
    if a == b:
        return _MEETING
    bounds = geometry.bounds
    if surely_apart(a, b, limit_squared, bounds):
        return _BEYOND
    limit = math.sqrt(limit_squared)
    surely = limit * (1 - _NARROW)
    if not (geometry.plain[a] and geometry.plain[b]):
        across = max(np.float64(bounds[a, 2]) - bounds[b, 0], np.float64(bounds[b, 2]) - bounds[a, 0])
        down = max(np.float64(bounds[a, 3]) - bounds[b, 1], np.float64(bounds[b, 3]) - bounds[a, 1])
        return _WITHIN if across * across + down * down < surely * surely else _AT_LIMIT
    dx = geometry.centroid[b, 0] - geometry.centroid[a, 0]
    dy = geometry.centroid[b, 1] - geometry.centroid[a, 1]
    if dx * dx + dy * dy < surely * surely:
        return _WITHIN
    if limit > 0 and _is_upright(a, geometry) and _is_upright(b, geometry):
        across = max(np.float64(bounds[a, 0]) - bounds[b, 2], np.float64(bounds[b, 0]) - bounds[a, 2], 0.0)
        down = max(np.float64(bounds[a, 1]) - bounds[b, 3], np.float64(bounds[b, 1]) - bounds[a, 3], 0.0)
        squared = across * across + down * down
        if squared < limit_squared * (1 - 3 * _UPRIGHT):
            return _WITHIN
        if squared > limit_squared * (1 + 3 * _UPRIGHT):
            return _BEYOND
    slack = _slack(a, b, bounds)
    start, stop = _ring(a, geometry)
    other_start, other_stop = _ring(b, geometry)
    state, gap = rings.gap(geometry.corners, start, stop, other_start, other_stop, slack)
    if state == rings.MEET:
        return _MEETING
    if gap < surely - slack:
        return _WITHIN
    if state == rings.APART and gap > limit * (1 + _NARROW) + slack:
        return _BEYOND
    return _AT_LIMIT


@compiled_part
def _by_gap(code: int, a: int, b: int, value: float, scale: float, geometry: Geometry, settings: Floats) -> int:
    """Relations of size, and comparisons of the gap with a value in the unit that `scale` turns pixels into."""
    if code < _GAP_BELOW:
        if a == b:
            return NO
        sizes = settings[_ADJACENT] if code == _IS_ADJACENT else settings[_NEAR]
        limit_squared = sizes * sizes * max(geometry.area[a], geometry.area[b])
    else:
        if not scale > 0:
            return OPEN
        if value < 0 or (value == 0 and code == _GAP_BELOW):
            return NO
        limit_squared = (value / scale) * (value / scale)
    side = _gap_side(limit_squared, a, b, geometry)
    if side == _AT_LIMIT:
        return OPEN
    if code == _GAP_EQUAL:
        return int(side == _MEETING and value == 0)
    return int((side == _BEYOND) == (code == _FAR_FROM))


@compiled_part
def _shares(a: int, b: int, limit: float, geometry: Geometry) -> int:
    """Whether two different entities share more than so many px2, a limit above 0."""
    bounds = geometry.bounds
    across = min(bounds[a, 2], bounds[b, 2]) - np.float64(max(bounds[a, 0], bounds[b, 0]))
    down = min(bounds[a, 3], bounds[b, 3]) - np.float64(max(bounds[a, 1], bounds[b, 1]))
    if across <= 0 or down <= 0 or across * down < limit * (1 - _NARROW):
        return NO
    if not (geometry.plain[a] and geometry.plain[b]):
        return OPEN
    start, stop = _ring(a, geometry)
    other_start, other_stop = _ring(b, geometry)
    shared = rings.shared_area(geometry.corners, start, stop, other_start, other_stop)
    span = (bounds[a, 2] - bounds[a, 0]) * np.float64(bounds[b, 3] - bounds[b, 1])
    span += (bounds[b, 2] - bounds[b, 0]) * np.float64(bounds[a, 3] - bounds[a, 1])
    if abs(shared - limit) <= _NARROW * limit + 0.01 * _slack(a, b, bounds) * (across + down) + 1e-14 * span:
        return OPEN
    return int(shared > limit)


@compiled_part
def _by_area(code: int, a: int, b: int, geometry: Geometry, settings: Floats) -> int:
    if a == b:
        return NO
    if code == _OVERLAPS:
        return _shares(a, b, settings[_OVERLAP], geometry)
    if code == _CONTAINS:
        a, b = b, a
    if not geometry.area[a] < geometry.area[b]:
        return NO
    if code != _ON:
        return _shares(a, b, settings[_INSIDE] * geometry.area[a], geometry) if geometry.area[a] > 0 else NO
    x, y = geometry.centroid[a, 0], geometry.centroid[a, 1]
    bounds = geometry.bounds
    if x < bounds[b, 0] or x > bounds[b, 2] or y < bounds[b, 1] or y > bounds[b, 3]:
        return NO
    if not geometry.plain[b]:
        return OPEN
    start, stop = _ring(b, geometry)
    state = rings.covers(geometry.corners, start, stop, x, y)
    return OPEN if state == rings.UNSURE else int(state == rings.MEET)


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
        sizes = settings[_ADJACENT] if code == _IS_ADJACENT else settings[_NEAR]
        limit_squared = sizes * sizes * max(geometry.area[a], geometry.area[b])
    elif code in (_GAP_BELOW, _GAP_AT_MOST) and scale > 0 and value > 0:
        limit_squared = (value / scale) * (value / scale)
    else:
        return ASK
    bounds = geometry.bounds
    across = max(np.float64(bounds[a, 0]) - bounds[b, 2], np.float64(bounds[b, 0]) - bounds[a, 2], 0.0)
    down = max(np.float64(bounds[a, 1]) - bounds[b, 3], np.float64(bounds[b, 1]) - bounds[a, 3], 0.0)
    squared = across * across + down * down
    if squared > limit_squared * (1 + 3 * _NARROW):
        return NO
    if not (geometry.plain[a] and geometry.plain[b]):
        return ASK
    if dx * dx + dy * dy < limit_squared * (1 - 3 * _NARROW):
        return YES
    if limit_squared > 0 and _is_upright(a, geometry) and _is_upright(b, geometry):
        if squared < limit_squared * (1 - 3 * _UPRIGHT):
            return YES
        if squared > limit_squared * (1 + 3 * _UPRIGHT):
            return NO
    return ASK


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
    most = settings[_PARALLEL]
    if code == _PERPENDICULAR:
        return int(angle >= 90.0 - most)
    ratio = settings[_SQUARE]
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
        if abs(off) <= _NARROW:
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
        return bool(0 < along < squared and across <= settings[_BETWEEN] * squared)
    if (ax == 0 and ay == 0) or (cx == 0 and cy == 0):
        return False
    if centroid[a, 0] == centroid[c, 0] and centroid[a, 1] == centroid[c, 1]:
        return False
    return bool(across * settings[_COLLINEAR_COS] >= along * settings[_COLLINEAR_SIN])


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
        return _by_gap(code, a, b, value, scale, geometry, settings)
    if code <= _ON:
        return _by_area(code, a, b, geometry, settings)
    if code <= _GAP_EQUAL:
        return _by_gap(code, a, b, value, scale, geometry, settings)
    if code <= _EQUAL:
        return int(_by_columns(code, a, b, value, geometry))
    return int(_by_three(code, a, b, c, geometry.centroid, settings))
