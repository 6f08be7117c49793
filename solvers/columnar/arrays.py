"""The columns of all entities of an archive: address space at first, memory for the classes that were read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from solvers.columnar import selecting
from solvers.columnar.compiled import is_compiled
from solvers.columnar.measured import Geometry
from solvers.rings import measure, rectangles

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Real = TypeVar("Real", bound=np.floating)


QUADRILATERAL = 4

Entities = npt.NDArray[np.signedinteger]


@dataclass(frozen=True, slots=True)
class ClassSize:
    """How many entities a leaf has in the archive, and corners in all."""

    entities: int
    corners: int


@dataclass(frozen=True, slots=True)
class LoadedClass:
    """Entities of one leaf as a source gives them, sorted by image number and then index.

    `image` (k), `index` (k), `confidence` (k), `corners` (c, 2) in pixels, `offsets` (k + 1) into the corners.
    """

    image: npt.NDArray[np.int32]
    index: Places
    confidence: Floats
    corners: Floats
    offsets: Places


@dataclass
class EntityArrays:
    """The geometry of m entities with c corners in all; corners are float32 as long as that is exact.

    `ring_start` has one element as long as every polygon has four corners.
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
    measured: int = 0
    upright: int = 0
    """How many entities were put in, and how many of them fill their bounds."""

    @classmethod
    def empty(cls, sizes: Sequence[ClassSize]) -> "EntityArrays":
        """Room for so many of each class."""
        entities, corners = sum(size.entities for size in sizes), sum(size.corners for size in sizes)
        quadrilaterals = all(size.corners == QUADRILATERAL * size.entities for size in sizes)
        single = np.float32
        return cls(
            np.empty((entities, 2)), np.empty((entities, 4), single), np.empty(entities), np.empty(entities),
            np.empty(entities), np.empty(entities), np.empty(entities, np.bool_),
            np.empty(entities, np.int8 if len(sizes) < 128 else np.int16),
            np.zeros(1 if quadrilaterals else entities + 1, _ring_type(corners)), np.empty((corners, 2), single),
        )  # fmt: skip

    def geometry(self) -> Geometry:
        """As the predicates take it."""
        return Geometry(
            self.centroid, self.bounds, self.area, self.length, self.width, self.axis, self.plain, self.label,
            self.ring_start, self.corners,
        )  # fmt: skip

    def fill(self, span: slice, corner_span: slice, loaded: LoadedClass, starts: Places, code: int) -> Places:
        """Put entities of one class in their place, measured, each image's from left to right; in which order.

        `starts` says where those of each image start, from the first image that has any to the last.
        """
        measured = measure(loaded.corners, loaded.offsets)
        order = sorted_across(loaded.image, starts, np.ascontiguousarray(measured.centroid[:, 0]))
        single = loaded.corners.astype(np.float32)
        if self.corners.dtype == np.float32 and not np.array_equal(single, loaded.corners):
            with np.errstate(invalid="ignore"):  # what is not read yet may hold anything
                self.corners, self.bounds = self.corners.astype(np.float64), self.bounds.astype(np.float64)
        own = single if self.corners.dtype == np.float32 else loaded.corners
        self.corners[corner_span], offsets = reordered(own, loaded.offsets, order)
        self._start_rings(span, corner_span, offsets)
        self.bounds[span] = measured.bounds.take(order, axis=0)
        self.centroid[span] = measured.centroid.take(order, axis=0)
        self.area[span], self.plain[span] = measured.area[order], measured.plain[order]
        self.label[span] = code
        sides = measured.bounds[:, 2:] - measured.bounds[:, :2]
        self.measured += len(order)
        self.upright += int(np.count_nonzero(measured.area == sides[:, 0] * sides[:, 1]))
        return order

    def _start_rings(self, span: slice, corner_span: slice, offsets: Places) -> None:
        """Note where rings start, as soon as any has more or fewer than four corners."""
        if len(self.ring_start) == 1 and (np.diff(offsets) != QUADRILATERAL).any():
            self.ring_start = np.arange(len(self.area) + 1, dtype=self.ring_start.dtype) * QUADRILATERAL
        if len(self.ring_start) > 1:
            self.ring_start[span.start : span.stop + 1] = offsets + corner_span.start

    def rings(self, entities: Entities) -> tuple[Floats, Places]:
        """The corners of some entities' polygons, and where each starts."""
        if len(self.ring_start) == 1:
            starts, lengths = QUADRILATERAL * entities.astype(np.int64), np.full(len(entities), QUADRILATERAL)
        else:
            starts = self.ring_start[entities].astype(np.int64)
            lengths = self.ring_start[entities + 1].astype(np.int64) - starts
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        places = np.repeat(starts - offsets[:-1], lengths) + np.arange(int(offsets[-1]))
        return self.corners[places].astype(np.float64), offsets

    def measure_rectangles(self, span: slice) -> None:
        """Measure length, width and axis of the entities of one class."""
        found = rectangles(*self.rings(np.arange(span.start, span.stop)))
        self.length[span], self.width[span], self.axis[span] = found.T


def _ring_type(corners: int) -> type[np.signedinteger]:
    return np.int32 if corners < 2**31 else np.int64


def sorted_across(image: npt.NDArray[np.int32], starts: Places, x: Floats) -> Places:
    """The order that has each image's entities from left to right, given where those of each image start."""
    if not is_compiled(selecting.sort_across):  # what takes twice the time is there at once
        return np.lexsort((x, image))
    order = np.arange(len(image))
    selecting.sort_across(0, len(starts) - 1, starts, x, order)
    return order


def reordered(corners: npt.NDArray[Real], offsets: Places, order: Places) -> tuple[npt.NDArray[Real], Places]:
    """The rings in another order."""
    lengths = np.diff(offsets)[order]
    moved = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    if len(lengths) and (lengths == lengths[0]).all():
        size = int(lengths[0])
        return corners.reshape(-1, 2 * size).take(order, axis=0).reshape(-1, 2), moved
    places = np.repeat(offsets[:-1][order] - moved[:-1], lengths) + np.arange(int(moved[-1]))
    return corners[places], moved
