"""An archive as the columns that a question runs over: images at once, the classes when they are first named."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from solvers.columnar.arrays import ClassSize, LoadedClass
from solvers.columnar.images import Images
from solvers.columnar.store import Store
from solvers.relations import north_of
from solvers.scene import Georeference
from tools.archive.columns import numbers_of, read_columns
from tools.archive.part import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from tools.archive.calibration import Calibration
    from tools.archive.part import Part

_PARTS_AHEAD = 2
"""So many parts are read while the one before is measured."""


def open_store(
    parts: Sequence[Part],
    numbers: Sequence[NDArray[np.int32]],
    image_ids: Sequence[str],
    labels: tuple[str, ...],
    root: Path,
    *,
    calibration: Calibration | None = None,
) -> Store:
    """The columns of an archive's parts; `numbers` has for each row of each part's images its place in `image_ids`.

    It is -1 for images that are left out.
    """
    sizes = {label: ClassSize(0, 0) for label in labels}
    for part in parts:
        for label, (entities, corners) in part.sizes().items():
            so_far = sizes[label]
            sizes[label] = ClassSize(so_far.entities + entities, so_far.corners + corners)
    load = partial(_pieces, parts, numbers, labels, root, calibration=calibration)
    return Store(_images(parts, numbers, image_ids), labels, sizes, load)


def _pieces(
    parts: Sequence[Part],
    numbers: Sequence[NDArray[np.int32]],
    labels: tuple[str, ...],
    root: Path,
    label: str,
    *,
    calibration: Calibration | None,
) -> Iterator[LoadedClass]:
    """The entities of a class, part after part, the next one read meanwhile; all at once where parts interleave."""

    def load(some: Sequence[Part], of_parts: Sequence[NDArray[np.int32]]) -> LoadedClass:
        with reading(root):
            found = read_columns(some, of_parts, labels, frozenset({label}), calibration)
        return LoadedClass(found.image_number, found.index, found.confidence, found.corners, found.offsets)

    if not _follow_each_other(numbers):
        yield load(parts, numbers)
        return
    with ThreadPoolExecutor(1, "reading") as reader:
        ahead: deque[Future[LoadedClass]] = deque()
        for part, rows in zip(parts, numbers, strict=True):
            ahead.append(reader.submit(load, [part], [rows]))
            if len(ahead) > _PARTS_AHEAD:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _follow_each_other(numbers: Sequence[NDArray[np.int32]]) -> bool:
    """Whether all images of a part come after those of the parts before it."""
    kept = [rows[rows >= 0] for rows in numbers]
    spans = [(rows.min(), rows.max()) for rows in kept if len(rows)]
    return all(before[1] < after[0] for before, after in pairwise(spans))


def _images(parts: Sequence[Part], numbers: Sequence[NDArray[np.int32]], image_ids: Sequence[str]) -> Images:
    import pyarrow as pa

    count = len(image_ids)
    width, height, gsd = np.ones(count), np.ones(count), np.full(count, np.nan)
    north, known = np.full((count, 2), np.nan), np.zeros(count, np.int32)
    places: dict[frozenset[str], int] = {}
    for part, rows in zip(parts, numbers, strict=True):
        table = part.images()
        if (kept := rows >= 0).sum() < len(rows):
            table, rows = table.filter(pa.array(kept)), rows[kept]
        width[rows], height[rows] = (numbers_of(table.column(name), np.float64) for name in ("width", "height"))
        scale = table.column("gsd")
        gsd[rows[numbers_of(scale.is_valid().cast("uint8"), np.uint8) != 0]] = numbers_of(scale.drop_null(), np.float64)
        known[rows] = _known(table, places)
        if table.column("crs").null_count < table.num_rows:
            placed = (table.column(name).to_pylist() for name in ("crs", "transform"))
            for row, crs, transform in zip(rows, *placed, strict=True):
                if crs is not None:
                    north[row] = north_of(Georeference(crs, tuple(transform)))
    return Images(image_ids, width, height, gsd, north, known, tuple(places))


def _known(table: pa.Table, places: dict[frozenset[str], int]) -> NDArray[np.int32]:
    """Which set of known labels each row has; where all lists are as long, equal neighbours are looked at once."""
    lists = table.column("known_labels").combine_chunks()
    labels = lists.flatten().dictionary_encode()
    names: list[str] = labels.dictionary.to_pylist()
    codes = np.from_dlpack(labels.indices).astype(np.int32)
    ends = np.from_dlpack(lists.offsets) - lists.offsets[0].as_py()
    as_before = np.zeros(len(lists), np.bool_)
    if len(lists) and (np.diff(ends) == ends[1]).all():
        rows = codes.reshape(len(lists), -1)
        as_before[1:] = (rows[1:] == rows[:-1]).all(axis=1)
    starts = np.flatnonzero(~as_before)
    found = np.empty(len(starts), np.int32)
    place_of: dict[bytes, int] = {}
    for number, row in enumerate(starts.tolist()):
        own = codes[ends[row] : ends[row + 1]]
        key = own.tobytes()
        if key not in place_of:
            known = frozenset(names[code] for code in own.tolist())
            place_of[key] = places.setdefault(known, len(places))
        found[number] = place_of[key]
    return np.repeat(found, np.diff(starts, append=len(lists)))
