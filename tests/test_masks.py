"""Class-index masks: pixels to outlines, FloodNet's numbers and names, through the reader and `rune index`."""

import io
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from solvers.errors import InputError
from tests.cli_support import Rune, assert_told, caller
from tools.archive import Archive
from tools.index import index_images
from tools.ontologies import load_ontology
from tools.readers.faults import SkippedFaults
from tools.readers.mask import parse_mask
from tools.readers.records import Annotations
from tools.sample.flood.scene import CLASSES

# A loaded machine is no fault of what is tested.
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
FLOODNET = load_ontology("floodnet")
NAMES = dict(enumerate(FLOODNET.leaf_names))
WATER, TREE, BACKGROUND = (FLOODNET.leaf_names.index(name) for name in ("water", "tree", "background"))


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


def png(numbers: np.ndarray) -> bytes:
    data = io.BytesIO()
    Image.fromarray(numbers.astype(np.uint8)).save(data, format="PNG")
    return data.getvalue()


def read(numbers: np.ndarray, **options: float) -> Annotations:
    return parse_mask(png(numbers), "a.png", NAMES, FLOODNET, **options)


def test_floodnet_numbers_its_classes_in_the_order_of_the_ontology() -> None:
    assert FLOODNET.leaf_names == CLASSES
    assert (WATER, TREE, BACKGROUND) == (5, 6, 0)


@unhurried
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(2, 12), st.integers(2, 12)), min_size=9, max_size=9))
def test_rectangles_are_read_to_the_pixel(cells: list[tuple[int, int, int]]) -> None:
    numbers = np.zeros((45, 45), dtype=np.uint8)
    expected = set()
    for place, (number, width, height) in enumerate(cells):
        x, y = place % 3 * 15 + 1, place // 3 * 15 + 1
        numbers[y : y + height, x : x + width] = number
        if number and width * height >= 12:
            expected.add((NAMES[number], x, y, x + width, y + height))
    found = read(numbers, minimum_area=12).entities
    assert {(each.label, *shapely.Polygon(each.polygon).bounds) for each in found} == expected
    assert all(len(each.polygon) == 4 for each in found)
    assert [each.index for each in found] == list(range(len(found)))


@unhurried
@given(st.integers(0, 2**32 - 1))
def test_regions_cover_their_pixels_and_nothing_solid_of_another_class(seed: int) -> None:
    rng = np.random.default_rng(seed)
    coarse = rng.choice([BACKGROUND, WATER, TREE], (8, 8), p=[0.5, 0.35, 0.15])
    numbers = np.kron(coarse, np.ones((9, 9), dtype=np.int64))
    found = read(numbers, minimum_area=20)
    for number in (WATER, TREE):
        label = NAMES[number]
        truth = shapely.union_all(
            [shapely.box(x * 9, y * 9, x * 9 + 9, y * 9 + 9) for y, x in np.argwhere(coarse == number)]
        )
        covered = shapely.union_all([shapely.Polygon(each.polygon) for each in found.entities if each.label == label])
        assert truth.difference(covered).area == pytest.approx(0, abs=1e-6)
        # A hole is filled only where it is a small part of what the outline encloses.
        assert covered.difference(truth).area <= 0.1 / 0.9 * truth.area + 1e-6


def test_a_ring_is_cut_and_not_filled_and_small_holes_are_filled() -> None:
    ring = np.zeros((60, 60), dtype=np.uint8)
    ring[5:55, 5:55] = WATER
    ring[15:45, 15:45] = BACKGROUND
    parts = [shapely.Polygon(each.polygon) for each in read(ring).entities]
    assert len(parts) == 2
    assert sum(part.area for part in parts) == 50 * 50 - 30 * 30
    ring[15:45, 15:45] = WATER
    ring[20:30, 20:30] = TREE
    filled = read(ring).entities
    assert Counter(each.label for each in filled) == {"water": 1, "tree": 1}
    assert max(shapely.Polygon(each.polygon).area for each in filled) == 50 * 50


def test_specks_background_and_255_are_left_out_and_unnamed_numbers_are_faults() -> None:
    numbers = np.full((40, 40), BACKGROUND, dtype=np.uint8)
    numbers[0:20, 0:20], numbers[30:34, 30:34], numbers[35:40, 0:40] = TREE, WATER, 255
    assert [each.label for each in read(numbers).entities] == ["tree"]
    numbers[25, 25] = 23
    with pytest.raises(InputError, match=r"a\.png: the mask has the class number 23"):
        read(numbers)
    skipped = SkippedFaults()
    found = parse_mask(png(numbers), "a.png", NAMES, FLOODNET, skipped)
    assert (len(found.entities), len(skipped.messages)) == (1, 1)


@pytest.mark.parametrize(("data", "message"), [(b"", "not an image"), (b"\x89PNG\r\n\x1a\nnonsense", "damaged|not an")])
def test_what_is_no_mask_is_named(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_mask(data, "a.png", NAMES, FLOODNET)


def test_floodnet_files_find_their_images(rune: Rune, tmp_path: Path) -> None:
    images, masks = tmp_path / "images", tmp_path / "masks"
    images.mkdir()
    masks.mkdir()
    numbers = np.zeros((30, 40), dtype=np.uint8)
    numbers[5:25, 5:25] = 1
    for stem, size in (("6651", (40, 30)), ("6652", (20, 15)), ("6653", (40, 30))):
        Image.new("RGB", size, "olive").save(images / f"{stem}.jpg")
    for stem in ("6651", "6652"):
        (masks / f"{stem}_lab.png").write_bytes(png(numbers))
    command = ("index", images, "--labels", masks, "--ontology", "floodnet", "--output", "json")
    report = rune(*command, "--archive", tmp_path / "a").json
    reasons = {Path(each["path"]).name: each["reason"] for each in report["rejected"]}
    assert report["images"] == 1
    assert "its mask has 40 x 30 px" in reasons["6652.jpg"]
    assert "no mask" in reasons["6653.jpg"]
    (scene,) = Archive.open(tmp_path / "a").scenes()
    assert (scene.image_id, [each.label for each in scene.entities]) == ("6651", ["flooded_building"])
    assert scene.known_labels == frozenset(FLOODNET.leaf_names) - {"background"}

    assert_told(rune("index", images, "--labels", masks, "--archive", tmp_path / "b"), 2, "--names")
    Image.new("RGB", (40, 30)).save(masks / "6653_lab.png")
    assert_told(rune(*command[:-2], "--archive", tmp_path / "b"), 2, "6653_lab.png")


def test_other_masks_take_their_names_from_a_file(tmp_path: Path) -> None:
    numbers = np.zeros((30, 40), dtype=np.uint8)
    numbers[5:25, 5:25], numbers[5:25, 26:38] = 2, 1
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "a.png").write_bytes(png(numbers))
    (tmp_path / "masks" / "classes.txt").write_text("background\nunicorn\nship\n")
    report = index_images(archive=tmp_path / "a", labels=tmp_path / "masks")
    assert "unicorn" in report.warnings[0]
    (scene,) = Archive.open(tmp_path / "a").scenes()
    assert [each.label for each in scene.entities] == ["ship"]
    assert (scene.width, scene.height, scene.known_labels) == (40, 30, {"ship"})
