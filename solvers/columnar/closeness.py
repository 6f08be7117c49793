"""Relations that rest on the gap of two entities or on the area that they share: bounds first, then convex rings."""

import math

import numpy as np
import numpy.typing as npt

from solvers.columnar import rings
from solvers.columnar.codes import Code
from solvers.columnar.compiled import compiled_inline, compiled_part
from solvers.columnar.measured import (
    ADJACENT_SIZES,
    ASK,
    INSIDE_SHARE,
    NARROW,
    NEAR_SIZES,
    NO,
    OPEN,
    OVERLAP_AREA,
    UPRIGHT,
    YES,
    Floats,
    Geometry,
)

_FAR_FROM, _IS_ADJACENT = int(Code.FAR_FROM), int(Code.ADJACENT)
_OVERLAPS, _CONTAINS, _ON = int(Code.OVERLAPS), int(Code.CONTAINS), int(Code.ON)
_GAP_BELOW, _GAP_EQUAL = int(Code.GAP_BELOW), int(Code.GAP_EQUAL)

_MEETING, _WITHIN, _AT_LIMIT, _BEYOND = 0, 1, 2, 3


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
def is_upright(entity: int, geometry: Geometry) -> bool:
    """Whether an entity fills its bounds, so that its gap to another such one is that of the bounds.

    A corner that is cut by less than the area's rounding moves the gap by less than `UPRIGHT` of a side.
    """
    bounds = geometry.bounds
    across = np.float64(bounds[entity, 2]) - bounds[entity, 0]
    down = np.float64(bounds[entity, 3]) - bounds[entity, 1]
    return bool(geometry.area[entity] == across * down)


@compiled_inline
def _between(low: float, high: float, other_low: float, other_high: float) -> float:
    """How far apart two ranges are."""
    if other_low > high:
        return np.float64(other_low) - high
    return np.float64(low) - other_high if low > other_high else 0.0


@compiled_inline
def within(a: int, b: int, limit_squared: float, geometry: Geometry) -> int:
    """Whether two entities are no further apart than a limit, given squared, in px2: YES or NO, or ASK for corners."""
    bounds, centroid, plain = geometry.bounds, geometry.centroid, geometry.plain
    across = _between(bounds[a, 0], bounds[a, 2], bounds[b, 0], bounds[b, 2])
    down = _between(bounds[a, 1], bounds[a, 3], bounds[b, 1], bounds[b, 3])
    squared = across * across + down * down
    if squared > limit_squared * (1 + 3 * NARROW):
        return NO
    if not (plain[a] and plain[b]):
        return ASK
    dx, dy = centroid[b, 0] - centroid[a, 0], centroid[b, 1] - centroid[a, 1]
    if dx * dx + dy * dy < limit_squared * (1 - 3 * NARROW):
        return YES
    if limit_squared > 0 and is_upright(a, geometry) and is_upright(b, geometry):
        if squared < limit_squared * (1 - 3 * UPRIGHT):
            return YES
        if squared > limit_squared * (1 + 3 * UPRIGHT):
            return NO
    return ASK


@compiled_part
def _gap_side(limit_squared: float, a: int, b: int, geometry: Geometry) -> int:
    """Where the gap of two entities lies: 0 for sure, within the limit, too close to it to say, beyond."""
    if a == b:
        return _MEETING
    quick = within(a, b, limit_squared, geometry)
    if quick != ASK:
        return _WITHIN if quick == YES else _BEYOND
    bounds, limit = geometry.bounds, math.sqrt(limit_squared)
    surely = limit * (1 - NARROW)
    if not (geometry.plain[a] and geometry.plain[b]):
        across = max(np.float64(bounds[a, 2]) - bounds[b, 0], np.float64(bounds[b, 2]) - bounds[a, 0])
        down = max(np.float64(bounds[a, 3]) - bounds[b, 1], np.float64(bounds[b, 3]) - bounds[a, 1])
        return _WITHIN if across * across + down * down < surely * surely else _AT_LIMIT
    slack = _slack(a, b, bounds)
    start, stop = _ring(a, geometry)
    other_start, other_stop = _ring(b, geometry)
    state, gap = rings.gap(geometry.corners, start, stop, other_start, other_stop, slack)
    if state == rings.MEET:
        return _MEETING
    if gap < surely - slack:
        return _WITHIN
    if state == rings.APART and gap > limit * (1 + NARROW) + slack:
        return _BEYOND
    return _AT_LIMIT


@compiled_part
def by_gap(code: int, a: int, b: int, value: float, scale: float, geometry: Geometry, settings: Floats) -> int:
    """Relations of size, and comparisons of the gap with a value in the unit that `scale` turns pixels into."""
    if code < _GAP_BELOW:
        if a == b:
            return NO
        sizes = settings[ADJACENT_SIZES] if code == _IS_ADJACENT else settings[NEAR_SIZES]
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
    if across <= 0 or down <= 0 or across * down < limit * (1 - NARROW):
        return NO
    if not (geometry.plain[a] and geometry.plain[b]):
        return OPEN
    start, stop = _ring(a, geometry)
    other_start, other_stop = _ring(b, geometry)
    shared = rings.shared_area(geometry.corners, start, stop, other_start, other_stop)
    span = (bounds[a, 2] - bounds[a, 0]) * np.float64(bounds[b, 3] - bounds[b, 1])
    span += (bounds[b, 2] - bounds[b, 0]) * np.float64(bounds[a, 3] - bounds[a, 1])
    if abs(shared - limit) <= NARROW * limit + 0.01 * _slack(a, b, bounds) * (across + down) + 1e-14 * span:
        return OPEN
    return int(shared > limit)


@compiled_part
def by_area(code: int, a: int, b: int, geometry: Geometry, settings: Floats) -> int:
    """Relations of shared area, and whether a centroid lies on an entity."""
    if a == b:
        return NO
    if code == _OVERLAPS:
        return _shares(a, b, settings[OVERLAP_AREA], geometry)
    if code == _CONTAINS:
        a, b = b, a
    if not geometry.area[a] < geometry.area[b]:
        return NO
    if code != _ON:
        return _shares(a, b, settings[INSIDE_SHARE] * geometry.area[a], geometry) if geometry.area[a] > 0 else NO
    x, y = geometry.centroid[a, 0], geometry.centroid[a, 1]
    bounds = geometry.bounds
    if x < bounds[b, 0] or x > bounds[b, 2] or y < bounds[b, 1] or y > bounds[b, 3]:
        return NO
    if not geometry.plain[b]:
        return OPEN
    start, stop = _ring(b, geometry)
    state = rings.covers(geometry.corners, start, stop, x, y)
    return OPEN if state == rings.UNSURE else int(state == rings.MEET)
