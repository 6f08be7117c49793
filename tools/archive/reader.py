"""Reading an archive: a snapshot of what was committed when it was opened."""

from __future__ import annotations

import heapq
import threading
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from solvers.errors import InputError
from tools.archive.calibration import Calibration, read_calibration
from tools.archive.columns import EntityColumns, read_columns
from tools.archive.files import PARTS_FOLDER
from tools.archive.manifest import PartEntry, read_manifest
from tools.archive.part import Part, changed_file, reading
from tools.archive.tables import images_schema
from tools.images import absolute
from tools.nearest import did_you_mean
from tools.results import ArchiveSize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from solvers.columnar.store import Store
    from solvers.ontology import Ontology
    from solvers.scene import Scene
    from solvers.z3_backend import Z3Backend
    from tools.archive.decoded import DecodedPart
    from tools.filters import Filters
    from tools.results import Filtered

_ATTEMPTS = 5
_DECODED_PARTS = 4


class Archive:
    """The images and entities that were committed when it was opened; later commits do not show, and do no harm."""

    def __init__(
        self, root: Path, ontology: Ontology, parts: Sequence[Part], skipped: Sequence[SkippedPart] = ()
    ) -> None:
        self.root = root
        self.ontology = ontology
        self.skipped = tuple(skipped)
        self._parts = tuple(parts)
        self._decoded: dict[int, DecodedPart] = {}
        self._of_thread = threading.local()

    @classmethod
    def open(cls, path: str | Path, *, skip_corrupt: bool = False) -> Self:
        """The archive in a folder.

        With `skip_corrupt` every part's bytes are compared with what was written, and `skipped` are the parts that are
        left out for it. Raises InputError where the folder is missing, is no archive, is damaged (DamagedPartError
        where it is one part), or is of a newer version.
        """
        root = absolute(path)
        for _ in range(_ATTEMPTS):
            manifest = read_manifest(root)
            try:
                entries, skipped = sound_parts(manifest.parts, root) if skip_corrupt else (manifest.parts, ())
                with reading(root):
                    return cls(root, manifest.ontology, [Part(entry, root) for entry in entries], skipped)
            except InputError:
                if read_manifest(root) == manifest:  # else a writer came in between, and the new state is whole
                    raise
        raise InputError(f"{root}: the archive changes faster than it can be opened; wait for the writer to end")

    @property
    def warnings(self) -> list[str]:
        """What the user is to be told of what a question does not see of the archive."""
        return [each.warning for each in self.skipped]

    @property
    def size(self) -> ArchiveSize:
        """How many images and entities there are, whatever filters leave out."""
        return ArchiveSize(
            images=sum(part.entry.images for part in self._parts),
            entities=sum(part.entry.entities for part in self._parts),
        )

    @cached_property
    def calibration(self) -> Calibration | None:
        """How confidences are read; None as the detector gave them, which the parts keep."""
        return read_calibration(self.root)

    def uncalibrated(self) -> Archive:
        """The same images with the confidences that are stored."""
        plain = Archive(self.root, self.ontology, self._parts)
        plain.calibration = None
        return plain

    @cached_property
    def image_ids(self) -> tuple[str, ...]:
        """The ids of all images, sorted by code point."""
        if _overlap(self._parts):
            return tuple(sorted(image_id for ids in self._ids_by_part for image_id in ids))
        return tuple(image_id for ids in self._ids_by_part for image_id in ids)

    def scene(self, image_id: str) -> Scene:
        """One image; raises InputError that names the nearest ids where there is none of that id."""
        for number, part in enumerate(self._parts):
            if part.entry.first <= image_id <= part.entry.last:
                ids = self._ids_by_part[number]
                row = bisect_left(ids, image_id)
                if row < len(ids) and ids[row] == image_id:
                    return self._scene(number, row)
        raise InputError(f"the archive has no image {image_id!r}{did_you_mean(image_id, self.image_ids)}")

    def scenes(self) -> Iterator[Scene]:
        """All images in the order of `image_ids`, read a part at a time."""
        if _overlap(self._parts):
            each_part = [self._scenes_of(number) for number in range(len(self._parts))]
            yield from heapq.merge(*each_part, key=lambda scene: scene.image_id)
        else:
            for number in range(len(self._parts)):
                yield from self._scenes_of(number)

    def columns(self, labels: frozenset[str] | None = None) -> EntityColumns:
        """The entities of the given leaf classes (None: all) as arrays; other classes are not read from disk.

        A label code is the place in `ontology.leaf_names`. Raises ValueError for a label that is no leaf.
        """
        leaves = self.ontology.leaf_names
        wanted = frozenset(leaves) if labels is None else labels
        strangers = sorted(wanted.difference(leaves))
        if strangers:
            raise ValueError(f"{strangers[0]!r} is no leaf class of ontology {self.ontology.name}")
        with reading(self.root):
            return read_columns(self._parts, self._numbers_by_part, leaves, wanted, self.calibration)

    def images_with(self, label: str) -> NDArray[np.int32]:
        """For each entity of a leaf class the number of its image; nothing else is read."""
        import numpy as np

        found = [np.zeros(0, np.int32)]
        for part, numbers in zip(self._parts, self._numbers_by_part, strict=True):
            table = part.entities_of(label, ["image_row"])
            if table is not None:
                found.append(numbers[table.column(0).to_numpy()])
        every = np.concatenate(found)
        return every[every >= 0]

    @property
    def files(self) -> list[str]:
        """The names of the parts' files."""
        return [file for part in self._parts for file in (part.entry.images_file, part.entry.entities_file)]

    def part_files(self, kind: Literal["images", "entities"]) -> list[str]:
        """The paths of the Parquet files with the rows of all images, or of all entities, for other tools to read."""
        return [str(self.root / PARTS_FOLDER / file) for file in dict.fromkeys(self.files) if file.startswith(kind)]

    @property
    def filtered(self) -> Filtered | None:
        """What filters left of the images; None without any."""
        return None

    def only(self, filters: Filters) -> Archive:
        """The archive as if it held none but the images that pass the filters; InputError for what is no filter."""
        from tools.archive.selected import SelectedArchive

        if filters.is_empty and filters.area_crs is None:
            return self
        return SelectedArchive(self, filters)

    def images_table(self, names: Sequence[str]) -> pa.Table:
        """Some columns of the images' table, in the order of `image_ids`."""
        import numpy as np
        import pyarrow as pa

        with reading(self.root):
            table = pa.concat_tables(
                [images_schema().empty_table().select(names), *(each.images(names) for each in self._parts)]
            )
        numbers = np.concatenate([np.zeros(0, np.int32), *self._numbers_by_part])
        if np.array_equal(numbers, np.arange(len(numbers))):
            return table.combine_chunks()
        return table.take(pa.array(np.argsort(numbers)[np.count_nonzero(numbers < 0) :]))

    @property
    def backend(self) -> Z3Backend:
        """The Z3 of this archive in the thread that asks: made once, since a context serves one thread."""
        from solvers.z3_backend import Z3Backend

        if not hasattr(self._of_thread, "backend"):
            self._of_thread.backend = Z3Backend()
        backend: Z3Backend = self._of_thread.backend
        return backend

    def path_of(self, number: int) -> str | None:
        """The file of an image's pixels, by the image's number in `image_ids`."""
        for part, numbers in zip(self._parts, self._numbers_by_part, strict=True):
            row = int(numbers.searchsorted(number))
            if row < len(numbers) and numbers[row] == number:
                with reading(self.root):
                    return part.path(row, self.root)
        raise ValueError(f"there is no image number {number}")

    @cached_property
    def store(self) -> Store:
        """The archive as columns, each class read when a question first names it."""
        from tools.archive.store import open_store

        with reading(self.root):
            ids, leaves = self.image_ids, self.ontology.leaf_names
            return open_store(self._parts, self._numbers_by_part, ids, leaves, self.root, calibration=self.calibration)

    @cached_property
    def _ids_by_part(self) -> tuple[list[str], ...]:
        with reading(self.root):
            return tuple(part.image_ids() for part in self._parts)

    @cached_property
    def _numbers_by_part(self) -> list[NDArray[np.int32]]:
        import numpy as np

        if not _overlap(self._parts):
            ends = np.cumsum([0, *(len(ids) for ids in self._ids_by_part)])
            return [np.arange(start, end, dtype=np.int32) for start, end in pairwise(ends.tolist())]
        number_of = {image_id: number for number, image_id in enumerate(self.image_ids)}
        return [np.array([number_of[image_id] for image_id in ids], np.int32) for ids in self._ids_by_part]

    def _scenes_of(self, number: int) -> Iterator[Scene]:
        for row in range(self._parts[number].entry.images):
            yield self._scene(number, row)

    def _scene(self, number: int, row: int) -> Scene:
        with reading(self.root):
            return self._decoded_part(number).scene(row)

    def _decoded_part(self, number: int) -> DecodedPart:
        from tools.archive.decoded import DecodedPart

        decoded = self._decoded.pop(number, None) or DecodedPart(self._parts[number], self.root, self.calibration)
        self._decoded[number] = decoded
        while len(self._decoded) > _DECODED_PARTS:
            self._decoded.pop(next(iter(self._decoded)))
        return decoded


@dataclass(frozen=True, slots=True)
class SkippedPart:
    """A part that was left out, by its damaged file; so many images are in it."""

    file: str
    reason: str
    images: int

    @property
    def warning(self) -> str:
        """The sentence for the user."""
        lost = "its image is" if self.images == 1 else f"its {self.images:,} images are"
        return f"part {PARTS_FOLDER}/{self.file} of the archive is damaged ({self.reason}), and {lost} left out"


def sound_parts(entries: Sequence[PartEntry], root: Path) -> tuple[list[PartEntry], list[SkippedPart]]:
    """The parts whose files are as they were written, and the others."""
    sound, skipped = [], []
    for entry in entries:
        found = changed_file(entry, root)
        if found is None:
            sound.append(entry)
        else:
            skipped.append(SkippedPart(found.file, found.reason, entry.images))
    return sound, skipped


def _overlap(parts: Sequence[Part]) -> bool:
    """Whether the ranges of ids of neighbouring parts meet; only those that a killed run left do."""
    return any(before.entry.last >= after.entry.first for before, after in pairwise(parts))
