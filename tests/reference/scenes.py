"""A reading of its own of DOTA's labelTxt files, of image sizes and of PNG headers."""

import json
import struct
from pathlib import Path

from tools.evaluation.brute_force.picture import Corner, Picture, Thing

__all__ = ["Corner", "Picture", "Thing", "png_size", "read_label_file", "read_label_folder", "read_sizes"]


def read_sizes(path: Path) -> dict[str, dict[str, float]]:
    """Width and height of every image by its id."""
    sizes: dict[str, dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))
    return sizes


def png_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels from a PNG's first chunk."""
    head = path.read_bytes()[:24]
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
        raise ValueError(f"{path} is no PNG")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def read_label_file(path: Path, width: int, height: int) -> Picture:
    """The scene of one labelTxt file: optional header lines, then eight numbers, a class and perhaps a flag."""
    things: list[Thing] = []
    gsd: float | None = None
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        text = line.strip()
        if text.startswith("gsd:"):
            value = text.removeprefix("gsd:").strip()
            gsd = None if value in {"", "null", "None", "nan"} else float(value)
        elif text and not text.startswith("imagesource:"):
            words = text.split()
            numbers = [float(word) for word in words[:8]]
            corners = tuple(zip(numbers[0::2], numbers[1::2], strict=True))
            things.append(Thing(words[8].lower().replace("-", "_"), corners))
    return Picture(path.stem, width, height, tuple(things), gsd)


def read_label_folder(folder: Path, sizes: dict[str, dict[str, float]]) -> list[Picture]:
    """Every scene of a folder whose size is known, in the order of image ids."""
    pictures = []
    for path in sorted(folder.glob("*.txt"), key=lambda each: each.stem):
        size = sizes.get(path.stem)
        if size is not None:
            pictures.append(read_label_file(path, int(size["width"]), int(size["height"])))
    return pictures
