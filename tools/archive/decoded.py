"""A part decoded as far as scenes need it: entities grouped by image, each scene built when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solvers.scene import Entity, Georeference, Scene
from tools.archive.columns import corner_arrays
from tools.archive.files import loaded_path

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from tools.archive.calibration import Calibration
    from tools.archive.part import Part
    from tools.archive.tables import PartTables

Transform = tuple[float, float, float, float, float, float]


class DecodedPart:
    """The scenes of one part, by the row of their image."""

    def __init__(self, part: Part, root: Path, calibration: Calibration | None = None) -> None:
        tables = part.tables()
        self._images = _Images(tables, root)
        self._entities = _Entities(tables, calibration)

    def scene(self, row: int) -> Scene:
        """The scene of one row, its entities in the order of their index."""
        images = self._images
        crs = images.crs[row]
        return Scene(
            images.ids[row],
            images.widths[row],
            images.heights[row],
            self._entities.of_image(row),
            images.known(row),
            images.gsds[row],
            None if crs is None else Georeference(crs, images.transforms[row]),
            images.path(row),
            images.acquired[row],
        )


class _Images:
    def __init__(self, tables: PartTables, root: Path) -> None:
        def column(name: str) -> pa.ChunkedArray:
            return tables.images.column(name)

        self._root = root
        self.ids: list[str] = column("image_id").to_pylist()
        self.widths: list[int] = column("width").to_pylist()
        self.heights: list[int] = column("height").to_pylist()
        self.gsds: list[float | None] = column("gsd").to_pylist()
        self.crs: list[str | None] = column("crs").to_pylist()
        self.transforms: list[Transform] = [each and tuple(each) for each in column("transform").to_pylist()]
        self.acquired: list[datetime | None] = column("acquired").to_pylist()
        self._paths: list[str | None] = column("path").to_pylist()
        self._known: list[list[str]] = column("known_labels").to_pylist()
        self._known_sets: dict[tuple[str, ...], frozenset[str]] = {}

    def known(self, row: int) -> frozenset[str]:
        """The known labels; one set serves all images that share them."""
        labels = tuple(self._known[row])
        return self._known_sets.setdefault(labels, frozenset(labels))

    def path(self, row: int) -> str | None:
        stored = self._paths[row]
        return None if stored is None else loaded_path(stored, self._root)


class _Entities:
    def __init__(self, tables: PartTables, calibration: Calibration | None) -> None:
        import numpy as np

        entities = tables.entities
        image_row = entities.column("image_row").to_numpy()
        self._index = entities.column("index").to_numpy()
        self._order = np.lexsort((self._index, image_row))
        self._starts = np.searchsorted(image_row[self._order], np.arange(tables.images.num_rows + 1))
        labels = entities.column("label").combine_chunks().dictionary_encode()
        self._label_names: list[str] = labels.dictionary.to_pylist()
        self._label = labels.indices.to_numpy()
        self._confidence = entities.column("confidence").to_numpy()
        if calibration is not None:
            self._confidence = calibration.read_labelled(self._label, self._label_names, self._confidence)
        self._difficult = entities.column("difficult").combine_chunks().to_numpy(zero_copy_only=False)
        self._corners, self._offsets = corner_arrays(entities.column("polygon"))

    def of_image(self, row: int) -> tuple[Entity, ...]:
        """The entities of one image."""
        return tuple(map(self._entity, self._order[self._starts[row] : self._starts[row + 1]].tolist()))

    def _entity(self, at: int) -> Entity:
        corners: list[list[float]] = self._corners[self._offsets[at] : self._offsets[at + 1]].tolist()
        return Entity(
            int(self._index[at]),
            self._label_names[self._label[at]],
            float(self._confidence[at]),
            tuple((x, y) for x, y in corners),
            bool(self._difficult[at]),
        )
