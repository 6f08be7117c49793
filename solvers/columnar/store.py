"""A whole archive as columns: per-image arrays, and the entities of a class one after the other, image after image.

The columns of a class are read when a question first names it. Entities are numbered through: those of the first leaf
come first, each class sorted by image and then from left to right.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock, local

import numpy as np
import numpy.typing as npt

from solvers.columnar import chance_loops, reaches, selecting, uncompiled
from solvers.columnar.arrays import ClassSize, EntityArrays, LoadedClass
from solvers.columnar.compiled import is_compiled
from solvers.columnar.images import Images, images_of
from solvers.columnar.measured import Geometry
from solvers.columnar.ranges import Ranges
from solvers.columnar.sharing import Kept
from solvers.scene import Scene

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]


KEPT_BYTES, KEPT_BYTES_AN_ENTITY = 8 << 20, 5
"""What is kept for later questions takes at most so many bytes, or so many an entity if that is more."""
MOST_CELLS = 1 << 22
"""So many chances of so many entities are held at once."""

MOSTLY = 0.9

FEW_ENTITIES = 20_000
"""So many are sooner chosen by numpy than by kernels, which may be yet to be compiled."""

Counting = tuple[Numbers, Places, Floats]
Loader = Callable[[str], Iterable[LoadedClass]]
"""Gives the entities of a leaf in pieces, each with images of its own that come after those of the piece before."""


class Store:
    """The columns of an archive; what no question has named is address space, not memory.

    `sizes` say how much room each class takes at most.
    """

    def __init__(self, images: Images, labels: Sequence[str], sizes: Mapping[str, ClassSize], load: Loader) -> None:
        self.images = images
        self.labels = tuple(labels)
        self.code_of = {label: code for code, label in enumerate(self.labels)}
        of_labels = [sizes.get(label, ClassSize(0, 0)) for label in self.labels]
        self._base = np.concatenate([[0], np.cumsum([size.entities for size in of_labels], dtype=np.int64)])
        self._corner_base = np.concatenate([[0], np.cumsum([size.corners for size in of_labels], dtype=np.int64)])
        self._load = load
        self._reading = Lock()
        self._offsets: dict[str, Numbers] = {}
        self._measured: set[str] = set()
        total = int(self._base[-1])
        self._kept = Kept(max(KEPT_BYTES, KEPT_BYTES_AN_ENTITY * total))
        self.confidence: npt.NDArray[np.floating] = np.empty(total, np.float32)
        self.index: npt.NDArray[np.integer] = np.empty(total, np.uint16)
        self._of_thread, self._ranges = local(), Ranges()
        self._arrays = EntityArrays.empty(of_labels)

    def run(
        self, kernel: Callable[[int, int], None], size: int, work: Sequence[Places], *, joins: bool = False
    ) -> None:
        """Call a kernel, which may join entities, for ranges of so many images; see `Ranges`."""
        self._ranges.run(kernel, size, work, joins=joins)

    @property
    def scratch(self) -> Bytes:
        """Room for a small number an entity; questions that run at once have each their own."""
        if not hasattr(self._of_thread, "scratch"):
            self._of_thread.scratch = np.empty(int(self._base[-1]), np.uint8)
        scratch: Bytes = self._of_thread.scratch
        return scratch

    @property
    def geometry(self) -> Geometry:
        """The arrays that the predicates look at."""
        return self._arrays.geometry()

    @property
    def mostly_upright(self) -> bool:
        """Whether nearly all entities fill their bounds, so that few gaps need their corners."""
        return self._arrays.upright >= MOSTLY * self._arrays.measured

    def offsets(self, label: str) -> Numbers:
        """Where the entities of each image start among all entities, for one leaf: shape (n + 1,)."""
        if label not in self._offsets:
            with self._reading:
                if label not in self._offsets:
                    self._read(label)
        return self._offsets[label]

    def above(self, leaves: frozenset[str], thresholds: Mapping[str, float]) -> Counting:
        """The entities of some leaves that count, image after image and from left to right; kept for later.

        Returns their numbers, where those of each image start (n + 1), and how far they reach (n, 3): see `kernels`.
        """
        labels = [label for label in self.labels if label in leaves]
        return self._kept.get(("above", _key_of(labels, thresholds)), lambda: self._counting(labels, thresholds))

    def _counting(self, labels: Sequence[str], thresholds: Mapping[str, float]) -> Counting:
        ids, offsets = np.zeros(0, np.int32), np.zeros(len(self.images) + 1, np.int64)
        for label in labels:
            own = self._selected_of_all(label, thresholds[label])
            ids, offsets = own if label == labels[0] else merged((ids, offsets), own, self.geometry.centroid)
        reach = np.zeros((len(self.images), 3))
        if len(ids):
            measure = reaches.measure if is_compiled(reaches.measure) else uncompiled.measure
            measure(ids, offsets, self.geometry.centroid, self.geometry.bounds, self.geometry.area, reach)
        return ids, offsets, reach

    def selected(self, label: str, threshold: float, images: Places) -> tuple[Numbers, Places]:
        """The entities of a leaf with at least this confidence in some images, and where those of each start."""
        starts = self.offsets(label)
        lengths = (starts[images + 1] - starts[images]).astype(np.int64)
        ends = np.cumsum(lengths)
        if len(ends) and (ends[-1] > FEW_ENTITIES or is_compiled(selecting.select)):
            ids: Numbers = np.empty(int(ends[-1]), np.int32)
            offsets: Places = np.zeros(len(images) + 1, np.int64)
            selecting.select(images, starts, self.confidence, threshold, ids, offsets)
            return ids[: offsets[-1]], offsets
        entities = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(starts[images] - (ends - lengths), lengths)
        mask = self.confidence[entities].astype(np.float64) >= threshold
        return entities[mask].astype(np.int32), numbers_within(mask, np.concatenate([[0], ends]))

    def _selected_of_all(self, label: str, threshold: float) -> tuple[Numbers, Places]:
        """The same of all images."""
        starts = self.offsets(label)
        first, offsets = int(starts[0]), starts.astype(np.int64) - starts[0]
        confidence = self.confidence[first : int(starts[-1])].astype(np.float64)  # in single precision 0.3 were rounded
        found = np.flatnonzero(confidence >= threshold)
        return (found + first).astype(np.int32), np.searchsorted(found, offsets).astype(np.int64)

    def count_of(self, label: str) -> int:
        """How many entities a leaf has at most."""
        code = self.code_of[label]
        return int(self._base[code + 1] - self._base[code])

    def chance_of_any(self, leaves: frozenset[str], thresholds: Mapping[str, float]) -> Floats:
        """The chance that an image has any entity of some leaves, of those that count: shape (n,), kept for later."""
        labels = [label for label in self.labels if label in leaves]

        def make() -> tuple[Floats]:
            none = np.ones(len(self.images))
            for label in labels:
                starts = self.offsets(label)
                confidence = self.confidence[starts[0] : starts[-1]].astype(np.float64)
                missing = np.where(confidence >= thresholds[label], 1.0 - confidence, 1.0)
                none *= products_within(missing, starts - starts[0])
            return (1.0 - none,)

        return self._kept.get(("any", _key_of(labels, thresholds)), make)[0]

    def uncertain(self, leaves: frozenset[str], thresholds: Mapping[str, float]) -> Numbers:
        """How many entities of some leaves, of those that count, are not certain: shape (n,), kept for later."""
        labels = [label for label in self.labels if label in leaves]

        def make() -> tuple[Numbers]:
            found = np.zeros(len(self.images), np.int32)
            for label in labels:
                starts = self.offsets(label)
                confidence = self.confidence[starts[0] : starts[-1]].astype(np.float64)
                mask = (confidence >= thresholds[label]) & (confidence < 1.0)
                found += np.diff(numbers_within(mask, starts - starts[0])).astype(np.int32)
            return (found,)

        return self._kept.get(("uncertain", _key_of(labels, thresholds)), make)[0]

    def chance_of_enough(self, leaves: frozenset[str], thresholds: Mapping[str, float], least: int) -> Floats:
        """The chance that an image has at least so many entities of some leaves: shape (n,), kept for later."""
        labels = sorted(leaves)

        def make() -> tuple[Floats]:
            starts = {label: self.offsets(label) for label in labels}
            found = np.zeros(len(self.images))
            count = np.sum([np.diff(each) for each in starts.values()], axis=0, dtype=np.int64)
            many, size = np.flatnonzero(count >= least), max(1, MOST_CELLS // least)
            for first in range(0, len(many), size):
                images = many[first : first + size]
                exactly = np.zeros((len(images), least))
                exactly[:, 0] = 1.0
                for label, each in starts.items():
                    chance_loops.chances_of_enough_in_spans(
                        images, each, self.confidence, thresholds[label], least, exactly
                    )
                found[images] = np.maximum(0.0, 1.0 - exactly.sum(axis=1))
            return (found,)

        return self._kept.get(("enough", _key_of(labels, thresholds), least), make)[0]

    def label_of(self, entity: int) -> str:
        """The leaf that labels an entity."""
        return self.labels[int(self._arrays.label[entity])]

    def rings(self, entities: npt.NDArray[np.signedinteger]) -> tuple[Floats, Places]:
        """The corners of some entities' polygons, and where each starts."""
        return self._arrays.rings(entities)

    def need_rectangles(self, labels: Iterable[str]) -> None:
        """Have length, width and axis of some leaves' entities ready."""
        for label in sorted(set(labels) - self._measured):
            self.offsets(label)
            with self._reading:
                if label not in self._measured:
                    self._arrays.measure_rectangles(self._slice(label))
                    self._measured.add(label)

    def _slice(self, label: str) -> slice:
        """Where the entities of a leaf that was read are."""
        starts = self._offsets[label]
        return slice(int(starts[0]), int(starts[-1]))

    def _read(self, label: str) -> None:
        code = self.code_of[label]
        room, corner_room = (slice(int(base[code]), int(base[code + 1])) for base in (self._base, self._corner_base))
        counts = np.zeros(len(self.images) + 1, np.int64)
        at, corner_at = room.start, corner_room.start
        for piece in self._load(label):
            span = slice(at, at + len(piece.image))
            corner_span = slice(corner_at, corner_at + len(piece.corners))
            at, corner_at = span.stop, corner_span.stop
            if at > room.stop or corner_at > corner_room.stop:
                raise ValueError(f"there are more entities or corners of {label} than were announced")
            if len(piece.image):
                self._put(piece, span, corner_span, code, counts)
        self._offsets[label] = (np.cumsum(counts) + room.start).astype(np.int32)

    def _put(self, piece: LoadedClass, span: slice, corner_span: slice, code: int, counts: Places) -> None:
        """Put a piece of a class in its place; `counts` gets how many it has of each image, one place later."""
        first, last = int(piece.image[0]), int(piece.image[-1])
        starts = np.searchsorted(piece.image, np.arange(first, last + 2)).astype(np.int64)
        counts[first + 1 : last + 2] = np.diff(starts)
        order = self._arrays.fill(span, corner_span, piece, starts, code)
        confidence = piece.confidence[order]
        if self.confidence.dtype == np.float32 and not np.array_equal(confidence.astype(np.float32), confidence):
            with np.errstate(invalid="ignore"):  # what is not read yet may hold anything
                self.confidence = self.confidence.astype(np.float64)
        self.confidence[span] = confidence
        if self.index.dtype == np.uint16 and piece.index.max() > np.iinfo(np.uint16).max:
            self.index = self.index.astype(np.int64)
        self.index[span] = piece.index[order]


def numbers_within(mask: Booleans, offsets: Places) -> Places:
    """Where the entities of each image that a mask allows start, by where all of them do."""
    return np.concatenate([[0], np.cumsum(mask, dtype=np.int64)])[offsets]


def products_within(values: Floats, offsets: npt.NDArray[np.signedinteger]) -> Floats:
    """The product of the values of each image, multiplied from the first to the last; 1 without any."""
    found, starts = np.ones(len(offsets) - 1), offsets[:-1]
    some = starts < offsets[1:]
    if some.any():
        found[some] = np.multiply.reduceat(values, starts[some])
    return found


def merged(first: tuple[Numbers, Places], second: tuple[Numbers, Places], centroid: Floats) -> tuple[Numbers, Places]:
    """Entities of two kinds as one, image by image and from left to right."""
    ids, offsets = np.empty(len(first[0]) + len(second[0]), np.int32), np.empty_like(first[1])
    selecting.merge(*first, *second, centroid, ids, offsets)
    return ids, offsets


def _key_of(labels: Iterable[str], thresholds: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple((label, thresholds[label]) for label in labels)


def store_of_scenes(scenes: Sequence[Scene], labels: Sequence[str]) -> Store:
    """The columns of some scenes in memory."""
    by_label: dict[str, list[tuple[int, int, float, Floats]]] = {label: [] for label in labels}
    for number, scene in enumerate(scenes):
        for entity in scene.entities:
            corners = np.array(entity.polygon, dtype=np.float64)
            by_label[entity.label].append((number, entity.index, entity.confidence, corners))

    def load(label: str) -> list[LoadedClass]:
        rows = sorted(by_label[label], key=lambda row: row[:2])
        lengths = [len(row[3]) for row in rows]
        piece = LoadedClass(
            image=np.array([row[0] for row in rows], dtype=np.int32),
            index=np.array([row[1] for row in rows], dtype=np.int64),
            confidence=np.array([row[2] for row in rows], dtype=np.float64),
            corners=np.concatenate([np.zeros((0, 2)), *(row[3] for row in rows)]),
            offsets=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
        )
        return [piece]

    sizes = {label: ClassSize(len(rows), sum(len(row[3]) for row in rows)) for label, rows in by_label.items()}
    return Store(images_of(scenes), labels, sizes, load)
