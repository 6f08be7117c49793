"""Indexing with a detector: a network is asked once per image, and only about images that it has not seen."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from solvers.errors import InputError
from solvers.scene import Entity
from tests.archive_support import square
from tests.detect_weights import patchwork, write_weights
from tools import detector
from tools.archive import Archive
from tools.detector import Detection
from tools.index import index_images


@dataclass
class CountingDetector:
    """Finds one ship in each image, as sure as the image is wide."""

    fingerprint: str = "first"
    known_labels: frozenset[str] = frozenset({"ship", "plane"})
    unmapped: tuple[str, ...] = ("unicorn",)
    asked: list[str] = field(default_factory=list)

    def detect_each(self, paths: Iterable[str | Path]) -> Iterator[Detection | InputError]:
        for path in paths:
            try:
                yield self.detect(path)
            except InputError as error:
                yield error

    def detect(self, path: str | Path) -> Detection:
        self.asked.append(Path(path).name)
        if Path(path).read_bytes() == b"no image":
            raise InputError(f"{path} is no image")
        with Image.open(path) as image:
            width, height = image.size
        return Detection(width, height, (Entity(0, "ship", min(1, width / 100), square(1, 1)),))


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> CountingDetector:
    counting = CountingDetector()
    monkeypatch.setattr(detector, "load_detector", lambda *_, **__: counting)
    return counting


@pytest.fixture
def images(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    for number in range(3):
        Image.new("RGB", (20 + number, 10)).save(tmp_path / "images" / f"P{number}.png")
    return tmp_path / "images"


def test_an_unchanged_image_is_not_detected_again(tmp_path: Path, images: Path, network: CountingDetector) -> None:
    report = index_images([images], archive=tmp_path / "a")
    assert (report.added, report.entities) == (3, 3)
    assert report.warnings == ["the ontology has no class for these of the detector: unicorn"]
    scene = Archive.open(tmp_path / "a").scene("P1")
    assert (scene.width, scene.height, scene.known_labels) == (21, 10, {"ship", "plane"})
    assert scene.entities == (Entity(0, "ship", 0.21, square(1, 1)),)
    assert scene.path == str(images / "P1.png")
    Image.new("RGB", (50, 10)).save(images / "P1.png")
    network.asked.clear()
    report = index_images([images], archive=tmp_path / "a")
    assert (report.unchanged, report.replaced, network.asked) == (2, 1, ["P1.png"])


def test_another_detector_detects_everything_again(tmp_path: Path, images: Path, network: CountingDetector) -> None:
    index_images([images], archive=tmp_path / "a")
    network.fingerprint = "second"
    assert index_images([images], archive=tmp_path / "a").replaced == 3


def test_annotations_take_the_place_of_detections(tmp_path: Path, images: Path, network: CountingDetector) -> None:
    index_images([images], archive=tmp_path / "a")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "P1.txt").write_text("1 2 3 2 3 4 1 4 plane 0")
    assert index_images([images], archive=tmp_path / "a", labels=tmp_path / "labels").replaced == 3
    assert [each.label for each in Archive.open(tmp_path / "a").scene("P1").entities] == ["plane"]


def test_what_the_detector_cannot_read_is_rejected(tmp_path: Path, images: Path, network: CountingDetector) -> None:
    (images / "P0.png").write_text("no image")
    (images / "P3.png").write_text("no image")
    report = index_images([images], archive=tmp_path / "a")
    assert {Path(item.path).name: item.reason for item in report.rejected} == {
        "P0.png": "this is not an image of a known format",
        "P3.png": f"{images / 'P3.png'} is no image",
    }
    assert (report.images, report.added) == (2, 2)


def test_sizes_give_detections_their_ground_sample_distance(
    tmp_path: Path, images: Path, network: CountingDetector
) -> None:
    (tmp_path / "sizes.json").write_text('{"P1": {"width": 21, "height": 10, "gsd": 0.25}}')
    index_images([images], archive=tmp_path / "a", sizes=tmp_path / "sizes.json")
    assert [scene.gsd for scene in Archive.open(tmp_path / "a").scenes()] == [None, 0.25, None]


@pytest.mark.parametrize("content", [None, b"", b"no image"])
def test_no_weights_are_needed_where_nothing_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    def absent(*_: object, **__: object) -> Callable[..., object]:
        raise InputError("the weights are absent")

    monkeypatch.setattr(detector, "load_detector", absent)
    (tmp_path / "images").mkdir()
    if content is not None:
        (tmp_path / "images" / "P1.png").write_bytes(content)
    report = index_images([tmp_path / "images"], archive=tmp_path / "a")
    assert (report.images, len(report.rejected)) == (0, 0 if content is None else 1)
    assert Archive.open(tmp_path / "a").image_ids == ()
    Image.new("RGB", (9, 9)).save(tmp_path / "images" / "P2.png")
    with pytest.raises(InputError, match="the weights are absent"):
        index_images([tmp_path / "images"], archive=tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_a_real_network_fills_an_archive(tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "random.pt")
    (tmp_path / "images").mkdir()
    patchwork(1024, 512).save(tmp_path / "images" / "patches.png")
    report = index_images([tmp_path / "images"], archive=tmp_path / "a", weights=weights)
    (found,) = detector.detect([tmp_path / "images" / "patches.png"], weights=weights)
    (scene,) = Archive.open(tmp_path / "a").scenes()
    assert report.entities == len(found.entities) > 0
    assert [(each.index, each.label, each.confidence, list(each.polygon)) for each in scene.entities] == [
        (each.index, each.label, each.confidence, each.polygon) for each in found.entities
    ]
    assert index_images([tmp_path / "images"], archive=tmp_path / "a", weights=weights).unchanged == 1
