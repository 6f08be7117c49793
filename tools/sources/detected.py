"""Scenes that a detector finds in pixels."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from solvers.errors import InputError
from solvers.scene import Scene
from tools.detection.pictures import is_read_by_strips
from tools.images import CollectedImages, RejectedImageError, file_digest, probe_image
from tools.sources.base import PlacementBook, SizeBook, SourceImage, digest_of

if TYPE_CHECKING:
    from tools.detector import Detection, Detector


class DetectedScenes:
    """The scenes of image files; the detector is loaded once there is an image that it can read."""

    phase = "detecting"

    def __init__(self, collected: CollectedImages, load_detector: "Callable[[], Detector]", sizes: SizeBook) -> None:
        self._collected = collected
        self._load_detector = load_detector
        self._sizes = sizes
        self._placements = PlacementBook()
        self._is_loaded = False
        self._expected: deque[Path] = deque()
        self._found: Iterator[Detection | InputError] = iter(())
        self.images: Sequence[SourceImage] = tuple(map(SourceImage, collected.files))

    @cached_property
    def _detector(self) -> "Detector":
        self._is_loaded = True
        return self._load_detector()

    @property
    def origin(self) -> str:
        """The detector, by its fingerprint."""
        return f"detector {self._detector.fingerprint[:12]}"

    def digest(self, image: SourceImage) -> str:
        """A hash of the image's bytes, the detector, the georeference, and the stated ground sample distance."""
        bytes_digest = file_digest(image.file)
        if not self._is_loaded and not _opens(image.file):
            probe_image(image.file)  # it says why not, and no weights are loaded for it
        known = sorted(self._detector.known_labels)
        placed = self._placements.digests(image.file)
        gsd = self._sizes.gsd(image.file)
        return digest_of("detected", bytes_digest, self._detector.fingerprint, known, gsd, placed)

    def check(self, image: SourceImage) -> None:
        """Nothing to check: there are no annotations."""

    def expect(self, images: Sequence[SourceImage]) -> None:
        """Read these images ahead, while the network looks at those before them."""
        self._expected = deque(image.file for image in images)
        if images:
            self._found = self._detector.detect_each(list(self._expected))

    def scene(self, image: SourceImage, image_id: str) -> Scene:
        """What the detector finds in the image."""
        if not self._expected or self._expected[0] != image.file:
            self.expect([image])
        self._expected.popleft()
        found = next(self._found)
        if isinstance(found, InputError):
            raise RejectedImageError(str(found)) from found
        self._sizes.compare(image.file, (found.width, found.height))
        placement = self._placements.find(image.file, (found.width, found.height))
        return Scene(
            image_id,
            found.width,
            found.height,
            found.entities,
            self._detector.known_labels,
            self._sizes.gsd(image.file, placement.gsd),
            placement.georeference,
            path=str(image.file),
            acquired=placement.acquired,
        )

    def claims(self, archived: SourceImage, *, has_pixels: bool) -> bool:
        """Images beneath the given folders."""
        return has_pixels and self._collected.covers(archived.file)

    @property
    def unmapped(self) -> Sequence[str]:
        """The detector's classes that the ontology lacks."""
        return self._detector.unmapped if self._is_loaded else ()

    def rejected(self) -> Sequence[tuple[Path, str]]:
        """The folders that could not be read."""
        return self._collected.unreadable

    def warnings(self) -> Sequence[str]:
        """The detector's classes that the ontology lacks, conflicting sizes, georeferences that cannot be used."""
        names = ", ".join(self.unmapped)
        left_out = [f"the ontology has no class for these of the detector: {names}"] if names else []
        return [*left_out, *self._sizes.warnings(), *self._placements.warnings()]


def _opens(path: Path) -> bool:
    """Whether a file begins as an image does; whether its pixels are sound the detector finds out."""
    from PIL import Image

    if is_read_by_strips(path):
        return True
    try:
        with Image.open(path):
            return True
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
