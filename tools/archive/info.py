"""An archive described: what it holds, from where, and how it lies on disk."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tools.archive.answers import ArchiveInfo, CrsExtent, GsdSpan, OriginCount, SourceCount, TimeSpan
from tools.archive.files import MANIFEST_FILE, PARTS_FOLDER, loaded_path
from tools.archive.manifest import read_manifest
from tools.archive.reader import Archive
from tools.filters.selection import footprints
from tools.images import absolute
from tools.summary import count_classes

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa


def describe_archive(path: str | Path) -> ArchiveInfo:
    """What an archive holds; InputError where it is none or is damaged."""
    root = absolute(path)
    archive, version = Archive.open(root), read_manifest(root).version
    table = archive.images_table(
        ["path", "width", "height", "gsd", "crs", "transform", "source", "member", "acquired", "origin"]
    )
    size = archive.size
    return ArchiveInfo(
        archive=str(root),
        archive_version=version,
        ontology=archive.ontology.name,
        images=size.images,
        entities=size.entities,
        images_with_pixels=table.num_rows - table.column("path").null_count,
        classes=count_classes(archive),
        sources=_sources(table, root),
        origins=[
            OriginCount(origin=origin, images=images) for origin, images in _counted(table.column("origin").to_pylist())
        ],
        parts=len(archive.files) // 2,
        bytes=bytes_of(root, archive.files),
        places=_places(table),
        times=_times(table),
        gsd=_gsd(table),
    )


def bytes_of(root: Path, files: Iterable[str]) -> int:
    """The bytes of an archive's manifest and of some part files, as far as they are there."""
    paths = [root / MANIFEST_FILE, *(root / PARTS_FOLDER / file for file in files)]
    return sum(path.stat().st_size for path in paths if path.is_file())


def _counted(values: Iterable[str | None]) -> list[tuple[str | None, int]]:
    """Each value with how often it is there, the most frequent first."""
    return sorted(Counter(values).items(), key=lambda each: (-each[1], each[0] or ""))


def _sources(table: pa.Table, root: Path) -> list[SourceCount]:
    """The folders that the images came from, or the file where it holds many."""
    rows = zip(table.column("source").to_pylist(), table.column("member").to_pylist(), strict=True)
    files = (
        loaded_path(source, root) if member else str(Path(loaded_path(source, root)).parent) for source, member in rows
    )
    return [SourceCount(path=path or "", images=images) for path, images in _counted(files)]


def _places(table: pa.Table) -> list[CrsExtent]:
    systems = table.column("crs").combine_chunks().dictionary_encode()
    numbers = systems.indices.fill_null(-1).to_numpy()
    found = []
    for number, name in enumerate(systems.dictionary.to_pylist()):
        x, y = footprints(table.take(np.flatnonzero(numbers == number)), None)
        extent = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
        found.append(CrsExtent(crs=name, images=len(x), extent=extent))
    return sorted(found, key=lambda each: (-each.images, each.crs))


def _times(table: pa.Table) -> TimeSpan:
    from pyarrow import compute

    column = table.column("acquired")
    span = compute.min_max(column).as_py()
    return TimeSpan(images=len(column) - column.null_count, first=span["min"], last=span["max"])


def _gsd(table: pa.Table) -> GsdSpan:
    from pyarrow import compute

    column = table.column("gsd")
    span = compute.min_max(column).as_py()
    return GsdSpan(images=len(column) - column.null_count, least=span["min"], greatest=span["max"])
