"""Any image that Pillow or GDAL reads, as a picture for the screen."""

import math
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from solvers.errors import InputError
from tools.detection.channels import channels_of
from tools.detection.pictures import is_read_by_strips
from tools.georeference.rasters import driver_of, open_raster
from tools.images import FORMATS

SHORTEST_DISPLAY = 360
GROUND = (58, 64, 70)


def read_for_display(path: Path, longest: int) -> tuple[Image.Image, float]:
    """An image as RGB, its longest side at most `longest` px, and display px for each px of the file.

    A very small image is enlarged by a whole factor, so that what is written on it can be read. Raises InputError
    for a file that is missing, no image, damaged or cut short. Large images, deep pixels and many bands are read scaled
    down, by GDAL.
    """
    try:
        if is_read_by_strips(path):
            picture, scale = _by_gdal(path, longest)
            return _enlarged(picture, scale)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as opened:
                full = opened.size
                scale = min(1.0, longest / max(full))
                size = (max(1, round(full[0] * scale)), max(1, round(full[1] * scale)))
                opened.draft("RGB", size)
                opened.load()
                shrunk = opened if opened.size == size else _resized(opened, size)
                picture = _in_rgb(shrunk)
    except UnidentifiedImageError as error:
        raise InputError(f"{path} is not an image that can be read") from error
    except Image.DecompressionBombError as error:
        raise InputError(f"the image {path} is too large to draw on: {error}") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, OSError) and error.strerror:
            raise InputError(f"the image {path} cannot be read: {error.strerror}") from error
        raise InputError(f"the image {path} is damaged or cut short: {error}") from error
    return _enlarged(picture, scale)


def _enlarged(picture: Image.Image, scale: float) -> tuple[Image.Image, float]:
    enlarged = math.ceil(SHORTEST_DISPLAY / max(picture.size)) if max(picture.size) < SHORTEST_DISPLAY else 1
    if enlarged > 1:
        picture = picture.resize((picture.width * enlarged, picture.height * enlarged), Image.Resampling.NEAREST)
    return picture, scale * enlarged


def _by_gdal(path: Path, longest: int) -> tuple[Image.Image, float]:
    driver = driver_of(path)
    if driver is None:
        raise InputError(f"{path} is not an image that can be read")
    with open_raster(path, driver) as dataset:
        scale = min(1.0, longest / max(dataset.width, dataset.height))
        size = max(1, round(dataset.width * scale)), max(1, round(dataset.height * scale))
        pixels = channels_of(dataset, path).read(dataset, size=size)
    return Image.fromarray(pixels[:, :, ::-1].copy()), scale


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.mode in ("P", "1"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    method = Image.Resampling.NEAREST if image.mode.startswith("I;") else Image.Resampling.BILINEAR
    return image.resize(size, method)


def _in_rgb(image: Image.Image) -> Image.Image:
    """Any mode as RGB: 16 and 32 bits stretched to the range that is there, transparency laid on grey."""
    if image.mode.startswith(("I", "F")):
        grey = image.convert("F")
        low, high = grey.getextrema()
        if not (isinstance(low, float) and isinstance(high, float) and math.isfinite(low) and math.isfinite(high)):
            low, high = 0.0, 65535.0
        gain = 255.0 / (high - low) if high > low else 1.0
        stretched = grey.point(lambda value: value * gain - low * gain).convert("L")
        return ImageOps.autocontrast(stretched, cutoff=0.5).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        seen = image.convert("RGBA")
        ground = Image.new("RGBA", seen.size, (*GROUND, 255))
        return Image.alpha_composite(ground, seen).convert("RGB")
    return image.convert("RGB")
