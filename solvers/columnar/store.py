"""A whole archive as columns: per-image arrays, and the entities of a class one after the other, image after image.

The columns of a class are read when a question first names it. Entities are numbered through: those of the first leaf
come first, each class sorted by image and then from left to right.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from threading import Lock, local

import numpy as np
import numpy.typing as npt

from solvers.columnar import chance_loops, reaches, selecting
from solvers.columnar.arrays import ClassSize, EntityArrays, LoadedClass
from solvers.columnar.images import Images, images_of
from solvers.columnar.predicates import Geometry
from solvers.columnar.sharing import Kept
from solvers.scene import Scene

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]


THREADS = 2
ENTITIES_PER_THREAD = 10_000
"""With fewer it costs more to wake a second thread than it saves."""
KEPT_BYTES, KEPT_BYTES_AN_ENTITY = 8 << 20, 5
"""What is kept for later questions takes at most so many bytes, or so many an entity if that is more."""
MOST_CELLS = 1 << 22
"""So many chances of so many entities are held at once."""

MOSTLY = 0.9

Counting = tuple[Numbers, Places, Floats]
Loader = Callable[[str], LoadedClass]


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
        self._of_thread = local()
        self._arrays = EntityArrays.empty(of_labels)

    @cached_property
    def threads(self) -> ThreadPoolExecutor:
        """The threads that kernels run on: they hold no lock of the interpreter."""
        return ThreadPoolExecutor(THREADS, "columns")

    def run(self, kernel: Callable[[int, int], None], size: int, work: Sequence[Places]) -> None:
        """Call a kernel for ranges of so many images, side by side where it pays; work grows with all of the offsets.

        What a kernel does to one image rests on no other one, so that the ranges do not matter.
        """
        total = sum(int(offsets[-1]) for offsets in work)
        if total < THREADS * ENTITIES_PER_THREAD:
            kernel(0, size)
            return
        weights = work[0] if len(work) == 1 else np.sum(work, axis=0)
        cuts = np.searchsorted(weights, np.linspace(0, total, 4 * THREADS + 1)[1:-1])
        ends = [0, *map(int, cuts), size]
        list(self.threads.map(kernel, ends[:-1], ends[1:]))

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
        every = np.arange(len(self.images), dtype=np.int64)
        ids, offsets = np.zeros(0, np.int32), np.zeros(len(every) + 1, np.int64)
        for label in labels:
            own = self.selected(label, thresholds[label], every)
            ids, offsets = own if label == labels[0] else merged((ids, offsets), own, self.geometry.centroid)
        reach = np.zeros((len(every), 3))
        if len(ids):
            reaches.measure(ids, offsets, self.geometry.centroid, self.geometry.bounds, self.geometry.area, reach)
        return ids, offsets, reach

    def selected(self, label: str, threshold: float, images: Places) -> tuple[Numbers, Places]:
        """The entities of a leaf with at least this confidence in some images, and where those of each start."""
        starts = self.offsets(label)
        every = len(images) == len(self.images)
        size = int(starts[-1] - starts[0]) if every else int(np.sum(starts[images + 1] - starts[images]))
        ids, offsets = np.empty(size, np.int32), np.zeros(len(images) + 1, np.int64)
        selecting.select(images, starts, self.confidence, threshold, ids, offsets)
        found = ids[: offsets[-1]]
        return (found.copy() if every else found), offsets

    def count_of(self, label: str) -> int:
        """How many entities a leaf has at most."""
        code = self.code_of[label]
        return int(self._base[code + 1] - self._base[code])

    def chance_of_any(self, leaves: frozenset[str], thresholds: Mapping[str, float]) -> Floats:
        """The chance that an image has any entity of some leaves, of those that count: shape (n,), kept for later."""
        labels = [label for label in self.labels if label in leaves]

        def make() -> tuple[Floats]:
            none, own = np.ones(len(self.images)), np.zeros(len(self.images))
            for label in labels:
                chance_loops.chances_in_spans(self.offsets(label), self.confidence, thresholds[label], own)
                none *= own
            return (1.0 - none,)

        return self._kept.get(("any", _key_of(labels, thresholds)), make)[0]

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

    def polygon_of(self, entity: int) -> list[list[float]]:
        """The corners of an entity in pixels."""
        corners: list[list[float]] = self.rings(np.array([entity]))[0].tolist()
        return corners

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

    def _room(self, base: Places, label: str, needed: int) -> slice:
        code = self.code_of[label]
        start, end = int(base[code]), int(base[code + 1])
        if start + needed > end:
            raise ValueError(f"{needed} entities or corners of {label} where {end - start} were announced")
        return slice(start, start + needed)

    def _read(self, label: str) -> None:
        loaded = self._load(label)
        span = self._room(self._base, label, len(loaded.image))
        corner_span = self._room(self._corner_base, label, len(loaded.corners))
        starts = np.searchsorted(loaded.image, np.arange(len(self.images) + 1)).astype(np.int64)
        sorted_across = self._arrays.fill(span, corner_span, loaded, starts, self.code_of[label])
        confidence = loaded.confidence[sorted_across]
        if self.confidence.dtype == np.float32 and not np.array_equal(confidence.astype(np.float32), confidence):
            with np.errstate(invalid="ignore"):  # what is not read yet may hold anything
                self.confidence = self.confidence.astype(np.float64)
        self.confidence[span] = confidence
        if self.index.dtype == np.uint16 and loaded.index.max(initial=0) > np.iinfo(np.uint16).max:
            self.index = self.index.astype(np.int64)
        self.index[span] = loaded.index[sorted_across]
        self._offsets[label] = (starts + span.start).astype(np.int32)


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

    def load(label: str) -> LoadedClass:
        rows = sorted(by_label[label], key=lambda row: row[:2])
        lengths = [len(row[3]) for row in rows]
        return LoadedClass(
            image=np.array([row[0] for row in rows], dtype=np.int32),
            index=np.array([row[1] for row in rows], dtype=np.int64),
            confidence=np.array([row[2] for row in rows], dtype=np.float64),
            corners=np.concatenate([np.zeros((0, 2)), *(row[3] for row in rows)]),
            offsets=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
        )

    sizes = {label: ClassSize(len(rows), sum(len(row[3]) for row in rows)) for label, rows in by_label.items()}
    return Store(images_of(scenes), labels, sizes, load)
