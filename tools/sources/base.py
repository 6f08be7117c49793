"""What indexing asks of a source of scenes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from solvers.scene import Scene
from tools.georeference import Placement, read_placement, sidecar_digests
from tools.readers.records import ImageSize


@dataclass(frozen=True, slots=True)
class SourceImage:
    """One image of a run: the file it comes from (pixels, or annotations without them), and its name within a COCO."""

    file: Path
    member: str = ""


class SceneSource(Protocol):
    """A source of scenes: what images there are, whether they changed, and what they hold."""

    @property
    def phase(self) -> str:
        """What the user is told while scenes are made."""

    @property
    def origin(self) -> str:
        """What finds the entities, in a word or two, as the archive keeps it; asked for after a scene."""

    @property
    def images(self) -> Sequence[SourceImage]:
        """Every image that was given."""

    def digest(self, image: SourceImage) -> str:
        """A hash of everything that the image's scene is made from.

        Raises RejectedImageError for an image that cannot be read, InputError for annotations that cannot.
        """

    def check(self, image: SourceImage) -> None:
        """Raise InputError where the image's annotations are broken."""

    def expect(self, images: Sequence[SourceImage]) -> None:
        """Know which scenes will be asked for, in which order, so that images can be read ahead."""

    def scene(self, image: SourceImage, image_id: str) -> Scene:
        """The image's scene; raises RejectedImageError for an image that cannot be read."""

    def claims(self, archived: SourceImage, *, has_pixels: bool) -> bool:
        """Whether an archived image belongs to what was given, so that it is gone where this run does not have it."""

    @property
    def unmapped(self) -> Sequence[str]:
        """The source's names of classes that mean none of the ontology, and whose objects were left out."""

    def rejected(self) -> Sequence[tuple[Path, str]]:
        """What was left out before any image was read, and why."""

    def warnings(self) -> Sequence[str]:
        """What the user should know once the run is over."""


def digest_of(*ingredients: object) -> str:
    """One hash of many texts, numbers and None."""
    return hashlib.sha256(json.dumps(ingredients).encode()).hexdigest()


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 image", "2 images"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class SizeBook:
    """The sizes file's entries, found by folder/stem or stem; where there are pixels, their size is what counts."""

    def __init__(self, sizes: Mapping[str, ImageSize]) -> None:
        self._sizes = sizes
        self._conflicts: list[str] = []

    @property
    def stems(self) -> frozenset[str]:
        """The names of all entries."""
        return frozenset(self._sizes)

    def find(self, path: Path) -> ImageSize | None:
        """The entry of an image or annotation file."""
        return self._sizes.get(f"{path.parent.name}/{path.stem}") or self._sizes.get(path.stem)

    def gsd(self, path: Path, otherwise: float | None = None) -> float | None:
        """The ground sample distance that the user stated, else the one that the source has."""
        entry = self.find(path)
        return otherwise if entry is None or entry.gsd is None else entry.gsd

    def compare(self, path: Path, pixels: tuple[int, int], width: int | None = None, height: int | None = None) -> None:
        """Note where the size in the sizes file, or the one that the annotations state, is not that of the pixels."""
        entry = self.find(path)
        sizes = [(width or pixels[0], height or pixels[1])] + ([] if entry is None else [(entry.width, entry.height)])
        wrong = [size for size in sizes if size != pixels]
        if wrong:
            found, stated = (f"{size[0]} x {size[1]}" for size in (pixels, wrong[0]))
            self._conflicts.append(f"{path.name} has {found} px and not {stated}")

    def warnings(self) -> list[str]:
        """One sentence about all conflicts."""
        if not self._conflicts:
            return []
        first = min(self._conflicts)
        return [
            f"the stated size of {count(len(self._conflicts), 'image')} is not that of the pixels, whose size was "
            f"taken: {first}{' and others' if len(self._conflicts) > 1 else ''}; do the annotations belong to them?"
        ]


class PlacementBook:
    """Where the images of a run lie, by their files; what is amiss with some is told once, at the end."""

    def __init__(self) -> None:
        self._problems: list[str] = []

    @staticmethod
    def digests(image: Path) -> list[str]:
        """Ingredients of an image's digest: what lies beside it counts, as what it holds itself does."""
        try:
            return ["placed", *sidecar_digests(image)]
        except OSError:
            return ["placed", "unreadable"]

    def find(self, image: Path, size: tuple[int, int]) -> Placement:
        """The placement of an image of so many pixels, width before height."""
        placement = read_placement(image, *size)
        if placement.problem is not None:
            self._problems.append(f"{image.name}: {placement.problem}")
        return placement

    def warnings(self) -> list[str]:
        """One sentence about all problems."""
        if not self._problems:
            return []
        others = " and others" if len(self._problems) > 1 else ""
        noun, verb = ("georeference", "is") if len(self._problems) == 1 else ("georeferences", "are")
        return [
            f"the {noun} of {count(len(self._problems), 'image')} {verb} missing or to be taken with care: "
            f"{min(self._problems)}{others}"
        ]
