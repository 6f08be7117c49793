"""Scenes from a folder that has one file of annotations an image, with the images' pixels or without."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from solvers.errors import InputError
from solvers.ontology import Ontology
from solvers.scene import Scene
from tools.georeference import Placement
from tools.images import CollectedImages, RejectedImageError, file_digest, probe_image
from tools.nearest import did_you_mean
from tools.readers.faults import FaultHandler, raise_fault
from tools.readers.records import Annotations, scaled
from tools.readers.text_file import read_bytes
from tools.sources.base import PlacementBook, SizeBook, SourceImage, count, digest_of
from tools.sources.label_formats import LabelFormat
from tools.sources.matching import BY_STEM, match


class LabelFolder:
    """The scenes of given images, each with the annotations of its stem; or, of no images, one scene per file."""

    phase = "writing"

    def __init__(
        self,
        folder: Path,
        files: Sequence[Path],
        *,
        label_format: LabelFormat,
        collected: CollectedImages | None,
        ontology: Ontology,
        sizes: SizeBook | None = None,
        on_fault: FaultHandler = raise_fault,
    ) -> None:
        self._folder = folder
        self._format = label_format
        self._collected = collected
        self._ontology = ontology
        self._sizes = sizes or SizeBook({})
        self._placements = PlacementBook()
        self._on_fault = on_fault
        self._beyond_known: Counter[str] = Counter()
        self._unmapped: set[str] = set()
        if collected is None:
            if sizes is None and not label_format.tells_size:
                raise InputError(
                    f"{folder}: {label_format.noun} files do not hold the size of their images: give IMAGES or "
                    "--sizes FILE"
                )
            self._require_sizes(files)
            self._labels = {file: file for file in files}
            self._unused = 0
        else:
            matched = match(collected.files, list(map(label_format.image_name, files)), BY_STEM)
            self._labels = {collected.files[image]: files[label] for image, label in matched.items()}
            self._unused = len(files) - len(matched)
        given = files if collected is None else collected.files
        self.images: Sequence[SourceImage] = tuple(map(SourceImage, given))

    @property
    def origin(self) -> str:
        """The format of the annotations."""
        return self._format.origin

    def digest(self, image: SourceImage) -> str:
        """A hash of the annotations' bytes, the image's, the ontology, the classes, the place, the size."""
        label = self._label(image)
        text_digest = None if label is None else hashlib.sha256(self._bytes(label)).hexdigest()
        pixels_digest = None if self._collected is None else file_digest(image.file)
        placed = [] if self._collected is None else self._placements.digests(image.file)
        size = self._sizes.find(image.file)
        stated = None if size is None else [size.width, size.height, size.gsd]
        known_labels = sorted(self._format.known_labels)
        return digest_of(
            self._format.name,
            text_digest,
            pixels_digest,
            repr(self._ontology.classes),
            known_labels,
            stated,
            placed,
            *self._format.fingerprint,
        )

    def check(self, image: SourceImage) -> None:
        """Read the annotations, in which a broken line is an InputError."""
        self._annotations(image)

    def expect(self, images: Sequence[SourceImage]) -> None:
        """Nothing to read ahead."""

    def scene(self, image: SourceImage, image_id: str) -> Scene:
        """The annotated scene; without annotations, an image without objects."""
        annotations = self._annotations(image)
        known_labels = self._format.known_labels
        self._beyond_known.update(each.label for each in annotations.entities if each.label not in known_labels)
        self._unmapped |= annotations.unmapped
        width, height = self._size(image, annotations)
        has_pixels = self._collected is not None
        placement = self._placements.find(image.file, (width, height)) if has_pixels else Placement()
        entities = annotations.entities
        if self._format.in_shares:
            entities = tuple(replace(each, polygon=scaled(each.polygon, width, height)) for each in entities)
        return Scene(
            image_id,
            width,
            height,
            entities,
            known_labels,
            self._sizes.gsd(image.file, annotations.gsd or placement.gsd),
            placement.georeference,
            path=str(image.file) if has_pixels else None,
            acquired=annotations.acquired or placement.acquired,
        )

    def claims(self, archived: SourceImage, *, has_pixels: bool) -> bool:
        """With images, those beneath the given folders; without, the files of the folder.

        A file that was indexed without pixels and now belongs to an image with them makes way for it.
        """
        if self._collected is None:
            return not has_pixels and not archived.member and archived.file.is_relative_to(self._folder)
        if has_pixels:
            return self._collected.covers(archived.file)
        return not archived.member and archived.file in self._labels.values()

    @property
    def unmapped(self) -> Sequence[str]:
        """The annotators' classes that the ontology lacks."""
        return sorted(self._unmapped)

    def rejected(self) -> Sequence[tuple[Path, str]]:
        """The folders of images that could not be read."""
        return () if self._collected is None else self._collected.unreadable

    def warnings(self) -> Sequence[str]:
        """Images and annotations without a counterpart, objects outside the classes, conflicting sizes."""
        noun = self._format.noun
        warnings = []
        without = len(self.images) - len(self._labels)
        if without and self._format.absent_is_empty:
            warnings.append(
                f"{count(without, 'image')} had no {noun} in {self._folder}, and {'was' if without == 1 else 'were'} "
                "taken to hold no objects"
            )
        if self.images and not self._labels:
            warnings.append(f"not one image has its {noun} in {self._folder}: are these the labels of these images?")
        if self._unused:
            warnings.append(f"{count(self._unused, f'{noun} file')} in {self._folder} had no image among those given")
        if self._unmapped:
            warnings.append(
                f"the ontology {self._ontology.name} has no class for these names, and their objects were left out: "
                f"{', '.join(sorted(self._unmapped))}"
            )
        warnings += [
            f"{count(number, 'object')} of {label}, which is not among the stated classes: a query that names it stays "
            "unknown on these images"
            for label, number in sorted(self._beyond_known.items())
        ]
        return [*warnings, *self._sizes.warnings(), *self._placements.warnings()]

    def _label(self, image: SourceImage) -> Path | None:
        label = self._labels.get(image.file)
        if label is None and not self._format.absent_is_empty:
            raise RejectedImageError(f"it has no {self._format.noun} in {self._folder}, so what it holds is not known")
        return label

    def _annotations(self, image: SourceImage) -> Annotations:
        label = self._label(image)
        if label is None:
            return Annotations(())
        data = self._bytes(label)
        try:
            return self._format.read(data, str(label), self._on_fault)
        except InputError as fault:
            raise self._unreadable(fault) from fault

    def _bytes(self, label: Path) -> bytes:
        try:
            return read_bytes(label)
        except InputError as fault:
            raise self._unreadable(fault) from fault

    def _unreadable(self, fault: InputError) -> Exception:
        """A whole file that is broken: where faults are skipped, it is not known what its image holds."""
        self._on_fault(fault)
        return RejectedImageError(f"its annotations cannot be read: {fault}")

    def _size(self, image: SourceImage, annotations: Annotations) -> tuple[int, int]:
        if self._collected is not None:
            pixels = probe_image(image.file)
            if self._format.pixel_for_pixel and pixels != (annotations.width, annotations.height):
                width, height = annotations.width, annotations.height
                raise RejectedImageError(f"its {self._format.noun} has {width} x {height} px, and the image has not")
            self._sizes.compare(image.file, pixels, annotations.width, annotations.height)
            return pixels
        stated = self._sizes.find(image.file)
        width = annotations.width or (None if stated is None else stated.width)
        height = annotations.height or (None if stated is None else stated.height)
        if width is None or height is None:
            raise self._no_size(image.file)
        return width, height

    def _require_sizes(self, files: Sequence[Path]) -> None:
        for file in files:
            if not self._format.tells_size and self._sizes.find(file) is None:
                raise self._no_size(file)

    def _no_size(self, file: Path) -> InputError:
        hint = did_you_mean(file.stem, self._sizes.stems)
        return InputError(f"{file}: the sizes file has no entry {file.stem!r}, and without pixels it takes one{hint}")
