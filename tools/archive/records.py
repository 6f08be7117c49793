"""What an archive keeps of an image besides its scene: where it came from, and by what it is known to be unchanged."""

from dataclasses import dataclass
from typing import NamedTuple

from solvers.scene import Scene


class ImageKey(NamedTuple):
    """What an image is recognised by from run to run.

    `source` is the file that was given (an image, a txt or a COCO file), relative to the archive where it lies within
    it; `member` the file name within a COCO file, else empty.
    """

    source: str
    member: str = ""

    @property
    def name(self) -> str:
        """The path that the image's id is made from."""
        return self.member or self.source


@dataclass(frozen=True, slots=True)
class IndexedImage:
    """An image as the archive knows it; `digest` is that of everything that its scene was made from."""

    image_id: str
    digest: str
    has_pixels: bool


@dataclass(frozen=True, slots=True)
class StoredImage:
    """One image to be stored; a later one with the same key replaces it. `origin` says what found its entities."""

    key: ImageKey
    digest: str
    scene: Scene
    origin: str | None = None
