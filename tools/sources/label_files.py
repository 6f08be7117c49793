"""What a folder of annotations holds: which files, and in which format they are, told by names and content."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from solvers.errors import InputError
from tools.images import walk_files
from tools.readers.names import LISTS
from tools.readers.numbers import is_number
from tools.readers.text_file import read_bytes
from tools.readers.xbd import is_xbd
from tools.sources.label_formats import MASK_ENDING

FolderFormat = Literal["dota", "yolo", "xbd", "mask"]

_HEADER = re.compile(rb"\s*'?(imagesource|gsd|acquisition dates)'?\s*:", re.IGNORECASE)
_LINES_LOOKED_AT = 100
_MASK_SUFFIXES = frozenset({".png", ".tif", ".tiff", ".bmp"})


@dataclass(frozen=True, slots=True)
class LabelFiles:
    """The files of annotations in a folder, sorted, and their format; None where all of them are empty txt."""

    files: tuple[Path, ...]
    format: FolderFormat | None


def find_label_files(folder: Path) -> LabelFiles:
    """The txt files of a folder, else its xBD json files, else its masks; InputError where there is none of them.

    Where some pictures have names of masks, such as 6651_lab.png, the others are none.
    """
    unreadable: list[tuple[Path, str]] = []
    files = sorted(walk_files(folder, unreadable))
    for path, reason in unreadable:
        raise InputError(f"{path}: {reason}")
    texts = [each for each in files if each.suffix.lower() == ".txt" and each.name not in LISTS]
    if texts:
        return LabelFiles(tuple(texts), _text_format(texts))
    documents = [each for each in files if each.suffix.lower() == ".json"]
    if documents:
        return LabelFiles(tuple(documents), _document_format(folder, documents))
    masks = [each for each in files if each.suffix.lower() in _MASK_SUFFIXES]
    if masks:
        named = [each for each in masks if MASK_ENDING.search(each.stem)]
        return LabelFiles(tuple(named or masks), "mask")
    raise InputError(f"{folder}: the folder holds no txt files of annotations, no json of xBD and no masks")


def _text_format(files: Sequence[Path]) -> Literal["dota", "yolo"] | None:
    """Told by the first line that can be only one: numbers alone, or a header or the name of a class."""
    for number, line in enumerate(_lines(files)):
        fields = line.decode("ascii", "replace").split()
        if _HEADER.match(line) or (len(fields) in {9, 10} and not is_number(fields[8])):
            return "dota"
        if len(fields) >= 5 and fields[0].isdecimal() and all(map(is_number, fields)):
            return "yolo"
        if number >= _LINES_LOOKED_AT:
            break
    return None


def _lines(files: Sequence[Path]) -> Iterator[bytes]:
    for file in files:
        try:
            lines = read_bytes(file).splitlines()
        except InputError:
            continue  # told when the file's turn comes
        yield from (line for line in lines if line.strip())


def _document_format(folder: Path, files: Sequence[Path]) -> Literal["xbd"]:
    if any(is_xbd(read_bytes(file)) for file in files):
        return "xbd"
    raise InputError(
        f"{folder}: the json files of the folder are not xBD's; of COCO and GeoJSON give one file, such as {files[0]}"
    )
