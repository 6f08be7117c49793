"""What kind of ring each polygon is, and its outline as a shapely geometry; polygons come as corners and offsets.

Polygon i has the corners `corners[offsets[i]:offsets[i + 1]]`, at least three; the last is joined to the first. Nearly
all are convex, which elementwise arithmetic shows; shapely is asked about the others only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
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
_MANY_CORNERS = 16


class Kind(IntEnum):
    """A ring that is simple and convex; simple; one that touches but does not cross itself; any other, even flat."""

    PLAIN = 0
    SIMPLE = 1
    TOUCHING = 2
    CROSSED = 3


@dataclass(frozen=True, slots=True)
class Block:
    """Some of many polygons, as corners and offsets of their own.

    Where all have as many corners, and not too many, `aligned` (2, n, m) has their x and y corner after corner, and so
    has what is worked out for each corner; else that has one axis, polygon after polygon.
    """

    corners: Floats
    offsets: Places
    aligned: Floats | None

    @property
    def columns(self) -> tuple[Floats, Floats]:
        """The x and the y of all corners."""
        x, y = self.corners.T if self.aligned is None else self.aligned
        return x, y

    def following(self, values: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """For each corner what the next one of its ring has."""
        after = np.empty_like(values)
        after[:-1] = values[1:]
        if self.aligned is None:
            after[self.offsets[1:] - 1] = values[self.offsets[:-1]]
        else:
            after[-1] = values[0]
        return after

    def over(self, combine: np.ufunc, values: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """What the corners of each polygon come to."""
        found: npt.NDArray[Scalar] = (
            combine.reduceat(values, self.offsets[:-1]) if self.aligned is None else combine.reduce(values, axis=0)
        )
        return found


def blocks(corners: Floats, offsets: Places) -> Iterator[tuple[slice, Block]]:
    """The polygons in runs of about so many corners as a processor's cache holds."""
    start = 0
    while start < len(offsets) - 1:
        stop = max(start + 1, int(np.searchsorted(offsets, offsets[start] + _CORNERS_AT_ONCE, side="right")) - 1)
        part = offsets[start : stop + 1]
        yield slice(start, stop), block_of(corners[part[0] : part[-1]], part - part[0])
        start = stop


def block_of(corners: Floats, offsets: Places) -> Block:
    """These polygons in one block."""
    size = int(offsets[1] - offsets[0]) if len(offsets) > 1 else 0
    if not 0 < size <= _MANY_CORNERS or (np.diff(offsets) != size).any():
        return Block(corners, offsets, None)
    return Block(corners, offsets, np.ascontiguousarray(corners.reshape(-1, size, 2).transpose(2, 1, 0)))


def kinds_of(corners: Floats, offsets: Places) -> Kinds:
    """The kind of each of m polygons, shape (m,); it does not depend on the others."""
    kinds = np.empty(len(offsets) - 1, dtype=np.int8)
    for span, block in blocks(corners, offsets):
        kinds[span] = kinds_in(block)
    return kinds


def kinds_in(block: Block) -> Kinds:
    """The kinds of a block of polygons."""
    x, y = block.columns
    edge_x, edge_y = block.following(x) - x, block.following(y) - y
    first, second = edge_x * block.following(edge_y), edge_y * block.following(edge_x)
    turn, error = first - second, ORIENTATION_ERROR * (np.abs(first) + np.abs(second))
    left, right = turn > error, turn < -error
    one_way = block.over(np.logical_and, left) | block.over(np.logical_and, right)
    # A ring that only ever turns one way is simple if it does so once: its edges come round to face right just once.
    ahead = (edge_x > 0) | ((edge_x == 0) & (edge_y > 0))
    turns = block.over(np.add, (block.following(ahead) > ahead).astype(np.int32))
    kinds = np.full(len(one_way), Kind.PLAIN, dtype=np.int8)
    rest = np.flatnonzero(~(one_way & (turns == 1)))
    if len(rest):
        bent = block.over(np.logical_or, left) & block.over(np.logical_or, right)
        simple = shapely.is_valid(_drawn(*selected(block.corners, block.offsets, rest)))
        kinds[rest] = np.where(simple, np.where(bent[rest], Kind.SIMPLE, Kind.PLAIN), Kind.CROSSED)
        broken = rest[~simple]
        kinds[broken[_only_touch(*selected(block.corners, block.offsets, broken))]] = Kind.TOUCHING
    return kinds


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
