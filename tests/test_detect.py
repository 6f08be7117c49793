"""Detection through ultralytics, with random weights that answer: no network and no trained file is needed."""

import shutil
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from shapely.geometry import Polygon

from solvers.errors import InputError, RuneError
from solvers.ontology import Ontology
from tests.detect_weights import DETECTIONS, DOTA_NAMES, patchwork, write_weights
from tools.detection.weights import DEFAULT_WEIGHTS
from tools.detector import DetectedImage, Detector, detect, load_detector
from tools.ontologies import load_ontology
from tools.paths import weights_dir
from tools.progress import Progress
from tools.ultralytics_guard import import_ultralytics

ROOT = Path(__file__).parents[1]
TILES = ROOT.parent / "shared" / "data" / "dota" / "tiles" / "images"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with pictures, and RUNE's own folders elsewhere in it."""
    folder = tmp_path_factory.mktemp("detect")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNE_HOME", str(folder / "home"))
        patchwork(1024, 512).save(folder / "patches.png")
        patchwork(1300, 640, seed=1).save(folder / "wide.png")
        yield folder


@pytest.fixture(scope="module")
def weights(folder: Path) -> Path:
    return write_weights(folder / "random.pt")


@pytest.fixture(scope="module")
def dota() -> Ontology:
    return load_ontology("dota")


@pytest.fixture(scope="module")
def detector(weights: Path, dota: Ontology) -> Detector:
    return load_detector(weights, ontology=dota)


def _centre(polygon: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    return sum(x for x, _ in polygon) / len(polygon), sum(y for _, y in polygon) / len(polygon)


@pytest.mark.parametrize("picture", ["patches.png", "wide.png"])
def test_oriented_boxes_are_those_of_ultralytics_in_pixels_of_the_image(
    folder: Path, weights: Path, dota: Ontology, picture: str
) -> None:
    whole = load_detector(weights, ontology=dota, tile=4096, image_size=1024)
    found = whole.detect(folder / picture)
    result = (
        import_ultralytics()
        .YOLO(weights)
        .predict(folder / picture, imgsz=1024, conf=0.05, nms=False, agnostic_nms=True, max_det=3000, verbose=False)[0]
    )
    expected = {
        (DOTA_NAMES[int(number)].replace(" ", "_"), confidence, tuple(map(tuple, corners)))
        for number, confidence, corners in zip(
            result.obb.cls.tolist(), result.obb.conf.tolist(), result.obb.xyxyxyxy.tolist(), strict=True
        )
    }
    with Image.open(folder / picture) as image:
        assert (found.width, found.height) == image.size
    assert len(expected) >= DETECTIONS
    assert {(each.label, each.confidence, each.polygon) for each in found.entities} == expected
    assert all(len(each.polygon) == 4 for each in found.entities)


def test_the_frame_is_that_of_the_file_and_not_of_the_network(folder: Path, detector: Detector) -> None:
    centres = [_centre(each.polygon) for each in detector.detect(folder / "wide.png").entities]
    assert max(x for x, _ in centres) > 1150
    assert max(y for _, y in centres) > 560


def test_indices_follow_descending_confidence_and_two_runs_agree(
    folder: Path, weights: Path, dota: Ontology, detector: Detector
) -> None:
    found = detector.detect(folder / "patches.png")
    assert [each.index for each in found.entities] == list(range(len(found.entities)))
    confidences = [each.confidence for each in found.entities]
    assert confidences == sorted(confidences, reverse=True)
    assert 0.05 < confidences[-1] <= confidences[0] <= 1
    assert detector.detect(folder / "patches.png") == found
    second = load_detector(weights, ontology=dota)
    assert second.detect(folder / "patches.png") == found
    assert second.fingerprint == detector.fingerprint


def test_a_higher_floor_keeps_just_the_surer_detections(
    folder: Path, weights: Path, dota: Ontology, detector: Detector
) -> None:
    all_found = detector.detect(folder / "patches.png").entities
    high = load_detector(weights, ontology=dota, confidence_floor=0.3)
    surer = [each for each in all_found if each.confidence > 0.3]
    assert 0 < len(surer) < len(all_found)
    assert list(high.detect(folder / "patches.png").entities) == surer
    assert high.fingerprint != detector.fingerprint


@pytest.mark.parametrize("floor", [-0.1, 1.0, 5.0, float("nan")])
def test_a_floor_that_is_none_is_refused(weights: Path, dota: Ontology, floor: float) -> None:
    with pytest.raises(InputError, match="confidence floor"):
        load_detector(weights, ontology=dota, confidence_floor=floor)


def test_class_names_are_read_as_leaves_and_others_are_reported(
    folder: Path, dota: Ontology, detector: Detector
) -> None:
    names = ("Storage-Tank", "boat", "space station", "vehicle", "ship", *DOTA_NAMES[5:])
    custom = load_detector(write_weights(folder / "custom.pt", names), ontology=dota)
    assert custom.unmapped == ("space station", "vehicle")
    assert {"storage_tank", "ship"} < custom.known_labels
    assert "plane" not in custom.known_labels
    found = custom.detect(folder / "patches.png")
    assert {each.label for each in found.entities} <= custom.known_labels
    assert [each.index for each in found.entities] == list(range(len(found.entities)))

    everything = detector.detect(folder / "patches.png")
    left_out = [each for each in everything.entities if each.label in {"storage_tank", "baseball_diamond"}]
    assert left_out, "the picture must show detections of the two classes that do not map"
    assert len(found.entities) == len(everything.entities) - len(left_out)


def test_known_labels_are_what_the_weights_know_and_no_more(detector: Detector) -> None:
    assert detector.known_labels == {name.replace(" ", "_") for name in DOTA_NAMES}
    assert detector.unmapped == ()


def test_weights_that_know_no_class_of_the_ontology_are_refused(folder: Path, dota: Ontology) -> None:
    path = write_weights(folder / "cutlery.pt", ("fork", "spoon"))
    with pytest.raises(InputError, match="know no class of the ontology dota; theirs are fork, spoon, the ontology's "):
        load_detector(path, ontology=dota)


@pytest.mark.parametrize(("architecture", "corners"), [("yolo26n.yaml", {4}), ("yolo26n-seg.yaml", None)])
def test_plain_boxes_and_masks_give_polygons_too(
    folder: Path, dota: Ontology, architecture: str, corners: set[int] | None
) -> None:
    detector = load_detector(write_weights(folder / "other.pt", architecture=architecture), ontology=dota)
    found = detector.detect(folder / "patches.png")
    counts = {len(each.polygon) for each in found.entities}
    assert counts == corners if corners else max(counts) > 4
    for each in found.entities:
        assert all(0 <= x <= found.width and 0 <= y <= found.height for x, y in each.polygon)


def test_a_mask_in_pieces_is_outlined_by_its_largest(folder: Path, dota: Ontology) -> None:
    import_ultralytics()
    from tools.detection.yolo import outline_masks

    mask = np.zeros((64, 128), dtype=np.float32)
    mask[4:8, 4:8] = 1
    mask[20:41, 50:91] = 1
    (outline, nothing) = outline_masks(np.stack([mask, np.zeros_like(mask)]), (128, 256))
    assert nothing is None
    assert outline is not None
    assert sorted(outline) == [(100.0, 40.0), (100.0, 80.0), (180.0, 40.0), (180.0, 80.0)]


def test_a_network_for_another_task_is_refused(folder: Path, dota: Ontology) -> None:
    path = folder / "classifier.pt"
    import_ultralytics().YOLO("yolo26n-cls.yaml").save(path)
    with pytest.raises(InputError, match="task classify; RUNE needs boxes: obb, detect, segment"):
        load_detector(path, ontology=dota)


class _WithoutTorchvision(MetaPathFinder):
    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname == "torchvision":
            raise ImportError("no torchvision here")


@pytest.mark.parametrize("architecture", ["yolo11n-obb.yaml", "yolo11n.yaml"])
def test_a_network_without_end_to_end_head_needs_no_torchvision(
    folder: Path, dota: Ontology, monkeypatch: pytest.MonkeyPatch, architecture: str
) -> None:
    """ultralytics suppresses what is not the maximum itself; nothing is left that overlaps a surer one of its class."""
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_WithoutTorchvision(), *sys.meta_path])
    path = write_weights(folder / "older.pt", architecture=architecture)
    found = load_detector(path, ontology=dota).detect(folder / "patches.png").entities
    shapes = [Polygon(each.polygon) for each in found]
    assert len(found) > 1
    for (one, shape), (other, beside) in combinations(zip(found, shapes, strict=True), 2):
        if one.label == other.label:
            assert shape.intersection(beside).area <= 0.9 * shape.union(beside).area


def test_names_that_ultralytics_takes_for_its_own_releases_are_read_from_disk(
    folder: Path, weights: Path, dota: Ontology
) -> None:
    place = folder / "o'brien's"
    place.mkdir()
    for name in ("yolov5n.pt", "it's mine.pt"):
        shutil.copyfile(weights, place / name)
        assert load_detector(place / name, ontology=dota).detect(folder / "patches.png").entities


def test_weights_may_be_named_by_a_file_in_the_weights_folder(
    weights: Path, dota: Ontology, detector: Detector
) -> None:
    weights_dir().mkdir(parents=True, exist_ok=True)
    shutil.copyfile(weights, weights_dir() / "mine.pt")
    assert load_detector("mine.pt", ontology=dota).fingerprint == detector.fingerprint


def _damaged(kind: str, folder: Path, weights: Path) -> Path:
    path = folder / f"{kind}.pt"
    match kind:
        case "empty":
            path.touch()
        case "text":
            path.write_text("not a checkpoint\n")
        case "truncated":
            path.write_bytes(weights.read_bytes()[:100_000])
        case "picture":
            shutil.copyfile(folder / "patches.png", path)
        case "other":
            import torch

            torch.save({"tensor": torch.zeros(3)}, path)
    return path


def test_a_network_that_fails_or_gives_nonsense_is_reported(folder: Path, dota: Ontology) -> None:
    import torch

    checkpoint = torch.load(write_weights(folder / "nonsense.pt"), weights_only=False)
    for branch in checkpoint["model"].model[-1].one2one_cv2:
        branch[-1].bias.data[:] = float("nan")
    torch.save(checkpoint, folder / "nonsense.pt")
    with pytest.raises(RuneError, match=r"a box in .*patches\.png that is not finite"):
        load_detector(folder / "nonsense.pt", ontology=dota).detect(folder / "patches.png")

    checkpoint["model"].model[0] = torch.nn.Conv2d(7, 16, 3, 2, 1).half()
    checkpoint["model"].model[0].i, checkpoint["model"].model[0].f = 0, -1
    torch.save(checkpoint, folder / "failing.pt")
    with pytest.raises(RuneError, match="the network failed"):
        load_detector(folder / "failing.pt", ontology=dota).detect(folder / "patches.png")


@pytest.mark.parametrize("kind", ["empty", "text", "truncated", "picture", "other"])
def test_a_file_that_is_no_checkpoint_is_refused_by_name(
    folder: Path, weights: Path, dota: Ontology, kind: str
) -> None:
    with pytest.raises(InputError, match=rf"{kind}\.pt are not a checkpoint that ultralytics .* can load"):
        load_detector(_damaged(kind, folder, weights), ontology=dota)


def test_absent_weights_and_other_kinds_of_files_are_refused(folder: Path, dota: Ontology) -> None:
    with pytest.raises(InputError, match=r"absent\.pt does not exist"):
        load_detector(folder / "absent.pt", ontology=dota)
    with pytest.raises(InputError, match="are a folder"):
        load_detector(folder, ontology=dota)
    (folder / "exported.engine").touch()
    with pytest.raises(InputError, match=r"exported\.engine are neither a \.pt nor an \.onnx file"):
        load_detector(folder / "exported.engine", ontology=dota)


def test_a_device_that_is_not_there_is_refused(weights: Path, dota: Ontology) -> None:
    with pytest.raises(InputError, match="the device 'cuda:99' cannot be used here"):
        load_detector(weights, ontology=dota, device="cuda:99")
    with pytest.raises(InputError, match="the device 'toaster' cannot be used here"):
        load_detector(weights, ontology=dota, device="toaster")


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        (("RUNE_OFFLINE", "1"), "RUNE_OFFLINE forbids"),
        (("HTTPS_PROXY", "http://127.0.0.1:9"), "the network does not answer"),
    ],
)
def test_offline_the_absent_default_weights_come_with_instructions(
    folder: Path, dota: Ontology, monkeypatch: pytest.MonkeyPatch, setting: tuple[str, str], reason: str
) -> None:
    monkeypatch.setenv("RUNE_HOME", str(folder / "bare"))
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "RUNE_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(*setting)
    with pytest.raises(InputError) as caught:
        load_detector(None, ontology=dota)
    message = str(caught.value)
    assert reason in message
    assert DEFAULT_WEIGHTS in message
    assert str(weights_dir()) in message
    assert "--weights FILE" in message
    assert not weights_dir().exists()


def test_the_default_weights_are_fetched_once_into_the_weights_folder(
    folder: Path, weights: Path, dota: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_ultralytics()
    from ultralytics.utils import downloads

    fetched: list[str] = []

    def fetch(url: str, file: Path, **_: object) -> Path:
        fetched.append(url)
        return Path(shutil.copyfile(weights, file))

    monkeypatch.setenv("RUNE_HOME", str(folder / "fresh"))
    monkeypatch.delenv("RUNE_OFFLINE", raising=False)
    monkeypatch.setattr(downloads, "is_url", lambda url, check: True)
    monkeypatch.setattr(downloads, "safe_download", fetch)
    seen: list[Progress] = []
    first = load_detector(None, ontology=dota, progress=seen.append)
    second = load_detector(DEFAULT_WEIGHTS, ontology=dota)
    assert first.fingerprint == second.fingerprint
    assert [url.rsplit("/", 1)[1] for url in fetched] == [DEFAULT_WEIGHTS]
    assert [path.name for path in weights_dir().iterdir()] == [DEFAULT_WEIGHTS]
    assert [(each.done, each.total) for each in seen] == [(0, 1), (1, 1)]


def test_a_failed_download_leaves_nothing_behind(folder: Path, dota: Ontology, monkeypatch: pytest.MonkeyPatch) -> None:
    import_ultralytics()
    from ultralytics.utils import downloads

    def fail(url: str, file: Path, **_: object) -> Path:
        file.write_bytes(b"half")
        raise ConnectionError("the line was cut")

    monkeypatch.setenv("RUNE_HOME", str(folder / "cut"))
    monkeypatch.delenv("RUNE_OFFLINE", raising=False)
    monkeypatch.setattr(downloads, "is_url", lambda url, check: True)
    monkeypatch.setattr(downloads, "safe_download", fail)
    with pytest.raises(InputError, match="the line was cut"):
        load_detector(None, ontology=dota)
    assert list(weights_dir().iterdir()) == []


def test_an_exif_orientation_does_not_turn_the_frame(folder: Path, detector: Detector) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    patchwork(1024, 512).save(folder / "turned.png", exif=exif)
    assert detector.detect(folder / "turned.png") == detector.detect(folder / "patches.png")


def test_a_picture_that_cannot_be_read_is_refused_by_name(folder: Path, detector: Detector) -> None:
    (folder / "text.png").write_text("no picture\n")
    with pytest.raises(InputError, match=r"text\.png is not an image"):
        detector.detect(folder / "text.png")


def test_many_images_come_in_order_with_progress(folder: Path, tmp_path: Path, detector: Detector) -> None:
    patchwork(512, 512).save(tmp_path / "square.png")
    paths = [tmp_path / "square.png", folder / "patches.png"]
    seen: list[Progress] = []
    assert list(detector.detect_many(paths, seen.append)) == [detector.detect(path) for path in paths]
    assert [(each.phase, each.done, each.total) for each in seen] == [("detect", done, 2) for done in range(3)]


def test_the_tool_answers_with_plain_values(folder: Path, weights: Path, dota: Ontology, detector: Detector) -> None:
    (answer,) = detect([folder / "patches.png"], weights=weights)
    found = detector.detect(folder / "patches.png")
    assert detect(str(folder / "patches.png"), weights=weights, ontology=dota) == [answer]
    assert DetectedImage.model_validate_json(answer.model_dump_json()) == answer
    assert (answer.width, answer.height, answer.unmapped) == (1024, 512, [])
    assert [(each.index, each.label, tuple(each.polygon)) for each in answer.entities] == [
        (each.index, each.label, each.polygon) for each in found.entities
    ]


def test_real_tiles_pass(detector: Detector) -> None:
    if not TILES.is_dir():
        pytest.skip("the real tiles are not here")
    tiles = sorted(TILES.iterdir())[:3]
    assert [(found.width, found.height) for found in detector.detect_many(tiles)] == [(1024, 1024)] * 3
