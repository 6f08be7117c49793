"""`rune index` given what it cannot use: each mistake named, nothing half-written."""

from pathlib import Path

import pytest
from PIL import Image

from tests.cli_support import Rune, assert_told, caller, files_in


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


def test_a_missing_folder_is_named(rune: Rune, tmp_path: Path) -> None:
    missing = tmp_path / "absent"
    assert_told(rune("index", "--labels", missing, "--archive", tmp_path / "archive"), 2, str(missing))
    assert rune("index", missing, "--archive", tmp_path / "archive", "--output", "json").code in {1, 2}
    assert not (tmp_path / "archive").exists()


def test_nothing_to_index_is_a_matter_of_usage(rune: Rune, tmp_path: Path) -> None:
    assert_told(rune("index", "--archive", tmp_path / "archive"), 2)
    assert files_in(tmp_path) == set()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00 no json", b'{"images": [', b"[]", b'{"images": 3}'])
def test_an_unreadable_labels_file_is_named(rune: Rune, tmp_path: Path, content: bytes) -> None:
    labels = tmp_path / "labels.json"
    labels.write_bytes(content)
    assert_told(rune("index", "--labels", labels, "--archive", tmp_path / "archive"), 2, "labels.json")
    assert files_in(tmp_path) == {Path("labels.json")}


def test_a_broken_line_is_named_with_its_file_and_number(rune: Rune, tmp_path: Path) -> None:
    labels, sizes = tmp_path / "labels", tmp_path / "sizes.json"
    labels.mkdir()
    (labels / "P1.txt").write_text("1 1 9 1 9 9 1 9 ship 0\n1 1 9 1 9 what 1 9 ship 0\n", encoding="utf-8")
    sizes.write_text('{"P1": {"width": 10, "height": 10}}', encoding="utf-8")
    outcome = rune("index", "--labels", labels, "--sizes", sizes, "--archive", tmp_path / "archive")
    assert outcome.code in {1, 2}
    assert "P1.txt" in outcome.err and "2" in outcome.err
    assert "Traceback" not in outcome.err


def test_pictures_that_are_none_are_rejected_one_by_one(rune: Rune, tmp_path: Path) -> None:
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.mkdir()
    labels.mkdir()
    for stem in ("good", "text", "cut"):
        (labels / f"{stem}.txt").write_text("1 1 9 1 9 9 1 9 ship 0\n", encoding="utf-8")
    Image.new("RGB", (64, 64), "navy").save(images / "good.png")
    (images / "text.png").write_text("this is no picture", encoding="utf-8")
    (images / "cut.png").write_bytes((images / "good.png").read_bytes()[:40])
    arguments = ("index", images, "--labels", labels, "--archive", tmp_path / "archive")
    outcome = rune(*arguments, "--output", "json")
    assert outcome.code == 0
    assert outcome.json["images"] == 1
    assert {Path(each["path"]).name for each in outcome.json["rejected"]} == {"text.png", "cut.png"}
    assert "text.png" in outcome.err and "cut.png" in outcome.err
    assert "Traceback" not in outcome.err

    (images / "good.png").unlink()
    none = rune(*arguments[:-1], tmp_path / "other")
    assert none.code == 1
    assert "text.png" in none.err
