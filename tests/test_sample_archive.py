"""The sample archive: rendered once, indexed with its truth, and made again where it is not whole."""

import json
from pathlib import Path

import pytest

from solvers.errors import InputError
from tests.detect_weights import write_weights
from tools.archive import Archive
from tools.rendering import MARKER
from tools.sample_archive import sample_archive


def _times(folder: Path) -> list[int]:
    return [each.stat().st_mtime_ns for each in sorted((folder / "images").iterdir())]


def test_scenes_are_rendered_once_and_indexed_with_their_truth(tmp_path: Path) -> None:
    first = sample_archive(tmp_path, count=2, size=128)
    assert (first.report.images, first.report.added, first.report.rejected) == (2, 2, [])
    before = _times(tmp_path)
    again = sample_archive(tmp_path, count=2, size=128)
    assert (again.report.unchanged, again.report.added) == (2, 0)
    assert _times(tmp_path) == before
    scenes = list(Archive.open(again.archive).scenes())
    assert {scene.path for scene in scenes} == {str(each) for each in (tmp_path / "images").iterdir()}
    assert {entity.confidence for scene in scenes for entity in scene.entities} == {1.0}


def test_a_network_may_take_the_place_of_the_truth(tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "random.pt")
    true = sample_archive(tmp_path, count=2, size=128)
    before = _times(tmp_path)
    found = sample_archive(tmp_path, count=2, size=128, weights=weights)
    assert (found.report.images, found.report.rejected) == (2, [])
    assert _times(tmp_path) == before
    scenes, truth = (list(Archive.open(each.archive).scenes()) for each in (found, true))
    assert [scene.gsd for scene in scenes] == [scene.gsd for scene in truth]
    polygons, true_polygons = (
        {entity.polygon for scene in each for entity in scene.entities} for each in (scenes, truth)
    )
    assert true_polygons and not polygons & true_polygons


def test_a_rendering_that_is_not_whole_is_made_again(tmp_path: Path) -> None:
    sample_archive(tmp_path, count=2, size=128)
    picture = sorted((tmp_path / "images").iterdir())[0]
    kept = picture.read_bytes()
    picture.unlink()
    sample_archive(tmp_path, count=2, size=128)
    assert picture.read_bytes() == kept


@pytest.mark.parametrize("marker", ["{", "[]", "{}", '{"renderer": "older", "files": []}'])
def test_scenes_of_an_interrupted_run_or_another_renderer_are_made_again(tmp_path: Path, marker: str) -> None:
    sample_archive(tmp_path, count=2, size=128)
    before = _times(tmp_path)
    (tmp_path / MARKER).write_text(marker, encoding="utf-8")
    sample_archive(tmp_path, count=2, size=128)
    assert all(now > then for now, then in zip(_times(tmp_path), before, strict=True))
    assert len(json.loads((tmp_path / MARKER).read_text(encoding="utf-8"))["files"]) == 5


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match="taken"):
        sample_archive(taken, count=2, size=128)
