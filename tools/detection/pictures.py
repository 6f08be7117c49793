"""Image files as detectors read them: small ones whole, large ones by strips of rows, from the top down."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from solvers.errors import InputError
from tools.detection.channels import Channels, channels_of
from tools.detection.pixels import read_pixels, require_file
from tools.georeference.rasters import driver_of, open_raster
from tools.images import bomb_reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

    Pixels = NDArray[np.uint8]

WHOLE_PIXELS = 4_000_000
"""Up to so many pixels an image is decoded at once, which takes some ten bytes for each."""


class Picture(Protocol):
    """An image that is open for reading; pixels are (height, width, 3), 8 bits, in the order blue, green, red."""

    @property
    def width(self) -> int:
        """In pixels."""

    @property
    def height(self) -> int:
        """In pixels."""

    def rows(self, top: int, count: int) -> Pixels:
        """So many rows of pixels; a caller goes from the top down, as the formats are made for."""


@dataclass(frozen=True, slots=True)
class WholePicture:
    """An image whose pixels are in memory."""

    pixels: Pixels

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[0])

    def rows(self, top: int, count: int) -> Pixels:
        """So many rows."""
        return self.pixels[top : top + count]


@dataclass(frozen=True, slots=True)
class RasterPicture:
    """An image that is read by strips."""

    dataset: DatasetReader
    channels: Channels

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.dataset.width)

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.dataset.height)

    def rows(self, top: int, count: int) -> Pixels:
        """So many rows."""
        from rasterio.windows import Window

        return self.channels.read(self.dataset, window=Window(0, top, self.width, count))


@contextmanager
def open_picture(path: Path) -> Iterator[Picture]:
    """An image file open for reading, in the thread that opens it; InputError where it is missing, damaged, no image.

    Pillow decodes what is small and has 8 bits, GDAL the rest: large images, deep pixels, many bands.
    """
    require_file(path)
    try:
        driver = driver_of(path)
    except OSError as error:
        raise InputError(f"the image {path} cannot be read: {error.strerror or error}") from error
    if driver is None or not _is_for_gdal(path, driver):
        yield WholePicture(read_pixels(path))
        return
    with open_raster(path, driver) as dataset:
        reason = bomb_reason(path, int(dataset.width), int(dataset.height))
        if reason is not None:
            raise InputError(f"{path}: {reason}")
        yield RasterPicture(dataset, channels_of(dataset, path))


def is_read_by_strips(path: Path) -> bool:
    """Whether an image file is one that GDAL reads, strip by strip: what is small and simple Pillow decodes whole."""
    try:
        driver = driver_of(path)
    except OSError:
        return False
    return driver is not None and _is_for_gdal(path, driver)


def _is_for_gdal(path: Path, driver: str) -> bool:
    try:
        with open_raster(path, driver) as dataset:
            if any(each.name == "cyan" for each in dataset.colorinterp):
                return False  # what inks look like Pillow knows
            is_large = dataset.width * dataset.height > WHOLE_PIXELS
            return bool(is_large or dataset.dtypes[0] != "uint8" or dataset.count > 4)
    except InputError:
        return False  # Pillow reads it, or says what is wrong
