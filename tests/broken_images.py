"""A folder of every kind of image file that a disk may hold, and what is to become of each."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from tests.detect_weights import patchwork

Size = tuple[int, int]


def good_images(folder: Path) -> dict[str, Size]:
    """Odd images that are whole, and their sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = patchwork(96, 64)
    picture.save(folder / "plain.png")
    picture.save(folder / "jpeg-within.png", format="JPEG")
    picture.save(folder / "png-within.TIF", format="PNG")
    picture.convert("RGBA").save(folder / "rgba.png")
    picture.convert("LA").save(folder / "la.png")
    picture.convert("L").save(folder / "grey.jpg")
    picture.convert("1").save(folder / "bits.png")
    picture.quantize(7).save(folder / "palette.png")
    transparent = picture.quantize(7)
    transparent.info["transparency"] = 0
    transparent.save(folder / "palette-transparent.png")
    picture.convert("CMYK").save(folder / "cmyk.jpg")
    picture.convert("CMYK").save(folder / "cmyk.tif")
    deep = (np.asarray(picture.convert("L")).astype(np.uint16) << 8) + 7
    Image.fromarray(deep).save(folder / "deep.png")
    Image.fromarray(deep).save(folder / "deep.tif")
    patchwork(1, 1).save(folder / "dot.png")
    patchwork(2000, 1).save(folder / "line.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    picture.save(folder / "turned.jpg", exif=turned)
    frames = [patchwork(96, 64, seed=seed) for seed in range(1, 4)]
    picture.save(folder / "frames.webp", save_all=True, append_images=frames)
    picture.save(folder / "frames.png", save_all=True, append_images=frames)
    picture.save(folder / "pages.tif", save_all=True, append_images=[patchwork(10, 10)])
    picture.save(folder / "bitmap.bmp")
    picture.save(folder / "日本 é\N{COMBINING ACUTE ACCENT} 🛩.png")
    picture.save(folder / ("n" * 251 + ".png"))
    picture.save(folder / "new\nline\x1b[31m.png")
    picture.save(folder / "two.dots.png")
    sizes = {each.name: (96, 64) for each in folder.iterdir()}
    return {**sizes, "dot.png": (1, 1), "line.png": (2000, 1)}


def bad_images(folder: Path) -> dict[str, str]:
    """Files that are no whole images, and what is told of each."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {}
    for suffix in ("png", "jpg", "tif", "webp", "bmp"):
        patchwork(400, 300).save(folder / f"whole.{suffix}")
        whole[suffix] = (folder / f"whole.{suffix}").read_bytes()
        (folder / f"whole.{suffix}").unlink()
        (folder / f"cut.{suffix}").write_bytes(whole[suffix][: len(whole[suffix]) // 2])
    found = {f"cut.{suffix}": "the image is damaged" for suffix in whole}
    for suffix in ("png", "tif"):
        deep = folder / f"cut-deep.{suffix}"
        Image.fromarray(np.random.default_rng(0).integers(0, 65535, (90, 90), dtype=np.uint16)).save(deep)
        deep.write_bytes(deep.read_bytes()[:5000])
        found[deep.name] = "the image is damaged"
    (folder / "head.png").write_bytes(whole["png"][:12])
    (folder / "empty.tif").write_bytes(b"")
    (folder / "text.png").write_text("no picture\n")
    (folder / "script.jpg").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    (folder / "noise.webp").write_bytes(np.random.default_rng(0).bytes(5000))
    flipped = bytearray(whole["png"])
    flipped[len(flipped) // 2] ^= 0xFF
    (folder / "flipped.png").write_bytes(flipped)
    (folder / "bomb.png").write_bytes(png_bomb(16_000, 16_000))
    (folder / "nowhere.png").symlink_to(folder / "absent.png")
    (folder / "round.png").symlink_to(folder / "about.png")
    (folder / "about.png").symlink_to(folder / "round.png")
    os.mkfifo(folder / "pipe.png")
    (folder / "folder.png").mkdir()  # looked into, as any folder
    not_utf8 = os.fsencode(folder) + b"/latin\xe9.png"
    with open(not_utf8, "wb") as file:  # noqa: PTH123  (a name that is no text)
        file.write(whole["png"])
    return {
        **found,
        "head.png": "the image is damaged|not an image of a known format",
        "empty.tif": "the file is empty",
        "text.png": "not an image of a known format",
        "script.jpg": "not an image of a known format",
        "noise.webp": "not an image of a known format",
        "flipped.png": "the image is damaged",
        "bomb.png": "16000 x 16000 px.* decompression bomb",
        "nowhere.png": "the file is not there, or is a link that leads nowhere",
        "round.png": "the file is not there, or is a link that leads nowhere",
        "about.png": "the file is not there, or is a link that leads nowhere",
        "pipe.png": "this is not a plain file",
        "latin?.png": "name is not UTF-8; rename it",
    }


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of black bits, with some thousand pixels a byte."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
