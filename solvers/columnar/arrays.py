"""The columns of all entities of an archive: address space at first, memory for the classes that were read."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solvers.columnar import selecting
from solvers.columnar.predicates import Geometry
from solvers.rings import measure, rectangles

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LoadedClass:
    """The entities of one leaf as a source gives them, sorted by image number and then index.

    `image` (k), `index` (k), `confidence` (k), `corners` (c, 2) in pixels, `offsets` (k + 1) into the corners.
    """

    image: npt.NDArray[np.int32]
    index: Places
    confidence: Floats
    corners: Floats
    offsets: Places


@dataclass
class EntityArrays:
    """The geometry of m entities with c corners in all; corners are float32 as long as that is exact."""

    centroid: Floats
    bounds: npt.NDArray[np.floating]
    area: Floats
    length: Floats
    width: Floats
    axis: Floats
    plain: npt.NDArray[np.bool_]
    label: npt.NDArray[np.int16]
    ring_start: npt.NDArray[np.signedinteger]
    corners: npt.NDArray[np.floating]

    @classmethod
    def empty(cls, entities: int, corners: int) -> "EntityArrays":
        """Room for so many."""
        single = np.float32
        return cls(
            np.empty((entities, 2)), np.empty((entities, 4), single), np.empty(entities), np.empty(entities),
            np.empty(entities), np.empty(entities), np.empty(entities, np.bool_), np.empty(entities, np.int16),
            np.zeros(entities + 1, np.int32 if corners < 2**31 else np.int64), np.empty((corners, 2), single),
        )  # fmt: skip

    def geometry(self) -> Geometry:
        """As the predicates take it."""
        return Geometry(
            self.centroid, self.bounds, self.area, self.length, self.width, self.axis, self.plain, self.label,
            self.ring_start, self.corners,
        )  # fmt: skip

    def fill(self, span: slice, corner_span: slice, loaded: LoadedClass, starts: Places, code: int) -> Places:
        """Put the entities of one class in their place, measured, each image's from left to right; in which order."""
        measured = measure(loaded.corners, loaded.offsets)
        order = np.arange(len(loaded.image))
        selecting.sort_across(starts, np.ascontiguousarray(measured.centroid[:, 0]), order)
        corners, offsets = reordered(loaded.corners, loaded.offsets, order)
        single = corners.astype(np.float32)
        if self.corners.dtype == np.float32 and not np.array_equal(single, corners):
            with np.errstate(invalid="ignore"):  # what is not read yet may hold anything
                self.corners, self.bounds = self.corners.astype(np.float64), self.bounds.astype(np.float64)
        self.corners[corner_span] = corners
        self.ring_start[span.start : span.stop + 1] = offsets + corner_span.start
        self.bounds[span], self.centroid[span] = measured.bounds[order], measured.centroid[order]
        self.area[span], self.plain[span] = measured.area[order], measured.plain[order]
        self.label[span] = code
        return order

    def measure_rectangles(self, span: slice, corner_span: slice) -> None:
        """Measure length, width and axis of the entities of one class."""
        offsets = self.ring_start[span.start : span.stop + 1].astype(np.int64) - corner_span.start
        found = rectangles(self.corners[corner_span].astype(np.float64), offsets)
        self.length[span], self.width[span], self.axis[span] = found.T


def reordered(corners: Floats, offsets: Places, order: Places) -> tuple[Floats, Places]:
    """The rings in another order."""
    lengths = np.diff(offsets)[order]
    moved = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    if len(lengths) and (lengths == lengths[0]).all():
        size = int(lengths[0])
        return corners.reshape(-1, size, 2)[order].reshape(-1, 2), moved
    places = np.repeat(offsets[:-1][order] - moved[:-1], lengths) + np.arange(int(moved[-1]))
    return corners[places], moved
