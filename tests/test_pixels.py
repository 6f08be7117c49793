"""Image files of every kind as arrays of blue, green and red."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from solvers.errors import InputError
from tests.detect_weights import patchwork
from tools.detection.pixels import read_pixels


def _colours(path: Path) -> list[object]:
    """The pixels in the order red, green, blue."""
    return read_pixels(path)[:, :, ::-1].tolist()


@pytest.mark.parametrize("mode", ["RGB", "L", "LA", "RGBA", "P", "1", "CMYK", "YCbCr"])
def test_every_kind_of_picture_is_read_as_its_colours(tmp_path: Path, mode: str) -> None:
    picture = patchwork(96, 64).quantize(4) if mode == "P" else patchwork(96, 64).convert(mode)
    picture.save(tmp_path / "picture.tif")
    pixels = read_pixels(tmp_path / "picture.tif")
    assert (pixels.shape, pixels.dtype) == ((64, 96, 3), np.uint8)
    assert _colours(tmp_path / "picture.tif") == np.asarray(picture.convert("RGB")).tolist()


@pytest.mark.parametrize(("dtype", "suffix"), [(np.uint16, "png"), (np.uint16, "tif"), (np.int32, "tif")])
def test_of_sixteen_bits_the_upper_eight_are_kept(tmp_path: Path, dtype: type[np.generic], suffix: str) -> None:
    values = np.array([[0, 255, 256], [32768, 65279, 65535]], dtype=dtype)
    Image.fromarray(values).save(tmp_path / f"deep.{suffix}")
    assert read_pixels(tmp_path / f"deep.{suffix}")[:, :, 0].tolist() == [[0, 0, 1], [128, 254, 255]]


def test_an_exif_orientation_does_not_turn_the_frame(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    patchwork(96, 64).save(tmp_path / "turned.png", exif=exif)
    assert _colours(tmp_path / "turned.png") == np.asarray(patchwork(96, 64)).tolist()


def test_of_several_pages_the_first_is_read(tmp_path: Path) -> None:
    first, second = patchwork(96, 64), patchwork(32, 32, seed=1)
    first.save(tmp_path / "pages.tif", save_all=True, append_images=[second])
    assert _colours(tmp_path / "pages.tif") == np.asarray(first).tolist()


def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    patchwork(96, 64).save(tmp_path / "whole.png")
    (tmp_path / "text.png").write_text("no picture\n")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:150])
    Image.fromarray(np.zeros((4, 4), dtype=np.float32)).save(tmp_path / "float.tif")
    refused = {
        "absent.png": "does not exist",
        "": "is a folder, not an image",
        "text.png": "is not an image of a kind that can be read",
        "cut.png": "is damaged",
        "float.tif": "has floating-point pixels",
    }
    for name, reason in refused.items():
        with pytest.raises(InputError) as caught:
            read_pixels(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)
        assert reason in str(caught.value)


def test_a_picture_beyond_the_limit_of_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patchwork(96, 64).save(tmp_path / "large.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(InputError, match=r"large\.png is too large to be read whole; cut it into tiles first"):
        read_pixels(tmp_path / "large.png")
