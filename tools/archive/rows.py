"""What may be wrong with the rows of a part, one sentence a kind of fault, with the first row that has it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tools.archive.columns import corner_arrays
from tools.archive.tables import entities_schema, images_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from numpy.typing import NDArray

    from tools.archive.tables import PartTables


def image_faults(images: pa.Table, leaves: frozenset[str]) -> Iterator[str]:
    """What is wrong with a table of images."""
    if not images.schema.equals(images_schema()):
        yield "its columns are not those of an images file"
        return
    ids = images.column("image_id").to_pylist()
    unsorted = [row for row, (before, after) in enumerate(pairwise(ids)) if before >= after]
    yield from _first(np.array(unsorted, np.int64), ids, "image ids are not sorted, or double")
    for name in ("width", "height"):
        yield from _first(np.flatnonzero(images.column(name).to_numpy() < 1), ids, f"a {name} is below 1")
    gsd = images.column("gsd")
    values = gsd.to_numpy()
    known = ~np.asarray(gsd.is_null())
    yield from _first(
        np.flatnonzero(known & ~((values > 0) & np.isfinite(values))), ids, "a ground sample distance is not one"
    )
    crs, transform = np.asarray(images.column("crs").is_null()), images.column("transform").to_pylist()
    wrong = [row for row in range(len(ids)) if not crs[row] and not _is_transform(transform[row])]
    yield from _first(np.array(wrong, np.int64), ids, "a georeference has no affine transform that can be inverted")
    known_sets = images.column("known_labels").combine_chunks()
    strangers = sorted({each for each in known_sets.flatten().unique().to_pylist() if each not in leaves})
    if strangers:
        yield f"{strangers[0]!r} among the known labels is no leaf class of the ontology"


def entity_faults(tables: PartTables, leaves: frozenset[str]) -> Iterator[str]:
    """What is wrong with the entities of a part."""
    entities = tables.entities
    if not entities.schema.equals(entities_schema()):
        yield "its columns are not those of an entities file"
        return
    if not entities.num_rows:
        return
    image_row, index = entities.column("image_row").to_numpy(), entities.column("index").to_numpy()
    image_ids = entities.column("image_id").to_pylist()
    if image_row.min() < 0 or image_row.max() >= tables.images.num_rows:
        yield "a row is of an image that is not in the part"
        return
    ids = tables.images.column("image_id").to_numpy(zero_copy_only=False)
    yield from _first(
        np.flatnonzero(ids[image_row] != np.array(image_ids, object)), image_ids, "image_id and image_row differ"
    )
    labels = entities.column("label").to_pylist()
    strangers = sorted(set(labels) - leaves)
    if strangers:
        yield f"{strangers[0]!r} is no leaf class of the ontology"
    rows = list(zip(labels, image_row.tolist(), index.tolist(), strict=True))
    unsorted = [at for at, (before, after) in enumerate(pairwise(rows)) if before >= after]
    yield from _first(np.array(unsorted, np.int64), image_ids, "rows are not sorted by label, image and index")
    taken = np.sort(image_row.astype(np.int64) << 40 | (index & ((1 << 40) - 1)))
    if (np.diff(taken) == 0).any():
        yield "two entities of one image have the same index"
    confidence = entities.column("confidence").to_numpy()
    yield from _first(
        np.flatnonzero(~((confidence > 0) & (confidence <= 1))), image_ids, "a confidence is not in (0, 1]"
    )
    yield from _polygon_faults(entities.column("polygon"), image_ids)


def _polygon_faults(polygons: pa.ChunkedArray, image_ids: list[str]) -> Iterator[str]:
    lengths = np.concatenate([np.diff(chunk.offsets.to_numpy()) for chunk in polygons.chunks if len(chunk)])
    odd = np.flatnonzero((lengths % 2 != 0) | (lengths < 6))
    if len(odd):
        yield from _first(odd, image_ids, "a polygon has fewer than three corners, or half a corner")
        return
    corners, offsets = corner_arrays(polygons)
    wrong = np.flatnonzero(~np.isfinite(corners).all(axis=1))
    yield from _first(np.searchsorted(offsets, wrong, side="right") - 1, image_ids, "a corner is not finite")


def _is_transform(values: list[float] | None) -> bool:
    if values is None or len(values) != 6 or not np.isfinite(values).all():
        return False
    return values[0] * values[4] - values[1] * values[3] != 0


def _first(rows: NDArray[np.int64], image_ids: list[str], fault: str) -> Iterator[str]:
    """The fault with how often it is there, and the image that has it first."""
    if len(rows):
        times = "" if len(rows) == 1 else f", {len(rows):,} times"
        yield f"{fault} (image {image_ids[int(rows[0])]!r}{times})"
