"""World files and .prj files: the transform and the CRS of an image, in small text files that lie beside it."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

MAX_BYTES = 65_536
"""A world file has six numbers and a .prj file a few hundred characters; more is neither."""

Transform = tuple[float, float, float, float, float, float]


def world_file(image: Path) -> Path | None:
    """The world file beside an image: .tfw, .tifw or .wld beside a .tif, and so on; None where there is none."""
    extension = image.suffix.lower().removeprefix(".")
    names = [f"{extension}w", "wld"]
    if len(extension) > 2:
        names.insert(0, f"{extension[0]}{extension[-1]}w")
    return _beside(image, names)


def prj_file(image: Path) -> Path | None:
    """The .prj file beside an image."""
    return _beside(image, ["prj"])


def pam_file(image: Path) -> Path | None:
    """The .aux.xml file beside an image, in which GDAL keeps what the image's format has no place for."""
    path = image.with_name(f"{image.name}.aux.xml")
    return path if path.is_file() else None


def sidecars(image: Path) -> list[Path]:
    """All of these that are there."""
    found = (world_file(image), prj_file(image), pam_file(image))
    return [path for path in found if path is not None]


def sidecar_digests(image: Path) -> list[str]:
    """The SHA-256 of each file beside an image that says where it lies; raises OSError where one cannot be read."""
    digests = []
    for path in sidecars(image):
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return digests


def read_world_file(path: Path) -> Transform:
    """The affine transform of the corners of pixels; the file has that of their centres. ValueError if it is none."""
    numbers = [float(word.replace(",", ".")) for word in read_text(path).split()]
    if len(numbers) != 6 or not all(map(math.isfinite, numbers)):
        raise ValueError("a world file has six numbers")
    a, d, b, e, x, y = numbers
    if a * e - b * d == 0:
        raise ValueError("its pixels have no area")
    return a, b, x - (a + b) / 2, d, e, y - (d + e) / 2


def read_text(path: Path) -> str:
    """The text of a small file; ValueError where it is not small, or no text."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES} bytes")
    return data.decode("utf-8-sig")


def _beside(image: Path, extensions: list[str]) -> Path | None:
    for extension in extensions:
        for spelled in (extension, extension.upper()):
            path = image.with_suffix(f".{spelled}")
            if path.is_file():
                return path
    return None
