"""Overlay pictures: the proof is drawn where it lies, on any image, and a file is whole or absent."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from PIL import Image
from rasterio.transform import Affine

from solvers.errors import InputError
from tools.overlay import draw_overlay, draw_schematic, plain_text
from tools.results import EntityModel


def _entity(index: int, x: float, y: float, side: float, label: str = "plane") -> EntityModel:
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    return EntityModel(index=index, label=label, confidence=0.91, polygon=corners)


def _pixels(path: Path) -> NDArray[np.int16]:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(np.int16)


def _grey(path: Path, size: tuple[int, int] = (600, 500), tone: int = 120) -> Path:
    Image.new("RGB", size, (tone, tone, tone)).save(path)
    return path


def _changed(path: Path, original: Path) -> NDArray[np.bool_]:
    before, after = _pixels(original), _pixels(path)
    return (np.abs(after[: before.shape[0]] - before) > 20).any(axis=2)


def test_a_witness_is_outlined_and_its_middle_left_clear(tmp_path: Path) -> None:
    image = _grey(tmp_path / "a.png")
    out = draw_overlay(image, tmp_path / "out.png", [_entity(0, 200, 300, 100)], {0: "x: plane 0.91"})
    assert out == tmp_path / "out.png"
    changed = _changed(out, image)
    assert changed.shape == (500, 600)
    for row, column in ((300, 250), (400, 250), (350, 200), (350, 300)):
        assert changed[row - 2 : row + 3, column - 2 : column + 3].any(), "an edge is not drawn"
    assert not changed[310:390, 210:290].any(), "the object is covered"
    rows, columns = np.nonzero(changed)
    assert rows.min() > 250, "something is drawn far from the object"
    assert rows.max() < 410
    assert columns.min() > 190
    assert columns.max() < 400


@pytest.mark.parametrize("tone", [0, 60, 128, 200, 255])
def test_an_outline_shows_on_any_ground(tmp_path: Path, tone: int) -> None:
    image = _grey(tmp_path / "a.png", tone=tone)
    out = draw_overlay(image, tmp_path / "out.png", [_entity(0, 200, 300, 100)], {0: "x"})
    edge = _pixels(out)[340:360, 194:206].mean(axis=2)
    assert edge.max() - edge.min() > 120, "the outline has no contrast of its own"
    assert np.abs(edge - tone).max() > 100, "the outline does not stand out from the ground"


def test_tags_of_neighbours_do_not_cover_each_other(tmp_path: Path) -> None:
    image = _grey(tmp_path / "a.png")
    entities = [_entity(index, 250 + 8 * index, 240, 6) for index in range(4)]
    tags = {index: f"x{index}: small_vehicle 0.9{index}" for index in range(4)}
    together = draw_overlay(image, tmp_path / "all.png", entities, tags)
    plates = 0
    for entity in entities:
        alone = draw_overlay(image, tmp_path / "one.png", [entity], tags)
        plates += int((_pixels(alone) == 18).all(axis=2).sum())
    # Each plate takes some ground of its own: leaders and outlines cost a little, a hidden plate would cost a quarter.
    assert (_pixels(together) == 18).all(axis=2).sum() > 0.85 * plates


def test_others_are_dimmer_than_the_witness(tmp_path: Path) -> None:
    image = _grey(tmp_path / "a.png")
    witness = draw_overlay(image, tmp_path / "w.png", [_entity(0, 200, 300, 100)], {0: "x"})
    other = draw_overlay(image, tmp_path / "o.png", [], {}, [_entity(0, 200, 300, 100)])
    both = draw_overlay(image, tmp_path / "b.png", [_entity(0, 200, 300, 100)], {0: "x"}, [_entity(0, 200, 300, 100)])
    strength = [np.abs(_pixels(path) - 120).sum() for path in (witness, other)]
    assert 0 < strength[1] < strength[0] / 4
    assert np.array_equal(_pixels(both), _pixels(witness)), "a witness is drawn twice"


def test_a_tiny_object_gets_a_marker(tmp_path: Path) -> None:
    image = _grey(tmp_path / "a.png")
    out = draw_overlay(image, tmp_path / "out.png", [_entity(0, 300, 300, 1.5)], {0: ""})
    rows, columns = np.nonzero(_changed(out, image)[285:317, 285:317])
    assert rows.max() - rows.min() >= 20
    assert columns.max() - columns.min() >= 20


def test_a_large_image_is_scaled_down_with_its_boxes(tmp_path: Path) -> None:
    image = _grey(tmp_path / "a.png", (6000, 1500))
    out = draw_overlay(image, tmp_path / "out.png", [_entity(0, 3000, 600, 600)], {0: "x"})
    pixels = _pixels(out)
    assert pixels.shape[:2] == (512, 2048)
    left = round(3000 * 2048 / 6000)
    assert (np.abs(pixels[290:310, left - 3 : left + 4] - 120) > 60).any()
    assert not (np.abs(pixels[250:350, left + 20 : left + 180] - 120) > 60).any()


def test_the_caption_lies_below_the_picture(tmp_path: Path) -> None:
    image = _grey(tmp_path / "a.png")
    query = "at least three planes next to a storage tank, and no ship - sat 1.000 " * 3
    out = draw_overlay(image, tmp_path / "out.png", [], {}, caption=query)
    pixels = _pixels(out)
    assert pixels.shape[1] == 600
    assert pixels.shape[0] > 500 + 30
    assert (pixels[:500] == 120).all()
    assert pixels[500:].max() > 200
    endless = draw_overlay(image, tmp_path / "long.png", [], {}, caption="word " * 5000)
    assert _pixels(endless).shape[0] < 700


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [
        ("L", ".png"), ("1", ".png"), ("P", ".png"), ("RGBA", ".png"), ("LA", ".png"), ("I;16", ".png"),
        ("I;16", ".tif"), ("I", ".tif"), ("F", ".tif"), ("CMYK", ".jpg"), ("CMYK", ".tif"), ("RGB", ".webp"),
    ],
)  # fmt: skip
def test_every_kind_of_pixel_is_shown(tmp_path: Path, mode: str, suffix: str) -> None:
    ramp = np.tile(np.linspace(0, 1, 400), (400, 1))
    image = tmp_path / f"a{suffix}"
    if mode == "I;16":
        Image.fromarray((900 + ramp * 2500).astype(np.uint16)).save(image)
    elif mode in ("I", "F"):
        Image.fromarray((ramp * 70_000).astype(np.float32 if mode == "F" else np.int32)).save(image)
    else:
        Image.fromarray((ramp * 255).astype(np.uint8)).convert("RGB").convert(mode).save(image)
    out = draw_overlay(image, tmp_path / "out.png", [_entity(0, 150, 150, 100)], {0: "x"})
    pixels = _pixels(out)
    assert pixels.shape[:2] == (400, 400)
    assert pixels[300:, :40].mean() < 60, "the dark side is not dark"
    assert pixels[300:, -40:].mean() > 195, "the light side is not light"
    assert (np.ptp(pixels[143:158, 180:220].mean(axis=2), axis=0) > 100).any(), "no outline"


def test_transparency_is_laid_on_a_plain_ground(tmp_path: Path) -> None:
    Image.new("RGBA", (400, 400), (255, 0, 0, 0)).save(tmp_path / "a.png")
    out = draw_overlay(tmp_path / "a.png", tmp_path / "out.png", [], {})
    assert len(np.unique(_pixels(out).reshape(-1, 3), axis=0)) == 1
    assert _pixels(out)[0, 0, 0] < 100


@pytest.mark.parametrize(
    ("tag", "plain"),
    [
        ("x: plane\x1b[31m 0.91", "x: plane [31m 0.91"),
        ("a\nb\tc\x00d", "a b c d"),
        ("\u202eevil\u2066", "evil"),
        ("half \ud800 pair", "half pair"),
        ("y" * 200, "y" * 61 + "..."),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
    ],
)
def test_tags_are_plain_text(tmp_path: Path, tag: str, plain: str) -> None:
    assert plain_text(tag, 64) == plain
    image = _grey(tmp_path / "a.png")
    entity = _entity(0, 200, 300, 100)
    dirty = draw_overlay(image, tmp_path / "dirty.png", [entity], {0: tag}, caption=tag)
    clean = draw_overlay(image, tmp_path / "clean.png", [entity], {0: plain}, caption=plain_text(tag, 600))
    assert np.array_equal(_pixels(dirty), _pixels(clean))


def test_wild_polygons_are_survived(tmp_path: Path) -> None:
    image = _grey(tmp_path / "a.png")
    wild = [
        EntityModel(index=0, label="a", confidence=0.5, polygon=[(float("nan"), 1.0), (2.0, 3.0), (4.0, 5.0)]),
        EntityModel(index=1, label="b", confidence=0.5, polygon=[]),
        EntityModel(index=2, label="c", confidence=0.5, polygon=[(1e300, -1e300), (2.0, 3.0), (-1e300, 5.0)]),
        EntityModel(index=3, label="d", confidence=0.5, polygon=[(9000.0, 9000.0), (9100.0, 9000.0), (9100.0, 9100.0)]),
    ]
    out = draw_overlay(image, tmp_path / "out.png", wild, {}, wild)
    assert _pixels(out).shape == (500, 600, 3)


def test_a_schematic_shows_boxes_at_their_true_places(tmp_path: Path) -> None:
    out = draw_schematic(
        1000, 500, tmp_path / "plan.png", [_entity(4, 600, 200, 100, "ship")], {4: "s: ship"}, caption="q"
    )
    pixels = _pixels(out)
    assert pixels.shape[1] == 1000
    assert pixels.shape[0] > 500
    assert (pixels[240:260, 597:604].max(axis=2) > 200).any()
    assert pixels[240:260, 640:660].max() < 100
    huge = draw_schematic(40_000, 10_000, tmp_path / "huge.png", [_entity(0, 20_000, 5_000, 40)], {0: "x"})
    assert _pixels(huge).shape == (512, 2048, 3)
    assert _pixels(huge)[240:272, 1008:1042].max() > 200
    with pytest.raises(InputError, match="not the size of an image"):
        draw_schematic(0, 10, tmp_path / "no.png", [], {})


def test_a_truncated_image_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    whole = tmp_path / "whole.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)).save(whole)
    for name, content in {"cut.png": whole.read_bytes()[:9000], "text.png": b"hello", "empty.png": b""}.items():
        broken = tmp_path / name
        broken.write_bytes(content)
        with pytest.raises(InputError, match=name):
            draw_overlay(broken, tmp_path / "deep" / "out.png", [], {})
    with pytest.raises(InputError, match=r"absent\.png"):
        draw_overlay(tmp_path / "absent.png", tmp_path / "deep" / "out.png", [], {})
    assert not (tmp_path / "deep").exists()


def test_the_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image, out = _grey(tmp_path / "a.png"), tmp_path / "out.png"
    draw_overlay(image, out, [], {})
    kept = out.read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Image.Image, "save", fail)
        with pytest.raises(InputError, match="No space left"):
            draw_overlay(image, out, [_entity(0, 10, 10, 50)], {0: "x"})
    assert out.read_bytes() == kept
    draw_overlay(image, out, [_entity(0, 10, 10, 50)], {0: "x"})
    assert out.read_bytes() != kept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "out.png"]


def test_an_overlay_never_replaces_its_own_image(tmp_path: Path) -> None:
    image = _grey(tmp_path / "a.png")
    kept = image.read_bytes()
    with pytest.raises(InputError, match="its own image"):
        draw_overlay(image, tmp_path / "." / "a.png", [_entity(0, 10, 10, 50)], {0: "x"})
    with pytest.raises(InputError, match="format"):
        draw_overlay(image, tmp_path / "out.xyz", [], {})
    assert image.read_bytes() == kept


def test_a_real_scene(shared_data: Path, tmp_path: Path) -> None:
    image, labels = shared_data / "dota" / "images" / "P0706.png", shared_data / "dota" / "labelTxt" / "P0706.txt"
    entities = []
    for index, line in enumerate(labels.read_text().splitlines()[2:]):
        fields = line.split()
        corners = [(float(fields[place]), float(fields[place + 1])) for place in range(0, 8, 2)]
        entities.append(EntityModel(index=index, label=fields[8], confidence=1.0, polygon=corners))
    harbors = [each for each in entities if each.label == "harbor"][:2]
    tags = {each.index: f"{name}: harbor 1.00" for name, each in zip("xy", harbors, strict=True)}
    out = draw_overlay(image, tmp_path / "P0706.overlay.png", harbors, tags, entities, caption="two harbors: sat 1.000")
    changed = _changed(out, image)
    for harbor in harbors:
        corners = np.array(harbor.polygon)
        for start, stop in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            column, row = ((start + stop) / 2).astype(int)
            assert changed[row - 3 : row + 4, column - 3 : column + 4].mean() > 0.3
    assert changed.mean() < 0.25, "the picture is buried"


def test_deep_rasters_of_many_bands_are_drawn_scaled_down(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(100, 2000, (8, 3000, 2500)).astype(np.uint16)
    pixels[:, 1000:1400, 500:900] = 2000
    form = {"driver": "GTiff", "width": 2500, "height": 3000, "count": 8, "dtype": "uint16"}
    with rasterio.open(tmp_path / "P1.tif", "w", **form, transform=Affine(1, 0, 0, 0, -1, 0)) as dataset:
        dataset.write(pixels)
    square = [(500.0, 1000.0), (900.0, 1000.0), (900.0, 1400.0), (500.0, 1400.0)]
    entity = EntityModel(index=0, label="plane", confidence=0.9, polygon=square)
    with Image.open(draw_overlay(tmp_path / "P1.tif", tmp_path / "out.png", [entity], {0: "x"})) as drawn:
        assert drawn.size == (1707, 2048)
        inside, outside = drawn.getpixel((478, 819)), drawn.getpixel((1500, 1800))
    assert isinstance(inside, tuple)
    assert isinstance(outside, tuple)
    assert inside[0] > 245
    assert outside[0] < 200
