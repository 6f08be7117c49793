"""Scenes from one COCO file, with the images' pixels or without."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from solvers.errors import InputError
from solvers.ontology import Ontology
from solvers.scene import Scene
from tools.georeference import Placement
from tools.images import CollectedImages, RejectedImageError, file_digest, probe_image
from tools.readers.coco import CocoImage, read_coco
from tools.readers.faults import FaultHandler, raise_fault
from tools.sources.base import PlacementBook, SizeBook, SourceImage, count, digest_of
from tools.sources.matching import BY_NAME, match


class CocoScenes:
    """The scenes of given images, as the file annotates them; or, of no images, all of the file's."""

    phase = "writing"
    origin = "COCO"

    def __init__(
        self,
        file: Path,
        collected: CollectedImages | None,
        ontology: Ontology,
        sizes: SizeBook,
        on_fault: FaultHandler = raise_fault,
    ) -> None:
        self._file = file
        self._collected = collected
        self._ontology = ontology
        self._sizes = sizes
        self._placements = PlacementBook()
        self._coco = read_coco(file, ontology, on_fault)
        names = _names(self._coco.images, file)
        if collected is None:
            self._annotated: Mapping[SourceImage, CocoImage] = {
                SourceImage(file, name): image for name, image in zip(names, self._coco.images, strict=True)
            }
            for image in self._coco.images:
                self._size_without_pixels(image)
            self.images: Sequence[SourceImage] = tuple(self._annotated)
            self._members: frozenset[str] = frozenset(names)
            return
        matched = match(collected.files, [PurePosixPath(name) for name in names], BY_NAME)
        self._annotated = {
            SourceImage(collected.files[image]): self._coco.images[entry] for image, entry in matched.items()
        }
        self.images = tuple(map(SourceImage, collected.files))
        self._members = frozenset(names[entry] for entry in matched.values())

    def digest(self, image: SourceImage) -> str:
        """A hash of what the file says of the image, of the image's bytes, its georeference, and the known classes."""
        annotated = self._annotation(image)
        pixels_digest = None if self._collected is None else file_digest(image.file)
        placed = [] if self._collected is None else self._placements.digests(image.file)
        size = self._sizes.find(self._path(image, annotated))
        said = repr((annotated.width, annotated.height, annotated.gsd, annotated.entities, size))
        return digest_of("coco", said, pixels_digest, sorted(self._coco.known_labels), placed)

    def check(self, image: SourceImage) -> None:
        """Nothing more to check: the whole file was read."""

    def expect(self, images: Sequence[SourceImage]) -> None:
        """Nothing to read ahead."""

    def scene(self, image: SourceImage, image_id: str) -> Scene:
        """The annotated scene."""
        annotated = self._annotation(image)
        placement = Placement()
        if self._collected is None:
            width, height = self._size_without_pixels(annotated)
        else:
            width, height = probe_image(image.file)
            self._sizes.compare(image.file, (width, height), annotated.width, annotated.height)
            placement = self._placements.find(image.file, (width, height))
        return Scene(
            image_id,
            width,
            height,
            annotated.entities,
            self._coco.known_labels,
            self._sizes.gsd(self._path(image, annotated), annotated.gsd or placement.gsd),
            placement.georeference,
            path=None if self._collected is None else str(image.file),
            acquired=placement.acquired,
        )

    def claims(self, archived: SourceImage, *, has_pixels: bool) -> bool:
        """With images, those beneath the given folders; without, the images of this file.

        One that was indexed without pixels and now has them makes way.
        """
        if self._collected is None:
            return not has_pixels and archived.file == self._file
        if has_pixels:
            return self._collected.covers(archived.file)
        return archived.file == self._file and archived.member in self._members

    @property
    def unmapped(self) -> Sequence[str]:
        """The annotators' classes that the ontology lacks."""
        return self._coco.unmapped

    def rejected(self) -> Sequence[tuple[Path, str]]:
        """The folders of images that could not be read."""
        return () if self._collected is None else self._collected.unreadable

    def warnings(self) -> Sequence[str]:
        """Categories that the ontology lacks, annotated images that were not given, conflicting sizes."""
        warnings = []
        if self._coco.unmapped:
            warnings.append(
                f"the ontology {self._ontology.name} has no class for these categories of {self._file}, and their "
                f"annotations were left out: {', '.join(self._coco.unmapped)}"
            )
        unused = len(self._coco.images) - len(self._annotated)
        if unused:
            warnings.append(f"{count(unused, 'image')} of {self._file} had no file among those given")
        return [*warnings, *self._sizes.warnings(), *self._placements.warnings()]

    def _annotation(self, image: SourceImage) -> CocoImage:
        annotated = self._annotated.get(image)
        if annotated is None:
            raise RejectedImageError(f"{self._file} does not list it, so what it holds is not known")
        return annotated

    def _path(self, image: SourceImage, annotated: CocoImage) -> Path:
        return Path(annotated.file_name) if self._collected is None else image.file

    def _size_without_pixels(self, image: CocoImage) -> tuple[int, int]:
        entry = self._sizes.find(Path(image.file_name))
        width = image.width if entry is None else image.width or entry.width
        height = image.height if entry is None else image.height or entry.height
        if width is None or height is None:
            missing = "width" if width is None else "height"
            raise InputError(f"{self._file}: {image.where}: {missing!r} is missing, and without pixels it takes one")
        return width, height


def _names(images: Sequence[CocoImage], file: Path) -> list[str]:
    """The file names with forward slashes, which must differ."""
    where_of: dict[str, str] = {}
    for image in images:
        name = image.file_name.replace("\\", "/")
        if name in where_of:
            raise InputError(f"{file}: {image.where}.file_name: {name!r} is that of {where_of[name]} already")
        where_of[name] = image.where
    return list(where_of)
