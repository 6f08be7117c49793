"""The sizes file: {"stem": {"width", "height", "gsd"?}}, in pixels and metres per pixel."""

from collections.abc import Mapping
from pathlib import Path

from tools.readers.json_file import load_json
from tools.readers.records import ImageSize


def read_sizes(path: Path) -> Mapping[str, ImageSize]:
    """Every image's size by its stem (or folder/stem); raises InputError with the place of what is wrong."""
    sizes: dict[str, ImageSize] = {}
    for stem, entry in load_json(path).entries():
        gsd = entry.get("gsd")
        sizes[stem] = ImageSize(
            entry.need("width").pixels(), entry.need("height").pixels(), None if gsd is None else gsd.gsd()
        )
    return sizes
