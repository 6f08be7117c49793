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

from solvers.columnar import chance_loops, selecting
from solvers.columnar.arrays import ClassSize, EntityArrays, LoadedClass
from solvers.columnar.images import Images, images_of
from solvers.columnar.predicates import Geometry
from solvers.scene import Scene

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


THREADS = 2
MOST_KEPT = 64
MOST_CELLS = 1 << 22
"""So many chances of so many entities are held at once."""

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
        self._offsets: dict[str, Places] = {}
        self._measured: set[str] = set()
        self._none: dict[tuple[str, float], Floats] = {}
        self._enough: dict[tuple[frozenset[str], tuple[float, ...], int], Floats] = {}
        self._above: dict[tuple[str, float], tuple[Numbers, Places]] = {}
        total = int(self._base[-1])
        self.confidence: npt.NDArray[np.floating] = np.empty(total, np.float32)
        self.index: npt.NDArray[np.integer] = np.empty(total, np.uint16)
        self._of_thread = local()
        self._arrays = EntityArrays.empty(of_labels)

    @cached_property
    def threads(self) -> ThreadPoolExecutor:
        """The threads that kernels run on: they hold no lock of the interpreter."""
        return ThreadPoolExecutor(THREADS, "columns")

    @property
    def scratch(self) -> Numbers:
        """Room for a number an entity; questions that run at once have each their own."""
        if not hasattr(self._of_thread, "scratch"):
            self._of_thread.scratch = np.empty(int(self._base[-1]), np.int32)
        scratch: Numbers = self._of_thread.scratch
        return scratch

    @property
    def geometry(self) -> Geometry:
        """The arrays that the predicates look at."""
        return self._arrays.geometry()

    def offsets(self, label: str) -> Places:
        """Where the entities of each image start among all entities, for one leaf: shape (n + 1,)."""
        if label not in self._offsets:
            with self._reading:
                if label not in self._offsets:
                    self._read(label)
        return self._offsets[label]

    def above(self, label: str, threshold: float) -> tuple[Numbers, Places]:
        """The entities of a leaf with at least this confidence, and where those of each image start; kept for later."""
        key = (label, threshold)
        kept = self._above.get(key)
        if kept is None:
            starts = self.offsets(label)
            ids, offsets = np.empty(int(starts[-1] - starts[0]), np.int32), np.empty_like(starts)
            every = np.arange(len(self.images), dtype=np.int64)
            selecting.select(every, starts, self.confidence, threshold, ids, offsets)
            found = ids[: offsets[-1]].copy(), offsets
            with self._reading:  # another thread may drop what is kept at any moment
                while len(self._above) >= MOST_KEPT:
                    self._above.pop(next(iter(self._above)))
                self._above[key] = found
            return found
        return kept

    def count_of(self, label: str) -> int:
        """How many entities a leaf has at most."""
        code = self.code_of[label]
        return int(self._base[code + 1] - self._base[code])

    def chance_of_any(self, leaves: frozenset[str], thresholds: Mapping[str, float]) -> Floats:
        """The chance that an image has any entity of some leaves, among those that count: shape (n,)."""
        none = np.ones(len(self.images))
        for label in (each for each in self.labels if each in leaves):
            key = (label, thresholds[label])
            if key not in self._none:
                starts = self.offsets(label)
                own = np.zeros(len(self.images))
                chance_loops.chances_in_spans(starts, self.confidence, thresholds[label], own)
                self._none[key] = own
            none = none * self._none[key]
        return np.asarray(1.0 - none)

    def chance_of_enough(self, leaves: frozenset[str], thresholds: Mapping[str, float], least: int) -> Floats:
        """The chance that an image has at least so many entities of some leaves: shape (n,), kept for later."""
        key = (leaves, tuple(thresholds[label] for label in sorted(leaves)), least)
        if key not in self._enough:
            starts = {label: self.offsets(label) for label in sorted(leaves)}
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
            while len(self._enough) >= MOST_KEPT:
                self._enough.pop(next(iter(self._enough)))
            self._enough[key] = found
        return self._enough[key]

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
        self._offsets[label] = starts + span.start


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
