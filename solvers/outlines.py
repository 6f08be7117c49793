"""What kind of ring each polygon is, and its outline as a shapely geometry; polygons come as corners and offsets.

Polygon i has the corners `corners[offsets[i]:offsets[i + 1]]`, at least three; the last is joined to the first. Nearly
all are convex, which elementwise arithmetic shows; shapely is asked about the others only.
"""

from collections.abc import Iterator
from enum import IntEnum
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Kinds = npt.NDArray[np.int8]
Scalar = TypeVar("Scalar", bound=np.generic)

ORIENTATION_ERROR = 3.4e-16
"""Of a 2 x 2 determinant of differences, as a share of the sum of its products (Shewchuk 1997)."""
_SAME_AREA = 1e-9
_CORNERS_AT_ONCE = 1 << 14


class Kind(IntEnum):
    """A ring that is simple and convex; simple; one that touches but does not cross itself; any other, even flat."""

    PLAIN = 0
    SIMPLE = 1
    TOUCHING = 2
    CROSSED = 3


def kinds_of(corners: Floats, offsets: Places) -> Kinds:
    """The kind of each of m polygons, shape (m,); it does not depend on the others."""
    kinds = np.empty(len(offsets) - 1, dtype=np.int8)
    for span in spans(offsets):
        part = offsets[span.start : span.stop + 1]
        kinds[span] = _kinds_of_some(corners[part[0] : part[-1]], part - part[0])
    return kinds


def spans(offsets: Places) -> Iterator[slice]:
    """The polygons in runs of about so many corners as a processor's cache holds."""
    start = 0
    while start < len(offsets) - 1:
        stop = max(start + 1, int(np.searchsorted(offsets, offsets[start] + _CORNERS_AT_ONCE, side="right")) - 1)
        yield slice(start, stop)
        start = stop


def _kinds_of_some(corners: Floats, offsets: Places) -> Kinds:
    starts, ends = offsets[:-1], offsets[1:] - 1
    x, y = corners.T
    edge_x, edge_y = _following(x, starts, ends) - x, _following(y, starts, ends) - y
    first, second = edge_x * _following(edge_y, starts, ends), edge_y * _following(edge_x, starts, ends)
    turn, error = first - second, ORIENTATION_ERROR * (np.abs(first) + np.abs(second))
    left, right = turn > error, turn < -error
    one_way = np.logical_and.reduceat(left, starts) | np.logical_and.reduceat(right, starts)
    # A ring that only ever turns one way is simple if it does so once: its edges come round to face right just once.
    ahead = (edge_x > 0) | ((edge_x == 0) & (edge_y > 0))
    turns = np.add.reduceat((_following(ahead, starts, ends) > ahead).astype(np.int32), starts)
    kinds = np.full(len(starts), Kind.PLAIN, dtype=np.int8)
    rest = np.flatnonzero(~(one_way & (turns == 1)))
    if len(rest):
        bent = np.logical_or.reduceat(left, starts) & np.logical_or.reduceat(right, starts)
        simple = shapely.is_valid(_drawn(*selected(corners, offsets, rest)))
        kinds[rest] = np.where(simple, np.where(bent[rest], Kind.SIMPLE, Kind.PLAIN), Kind.CROSSED)
        broken = rest[~simple]
        kinds[broken[_only_touch(*selected(corners, offsets, broken))]] = Kind.TOUCHING
    return kinds


def _following(values: npt.NDArray[Scalar], starts: Places, ends: Places) -> npt.NDArray[Scalar]:
    """For each corner what the next one of its ring has."""
    after = np.empty_like(values)
    after[:-1] = values[1:]
    after[ends] = values[starts]
    return after


def outlines(corners: Floats, offsets: Places, kinds: Kinds) -> npt.NDArray[np.object_]:
    """One valid shapely geometry a polygon: itself, or the convex hull where it crosses itself."""
    drawn = _drawn(corners, offsets)
    for kind, mend in ((Kind.TOUCHING, shapely.make_valid), (Kind.CROSSED, shapely.convex_hull)):
        which = kinds == kind
        drawn[which] = mend(drawn[which])
    return drawn


def outlines_of(corners: Floats, offsets: Places) -> npt.NDArray[np.object_]:
    """The outlines of polygons whose kinds are not known yet."""
    return outlines(corners, offsets, kinds_of(corners, offsets))


def hulls(corners: Floats, offsets: Places) -> tuple[Floats, Places]:
    """The convex hulls of the polygons as corners and offsets; one without area keeps its corners."""
    drawn = _drawn(corners, offsets)
    hull = shapely.convex_hull(drawn)
    rings = shapely.get_exterior_ring(np.where(shapely.get_dimensions(hull) < 2, drawn, hull))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    inner = np.append(ring[1:] == ring[:-1], False) if len(ring) else np.empty(0, dtype=np.bool_)
    return points[inner], np.concatenate([[0], np.cumsum(np.bincount(ring, minlength=len(drawn)) - 1)])


def selected(
    corners: npt.NDArray[Scalar], offsets: Places, which: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[Scalar], Places]:
    """Some of the polygons, as corners and offsets of their own."""
    lengths = offsets[which + 1] - offsets[which]
    ends = np.cumsum(lengths)
    places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(offsets[which] - (ends - lengths), lengths)
    return corners[places], np.concatenate([[0], ends])


def _drawn(corners: Floats, offsets: Places) -> npt.NDArray[np.object_]:
    lengths = np.diff(offsets)
    if len(lengths) == 0:
        return np.empty(0, dtype=object)
    closed = np.insert(corners, offsets[1:], corners[offsets[:-1]], axis=0)
    rings = shapely.linearrings(closed, indices=np.repeat(np.arange(len(lengths)), lengths + 1))
    return np.asarray(shapely.polygons(rings), dtype=object)


def _only_touch(corners: Floats, offsets: Places) -> Booleans:
    """Which invalid polygons do not cross themselves: going round them once encloses just what they cover."""
    covered = shapely.area(shapely.make_valid(_drawn(corners, offsets)))
    enclosed = np.array([abs(_doubled_area(corners[start:stop])) / 2 for start, stop in pairwise(offsets)])
    return np.asarray((covered > 0) & (np.abs(enclosed - covered) <= _SAME_AREA * covered), dtype=np.bool_)


def _doubled_area(ring: Floats) -> float:
    x, y = (ring - ring[0]).T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())
