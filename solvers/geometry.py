"""The shapes of a scene's entities as arrays: areas, centroids, sides and axes, and the gaps between polygons.

Definitions are those of the design: the area centroid (of a zero-area polygon the mean of its corners), a polygon
that crosses itself replaced by its convex hull, the sides of the minimum-area rectangle. All in float64 pixels.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from solvers.outlines import Kinds, Places, kinds_of, outlines
from solvers.rings import Measures, measure, rectangles
from solvers.scene import Entity

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Booleans = npt.NDArray[np.bool_]

_PAIRS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Shapes:
    """The geometry of n entities; every array has n rows, in the order that the entities were given."""

    entities: tuple[Entity, ...]

    def __len__(self) -> int:
        return len(self.entities)

    @cached_property
    def _rings(self) -> tuple[Floats, Places]:
        """All corners, and where those of each entity start."""
        counts = [len(entity.polygon) for entity in self.entities]
        corners = np.array([corner for entity in self.entities for corner in entity.polygon], dtype=np.float64)
        return corners.reshape(-1, 2), np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])

    @cached_property
    def _kinds(self) -> Kinds:
        return kinds_of(*self._rings)

    @cached_property
    def _measures(self) -> Measures:
        return measure(*self._rings, self._kinds)

    @cached_property
    def _rectangles(self) -> Floats:
        return rectangles(*self._rings, self._kinds)

    @cached_property
    def polygons(self) -> npt.NDArray[np.object_]:
        """One valid shapely geometry an entity: its convex hull where it crosses itself."""
        return outlines(*self._rings, self._kinds)

    @property
    def area(self) -> Floats:
        """Areas in px2."""
        return self._measures.area

    @property
    def centroid(self) -> Floats:
        """Area centroids, shape (n, 2); the mean of the corners where there is no area."""
        return self._measures.centroid

    @property
    def bounds(self) -> Floats:
        """Axis-parallel bounds, shape (n, 4): least x, least y, greatest x, greatest y."""
        return self._measures.bounds

    @cached_property
    def size(self) -> Floats:
        """The square root of the area, in px."""
        return np.sqrt(self.area)

    @property
    def length(self) -> Floats:
        """The longer sides of the smallest rectangles, shape (n,)."""
        return self._rectangles[:, 0]

    @property
    def width(self) -> Floats:
        """The shorter sides, shape (n,)."""
        return self._rectangles[:, 1]

    @property
    def axis(self) -> Floats:
        """The direction of the longer side in degrees, in [0, 180)."""
        return self._rectangles[:, 2]

    def gaps(self, rows: Indices, columns: Indices) -> Floats:
        """Euclidean distances between the polygons of all pairs, shape (rows, columns); 0 where they meet."""
        gaps = np.empty((len(rows), len(columns)))
        step = max(1, _PAIRS_AT_ONCE // max(1, len(columns)))
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            gaps[start : start + step] = shapely.distance(self.polygons[some][:, None], self.polygons[columns][None, :])
        return gaps

    def gaps_within(
        self, rows: Indices, columns: Indices, limits: Floats, *, strict: bool = False, scale: float = 1.0
    ) -> Booleans:
        """Whether each pair's gap is at most (below, where strict) its limit; `limits` broadcasts to (rows, columns).

        `scale` turns pixels into the unit of the limits. Pairs whose bounds are further apart than the limit are not
        measured.
        """
        limit = np.broadcast_to(limits, (len(rows), len(columns)))
        apart = self.bound_gaps(rows, columns) * scale
        close = np.zeros(limit.shape, dtype=np.bool_)
        candidates = np.flatnonzero(apart.ravel() <= limit.ravel() * (1 + 1e-9) + 1e-9)
        row, column = np.divmod(candidates, max(1, len(columns)))
        measured = shapely.distance(self.polygons[rows[row]], self.polygons[columns[column]]) * scale
        held = measured < limit[row, column] if strict else measured <= limit[row, column]
        close[row, column] = held
        return close

    def shared_areas(self, rows: Indices, columns: Indices) -> tuple[Indices, Indices, Floats]:
        """The pairs whose bounds meet, as places in rows and in columns, and the area that each pair shares in px2."""
        row, column = np.nonzero(self.bound_gaps(rows, columns) <= 0)
        shared = shapely.area(shapely.intersection(self.polygons[rows[row]], self.polygons[columns[column]]))
        return row, column, np.asarray(shared, dtype=np.float64)

    def centres_covered(self, rows: Indices, columns: Indices) -> Booleans:
        """Whether the centroid of each row's entity lies in, or on the edge of, each column's polygon."""
        centre, bounds = self.centroid[rows], self.bounds[columns]
        row, column = np.nonzero(
            (centre[:, None, 0] >= bounds[None, :, 0])
            & (centre[:, None, 0] <= bounds[None, :, 2])
            & (centre[:, None, 1] >= bounds[None, :, 1])
            & (centre[:, None, 1] <= bounds[None, :, 3])
        )
        covered = np.zeros((len(rows), len(columns)), dtype=np.bool_)
        points = shapely.points(centre[row])
        covered[row, column] = shapely.intersects(self.polygons[columns[column]], points)
        return covered

    def bound_gaps(self, rows: Indices, columns: Indices) -> Floats:
        """A lower bound of the gaps, shape (rows, columns): the distances between the axis-parallel bounds."""
        first, second = self.bounds[rows][:, None, :], self.bounds[columns][None, :, :]
        across = np.maximum(0.0, np.maximum(first[..., 0] - second[..., 2], second[..., 0] - first[..., 2]))
        down = np.maximum(0.0, np.maximum(first[..., 1] - second[..., 3], second[..., 1] - first[..., 3]))
        return np.asarray(np.hypot(across, down), dtype=np.float64)
