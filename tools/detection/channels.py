"""Red, green and blue of eight bits, out of whatever bands and depth a raster has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solvers.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from rasterio.io import DatasetReader
    from rasterio.windows import Window

SAMPLE_SIDE = 512
DARKEST, BRIGHTEST = 1.0, 99.0
"""The percentiles that become 0 and 255 where pixels have more than eight bits: sensors fill a part of their range."""


@dataclass(frozen=True)
class Channels:
    """Which `bands` of a raster are red, green and blue (from 1), what is black and white in them, or its `palette`.

    `low` and `high` are None where pixels have eight bits already; the palette has shape (256, 3).
    """

    bands: tuple[int, int, int]
    low: float | None = None
    high: float | None = None
    palette: NDArray[np.uint8] | None = None

    def read(
        self, dataset: DatasetReader, *, window: Window | None = None, size: tuple[int, int] | None = None
    ) -> NDArray[np.uint8]:
        """Pixels of shape (height, width, 3) in the order blue, green, red: of a window, or of all of it at a size."""
        from rasterio.enums import Resampling

        distinct = sorted(set(self.bands))
        shape = None if size is None else (len(distinct), size[1], size[0])
        method = Resampling.nearest if size is None or self.palette is not None else Resampling.average
        values = dataset.read(distinct, window=window, out_shape=shape, resampling=method)
        if self.palette is not None:
            return np.array(np.flip(self.palette[values[0]], axis=2), np.uint8)
        planes = [self._eight_bits(plane) for plane in values]
        return np.asarray(np.dstack([planes[distinct.index(band)] for band in reversed(self.bands)]), np.uint8)

    def _eight_bits(self, values: NDArray[np.number]) -> NDArray[np.uint8]:
        if self.low is None or self.high is None:
            return values.astype(np.uint8, copy=False)
        gain = 255.0 / (self.high - self.low)
        if values.dtype == np.uint16:  # a table is much faster
            every = np.arange(65_536, dtype=np.float32)
            table = np.clip((every - self.low) * gain, 0, 255).astype(np.uint8)
            return np.asarray(table[values.astype(np.uint16, copy=False)], np.uint8)
        bright = (values.astype(np.float32) - self.low) * gain
        return np.asarray(np.clip(np.nan_to_num(bright, nan=0.0), 0, 255), np.uint8)


def channels_of(dataset: DatasetReader, path: Path) -> Channels:
    """How a raster becomes red, green and blue; InputError for pixels that have no brightness.

    By what the bands say that they are, else by their names, else the first three, else the first alone. Deep pixels
    are stretched, all bands alike, between percentiles of the valid ones over the whole image.
    """
    from rasterio.enums import ColorInterp

    dtype = np.dtype(dataset.dtypes[0])
    if dtype.kind not in "uif":
        raise InputError(f"{path} has pixels of the kind {dtype}, which have no brightness")
    kinds = [each.name for each in dataset.colorinterp]
    if "cyan" in kinds:
        raise InputError(f"{path} has inks (CMYK) and is too large to be read whole; convert it to RGB")
    if dataset.colorinterp[0] is ColorInterp.palette and dtype == np.uint8:
        palette = np.zeros((256, 3), np.uint8)
        for value, colour in dataset.colormap(1).items():
            palette[value] = colour[:3]
        return Channels((1, 1, 1), palette=palette)
    bands = _named(kinds) or _named([(each or "").strip().lower() for each in dataset.descriptions])
    if bands is None:
        bands = (1, 2, 3) if dataset.count >= 3 else (1, 1, 1)
    if dtype == np.uint8:
        return Channels(bands)
    return Channels(bands, *_range(dataset, bands))


def _named(names: Sequence[str]) -> tuple[int, int, int] | None:
    try:
        return names.index("red") + 1, names.index("green") + 1, names.index("blue") + 1
    except ValueError:
        return None


def _range(dataset: DatasetReader, bands: tuple[int, int, int]) -> tuple[float, float]:
    """What is black and what is white, by a sample of the valid pixels."""
    share = min(1.0, SAMPLE_SIDE / max(dataset.width, dataset.height))
    distinct = sorted(set(bands))
    shape = (len(distinct), max(1, round(dataset.height * share)), max(1, round(dataset.width * share)))
    values = dataset.read(distinct, out_shape=shape, masked=True).compressed().astype(np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, high = (float(each) for each in np.percentile(values, [DARKEST, BRIGHTEST]))
    return (low, high) if high > low else (low, low + 1.0)
