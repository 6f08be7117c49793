"""An archive as the columns that a question runs over: images at once, the classes when they are first named."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from solvers.columnar.arrays import ClassSize, LoadedClass
from solvers.columnar.images import Images
from solvers.columnar.store import Store
from solvers.relations import north_of
from solvers.scene import Georeference
from tools.archive.columns import read_columns
from tools.archive.part import reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from tools.archive.calibration import Calibration
    from tools.archive.part import Part


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
    load = partial(_load, parts, numbers, labels, root, calibration=calibration)
    return Store(_images(parts, numbers, image_ids), labels, sizes, load)


def _load(
    parts: Sequence[Part],
    numbers: Sequence[NDArray[np.int32]],
    labels: tuple[str, ...],
    root: Path,
    label: str,
    *,
    calibration: Calibration | None,
) -> LoadedClass:
    with reading(root):
        found = read_columns(parts, numbers, labels, frozenset({label}), calibration)
    return LoadedClass(found.image_number, found.index, found.confidence, found.corners, found.offsets)


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
        width[rows], height[rows] = table.column("width").to_numpy(), table.column("height").to_numpy()
        gsd[rows] = table.column("gsd").to_numpy()
        known[rows] = _known(table, places)
        if table.column("crs").null_count < table.num_rows:
            placed = (table.column(name).to_pylist() for name in ("crs", "transform"))
            for row, crs, transform in zip(rows, *placed, strict=True):
                if crs is not None:
                    north[row] = north_of(Georeference(crs, tuple(transform)))
    return Images(image_ids, width, height, gsd, north, known, tuple(places))


def _known(table: pa.Table, places: dict[frozenset[str], int]) -> NDArray[np.int32]:
    """Which set of known labels each row has; equal lists are looked at once."""
    from pyarrow import compute

    lists = table.column("known_labels").combine_chunks()
    texts = compute.binary_join(lists, "\n").dictionary_encode()
    sets = [frozenset(text.split("\n")) - {""} for text in texts.dictionary.to_pylist()]
    own = np.array([places.setdefault(known, len(places)) for known in sets], np.int32)
    found: NDArray[np.int32] = own[texts.indices.to_numpy()]
    return found
