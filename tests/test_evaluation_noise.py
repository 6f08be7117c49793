"""Simulated and perturbed detections, how they are matched with labels, and the calibration that labels give."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from solvers.errors import InputError
from solvers.scene import Entity
from tests.archive_support import DOTA, files_of, square
from tests.cli_support import Rune, assert_told, caller
from tests.evaluation_support import archive_of, labelled_scenes, scene
from tools.archive import Archive
from tools.archive.calibration import CALIBRATION_FILE, Calibration, Curve, read_calibration, write_calibration
from tools.evaluation.calibrating import calibrate
from tools.evaluation.matching import Matches, match_archives, match_entities
from tools.evaluation.noise.boxes import BoxNoise, jittered
from tools.evaluation.noise.model import load_noise
from tools.evaluation.noise.perturb import perturbed_archive
from tools.evaluation.noise.simulate import simulate

PUBLISHED = {
    "plane": 89.7, "baseball_diamond": 84.33, "bridge": 46.35, "ground_track_field": 68.62, "small_vehicle": 73.89,
    "large_vehicle": 73.19, "ship": 86.92, "tennis_court": 90.41, "basketball_court": 86.46, "storage_tank": 84.3,
    "soccer_ball_field": 64.22, "roundabout": 64.95, "harbor": 73.55, "swimming_pool": 72.59, "helicopter": 73.31,
}  # fmt: skip


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive_of(tmp_path_factory.mktemp("labelled") / "archive", labelled_scenes(120))


@pytest.fixture
def detected(labelled: Path, tmp_path: Path) -> Path:
    simulate(labelled, out=tmp_path / "detected", seed=4)
    return tmp_path / "detected"


def test_the_default_models_average_precisions_are_the_published_ones() -> None:
    """By integrating precision over recall under the model's own densities."""
    model = load_noise(None, DOTA)
    assert set(model.classes) == set(PUBLISHED)
    odds = np.linspace(12, np.log(0.05 / 0.95), 20_001)
    for label, published in PUBLISHED.items():
        noise = model.of(label)
        found = noise.recall * norm.sf(odds, noise.true_mean, noise.true_spread)
        false = noise.false_per_object * norm.sf(odds, noise.false_mean, noise.false_spread)
        precision = np.maximum.accumulate((found / np.maximum(found + false, 1e-300))[::-1])[::-1]
        assert 100 * np.trapezoid(precision, found) == pytest.approx(published, abs=0.15), label


def test_simulated_detections_follow_the_model(labelled: Path, detected: Path, tmp_path: Path) -> None:
    truth, found = Archive.open(labelled), Archive.open(detected)
    assert found.image_ids == truth.image_ids
    model = load_noise(None, truth.ontology)
    for label, each in match_archives(found, truth, truth.image_ids).items():
        share = len(each.found) / each.objects
        assert share == pytest.approx(model.of(label).recall, abs=0.13), label
    simulate(labelled, out=tmp_path / "again", seed=4)
    assert files_of(tmp_path / "again") == files_of(detected)
    simulate(labelled, out=tmp_path / "other", seed=5)
    assert files_of(tmp_path / "other") != files_of(detected)


def test_new_detections_are_not_read_with_the_calibration_of_old_ones(labelled: Path, detected: Path) -> None:
    before = files_of(detected)
    calibrate(detected, labelled)
    assert Archive.open(detected).calibration is not None
    simulate(labelled, out=detected, seed=4)
    assert Archive.open(detected).calibration is None
    assert files_of(detected) == before


def test_a_perfect_detector_gives_the_labels_back(labelled: Path, tmp_path: Path) -> None:
    noise = tmp_path / "perfect.toml"
    noise.write_text("[others]\nrecall = 1.0\nfalse_per_object = 0.0\ntrue_mean = 30.0\ntrue_spread = 0.0\n", "utf-8")
    report = simulate(labelled, out=tmp_path / "perfect", noise=noise)
    assert (report.found, report.false) == (report.objects, 0)
    for one, other in zip(Archive.open(labelled).scenes(), Archive.open(tmp_path / "perfect").scenes(), strict=True):
        assert sorted((each.label, each.polygon) for each in one.entities) == sorted(
            (each.label, each.polygon) for each in other.entities
        )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[others]\nrecal = 1", "'recal' means nothing here; the nearest is recall"),
        ("[others]\nrecall = 2", "recall is a share between 0 and 1"),
        ("[others]\nrecall = true", "must be a number"),
        ("[classes.boot]\nrecall = 1", "no leaf class"),
        ("[box]\nshift = -1", "at least 0"),
        ("[others", "not TOML"),
        ("classes = 3", "must be a table"),
    ],
)
def test_a_model_that_is_wrong_is_told(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "noise.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_noise(tmp_path / "noise.toml", DOTA)


def test_perturbation_grows_with_its_strength(labelled: Path, tmp_path: Path) -> None:
    truth = Archive.open(labelled)
    kept = []
    for strength in (0.0, 0.1, 0.3):
        noisy = perturbed_archive(truth, tmp_path / f"{strength}", strength, seed=1)
        matches = match_archives(noisy, truth, truth.image_ids)
        kept.append(sum(len(each.found) for each in matches.values()) / truth.size.entities)
    assert kept[0] == 1.0
    assert kept[0] > kept[1] > kept[2] > 0.4


def test_jitter_keeps_upright_boxes_upright_and_turned_ones_in_shape() -> None:
    generator = np.random.default_rng(0)
    noise = BoxNoise(0.1, 0.1, 5.0)
    upright = np.array(jittered(square(10, 10), noise, generator))
    assert len(set(upright[:, 0].round(9))) == len(set(upright[:, 1].round(9))) == 2
    turned = ((0.0, 0.0), (30.0, 40.0), (22.0, 46.0), (-8.0, 6.0))
    sides = np.diff(np.array([*jittered(turned, noise, generator), (0, 0)])[:4], axis=0)
    assert float(np.dot(sides[0], sides[1])) == pytest.approx(0.0, abs=1e-9)


def test_matching_by_hand() -> None:
    """Two detections of one object: the surer is it; one of a difficult object counts neither way."""
    objects = (Entity(0, "ship", 1.0, square(0, 0)), Entity(1, "ship", 1.0, square(100, 0), difficult=True))
    detections = (
        Entity(0, "ship", 0.4, square(1, 1)),
        Entity(1, "ship", 0.9, square(0, 1)),
        Entity(2, "ship", 0.8, square(101, 0)),
        Entity(3, "ship", 0.7, square(5, 0)),
    )
    found = Matches()
    match_entities(detections, objects, found)
    assert found.objects == 1
    assert sorted(zip(found.confidence, found.is_real, strict=True)) == [(0.4, False), (0.7, False), (0.9, True)]
    assert found.average_precision() == 1.0
    half = Matches(confidence=[0.9, 0.8, 0.7], is_real=[True, False, True], objects=4)
    assert half.average_precision() == pytest.approx((1 + 2 / 3) / 4)


@pytest.mark.parametrize("method", ["isotonic", "temperature"])
def test_calibration_helps_where_confidences_mislead(method: str, labelled: Path, tmp_path: Path, rune: Rune) -> None:
    noise = tmp_path / "boastful.toml"
    noise.write_text("[others]\nfalse_mean = 1.5\ntrue_mean = 3.0\nfalse_per_object = 2.0\n", encoding="utf-8")
    simulate(labelled, out=tmp_path / "detected", noise=noise, seed=2)
    before = files_of(tmp_path / "detected")
    stored = [each.confidence for scene in Archive.open(tmp_path / "detected").scenes() for each in scene.entities]
    outcome = rune("eval", "calibrate", "--archive", tmp_path / "detected", "--truth", labelled, "--method", method,
                   "--output", "json")  # fmt: skip
    assert outcome.code == 0, outcome.err
    report = outcome.json
    worse, better = (report[name]["expected_calibration_error"] for name in ("before", "after"))
    assert better < worse
    if method == "isotonic":
        assert better < 0.1 < worse
    opened = Archive.open(tmp_path / "detected")
    read = [each.confidence for scene in opened.scenes() for each in scene.entities]
    assert read != stored
    assert sorted(read) == pytest.approx(sorted(opened.columns().confidence.tolist()))
    ship = opened.store.offsets("ship")
    in_store = opened.store.confidence[int(ship[0]) : int(ship[-1])]
    assert sorted(in_store.tolist()) == sorted(opened.columns(frozenset({"ship"})).confidence.tolist())
    assert [each.confidence for scene in opened.uncalibrated().scenes() for each in scene.entities] == stored
    after = files_of(tmp_path / "detected")
    assert {name for name in after if before.get(name) != after[name]} == {CALIBRATION_FILE}
    assert rune("eval", "calibrate", "--archive", tmp_path / "detected", "--remove").code == 0
    assert files_of(tmp_path / "detected") == before


def test_what_cannot_be_calibrated_is_said(labelled: Path, tmp_path: Path, rune: Rune) -> None:
    few = archive_of(tmp_path / "few", [scene("L000", [("ship", 5, 5, 0.5)])])
    assert_told(rune("eval", "calibrate", "--archive", few, "--truth", labelled), 2, "a curve needs")
    strange = archive_of(tmp_path / "strange", [scene("X", [("ship", 5, 5, 0.5)])])
    assert_told(rune("eval", "calibrate", "--archive", strange, "--truth", labelled), 2, "ids differ")
    assert_told(rune("eval", "calibrate", "--archive", few), 2, "--truth")
    (few / CALIBRATION_FILE).write_text('{"format": "rune-calibration", "schema_version": 1}', encoding="utf-8")
    with pytest.raises(InputError, match=f"{CALIBRATION_FILE}.*'method' is missing"):
        list(Archive.open(few).scenes())
    (few / CALIBRATION_FILE).write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="schema_version"):
        _ = Archive.open(few).calibration


def test_curves_are_stored_as_they_are(tmp_path: Path) -> None:
    calibration = Calibration("isotonic", {"ship": Curve(knots=((0.1, 0.0), (0.5, 0.75)))}, Curve(temperature=2.0))
    write_calibration(tmp_path, calibration)
    found = read_calibration(tmp_path)
    assert found == calibration
    assert found is not None
    assert found.read("ship", np.array([0.05, 0.3, 0.9])).tolist() == pytest.approx([1e-6, 0.375, 0.75])
    assert found.read("plane", np.array([0.8, 1.0])).tolist() == pytest.approx([2 / 3, 1.0])
    assert read_calibration(tmp_path / "nowhere") is None


def test_the_report_says_what_was_held_out(labelled: Path, detected: Path) -> None:
    report = calibrate(detected, labelled, share=1.0)
    assert (report.images_fitted, report.images_held_out) == (120, 0)
    assert report.before is None
    assert any("held out" in each for each in report.warnings)
