"""Parts on disk: written once under a name made from their content, and read a few classes at a time."""

from __future__ import annotations

import errno
import hashlib
import threading
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from solvers.errors import InputError
from tools.archive.files import PARTS_FOLDER, loaded_path, write_atomically
from tools.archive.manifest import PartEntry
from tools.archive.records import ImageKey, IndexedImage
from tools.archive.tables import PartTables, in_this_version
from tools.hashing import hash_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa
    from pyarrow import parquet

ROWS_PER_GROUP = 65_536
"""A class takes as many row groups as it needs, and shares none, so that a query reads no other class."""

HASH_DIGITS = 24


class DamagedPartError(InputError):
    """One part cannot be read; the others can."""

    def __init__(self, file: str, root: Path, reason: str) -> None:
        super().__init__(
            f"{root}: the archive is damaged in {PARTS_FOLDER}/{file} ({reason}); --skip-corrupt goes on without that "
            f"part, and rune archive compact {root} --drop-corrupt gives it up, so that its images can be indexed again"
        )
        self.file = file
        self.reason = reason


def write_part(tables: PartTables, root: Path) -> PartEntry:
    """Write a part's two files; equal tables give equal bytes and so equal names."""
    images, ids = tables.images, tables.images.column("image_id")
    return PartEntry(
        _write("images", _image_bytes(images), root),
        _write("entities", _entity_bytes(tables.entities), root),
        images.num_rows,
        tables.entities.num_rows,
        ids[0].as_py(),
        ids[-1].as_py(),
    )


def write_images(entry: PartEntry, images: pa.Table, root: Path) -> PartEntry:
    """Write a part's images anew, in the columns of this version; its entities stay."""
    return replace(entry, images_file=_write("images", _image_bytes(images), root))


def _write(kind: str, data: bytes, root: Path) -> str:
    name = f"{kind}-{hashlib.sha256(data).hexdigest()[:HASH_DIGITS]}.parquet"
    write_atomically(root / PARTS_FOLDER / name, data)
    return name


def _image_bytes(images: pa.Table) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    sink = pa.BufferOutputStream()
    parquet.write_table(
        images.combine_chunks(), sink, compression="zstd", row_group_size=ROWS_PER_GROUP, write_page_checksum=True
    )
    return bytes(sink.getvalue())


def _entity_bytes(entities: pa.Table) -> bytes:
    import pyarrow as pa
    from pyarrow import compute, parquet

    sink = pa.BufferOutputStream()
    entities = entities.combine_chunks()  # pages follow chunks, and equal parts must have equal bytes
    runs = compute.run_end_encode(entities.column("label").combine_chunks())
    with parquet.ParquetWriter(
        sink,
        entities.schema,
        compression="zstd",
        use_dictionary=["label", "image_id"],
        write_statistics=True,
        write_page_checksum=True,
    ) as writer:
        start = 0
        for end in runs.run_ends.to_pylist():
            writer.write_table(entities.slice(start, end - start), row_group_size=ROWS_PER_GROUP)
            start = end
    return bytes(sink.getvalue())


class Part:
    """One part, its files held open: they stay readable even when a writer replaces the part meanwhile.

    Raises DamagedPartError, here and from every method, where a file is gone or cannot be read as what it was.
    """

    def __init__(self, entry: PartEntry, root: Path) -> None:
        import pyarrow as pa

        self.entry = entry
        self.root = root
        self._lock = threading.Lock()  # a ParquetFile serves one thread at a time
        with reading(root, entry.images_file):
            self._images_handle = pa.OSFile(str(root / PARTS_FOLDER / entry.images_file))
        with reading(root, entry.entities_file):
            self._entities_handle = pa.OSFile(str(root / PARTS_FOLDER / entry.entities_file))

    @cached_property
    def _images(self) -> parquet.ParquetFile:
        from pyarrow import parquet

        return parquet.ParquetFile(self._images_handle, page_checksum_verification=True)

    @cached_property
    def _entities(self) -> parquet.ParquetFile:
        from pyarrow import parquet

        return parquet.ParquetFile(self._entities_handle, page_checksum_verification=True)

    @contextmanager
    def _in_images(self) -> Iterator[parquet.ParquetFile]:
        with self._lock, reading(self.root, self.entry.images_file):
            yield self._images

    @contextmanager
    def _in_entities(self) -> Iterator[parquet.ParquetFile]:
        with self._lock, reading(self.root, self.entry.entities_file):
            yield self._entities

    @cached_property
    def groups_by_label(self) -> dict[str, list[int]]:
        """The row groups of each class, by the statistics in the file's footer."""
        metadata = self._entities.metadata
        label_column = self._entities.schema_arrow.get_field_index("label")
        groups: dict[str, list[int]] = {}
        for group in range(metadata.num_row_groups):
            statistics = metadata.row_group(group).column(label_column).statistics
            if statistics is None or not statistics.has_min_max or statistics.min != statistics.max:
                raise ValueError(f"row group {group} of {self.entry.entities_file} does not hold one class")
            groups.setdefault(statistics.min, []).append(group)
        return groups

    def image_ids(self) -> list[str]:
        """The ids of the images, in the order of the rows."""
        with self._in_images() as images:
            ids: list[str] = images.read(columns=["image_id"]).column(0).to_pylist()
        return ids

    def indexed_images(self) -> list[tuple[ImageKey, IndexedImage]]:
        """What a writer needs to know of the images, in the order of the rows."""
        names = ["source", "member", "image_id", "digest", "path"]
        with self._in_images() as images:
            table = images.read(columns=names)
        rows = zip(*(table.column(name).to_pylist() for name in names), strict=True)
        return [
            (ImageKey(source, member), IndexedImage(image_id, digest, path is not None))
            for source, member, image_id, digest, path in rows
        ]

    def sizes(self) -> dict[str, tuple[int, int]]:
        """How many entities each class has, and corners in all, by the file's footer."""
        found: dict[str, tuple[int, int]] = {}
        with self._in_entities() as entities:
            metadata = entities.metadata
            corner_column = metadata.num_columns - 1
            for label, groups in self.groups_by_label.items():
                rows = sum(metadata.row_group(group).num_rows for group in groups)
                values = sum(metadata.row_group(group).column(corner_column).num_values for group in groups)
                found[label] = (rows, values // 2)
        return found

    def images(self, names: Sequence[str] = ("width", "height", "gsd", "crs", "transform", "known_labels")) -> pa.Table:
        """Some columns of the images, in the order of the rows."""
        with self._in_images() as images:
            return in_this_version(images.read(columns=list(names))).select(list(names))

    def path(self, row: int, root: Path) -> str | None:
        """The file of one image's pixels."""
        stored = self._paths[row].as_py()
        return None if stored is None else loaded_path(stored, root)

    @cached_property
    def _paths(self) -> pa.ChunkedArray:
        with self._in_images() as images:
            return images.read(columns=["path"]).column(0)

    def entities_of(
        self, label: str, names: Sequence[str] = ("image_row", "index", "confidence", "polygon")
    ) -> pa.Table | None:
        """Some columns of the entities of one class, by image; None without any."""
        with self._in_entities() as entities:
            groups = self.groups_by_label.get(label)
            return None if groups is None else entities.read_row_groups(groups, columns=list(names))

    def tables(self) -> PartTables:
        """The whole part."""
        with self._in_images() as images:
            table = in_this_version(images.read())
        with self._in_entities() as entities:
            return PartTables(table, entities.read())


def changed_file(entry: PartEntry, root: Path) -> DamagedPartError | None:
    """What is wrong with the bytes of a part's files, by the hashes in their names; None where they are as written."""
    for file in (entry.images_file, entry.entities_file):
        try:
            with reading(root, file):
                found = hash_file(root / PARTS_FOLDER / file)
        except DamagedPartError as error:
            return error
        if found[:HASH_DIGITS] != file.rpartition("-")[2].partition(".")[0]:
            return DamagedPartError(file, root, "its bytes are not those that were written")
    return None


_REFUSED_FOR_NOW = frozenset({errno.EMFILE, errno.ENFILE, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOMEM})


@contextmanager
def reading(root: Path, file: str | None = None) -> Iterator[None]:
    """Turn whatever cannot be read in an archive, or a part's file, into an InputError.

    What the system refuses for now is no damage.
    """
    try:
        yield
    except (OSError, ValueError, KeyError) as error:
        if isinstance(error, OSError) and error.errno in _REFUSED_FOR_NOW:
            raise InputError(f"{root}: the archive cannot be read now: {error.strerror}") from error
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if file is not None:
            raise DamagedPartError(file, root, _short(error, reason)) from error
        raise InputError(f"{root}: the archive is damaged, index the images again into a new one ({reason})") from error


def _short(error: Exception, reason: str) -> str:
    return "the file is not there" if isinstance(error, FileNotFoundError) else reason
