"""Writing an archive: images are put and dropped in memory, and committed together by one rename of the manifest."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Self

from solvers.errors import InputError
from tools.archive.files import MANIFEST_FILE, PARTS_FOLDER, TEMPORARY_PREFIX, stored_path, writing
from tools.archive.layout import IMAGES_PER_PART, part_ends
from tools.archive.lock import WriteLock
from tools.archive.manifest import SCHEMA_VERSION, Manifest, PartEntry, is_part_file, read_manifest, write_manifest
from tools.archive.part import Part, reading, write_images, write_part
from tools.archive.records import ImageKey, IndexedImage, StoredImage
from tools.archive.tables import images_schema, merge_tables, tables_of
from tools.images import absolute
from tools.results import ArchiveSize

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from types import TracebackType

    from solvers.ontology import Ontology


SMALL = 4
MANY = 16
"""So many parts of less than a quarter of the usual size are merged into one."""


@dataclass(frozen=True, slots=True)
class _Place:
    image: IndexedImage
    part: PartEntry


class ArchiveWriter:
    """The one writer of an archive, as a context manager; what is not committed when it ends is gone.

    Parts named by `without` are given up, whatever is in them.

    Raises InputError where another writer is at work, and where the archive was made with another ontology; RuneError
    where the file system fails.
    """

    def __init__(
        self,
        path: str | Path,
        ontology: Ontology,
        images_per_part: int = IMAGES_PER_PART,
        *,
        without: frozenset[PartEntry] = frozenset(),
    ) -> None:
        self.root = absolute(path)
        self._ontology = ontology
        self._images_per_part = images_per_part
        self._put: dict[ImageKey, StoredImage] = {}
        self._dropped: set[ImageKey] = set()
        self._renamed: dict[ImageKey, str] = {}
        self._places: dict[ImageKey, _Place] = {}
        self._is_stale = False
        with writing(self.root):
            self._read_committed()  # before anything is made in what may be another's folder
            self._made_root = not self.root.exists()
            (self.root / PARTS_FOLDER).mkdir(parents=True, exist_ok=True)
            self._lock = WriteLock(self.root)
            try:
                self._committed = self._read_committed()
                self._renew(without)
                self._note(self._parts())
                self._remove_leftovers()
            except BaseException:
                self._lock.release()
                raise

    def _read_committed(self) -> Manifest | None:
        if self.root.is_dir() and not (self.root / MANIFEST_FILE).exists():
            return None
        if not self.root.exists():
            return None
        manifest = read_manifest(self.root)
        if not _agree(manifest.ontology, self._ontology):
            raise InputError(
                f"{self.root}: the archive was made with ontology {manifest.ontology.name}, whose classes are not "
                f"those of ontology {self._ontology.name}; index with that one, or into another archive"
            )
        return manifest

    def _renew(self, without: frozenset[PartEntry]) -> None:
        """Give parts up, and bring the others from an older schema into this one, at once; entities stay."""
        manifest = self._committed
        if manifest is None:
            return
        parts = [part for part in manifest.parts if part not in without]
        if manifest.version != SCHEMA_VERSION:
            names = images_schema().names
            parts = [write_images(part, Part(part, self.root).images(names), self.root) for part in parts]
        self._committed = Manifest(manifest.ontology, tuple(parts))
        if self._committed != manifest:
            write_manifest(self.root, self._committed)

    def __enter__(self) -> Self:
        """Hold the lock until the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Take away what was not committed, and let others write."""
        empty = False
        try:
            with writing(self.root):
                self._remove_leftovers()
                empty = self._committed is None and not any((self.root / PARTS_FOLDER).iterdir())
                if empty:
                    (self.root / PARTS_FOLDER).rmdir()
        finally:
            self._lock.release(remove=empty)
        if empty and self._made_root and not any(self.root.iterdir()):
            self.root.rmdir()

    @property
    def indexed(self) -> dict[ImageKey, IndexedImage]:
        """The images that are committed."""
        return {key: place.image for key, place in self._places.items()}

    @property
    def size(self) -> ArchiveSize:
        """How many images and entities are committed."""
        return ArchiveSize(
            images=sum(part.images for part in self._parts()), entities=sum(part.entities for part in self._parts())
        )

    def key(self, source: Path, member: str = "") -> ImageKey:
        """The key of an image that comes from this file (an absolute path)."""
        return ImageKey(stored_path(source, self.root), member)

    def put(self, image: StoredImage) -> None:
        """Have an image added at the next commit, instead of the one with the same key; its path must be absolute."""
        self._put[image.key] = image
        self._dropped.discard(image.key)

    def drop(self, key: ImageKey) -> None:
        """Have an image left out from the next commit on."""
        self._put.pop(key, None)
        self._dropped.add(key)

    def rename(self, key: ImageKey, image_id: str) -> None:
        """Have a committed image bear another id from the next commit on."""
        self._renamed[key] = image_id

    def commit(self) -> None:
        """Make everything that was put, dropped and renamed part of the archive, at once.

        Of many small parts one is made, since whoever reads the archive meanwhile opens each.
        """
        self._catch_up()
        gone = {key for key in self._put.keys() | self._dropped if key in self._places}
        renamed = {key: name for key, name in self._renamed.items() if key in self._places and key not in gone}
        touched = {self._places[key].part for key in gone | renamed.keys()}
        kept: dict[PartEntry, dict[ImageKey, str]] = defaultdict(dict)
        if touched:
            for key, place in self._places.items():
                if place.part in touched and key not in gone:
                    kept[place.part][key] = renamed.get(key, place.image.image_id)
        with writing(self.root):
            parts = [part for part in self._parts() if part not in touched]
            parts += [self._merged([part], ids) for part, ids in kept.items()]
            if self._put:
                parts.append(write_part(tables_of(list(self._put.values()), self.root), self.root))
            self._publish(parts)
            self._put.clear()
            self._dropped.clear()
            self._renamed.clear()
            self._merge_small()
        self._is_stale = False

    def _catch_up(self) -> None:
        """Begin with what is on disk, if a commit before was interrupted: how far it got is not known otherwise."""
        if self._is_stale:
            self._committed = self._read_committed()
            self._places.clear()
            self._note(self._parts())
        self._is_stale = True

    def _merge_small(self) -> None:
        small = [part for part in self._parts() if SMALL * part.images <= self._images_per_part]
        if len(small) < MANY:
            return
        ids: dict[ImageKey, str] = {
            key: place.image.image_id for key, place in self._places.items() if place.part in frozenset(small)
        }
        self._publish([*(part for part in self._parts() if part not in small), self._merged(small, ids)])

    def finish(self) -> None:
        """Commit, and bring the parts into the layout that depends on the images alone."""
        self.commit()
        self._catch_up()
        by_id = sorted((place.image.image_id, key) for key, place in self._places.items())
        ends = part_ends([image_id for image_id, _ in by_id], self._images_per_part)
        parts: list[PartEntry] = []
        with writing(self.root):
            for start, end in pairwise([0, *ends]):
                ids = {key: image_id for image_id, key in by_id[start:end]}
                sources = list(dict.fromkeys(self._places[key].part for key in ids))
                is_whole = len(sources) == 1 and sources[0].images == len(ids)
                parts.append(sources[0] if is_whole else self._merged(sources, ids))
            self._publish(parts)
            self._remove_leftovers()
        self._is_stale = False

    def _merged(self, parts: Iterable[PartEntry], ids: Mapping[ImageKey, str]) -> PartEntry:
        with reading(self.root):
            tables = [Part(part, self.root).tables() for part in parts]
        return write_part(
            merge_tables(tables, [[ids.get(key) for key in each.image_keys()] for each in tables]), self.root
        )

    def _publish(self, parts: Iterable[PartEntry]) -> None:
        before = frozenset(self._parts())
        manifest = Manifest(self._ontology, tuple(parts))
        if manifest != self._committed:
            write_manifest(self.root, manifest)
        self._committed = manifest
        counted = frozenset(self._parts())
        if not before <= counted:
            self._places = {key: place for key, place in self._places.items() if place.part in counted}
        self._note(counted - before)

    def _parts(self) -> tuple[PartEntry, ...]:
        return () if self._committed is None else self._committed.parts

    def _note(self, parts: Iterable[PartEntry]) -> None:
        for entry in parts:
            with reading(self.root):
                images = Part(entry, self.root).indexed_images()
            self._places.update((key, _Place(image, entry)) for key, image in images)

    def _remove_leftovers(self) -> None:
        """Remove the files that no commit names: from a run that was killed, or from before the last commit.

        The manifest on disk says which: a commit that was interrupted may have got that far.
        """
        manifest = self._read_committed()
        counted = frozenset() if manifest is None else manifest.files
        for file in (self.root / PARTS_FOLDER).iterdir():
            if file.name.startswith(TEMPORARY_PREFIX) or (is_part_file(file.name) and file.name not in counted):
                file.unlink(missing_ok=True)
        (self.root / (TEMPORARY_PREFIX + MANIFEST_FILE)).unlink(missing_ok=True)


def _agree(old: Ontology, new: Ontology) -> bool:
    """Whether two ontologies have the same classes and hierarchy; their synonyms may differ from version to version."""
    return {(each.name, each.parent) for each in old.classes} == {(each.name, each.parent) for each in new.classes}
