"""Image files: finding them in files and folders, and proving that their pixels can be read."""

import hashlib
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from solvers.errors import InputError

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})


FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF", "JPEG2000", "PPM")
"""What Pillow may take a file for; of others some, such as PostScript, would be run by other programs."""

STRIP_BYTES = 64 * 1024 * 1024
MOST_PIXELS_A_BYTE = 500
LEAST_BYTES = 65_536
"""An image beyond 500 pixels a byte is a bomb; real ones have some ten at most. Small ones do no harm."""

_ITEM_BYTES = {"uint8": 1, "int8": 1, "uint16": 2, "int16": 2, "uint32": 4, "int32": 4, "float32": 4}


class RejectedImageError(Exception):
    """An image that cannot be used; the message is the reason, and the run goes on without it."""


@dataclass(frozen=True, slots=True)
class CollectedImages:
    """The image files that were found, sorted, and `folders`: the given folders, all as absolute paths."""

    files: tuple[Path, ...]
    folders: tuple[Path, ...]
    unreadable: tuple[tuple[Path, str], ...] = ()

    def covers(self, file: Path) -> bool:
        """Whether a file would have been found here: it lies beneath a given folder, and beneath none unreadable."""
        return any(file.is_relative_to(folder) for folder in self.folders) and not any(
            file.is_relative_to(folder) for folder, _ in self.unreadable
        )


def absolute(path: str | Path) -> Path:
    """The absolute path without `.` and `..`, symbolic links kept, `~` replaced by the home folder."""
    return Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100 - Path.absolute keeps the ..


def collect_images(given: Sequence[str | Path]) -> CollectedImages:
    """Every given file, and every image file beneath the given folders, each once.

    In folders hidden files and files without an image's extension are passed over; a file that is named itself is
    taken whatever its name. Raises InputError for a path that does not exist.
    """
    files: set[Path] = set()
    folders: list[Path] = []
    unreadable: list[tuple[Path, str]] = []
    for path in map(absolute, given):
        if path.is_dir():
            folders.append(path)
            files.update(each for each in walk_files(path, unreadable) if each.suffix.lower() in IMAGE_SUFFIXES)
        elif os.path.lexists(path):
            files.add(path)
        else:
            raise InputError(f"{path}: there is no such file or folder")
    return CollectedImages(tuple(sorted(files)), tuple(folders), tuple(unreadable))


def walk_files(folder: Path, unreadable: list[tuple[Path, str]]) -> Iterator[Path]:
    """Every file beneath a folder that is not hidden, in a fixed order; each real folder is entered once.

    Folders that cannot be listed are added to `unreadable` with the reason.
    """

    def note(error: OSError) -> None:
        unreadable.append((Path(error.filename), f"the folder cannot be read: {error.strerror}"))

    entered: set[str] = set()
    for root, folder_names, file_names in os.walk(folder, followlinks=True, onerror=note):
        real = os.path.realpath(root)
        if real in entered:
            folder_names.clear()
            continue
        entered.add(real)
        folder_names[:] = sorted(name for name in folder_names if not name.startswith("."))
        yield from (Path(root, name) for name in sorted(file_names) if not name.startswith("."))


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's bytes in hex; raises RejectedImageError where it is no plain file or cannot be read."""
    _require_plain_file(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RejectedImageError(f"the file cannot be read: {error.strerror or error}") from error


def probe_image(path: Path) -> tuple[int, int]:
    """The width and height in pixels of an image whose pixels all decode; raises RejectedImageError with the reason.

    The size is that of the frame as it is stored: an EXIF orientation does not turn it. Of several pages or frames the
    first counts. What Pillow holds too large for the memory is decoded by strips.
    """
    from PIL import Image, UnidentifiedImageError

    _require_plain_file(path)
    try:
        if path.stat().st_size == 0:
            raise RejectedImageError("the file is empty")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # whatever matters is an error, and the reason is told
            with Image.open(path, formats=FORMATS) as image:
                image.load()
                return image.size
    except RejectedImageError:
        raise
    except UnidentifiedImageError as error:
        from tools.georeference.rasters import driver_of

        if driver_of(path) == "GTiff":  # of bands and depths that Pillow does not know
            return _probe_large(path)
        raise RejectedImageError("this is not an image of a known format") from error
    except Image.DecompressionBombError:
        return _probe_large(path)
    except Exception as error:  # decoders raise whatever they like over hostile bytes
        raise RejectedImageError(f"the image is damaged: {error or type(error).__name__}") from error


def _probe_large(path: Path) -> tuple[int, int]:
    """The same for an image whose pixels would not fit into the memory at once."""
    from rasterio.windows import Window

    from tools.georeference.rasters import driver_of, open_raster

    driver = driver_of(path)
    if driver is None:
        raise RejectedImageError("the image is too large to be read whole; cut it into tiles, or make it a GeoTIFF")
    try:
        with open_raster(path, driver) as dataset:
            width, height = int(dataset.width), int(dataset.height)
            reason = bomb_reason(path, width, height)
            if reason is not None:
                raise RejectedImageError(reason)
            bytes_a_row = width * sum(_ITEM_BYTES.get(each, 8) for each in dataset.dtypes)
            rows = max(1, STRIP_BYTES // bytes_a_row)
            for top in range(0, height, rows):
                dataset.read(window=Window(0, top, width, min(rows, height - top)))
    except InputError as error:
        raise RejectedImageError(f"the image is damaged: {error.__cause__ or error}") from error
    return width, height


def bomb_reason(path: Path, width: int, height: int) -> str | None:
    """Why an image of so many pixels is taken for a decompression bomb, by the size of its file; None where not."""
    size = path.stat().st_size
    if width * height <= MOST_PIXELS_A_BYTE * max(size, LEAST_BYTES):
        return None
    return (
        f"the file of {size:,} bytes says that it is an image of {width} x {height} px, which is taken for a "
        "decompression bomb; cut it into tiles if it is none"
    )


def _require_plain_file(path: Path) -> None:
    try:
        exists, plain = path.exists(), path.is_file()
    except OSError as error:
        raise RejectedImageError(f"the file cannot be read: {error.strerror or error}") from error
    if not exists:
        raise RejectedImageError("the file is not there, or is a link that leads nowhere")
    if not plain:
        raise RejectedImageError("this is not a plain file")
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise RejectedImageError("the file's name is not UTF-8; rename it") from error
