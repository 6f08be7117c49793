"""Area, centroid, bounds and smallest rectangle of many polygons at once, by the definitions of the design.

Polygons come as corners (N, 2) in pixels and offsets (m + 1). Every operation is elementwise and in an order that the
polygon alone decides, so that its values are the same to the bit in whatever company it is measured.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solvers.outlines import (
    Block,
    Booleans,
    Floats,
    Kind,
    Kinds,
    Places,
    block_of,
    blocks,
    hulls,
    kinds_in,
    kinds_of,
    selected,
)

_ROUNDING = 4e-16
_TIE = 1e-9
_CELLS_AT_ONCE = 1 << 15


class Measures(NamedTuple):
    """Of m polygons: `centroid` (m, 2), `bounds` (m, 4: least x, least y, greatest x, greatest y), `area` in px2.

    `plain` (m) marks the simple convex rings of positive area.
    """

    centroid: Floats
    bounds: Floats
    area: Floats
    plain: Booleans


def measure(corners: Floats, offsets: Places, kinds: Kinds | None = None) -> Measures:
    """What rests on the area, and the bounds: a polygon that crosses itself counts as its convex hull.

    The centroid of one without area is the mean of its corners. `kinds`, if known, are those of `kinds_of`.
    """
    count = len(offsets) - 1
    centroid, bounds, area = np.empty((count, 2)), np.empty((count, 4)), np.empty(count)
    found = np.empty(count, np.int8)
    for span, block in blocks(corners, offsets):
        found[span] = kinds_in(block) if kinds is None else kinds[span]
        centroid[span], area[span] = _moments(block)
        _fill_bounds(bounds[span], block)
    crossed = np.flatnonzero(found == Kind.CROSSED)
    if len(crossed):
        own = selected(corners, offsets, crossed)
        centroid[crossed], area[crossed] = _moments(block_of(*hulls(*own)))
        flat = area[crossed] == 0
        centroid[crossed[flat]] = _means(*own)[flat]
    return Measures(centroid, bounds, area, (found == Kind.PLAIN) & (area > 0))


def rectangles(corners: Floats, offsets: Places, kinds: Kinds | None = None) -> Floats:
    """The rectangle of least area around each polygon, shape (m, 3): length, width, axis in degrees within [0, 180).

    One of its sides lies on a side of the convex hull. Of rectangles whose areas agree to a billionth the longest
    counts, and of those that agree in that too the one whose axis has the smallest angle; either side of a square may
    be its axis.
    """
    kinds = kinds_of(corners, offsets) if kinds is None else kinds
    found = np.empty((len(kinds), 3))
    bent = kinds != Kind.PLAIN
    _fill_rectangles(found, np.flatnonzero(~bent), corners, *_spans(offsets, ~bent))
    if bent.any():
        hull_corners, hull_offsets = hulls(*selected(corners, offsets, np.flatnonzero(bent)))
        _fill_rectangles(found, np.flatnonzero(bent), hull_corners, hull_offsets[:-1], np.diff(hull_offsets))
    return found


def _spans(offsets: Places, which: Booleans) -> tuple[Places, Places]:
    return offsets[:-1][which], np.diff(offsets)[which]


def _fill_rectangles(
    found: Floats, rows: npt.NDArray[np.intp], corners: Floats, starts: Places, counts: Places
) -> None:
    """Write the rectangles of convex rings into some rows, rings of one number of corners at a time."""
    for count in np.unique(counts):
        alike = np.flatnonzero(counts == count)
        step = max(1, _CELLS_AT_ONCE // int(count * count))
        for first in range(0, len(alike), step):
            some = alike[first : first + step]
            places = starts[some] + np.arange(count)[:, None]
            found[rows[some]] = _around(corners[places, 0], corners[places, 1])


def _around(x: Floats, y: Floats) -> Floats:
    """The smallest rectangles around k convex rings of n corners, given as (n, k) twice, as (k, 3)."""
    x, y = x - x[0], y - y[0]
    edge_x, edge_y = np.roll(x, -1, axis=0) - x, np.roll(y, -1, axis=0) - y
    squared = edge_x * edge_x + edge_y * edge_y
    divisor = np.where(squared > 0, squared, 1.0)
    along = _extent(x * edge_x[:, None] + y * edge_y[:, None])
    across = _extent(y * edge_x[:, None] - x * edge_y[:, None])
    area = np.where(squared > 0, along * across / divisor, np.inf)
    likely = area <= area.min(axis=0) * (1 + _TIE)
    root = np.sqrt(divisor)
    long, short = np.maximum(along, across) / root, np.minimum(along, across) / root
    likely &= long >= np.where(likely, long, 0.0).max(axis=0) * (1 - _TIE)
    on_edge = along >= across
    angle = np.degrees(np.arctan2(np.where(on_edge, edge_y, edge_x), np.where(on_edge, edge_x, -edge_y)))
    modulus = np.where(long <= short * (1 + _TIE), 90.0, 180.0)
    angle %= modulus
    angle[angle >= modulus - _TIE] = 0.0
    chosen = np.argmin(np.where(likely, angle, np.inf), axis=0), np.arange(x.shape[1])
    found = np.stack([long[chosen], short[chosen], angle[chosen]], axis=1)
    found[~(squared > 0).any(axis=0)] = 0.0
    return found


def _extent(values: Floats) -> Floats:
    """Greatest less least over the corners, of (edges, corners, k)."""
    return np.asarray(values.max(axis=1) - values.min(axis=1), dtype=np.float64)


def _fill_bounds(found: Floats, block: Block) -> None:
    for choose, sides in ((np.minimum, found[:, :2]), (np.maximum, found[:, 2:])):
        if block.aligned is None:
            sides[:] = choose.reduceat(np.ascontiguousarray(block.corners.T), block.offsets[:-1], axis=1).T
        else:
            sides[:] = choose.reduce(block.aligned, axis=1).T


def _moments(block: Block) -> tuple[Floats, Floats]:
    """Centroids and areas by the shoelace formula about the first corner; an area that rounding hides is 0."""
    counts = np.diff(block.offsets)
    order = np.arange(len(counts)) if block.aligned is not None else np.argsort(-counts, kind="stable")
    starts, counts_down = block.offsets[:-1][order], -counts[order]
    columns = np.ascontiguousarray(block.corners.T) if block.aligned is None else block.aligned

    def corner(number: int, active: int) -> tuple[Floats, Floats]:
        """A corner of those that have so many."""
        x, y = columns[:, starts[:active] + number] if block.aligned is None else columns[:, number]
        return x, y

    origin_x, origin_y = corner(0, len(order))
    doubled, sum_x, sum_y, most = (np.zeros(len(order)) for _ in range(4))
    for number in range(1, int(counts.max(initial=0)) - 1):
        active = int(np.searchsorted(counts_down, -number - 1))
        base_x, base_y = origin_x[:active], origin_y[:active]
        (ax, ay), (bx, by) = corner(number, active), corner(number + 1, active)
        ax, ay, bx, by = ax - base_x, ay - base_y, bx - base_x, by - base_y
        first, second = ax * by, ay * bx
        cross = first - second
        doubled[:active] += cross
        sum_x[:active] += cross * (ax + bx)
        sum_y[:active] += cross * (ay + by)
        most[:active] += np.abs(first) + np.abs(second)
    hidden = np.abs(doubled) <= _ROUNDING * -counts_down * most
    # One division, so that a centre that whole coordinates give exactly is met exactly.
    divisor = np.where(hidden, 1.0, 3.0 * doubled)
    centroid, area = np.empty((len(order), 2)), np.empty(len(order))
    centroid[order, 0], centroid[order, 1] = (
        (origin_x * divisor + sum_x) / divisor,
        (origin_y * divisor + sum_y) / divisor,
    )
    area[order] = np.where(hidden, 0.0, np.abs(doubled) / 2)
    flat = order[hidden]
    if len(flat):
        centroid[flat] = _means(*selected(block.corners, block.offsets, flat))
    return centroid, area


def _means(corners: Floats, offsets: Places) -> Floats:
    """The mean of each polygon's corners."""
    means = [corners[start:stop].sum(axis=0) / (stop - start) for start, stop in pairwise(offsets)]
    return np.array(means).reshape(-1, 2)
