"""`rune demo` and the pictures of proofs, on the scenes that RUNE renders itself."""

import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.cli_support import RUN_KEYS, Outcome, Rune, caller
from tui.commands.demo import DETECTED, QUESTIONS, TRUTH
from tui.main import main

# The scenes are rendered once, not once a worker.


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    assert main(["demo", "--truth", "--dir", str(folder)]) == 0
    return folder


def _untimed(answer: dict[str, object]) -> dict[str, object]:
    queries = answer["queries"]
    assert isinstance(queries, list)
    return {**answer, "queries": [{**each, "timings_ms": None} for each in queries]}


@pytest.mark.parametrize(("origin", "told"), [(DETECTED, ()), (TRUTH, ("--truth",))])
def test_the_demo_prints_question_formula_ranking_proof_and_pictures(
    rune: Rune, home: Path, origin: str, told: tuple[str, ...]
) -> None:
    outcome = rune("demo", "--dir", home, *told)
    assert outcome.code == 0
    assert origin in outcome.out
    blocks = outcome.out.split("\n\nquery ")[1:]
    assert [block.splitlines()[0].strip() for block in blocks] == list(QUESTIONS)
    for block in blocks:
        assert "\nformula " in block
        assert " sat " in block and "=#" in block
        pictures = [line.strip() for line in block.split("overlays\n")[1].splitlines() if line.strip()]
        assert pictures
        assert all(Path(each).is_file() for each in pictures)


def test_a_second_demo_uses_what_is_there_and_says_the_same(rune: Rune, home: Path) -> None:
    rendered = sorted((home / "images").iterdir())
    before = [each.stat().st_mtime_ns for each in rendered]
    first = rune("demo", "--truth", "--dir", home, "--output", "json")
    again = rune("demo", "--truth", "--dir", home, "--output", "json")
    assert (first.code, again.code) == (0, 0)
    assert TRUTH in first.err
    assert _untimed(first.json) == _untimed(again.json)
    assert (first.json["schema_version"], first.json["status"], first.json["error"]) == (1, "ok", None)
    for query in first.json["queries"]:
        assert set(query) >= RUN_KEYS | {"overlays"}
    assert [each.stat().st_mtime_ns for each in rendered] == before


def test_the_demo_finds_its_objects_in_the_pixels_alone(rune: Rune, home: Path, tmp_path: Path) -> None:
    """With labels that say nothing it says the same: its questions are proved with what a network detected."""
    blank = tmp_path / "blank"
    shutil.copytree(home, blank, ignore=shutil.ignore_patterns("archive", "detected", "*overlays"))
    for each in (blank / "labelTxt").iterdir():
        each.write_text("", encoding="utf-8")
    expected, found = (rune("demo", "--dir", each, "--output", "json").json["queries"] for each in (home, blank))
    assert [each["counts"] for each in found] == [each["counts"] for each in expected]
    assert all(each["counts"]["sat"] for each in found)
    sure = {entity["confidence"] for each in found for result in each["results"] for entity in result["entities"]}
    assert sure and 1.0 not in sure


def test_the_demo_takes_its_truth_for_annotations(rune: Rune, home: Path) -> None:
    answer = rune("rank", "exists>=3 x. plane(x)", "--archive", home / "archive", "--output", "json").json
    for result in answer["results"]:
        assert {each["confidence"] for each in result["entities"]} <= {1.0}
    labelled = [
        each.stem
        for each in sorted((home / "labelTxt").iterdir())
        if each.read_text(encoding="utf-8").count(" plane ") >= 3
    ]
    assert answer["counts"]["sat"] == len(labelled)


def test_overlays_mark_the_witness_and_leave_the_pictures_alone(rune: Rune, home: Path, tmp_path: Path) -> None:
    arguments = ("rank", "exists x. plane(x)", "--archive", home / "archive", "--top-k", "2", "--output", "json")
    before = {each.name: each.read_bytes() for each in (home / "images").iterdir()}
    outcome = rune(*arguments, "--save-overlays", tmp_path / "new" / "folder")
    assert outcome.code == 0
    pictures = sorted((tmp_path / "new" / "folder").iterdir())
    assert len(pictures) == 2
    for picture, result in zip(pictures, outcome.json["results"], strict=True):
        assert str(picture) in outcome.err
        assert result["image_id"] in picture.name
        drawn, source = Image.open(picture).convert("RGB"), Image.open(result["path"]).convert("RGB")
        changed = ImageChops.difference(drawn.crop((0, 0, *source.size)), source).getbbox()
        assert changed is not None
    assert {each.name: each.read_bytes() for each in (home / "images").iterdir()} == before


def test_overlay_names_are_no_paths(rune: Rune, home: Path, tmp_path: Path) -> None:
    images, labels = tmp_path / "images", tmp_path / "labels"
    for folder in ("north", "south"):
        (images / folder).mkdir(parents=True)
        (labels / folder).mkdir(parents=True)
        Image.new("RGB", (64, 64), "navy").save(images / folder / "b ay.png")
        line = f"{1 if folder == 'north' else 2} 1 9 1 9 9 1 9 ship 0\n"
        (labels / folder / "b ay.txt").write_text(line, encoding="utf-8")
    made = rune("index", images, "--labels", labels, "--archive", tmp_path / "archive")
    assert made.code == 0, made.err
    outcome = rune(
        "rank", "exists x. ship(x)", "--archive", tmp_path / "archive", "--save-overlays", tmp_path / "drawn"
    )
    assert outcome.code == 0
    names = sorted(each.name for each in (tmp_path / "drawn").iterdir())
    assert names == ["001-north_b_ay.overlay.png", "002-south_b_ay.overlay.png"]


def test_a_picture_that_has_gone_is_told_of_and_the_answer_stands(rune: Rune, home: Path, tmp_path: Path) -> None:
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.mkdir()
    labels.mkdir()
    Image.new("RGB", (64, 64), "navy").save(images / "bay.png")
    (labels / "bay.txt").write_text("1 1 9 1 9 9 1 9 ship 0\n", encoding="utf-8")
    assert rune("index", images, "--labels", labels, "--archive", tmp_path / "archive").code == 0
    (images / "bay.png").unlink()
    outcome: Outcome = rune(
        "rank", "exists x. ship(x)", "--archive", tmp_path / "archive", "--save-overlays", tmp_path / "drawn"
    )
    assert outcome.code == 0
    assert "bay" in outcome.err and "Traceback" not in outcome.err
    assert "1 sat" in outcome.out


def test_the_demo_cannot_be_put_where_nothing_can_be_written(rune: Rune, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    outcome = rune("demo", "--dir", taken, "--output", "json")
    assert outcome.code == 2
    assert (outcome.json["status"], outcome.json["queries"]) == ("error", [])
    assert str(taken) in outcome.json["error"]
    assert "Traceback" not in outcome.err


def test_weights_that_are_not_there_are_named(rune: Rune, home: Path) -> None:
    outcome = rune("demo", "--dir", home, "--weights", "gone.pt", "--output", "json")
    assert outcome.code == 2
    assert (outcome.json["status"], outcome.json["queries"]) == ("error", [])
    assert "gone.pt" in outcome.json["error"]


def test_the_truth_needs_no_detector(rune: Rune, tmp_path: Path) -> None:
    outcome = rune("demo", "--truth", "--weights", "some.pt", "--dir", tmp_path / "sample")
    assert outcome.code == 2
    assert "--truth" in outcome.err
    assert not (tmp_path / "sample").exists()


def test_scenes_after_a_flood_have_no_detector(rune: Rune, tmp_path: Path) -> None:
    outcome = rune("demo", "--post-flood", "--weights", "some.pt", "--dir", tmp_path / "flood")
    assert outcome.code == 2
    assert "--post-flood" in outcome.err
    assert not (tmp_path / "flood").exists()
