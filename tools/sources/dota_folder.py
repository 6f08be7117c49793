"""Scenes from a folder of labelTxt files, with the images' pixels or without."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from solvers.errors import InputError
from solvers.ontology import Ontology
from solvers.scene import Scene
from tools.images import CollectedImages, file_digest, probe_image, walk_files
from tools.nearest import did_you_mean
from tools.readers.dota import parse_dota
from tools.readers.records import Annotations
from tools.readers.text_file import read_bytes
from tools.sources.base import SizeBook, SourceImage, count, digest_of
from tools.sources.matching import BY_STEM, match


class DotaScenes:
    """The scenes of given images, each with the txt of its stem; or, of no images, one scene per txt."""

    phase = "writing"
    origin = "labelTxt"

    def __init__(
        self,
        folder: Path,
        collected: CollectedImages | None,
        ontology: Ontology,
        known_labels: frozenset[str],
        sizes: SizeBook | None,
    ) -> None:
        self._folder = folder
        self._collected = collected
        self._ontology = ontology
        self._known_labels = known_labels
        self._sizes = sizes or SizeBook({})
        self._beyond_known: Counter[str] = Counter()
        files = _label_files(folder)
        if collected is None:
            if sizes is None:
                raise InputError(
                    f"{folder}: txt files do not hold the size of their images: give IMAGES or --sizes FILE"
                )
            self._require_sizes(files)
            self._labels = {file: file for file in files}
            self._unused = 0
        else:
            matched = match(collected.files, files, BY_STEM)
            self._labels = {collected.files[image]: files[label] for image, label in matched.items()}
            self._unused = len(files) - len(matched)
        given = files if collected is None else collected.files
        self.images: Sequence[SourceImage] = tuple(map(SourceImage, given))

    def digest(self, image: SourceImage) -> str:
        """A hash of the txt's bytes, the image's, the ontology and the stated size."""
        label = self._labels.get(image.file)
        text_digest = None if label is None else hashlib.sha256(read_bytes(label)).hexdigest()
        pixels_digest = None if self._collected is None else file_digest(image.file)
        size = self._sizes.find(image.file)
        stated = None if size is None else [size.width, size.height, size.gsd]
        return digest_of(
            "dota", text_digest, pixels_digest, repr(self._ontology.classes), sorted(self._known_labels), stated
        )

    def check(self, image: SourceImage) -> None:
        """Read the txt, whose broken line is an InputError."""
        self._annotations(image)

    def scene(self, image: SourceImage, image_id: str) -> Scene:
        """The annotated scene; without a txt, an image without objects."""
        annotations = self._annotations(image)
        self._beyond_known.update(each.label for each in annotations.entities if each.label not in self._known_labels)
        size = self._sizes.find(image.file)
        if self._collected is not None:
            width, height = probe_image(image.file)
            self._sizes.compare(image.file, (width, height))
        elif size is not None:
            width, height = size.width, size.height
        else:
            raise self._no_size(image.file)
        return Scene(
            image_id,
            width,
            height,
            annotations.entities,
            self._known_labels,
            self._sizes.gsd(image.file, annotations.gsd),
            path=None if self._collected is None else str(image.file),
        )

    def claims(self, archived: SourceImage, *, has_pixels: bool) -> bool:
        """With images, those beneath the given folders; without, the txt files of the folder.

        A txt that was indexed without pixels and now belongs to an image with them makes way for it.
        """
        if self._collected is None:
            return not has_pixels and not archived.member and archived.file.is_relative_to(self._folder)
        if has_pixels:
            return self._collected.covers(archived.file)
        return not archived.member and archived.file in self._labels.values()

    def rejected(self) -> Sequence[tuple[Path, str]]:
        """The folders of images that could not be read."""
        return () if self._collected is None else self._collected.unreadable

    def warnings(self) -> Sequence[str]:
        """Images and txt files without a counterpart, objects outside the stated classes, conflicting sizes."""
        warnings = []
        without = len(self.images) - len(self._labels)
        if without:
            warnings.append(
                f"{count(without, 'image')} had no txt in {self._folder}, and {'was' if without == 1 else 'were'} "
                "taken to hold no objects"
            )
        if self.images and not self._labels:
            warnings.append(f"not one image has its txt in {self._folder}: are these the labels of these images?")
        if self._unused:
            warnings.append(f"{count(self._unused, 'txt file')} in {self._folder} had no image among those given")
        warnings += [
            f"{count(number, 'object')} of {label}, which is not among the stated classes: a query that names it stays "
            "unknown on these images"
            for label, number in sorted(self._beyond_known.items())
        ]
        return [*warnings, *self._sizes.warnings()]

    def _annotations(self, image: SourceImage) -> Annotations:
        label = self._labels.get(image.file)
        return Annotations(()) if label is None else parse_dota(read_bytes(label), str(label), self._ontology)

    def _require_sizes(self, files: Sequence[Path]) -> None:
        for file in files:
            if self._sizes.find(file) is None:
                raise self._no_size(file)

    def _no_size(self, file: Path) -> InputError:
        hint = did_you_mean(file.stem, self._sizes.stems)
        return InputError(f"{file}: the sizes file has no entry {file.stem!r}, and without pixels it takes one{hint}")


def _label_files(folder: Path) -> tuple[Path, ...]:
    unreadable: list[tuple[Path, str]] = []
    files = tuple(sorted(each for each in walk_files(folder, unreadable) if each.suffix.lower() == ".txt"))
    for path, reason in unreadable:
        raise InputError(f"{path}: {reason}")
    if not files:
        raise InputError(f"{folder}: the folder holds no txt files of annotations")
    return files
