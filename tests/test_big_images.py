"""Large images through the detector: read strip by strip, looked at tile by tile, each object told once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image

from solvers.errors import InputError
from solvers.ontology import Ontology
from solvers.scene import Polygon
from tests.test_tiling import corners, iou, rectangle
from tools.detection import pictures, reading
from tools.detection.boxes import Box
from tools.detection.pictures import open_picture
from tools.detection.reading import looks_at, read_ahead
from tools.detection.tiling import Tiling
from tools.detector import Detector
from tools.index import index_images
from tools.ontologies import load_ontology

shapely = pytest.importorskip("shapely")


def noise(width: int, height: int, bands: int = 3, dtype: type[np.generic] = np.uint8) -> np.ndarray:
    top = 2047 if dtype == np.uint16 else 255
    return np.random.default_rng(width).integers(0, top + 1, (height, width, bands)).astype(dtype)


def write_raster(path: Path, pixels: np.ndarray, **more: object) -> Path:
    height, width, count = pixels.shape
    form = {"width": width, "height": height, "count": count, "dtype": pixels.dtype.name}
    with rasterio.open(path, "w", driver="GTiff", **{**form, **more}) as dataset:
        dataset.write(np.moveaxis(pixels, 2, 0))
    return path


@pytest.mark.parametrize("kind", ["png", "tif", "bmp"])
def test_strips_show_the_same_pixels_as_the_whole(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = noise(700, 900)
    Image.fromarray(pixels).save(tmp_path / f"P1.{kind}")
    monkeypatch.setattr(pictures, "WHOLE_PIXELS", 1000)
    with open_picture(tmp_path / f"P1.{kind}") as picture:
        assert isinstance(picture, pictures.RasterPicture)
        looks = list(looks_at(picture, Tiling(256, 60)))
    assert len(looks) == 4 * 5 + 1
    for look in looks[:-1]:
        tile = look.tile
        seen = pixels[tile.top : tile.top + tile.height, tile.left : tile.left + tile.width, ::-1]
        assert np.array_equal(look.pixels, seen)
    assert looks[-1].coarse
    assert looks[-1].pixels.shape == (256, 199, 3)


def test_the_coarse_look_is_the_whole_image_at_another_scale() -> None:
    across = np.linspace(0, 255, 1500)[None, :, None]
    down = np.linspace(0, 255, 2300)[:, None, None]
    pixels = np.concatenate([across + 0 * down, down + 0 * across, 0 * (down + across)], axis=2).astype(np.uint8)
    (coarse,) = [look for look in looks_at(pictures.WholePicture(pixels), Tiling(512, 100)) if look.coarse]
    expected = np.asarray(Image.fromarray(pixels).resize((334, 512), Image.Resampling.BOX), np.int64)
    assert np.abs(coarse.pixels.astype(np.int64) - expected).max() <= 2


@pytest.mark.parametrize(
    ("bands", "more", "order"),
    [
        (4, {"photometric": "rgb"}, (0, 1, 2)),
        (1, {}, (0, 0, 0)),
        (2, {}, (0, 0, 0)),
        (8, {}, (0, 1, 2)),
        (5, {"names": ["blue", "green", "red", "edge", "nir"]}, (2, 1, 0)),
    ],
)
def test_bands_of_satellites_become_colours(
    tmp_path: Path, bands: int, more: Mapping[str, object], order: tuple[int, ...]
) -> None:
    pixels = noise(64, 48, bands, np.uint16)
    names = more.get("names")
    path = write_raster(tmp_path / "P1.tif", pixels, **{key: value for key, value in more.items() if key != "names"})
    if isinstance(names, list):
        with rasterio.open(path, "r+") as dataset:
            dataset.descriptions = names
    with open_picture(path) as picture:
        seen = picture.rows(0, 48).astype(int)
    low, high = np.percentile(pixels[:, :, sorted(set(order))], [1, 99])
    expected = np.clip((pixels[:, :, order].astype(float) - low) * 255 / (high - low), 0, 255)
    assert np.abs(seen[:, :, ::-1] - expected).max() <= 1


def test_floats_and_what_is_not_valid_are_read(tmp_path: Path) -> None:
    pixels = np.linspace(0.1, 0.5, 64 * 64, dtype=np.float32).reshape(64, 64, 1)
    pixels[0, 0, 0], pixels[63, 63, 0] = np.nan, -9999
    with open_picture(write_raster(tmp_path / "P1.tif", pixels, nodata=-9999)) as picture:
        seen = picture.rows(0, 64)[:, :, 0]
    assert (seen[0, 0], seen[63, 63], seen.max()) == (0, 0, 255)
    assert np.all(np.diff(seen.ravel().astype(int)[1:-1]) >= 0)


def test_a_file_cut_short_is_refused_also_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blue = noise(600, 800) * np.array([0, 0, 1], np.uint8)
    Image.fromarray(blue).save(tmp_path / "P1.png")
    data = (tmp_path / "P1.png").read_bytes()
    (tmp_path / "P2.png").write_bytes(data[: len(data) // 2])
    monkeypatch.setattr(pictures, "WHOLE_PIXELS", 1000)
    detector = replace(DETECTOR, tiling=Tiling(256, 60, overview=False))
    good, bad, again = detector.detect_each([tmp_path / "P1.png", tmp_path / "P2.png", tmp_path / "P1.png"])
    assert good == again
    assert isinstance(bad, InputError)
    assert "P2.png is damaged" in str(bad)


def test_threads_that_read_ahead_end_with_the_iterator(tmp_path: Path) -> None:
    import threading

    for number in range(6):
        Image.fromarray(noise(300, 300)).save(tmp_path / f"P{number}.png")
    readings = read_ahead(sorted(tmp_path.iterdir()), Tiling(64, 10), room=2)
    next(readings)
    readings.close()
    for thread in threading.enumerate():
        if thread.name == "rune-reading":
            thread.join(5)
            assert not thread.is_alive()
    assert reading.MOST_THREADS >= 1


@dataclass
class Painted:
    """A network that sees what is painted: a pixel's red tells the object, of which it boxes what the tile shows."""

    labels: Sequence[int]
    truth: Sequence[Polygon]
    shape: str = "oriented"
    device: str = "cpu"

    def find(self, pixels: Sequence[np.ndarray], confidence_floor: float, image_size: int) -> list[list[Box]]:
        import cv2
        from scipy import ndimage

        answers = []
        for tile in pixels:
            boxes = []
            numbers = tile[:, :, 2].astype(np.int32) + 256 * tile[:, :, 1].astype(np.int32)
            for number, where in enumerate(ndimage.find_objects(numbers), start=1):
                if where is None:
                    continue
                mask = (numbers[where] == number).astype(np.uint8)
                if cv2.countNonZero(mask) < 30:
                    continue
                outline = max(cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0], key=len)
                corners = cv2.boxPoints(cv2.minAreaRect(outline)) + np.array([where[1].start, where[0].start])
                sure = 0.3 + 0.7 * ((number * 7919 + len(outline) * 31) % 100) / 100
                boxes.append(Box(self.labels[number - 1], sure, tuple((float(x), float(y)) for x, y in corners)))
            answers.append(boxes)
        return answers


DOTA: Ontology = load_ontology("dota")
LEAVES = dict(enumerate(DOTA.leaf_names))
DETECTOR = Detector("x", frozenset(LEAVES.values()), (), Tiling(), 1024, 1, Painted((), ()), LEAVES, 0.05)  # type: ignore[arg-type]


def _mosaic(side: int, count: int, seed: int) -> tuple[np.ndarray, list[int], list[Polygon]]:
    """A picture of many turned boxes, some larger than tiles overlap, some at the border."""
    import cv2

    rng = np.random.default_rng(seed)
    pixels = np.zeros((side, side, 3), np.uint8)
    labels: list[int] = []
    shapes: list[shapely.Polygon] = []
    while len(shapes) < count:
        length = float(rng.choice([30, 60, 120, 320], p=[0.45, 0.3, 0.2, 0.05]))
        width = length * rng.uniform(0.3, 0.8)
        degrees = float(rng.choice([0, 90])) if length > 200 else rng.uniform(0, 180)
        where = rng.uniform(0, side, 2) if rng.random() < 0.9 else (rng.uniform(0, side), side - width / 2)
        shape = rectangle(*where, length, width, degrees)
        near = shapely.box(*where, *where).buffer(400)
        if any(shape.distance(other) < 6 for other in shapes if other.intersects(near)):
            continue
        labels.append(int(rng.integers(0, 18)))
        shapes.append(shape)
        number = len(shapes)
        colour = (number % 256, number // 256, 0)
        cv2.fillPoly(pixels, [np.round(np.array(corners(shape))).astype(np.int32)], colour)
    return pixels, labels, [corners(shape) for shape in shapes]


def test_the_tiles_of_a_mosaic_of_8000_pixels_tell_what_the_whole_holds(tmp_path: Path) -> None:
    side = 8000
    pixels, labels, truth = _mosaic(side, 900, seed=3)
    path = write_raster(tmp_path / "mosaic.tif", pixels, tiled=True, photometric="rgb")
    network = Painted(labels, truth)
    found = replace(DETECTOR, _network=network, tiling=Tiling(overview=False)).detect(path)  # type: ignore[arg-type]
    assert (found.width, found.height) == (side, side)
    (whole,) = network.find([pixels[:, :, ::-1]], 0.05, 1024)
    expected = [(LEAVES[box.class_number], shapely.Polygon(box.polygon)) for box in whole]
    tree = shapely.STRtree([shape for _, shape in expected])
    told = set()
    for entity in found.entities:
        polygon = shapely.Polygon(entity.polygon)
        alike = [
            at
            for at in tree.query(polygon).tolist()
            if expected[at][0] == entity.label and iou(polygon, expected[at][1]) > 0.7
        ]
        assert len(alike) == 1, entity
        told.add(alike[0])
    assert len(told) == len(found.entities) == len(expected)


def test_the_batches_of_a_device_change_nothing(tmp_path: Path) -> None:
    pixels, labels, truth = _mosaic(1500, 40, seed=5)
    for number in range(3):
        Image.fromarray(pixels[: 1500 - 400 * number]).save(tmp_path / f"P{number}.png")
    Image.fromarray(pixels[:200, :300]).save(tmp_path / "P3.png")
    paths = sorted(tmp_path.iterdir())
    network = Painted(labels, truth)
    one, many = (replace(DETECTOR, _network=network, batch=batch, tiling=Tiling(overview=False)) for batch in (1, 7))  # type: ignore[arg-type]
    assert list(one.detect_each(paths)) == list(many.detect_each(paths))


def test_large_images_are_indexed_whatever_pillow_thinks_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, labels, truth = _mosaic(1500, 40, seed=5)
    (tmp_path / "images").mkdir()
    Image.fromarray(pixels).save(tmp_path / "images" / "P1.png")
    write_raster(tmp_path / "images" / "P2.tif", noise(300, 200, 8, np.uint16))
    (tmp_path / "images" / "P3.png").write_bytes((tmp_path / "images" / "P1.png").read_bytes()[:3000])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    monkeypatch.setattr(pictures, "WHOLE_PIXELS", 1000)
    detector = replace(DETECTOR, _network=Painted(labels + [0] * 70_000, truth))  # type: ignore[arg-type]
    monkeypatch.setattr("tools.detector.load_detector", lambda *_, **__: detector)
    report = index_images([tmp_path / "images"], archive=tmp_path / "a")
    assert report.images == 2
    assert [Path(item.path).name for item in report.rejected] == ["P3.png"]
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "P2.txt").write_text("1 1 9 1 9 9 1 9 plane 0")
    labelled = index_images([tmp_path / "images" / "P2.tif"], archive=tmp_path / "c", labels=tmp_path / "labels")
    assert (labelled.entities, labelled.rejected) == (1, [])
    with pytest.raises(InputError, match="a detector's"):
        index_images([tmp_path / "images"], archive=tmp_path / "b", labels=tmp_path, tile=512)
