"""Image files opened by GDAL, through rasterio, as what their bytes say that they are and as nothing else."""

from __future__ import annotations

import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from solvers.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rasterio.io import DatasetReader

CACHE_MEGABYTES = 64
"""What GDAL may keep of decoded blocks; by itself it would take a twentieth of the machine's memory."""

_MAGIC = (
    (b"II*\0", "GTiff"),
    (b"MM\0*", "GTiff"),
    (b"II+\0", "GTiff"),
    (b"MM\0+", "GTiff"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"BM", "BMP"),
)
_quiet = threading.Lock()


def driver_of(path: Path) -> str | None:
    """GDAL's name of the format that a file's first bytes are those of; None for others, WebP among them.

    A name alone is not to be trusted: GDAL also has formats whose files make it read other files, or the network.
    """
    with path.open("rb") as file:
        head = file.read(8)
    return next((driver for magic, driver in _MAGIC if head.startswith(magic)), None)


@contextmanager
def open_raster(path: Path, driver: str) -> Iterator[DatasetReader]:
    """A file open for reading; InputError where GDAL cannot read it, at opening or later in the block."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    # Without the listing of the folder the file beside it are still found, by name.
    settings = {
        "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
        "GDAL_CACHEMAX": CACHE_MEGABYTES,
        "GDAL_PNG_WHOLE_IMAGE_OPTIM": "NO",
    }
    try:
        with rasterio.Env(**settings):
            with _quiet, warnings.catch_warnings():  # the filters belong to all threads
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                dataset = rasterio.open(path, driver=driver)
            with dataset:
                yield dataset
    except (RasterioError, OSError) as error:
        reason = " ".join(str(error.__cause__ or error).split())
        raise InputError(f"the image {path} is damaged: {reason}") from error
