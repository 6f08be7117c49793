"""An image file as the array that detectors read."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from solvers.errors import InputError
from tools.images import FORMATS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

_MAX_16_BIT = 65535


def read_pixels(path: Path) -> "NDArray[np.uint8]":
    """The pixels of an image file, shape (height, width, 3), 8 bits, in the order blue, green, red.

    The frame is the one stored in the file: an EXIF orientation does not turn it, so boxes fit the pixels as other
    tools address them. Grey and palette images become colour, transparency is dropped, of 16 bits the upper 8 are
    kept, and of several pages the first. InputError where the file is missing, damaged, no image, or has float pixels.
    """
    from PIL import Image, UnidentifiedImageError

    require_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                image.load()
                return _to_blue_green_red(image, path)
    except InputError:
        raise
    except (UnidentifiedImageError, ImportError) as error:  # the latter where a format's own package is absent
        raise InputError(f"{path} is not an image of a kind that can be read") from error
    except Image.DecompressionBombError as error:
        raise InputError(f"{path} is too large to be read whole; cut it into tiles first ({error})") from error
    except Exception as error:  # decoders meet damaged bytes with errors of every kind
        raise InputError(f"the image {path} is damaged: {error}") from error


def require_file(path: Path) -> None:
    """Raise InputError for a path where no file is."""
    if path.is_dir():
        raise InputError(f"{path} is a folder, not an image")
    if not path.is_file():
        raise InputError(f"the image {path} does not exist")


def _to_blue_green_red(image: "Image.Image", path: Path) -> "NDArray[np.uint8]":
    import numpy as np

    if image.mode == "F":
        raise InputError(f"{path} has floating-point pixels; convert it to 8 or 16 bits a channel")
    if image.mode.startswith("I"):
        values = np.clip(np.asarray(image), 0, _MAX_16_BIT)
        grey = (values.astype(np.uint16) >> 8).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    colour = np.asarray(image.convert("RGB"), dtype=np.uint8)
    return np.ascontiguousarray(colour[:, :, ::-1])
