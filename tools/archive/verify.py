"""An archive examined, part by part: that its bytes are those that were written, and that they make sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.archive.answers import PartProblem, Verification
from tools.archive.files import MANIFEST_FILE, PARTS_FOLDER, TEMPORARY_PREFIX
from tools.archive.info import bytes_of
from tools.archive.manifest import Manifest, PartEntry, is_part_file, read_manifest
from tools.archive.part import DamagedPartError, Part, changed_file
from tools.archive.records import ImageKey
from tools.archive.rows import entity_faults, image_faults
from tools.images import absolute
from tools.progress import Progress, ProgressListener, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PHASE = "verifying"
_ATTEMPTS = 5


def verify_archive(path: str | Path, *, progress: ProgressListener = ignore_progress) -> Verification:
    """Read all of an archive and tell what is wrong with it; InputError where its manifest cannot be read.

    Bytes are compared with the hashes in the files' names; then rows are counted, ids and keys looked at for doubles,
    and every value for being possible. A writer at work does no harm.
    """
    root = absolute(path)
    for _ in range(_ATTEMPTS):
        manifest = read_manifest(root)
        problems = list(_Examination(root, manifest).problems(progress))
        if not problems or read_manifest(root) == manifest:  # else a writer has replaced parts meanwhile
            break
    return Verification(
        status="error" if problems else "ok",
        archive=str(root),
        images=sum(part.images for part in manifest.parts),
        entities=sum(part.entities for part in manifest.parts),
        parts=len(manifest.parts),
        bytes=bytes_of(root, manifest.files),
        problems=problems,
        leftovers=leftovers(root, manifest),
        error=_sentence(problems),
    )


def leftovers(root: Path, manifest: Manifest) -> list[str]:
    """The files of parts that no commit names: a killed run's, or those of a run at work."""
    folder = root / PARTS_FOLDER
    names = [each.name for each in folder.iterdir()] if folder.is_dir() else []
    stray = [name for name in names if name.startswith(TEMPORARY_PREFIX) or is_part_file(name)]
    return sorted(f"{PARTS_FOLDER}/{name}" for name in stray if name not in manifest.files)


def _sentence(problems: list[PartProblem]) -> str | None:
    if not problems:
        return None
    damaged = len({each.file for each in problems})
    return f"{damaged} of its files {'is' if damaged == 1 else 'are'} damaged"


class _Examination:
    def __init__(self, root: Path, manifest: Manifest) -> None:
        self._root = root
        self._manifest = manifest
        self._leaves = frozenset(manifest.ontology.leaf_names)
        self._ids: dict[str, str] = {}
        self._keys: dict[ImageKey, str] = {}

    def problems(self, progress: ProgressListener) -> Iterator[PartProblem]:
        total = len(self._manifest.parts)
        failed = 0
        progress(Progress(PHASE, 0, total))
        for done, entry in enumerate(self._manifest.parts, start=1):
            found = list(self._of_part(entry))
            failed += bool(found)
            yield from found
            progress(Progress(PHASE, done, total, failed))

    def _of_part(self, entry: PartEntry) -> Iterator[PartProblem]:
        damaged = changed_file(entry, self._root)
        if damaged is not None:
            yield _problem(entry, damaged.file, damaged.reason)
            return
        try:
            part = Part(entry, self._root)
            tables = part.tables()
        except DamagedPartError as error:
            yield _problem(entry, error.file, error.reason)
            return
        for fault in image_faults(tables.images, self._leaves):
            yield _problem(entry, entry.images_file, fault)
        for fault in entity_faults(tables, self._leaves):
            yield _problem(entry, entry.entities_file, fault)
        counts = (
            (entry.images_file, tables.images, entry.images),
            (entry.entities_file, tables.entities, entry.entities),
        )
        for file, table, stated in counts:
            if table.num_rows != stated:
                yield _problem(entry, file, f"it has {table.num_rows:,} rows, and {MANIFEST_FILE} says {stated:,}")
        ids: list[str] = tables.images.column("image_id").to_pylist()
        if ids and (ids[0], ids[-1]) != (entry.first, entry.last):
            yield _problem(entry, entry.images_file, f"its first and last ids are not those in {MANIFEST_FILE}")
        yield from self._doubles(entry, ids, tables.image_keys())

    def _doubles(self, entry: PartEntry, ids: list[str], keys: list[ImageKey]) -> Iterator[PartProblem]:
        for image_id, key in zip(ids, keys, strict=True):
            other = self._ids.setdefault(image_id, entry.images_file)
            twice = self._keys.setdefault(key, entry.images_file)
            if other != entry.images_file:
                yield _problem(entry, entry.images_file, f"image {image_id!r} is in {other} as well")
            elif twice != entry.images_file:
                yield _problem(entry, entry.images_file, f"image {image_id!r} comes from what is in {twice} as well")


def _problem(entry: PartEntry, file: str, problem: str) -> PartProblem:
    return PartProblem(file=f"{PARTS_FOLDER}/{file}", images=entry.images, problem=problem)
