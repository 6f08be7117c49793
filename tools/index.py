"""Indexing: images and annotations become an archive, and an archive is brought up to date with them."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from solvers.ontology import Ontology
from solvers.scene import Scene
from tools.archive.files import loaded_path
from tools.archive.records import ImageKey, StoredImage
from tools.archive.writer import ArchiveWriter
from tools.image_ids import image_ids
from tools.images import RejectedImageError, absolute, collect_images
from tools.ontologies import load_ontology
from tools.progress import Progress, ProgressListener, ignore_progress
from tools.readers.faults import SkippedFaults, raise_fault
from tools.readers.sizes import read_sizes
from tools.results import IndexReport, RejectedItem, SkippedAnnotations
from tools.sources.base import SceneSource, SizeBook, SourceImage
from tools.sources.choose import DetectorName, Given, Looking, choose_source

BATCH_IMAGES = 256
BATCH_SECONDS = 30.0
"""A run commits after so many images, or so much time, whichever comes first."""
SKIPPED_TOLD = 10
"""So many of the annotations that were left out are told with their reasons."""


def index_images(
    images: str | Path | Sequence[str | Path] = (),
    *,
    archive: str | Path,
    detector: DetectorName | None = None,
    weights: str | Path | None = None,
    labels: str | Path | None = None,
    ontology: str | Ontology = "dota",
    classes: str | Sequence[str] | None = None,
    sizes: str | Path | None = None,
    names: str | Path | None = None,
    skip_bad: bool = False,
    device: str | None = None,
    tile: int | None = None,
    overlap: int | None = None,
    overview: bool = True,
    batch: int | None = None,
    progress: ProgressListener = ignore_progress,
) -> IndexReport:
    """Bring an archive up to date with the given images: files, folders, or those that annotations describe.

    Without `detector`, `labels` are read where they are given, and else objects are detected with `weights`.
    Unchanged images are left as they are, changed ones replaced; one that is no longer in a folder (or a COCO file)
    that is given again is dropped; what was indexed from elsewhere stays. Images that cannot be read are listed in
    the report. A run that is interrupted or killed keeps what it has committed, an interrupted one all that is done;
    the same call goes on from there. `names` has the names of class numbers, for YOLO txt. `device`, `tile`, `overlap`,
    `overview` and `batch` say how a detector looks at images, see `tools.detector.load_detector`. Raises InputError for
    what else cannot be used, before anything is committed; with `skip_bad` broken annotations are left out, and counted
    in the report.
    """
    chosen = ontology if isinstance(ontology, Ontology) else load_ontology(ontology)
    paths = [images] if isinstance(images, str | Path) else list(images)
    skipped = SkippedFaults() if skip_bad else None
    given = Given(
        ontology=chosen,
        images=collect_images(paths) if paths else None,
        labels=None if labels is None else absolute(labels),
        weights=weights,
        classes=classes,
        sizes=None if sizes is None else SizeBook(read_sizes(absolute(sizes))),
        names=names,
        looking=Looking(device, tile, overlap, overview, batch),
        on_fault=raise_fault if skipped is None else skipped,
    )
    source = choose_source(detector, given, progress)
    with ArchiveWriter(archive, chosen) as writer:
        report = _Run(writer, source, progress).report()
    return report if skipped is None else report.model_copy(update={"skipped": _skipped(skipped.messages)})


class _Run:
    """One indexing run: what changed is found first, then read or detected and committed in batches."""

    def __init__(self, writer: ArchiveWriter, source: SceneSource, progress: ProgressListener) -> None:
        self._writer = writer
        self._source = source
        self._progress = progress
        self._before = writer.indexed
        self._rejected = [_rejected(path, reason) for path, reason in source.rejected()]
        self._images: dict[ImageKey, SourceImage] = {self._key(image): image for image in source.images}

    def report(self) -> IndexReport:
        """Carry the run out."""
        digests = self._digests()
        dropped = {key for key in self._before if self._is_gone(key, digests)}
        for key in dropped:
            self._writer.drop(key)
        changed = [
            key for key, digest in digests.items() if key not in self._before or self._before[key].digest != digest
        ]
        ids = self._rename({*digests, *(self._before.keys() - dropped)})
        unread = self._write(sorted(changed, key=ids.__getitem__), ids, digests)
        self._writer.commit()
        self._rename(self._writer.indexed.keys())
        self._writer.finish()
        stored = set(changed) - unread
        size = self._writer.size
        return IndexReport(
            archive=str(self._writer.root),
            images=size.images,
            entities=size.entities,
            added=len(stored - self._before.keys()),
            unchanged=len(digests) - len(changed),
            replaced=len(stored & self._before.keys()),
            dropped=len(dropped | (unread & self._before.keys())),
            rejected=sorted(self._rejected, key=lambda item: (item.path, item.reason)),
            unmapped=list(self._source.unmapped),
            warnings=self._warnings(),
        )

    def _digests(self) -> dict[ImageKey, str]:
        """The digests of all images that can be read; of changed ones the annotations are known to be sound."""
        digests: dict[ImageKey, str] = {}
        self._progress(Progress("reading", 0, len(self._images)))
        for done, (key, image) in enumerate(self._images.items(), start=1):
            try:
                digest = self._source.digest(image)
                if key not in self._before or self._before[key].digest != digest:
                    self._source.check(image)
            except RejectedImageError as error:
                self._rejected.append(_rejected(image.file, str(error)))
            else:
                digests[key] = digest
            self._progress(Progress("reading", done, len(self._images), len(self._rejected)))
        return digests

    def _is_gone(self, key: ImageKey, digests: Mapping[ImageKey, str]) -> bool:
        if key in digests:
            return False
        archived = SourceImage(Path(loaded_path(key.source, self._writer.root)), key.member)
        return key in self._images or self._source.claims(archived, has_pixels=self._before[key].has_pixels)

    def _rename(self, keys: Iterable[ImageKey]) -> dict[ImageKey, str]:
        """The ids of these images among each other; the archived ones bear them from the next commit on."""
        ordered = sorted(keys)
        ids = dict(zip(ordered, image_ids([key.name for key in ordered]), strict=True))
        for key, indexed in self._writer.indexed.items():
            if key in ids and indexed.image_id != ids[key]:
                self._writer.rename(key, ids[key])
        return ids

    def _write(
        self, keys: Sequence[ImageKey], ids: Mapping[ImageKey, str], digests: Mapping[ImageKey, str]
    ) -> set[ImageKey]:
        """Store the scenes of these images, commit by commit; those that turn out to be unreadable are returned."""
        unread: set[ImageKey] = set()
        waiting, last_commit = 0, time.monotonic()
        self._progress(Progress(self._source.phase, 0, len(keys), len(self._rejected)))
        self._source.expect([self._images[key] for key in keys])
        try:
            for done, key in enumerate(keys, start=1):
                scene = self._scene(key, ids[key])
                if scene is None:
                    unread.add(key)
                    self._writer.drop(key)
                else:
                    self._writer.put(StoredImage(key, digests[key], scene, self._source.origin))
                waiting += 1
                if waiting >= BATCH_IMAGES or time.monotonic() - last_commit >= BATCH_SECONDS:
                    self._writer.commit()
                    waiting, last_commit = 0, time.monotonic()
                self._progress(Progress(self._source.phase, done, len(keys), len(self._rejected)))
        except KeyboardInterrupt:
            self._writer.commit()  # what is done is not lost
            raise
        return unread

    def _scene(self, key: ImageKey, image_id: str) -> Scene | None:
        image = self._images[key]
        try:
            return self._source.scene(image, image_id)
        except RejectedImageError as error:
            self._rejected.append(_rejected(image.file, str(error)))
            return None

    def _warnings(self) -> list[str]:
        warnings = list(self._source.warnings())
        return warnings if self._images or self._rejected else ["no images were found in what was given", *warnings]

    def _key(self, image: SourceImage) -> ImageKey:
        return self._writer.key(image.file, image.member)


def _skipped(messages: Sequence[str]) -> SkippedAnnotations:
    first = [each.encode(errors="replace").decode() for each in messages[:SKIPPED_TOLD]]
    return SkippedAnnotations(count=len(messages), first=first)


def _rejected(path: Path, reason: str) -> RejectedItem:
    # A name that is not UTF-8 could not be printed as JSON.
    return RejectedItem(path=str(path).encode(errors="replace").decode(), reason=reason)
