"""The bench on a small archive: it generates what it says, all engines agree, and it writes what it promises."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.archives import repeated_archive, synthetic_archive
from bench.generator import Recipe
from bench.one_image import OneImageSettings, measure_one_image
from bench.peers import embedding
from bench.peers.duck import DuckPeer, SqlAnswer
from bench.queries import QUERIES
from bench.solver import REAL_SCENES, main
from bench.whole_archive import measure_archive
from tools.archive import Archive

IMAGES = 100


@pytest.fixture(autouse=True)
def _small_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a text encoder costs is not tested here."""
    monkeypatch.setattr(embedding, "LAYERS", 1)
    monkeypatch.setattr(embedding, "VOCABULARY", 1_000)
    monkeypatch.setattr(embedding, "THREADS", 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def path(folder: Path) -> Path:
    return synthetic_archive(folder, IMAGES, Recipe())


def test_a_generated_archive_is_as_described(path: Path) -> None:
    archive = Archive.open(path)
    scenes = list(archive.scenes())
    assert len(scenes) == IMAGES == archive.size.images
    columns = archive.columns()
    per_image = np.bincount(columns.image_number, minlength=IMAGES)
    assert 20 < per_image.mean() < 100 and per_image.max() <= 1_000
    labels, counts = np.unique(columns.label_code, return_counts=True)
    by_count = [columns.labels[code] for code in labels[np.argsort(-counts)]]
    assert set(by_count[:2]) == {"small_vehicle", "ship"}
    assert columns.confidence.min() >= 0.05 and columns.confidence.max() <= 1
    assert 0.3 < (columns.confidence < 0.5).mean() < 0.7
    for scene in scenes:
        confidences = [entity.confidence for entity in scene.entities]
        assert confidences == sorted(confidences, reverse=True)
        assert [entity.index for entity in scene.entities] == list(range(len(confidences)))


def test_an_archive_is_generated_once_and_always_the_same(path: Path, tmp_path: Path) -> None:
    before = (path / "manifest.json").stat().st_mtime_ns
    assert synthetic_archive(path.parent, IMAGES, Recipe()) == path
    assert (path / "manifest.json").stat().st_mtime_ns == before
    again = synthetic_archive(tmp_path, IMAGES, Recipe())
    assert (again / "manifest.json").read_bytes() == (path / "manifest.json").read_bytes()
    other = synthetic_archive(tmp_path, IMAGES, Recipe(seed=1))
    assert (other / "manifest.json").read_bytes() != (path / "manifest.json").read_bytes()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / str(IMAGES)).mkdir()
    (tmp_path / str(IMAGES) / "thesis.txt").write_text("all of it")
    with pytest.raises(SystemExit, match="is no archive of the bench"):
        synthetic_archive(tmp_path, IMAGES, Recipe())
    assert (tmp_path / str(IMAGES) / "thesis.txt").read_text() == "all of it"


def test_the_command_compares_all_engines_and_writes_table_json_and_plot(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--quick", "--sizes", str(IMAGES), "--rounds", "1", "--only", "archives"]
    main([*arguments, "--archives", str(path.parent), "--output", str(tmp_path)])
    page = (tmp_path / "performance.md").read_text("utf-8")
    assert capsys.readouterr().out.strip().splitlines()[0] == page.splitlines()[0]
    document = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert [row["query"] for row in document["archives"]] == [query.name for query in QUERIES]
    for row in document["archives"]:
        assert f"| {row['query']} | {row['sat']:,} |" in page
        assert set(row["times"]) == {"rune", "duckdb", "embedding"}
    assert (tmp_path / "performance.svg").read_text("utf-8").startswith("<?xml")


def test_a_wrong_answer_ends_the_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = DuckPeer.answer

    def wrong(peer: DuckPeer, name: str) -> SqlAnswer:
        answer = right(peer, name)
        return SqlAnswer(answer.sat + 1, answer.top)

    monkeypatch.setattr(DuckPeer, "answer", wrong)
    with pytest.raises(SystemExit, match="count: RUNE counts"):
        measure_archive(path, rounds=1, queries=QUERIES[:1])


def test_a_wrong_verdict_ends_the_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DuckPeer, "sat_images", lambda peer, name: frozenset(range(IMAGES)))
    with pytest.raises(SystemExit, match="RUNE says unsat, DuckDB the opposite"):
        measure_archive(path, rounds=1, queries=QUERIES[:1])


def test_all_engines_agree_on_single_images() -> None:
    rows = measure_one_image((8,), OneImageSettings(scenes=3, slow_scenes=1, timeout_ms=10_000))
    assert [row.query for row in rows] == [query.name for query in QUERIES]
    assert any(row.sat for row in rows) and any(row.sat < row.scenes for row in rows)
    assert all(row.quantified is not None and row.grounded is not None and not row.given_up for row in rows)


def test_real_scenes_are_repeated(folder: Path) -> None:
    if not REAL_SCENES.is_dir():
        pytest.skip("the real scenes are not here")
    labels, sizes = REAL_SCENES / "labelTxt-hbb", REAL_SCENES / "image_sizes.json"
    path = repeated_archive(folder, 240, labels, sizes)
    scenes = list(Archive.open(path).scenes())
    assert len(scenes) == 240
    first, copy = scenes[0], scenes[235]
    assert [each.polygon for each in first.entities] == [each.polygon for each in copy.entities]
    assert [each.label for each in first.entities] == [each.label for each in copy.entities]
    assert [each.confidence for each in first.entities] != [each.confidence for each in copy.entities]
    assert all(row.images == 240 for row in measure_archive(path, rounds=1, queries=QUERIES[1:3]))
