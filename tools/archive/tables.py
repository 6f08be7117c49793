"""A part as Arrow tables: one row per image, sorted by id; one row per entity, sorted by class, then image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.archive.files import stored_path
from tools.archive.records import ImageKey, StoredImage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from solvers.scene import Scene


ADDED_COLUMNS = ("acquired", "origin")
"""What schema version 2 has and version 1 had not; all may be empty."""


@dataclass(frozen=True, slots=True)
class PartTables:
    """The images and the entities of one part; an entity's `image_row` is the row of its image."""

    images: pa.Table
    entities: pa.Table

    def image_keys(self) -> list[ImageKey]:
        """What the images are recognised by, in the order of the rows."""
        columns = (self.images.column(name).to_pylist() for name in ("source", "member"))
        return [ImageKey(source, member) for source, member in zip(*columns, strict=True)]


def images_schema() -> pa.Schema:
    """The columns of an images file; sizes in pixels, `gsd` in metres per pixel, `transform` as in Georeference.

    `acquired` is when the image was taken, `origin` what found its entities. Schema version 1 had neither.
    """
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("image_id", pa.string(), nullable=False),
            pa.field("path", pa.string()),
            pa.field("width", pa.int64(), nullable=False),
            pa.field("height", pa.int64(), nullable=False),
            pa.field("gsd", pa.float64()),
            pa.field("crs", pa.string()),
            pa.field("transform", pa.list_(pa.field("element", pa.float64()))),
            pa.field("known_labels", pa.list_(pa.field("element", pa.string())), nullable=False),
            pa.field("source", pa.string(), nullable=False),
            pa.field("member", pa.string(), nullable=False),
            pa.field("digest", pa.string(), nullable=False),
            pa.field("acquired", pa.timestamp("us", "UTC")),
            pa.field("origin", pa.string()),
        ]
    )


def in_this_version(images: pa.Table) -> pa.Table:
    """An images table of any version, or some of its columns, with those that its version had not: empty."""
    import pyarrow as pa

    schema = images_schema()
    for name in ADDED_COLUMNS:
        if name not in images.column_names:
            empty = pa.nulls(images.num_rows, schema.field(name).type)
            images = images.append_column(schema.field(name), empty)
    return images


def entities_schema() -> pa.Schema:
    """The columns of an entities file; `polygon` is x0, y0, x1, y1, ... in pixels."""
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("label", pa.string(), nullable=False),
            pa.field("image_id", pa.string(), nullable=False),
            pa.field("image_row", pa.int32(), nullable=False),
            pa.field("index", pa.int64(), nullable=False),
            pa.field("confidence", pa.float64(), nullable=False),
            pa.field("difficult", pa.bool_(), nullable=False),
            pa.field("polygon", pa.list_(pa.field("element", pa.float64())), nullable=False),
        ]
    )


def tables_of(stored: Sequence[StoredImage], root: Path) -> PartTables:
    """The part that holds these images."""
    import pyarrow as pa

    ordered = sorted(stored, key=lambda each: each.scene.image_id)
    images = pa.Table.from_pylist([_image_row(each, root) for each in ordered], images_schema())
    found = [(row, each.scene.image_id, entity) for row, each in enumerate(ordered) for entity in each.scene.entities]
    found.sort(key=lambda row_and_entity: (row_and_entity[2].label, row_and_entity[0], row_and_entity[2].index))
    entities = pa.table(
        {
            "label": [entity.label for _, _, entity in found],
            "image_id": [image_id for _, image_id, _ in found],
            "image_row": [row for row, _, _ in found],
            "index": [entity.index for _, _, entity in found],
            "confidence": [entity.confidence for _, _, entity in found],
            "difficult": [entity.difficult for _, _, entity in found],
            "polygon": [[value for corner in entity.polygon for value in corner] for _, _, entity in found],
        },
        schema=entities_schema(),
    )
    return PartTables(images, entities)


def merge_tables(parts: Sequence[PartTables], ids: Sequence[Sequence[str | None]]) -> PartTables:
    """One part out of many; `ids` has for each row of each part's images its id from now on, None to leave it out."""
    import numpy as np
    import pyarrow as pa

    all_ids = [image_id for of_part in ids for image_id in of_part]
    kept = sorted((image_id, row) for row, image_id in enumerate(all_ids) if image_id is not None)
    kept_ids = pa.array([image_id for image_id, _ in kept], pa.string())
    kept_rows = np.array([row for _, row in kept], np.int64)
    images = pa.concat_tables([part.images for part in parts]).take(pa.array(kept_rows))
    images = images.set_column(0, images_schema().field("image_id"), kept_ids)

    new_row = np.full(len(all_ids), -1, np.int64)
    new_row[kept_rows] = np.arange(len(kept_rows))
    first_rows = np.cumsum([0, *(len(of_part) for of_part in ids)])
    entities = pa.concat_tables([part.entities for part in parts])
    old_row = np.concatenate(
        [part.entities.column("image_row").to_numpy() + first for part, first in zip(parts, first_rows, strict=False)]
    )
    row = new_row[old_row]
    labels = entities.column("label").combine_chunks().dictionary_encode()
    label_rank = np.argsort(np.argsort(np.array(labels.dictionary.to_pylist(), dtype=object)))
    label = label_rank[labels.indices.to_numpy()] if len(labels) else np.zeros(0, np.int64)
    order = np.lexsort((entities.column("index").to_numpy(), row, label))
    order = order[row[order] >= 0]
    entities = entities.take(pa.array(order))
    rows = pa.array(row[order].astype(np.int32))
    entities = entities.set_column(1, entities_schema().field("image_id"), kept_ids.take(rows))
    entities = entities.set_column(2, entities_schema().field("image_row"), rows)
    return PartTables(images, entities)


def _image_row(stored: StoredImage, root: Path) -> dict[str, object]:
    from pathlib import Path

    scene: Scene = stored.scene
    place = scene.georeference
    return {
        "image_id": scene.image_id,
        "path": None if scene.path is None else stored_path(Path(scene.path), root),
        "width": scene.width,
        "height": scene.height,
        "gsd": scene.gsd,
        "crs": None if place is None else place.crs,
        "transform": None if place is None else list(place.transform),
        "known_labels": sorted(scene.known_labels),
        "source": stored.key.source,
        "member": stored.key.member,
        "digest": stored.digest,
        "acquired": scene.acquired,
        "origin": stored.origin,
    }
