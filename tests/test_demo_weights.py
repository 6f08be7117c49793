"""The weights that RUNE ships: what they find in scenes they have not learnt from, and that nothing else is loaded."""

from pathlib import Path

import numpy as np
import pytest

from bench.demo_detector.evaluation import evaluate, held_out
from bench.demo_detector.score import mean_average_precision
from bench.demo_detector.validation import validate, write_dataset
from solvers.errors import RuneError
from tests.cli_support import Rune, caller
from tests.detect_weights import patchwork
from tools.detection import shipped
from tools.detection.shipped import DEMO, shipped_weights
from tools.detector import load_detector
from tools.ontologies import load_ontology
from tools.sample import LABELS
from tools.sample_archive import sample_archive

HELD_OUT_SEED = 4711
"""Neither the demo's seed, nor that of the scenes that were learnt from, nor that of the figures in the docs."""


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


def test_they_find_the_objects_of_scenes_that_they_have_not_seen(tmp_path: Path) -> None:
    scenes = held_out(tmp_path, HELD_OUT_SEED, 12)
    scores = evaluate(shipped_weights(), scenes)
    assert len(scores) >= 12
    assert mean_average_precision(scores) >= 0.86, scores
    by_ultralytics = validate(shipped_weights(), write_dataset(tmp_path, scenes))
    assert set(by_ultralytics) == set(scores)
    assert np.mean(list(by_ultralytics.values())) >= 0.9, by_ultralytics


def test_they_are_small_and_know_the_classes_of_the_scenes() -> None:
    assert shipped_weights().stat().st_size <= 6_000_000
    detector = load_detector(DEMO, ontology=load_ontology("dota"))
    assert detector.known_labels == set(LABELS)


def test_images_are_indexed_by_their_name(rune: Rune, tmp_path: Path) -> None:
    sample_archive(tmp_path, count=2, size=128)
    outcome = rune("index", tmp_path / "images", "--weights", DEMO, "--archive", tmp_path / "found", "--output", "json")
    assert outcome.code == 0
    assert (outcome.json["images"], outcome.json["rejected"]) == (2, [])


def test_a_file_that_is_not_the_one_shipped_is_not_loaded(
    tmp_path: Path, rune: Rune, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "SHA256", "0" * 64)
    with pytest.raises(RuneError, match="is not the file that RUNE ships"):
        shipped_weights()
    patchwork(64, 64).save(tmp_path / "picture.png")
    outcome = rune("index", tmp_path / "picture.png", "--weights", DEMO, "--archive", tmp_path / "archive")
    assert outcome.code != 0
    assert "is not the file that RUNE ships" in outcome.err
    assert "Traceback" not in outcome.err
    monkeypatch.setattr(shipped, "FILE", "gone.pt")
    with pytest.raises(RuneError, match="missing"):
        shipped_weights()
