"""`rune archive`: info tells what is so, verify finds what is damaged, compact leaves what a fresh archive has."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from solvers.errors import InputError
from solvers.scene import Entity, Georeference, Scene
from tests.archive_support import DOTA, files_of, simple_scene, square, stored, write
from tests.cli_support import Rune, caller
from tests.test_archive_versions import OLD
from tests.test_index import changes, label, sizes
from tools import check_image, index_images, rank
from tools.archive import Archive, ArchiveWriter
from tools.archive.compact import compact_archive
from tools.archive.info import describe_archive
from tools.archive.manifest import Manifest, read_manifest, write_manifest
from tools.archive.part import write_part
from tools.archive.tables import PartTables, tables_of
from tools.archive.verify import verify_archive

FORMULA = "exists x. plane(x)"


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


def parts_of(root: Path) -> list[Path]:
    return sorted(root.glob("parts/*.parquet"))


def several(count: int) -> list[Scene]:
    return [simple_scene(f"P{number:03d}", ["plane", "ship"][: number % 3]) for number in range(count)]


def test_info_counts_what_there_is(tmp_path: Path) -> None:
    grid = Georeference("EPSG:32631", (0.5, 0, 1000, 0, -0.5, 2000))
    turned = Georeference("EPSG:32631", (0, 1, 3000, 1, 0, 5000))
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    given = [
        Scene("a", 100, 60, (Entity(0, "ship", 0.5, square(0, 0)),), frozenset(), 0.5, grid, "/d/a.tif", noon),
        Scene("b", 10, 20, (Entity(0, "ship", 0.1, square(0, 0)),) * 2, frozenset(), 2.0, turned),
        Scene("c", 10, 20, (Entity(0, "plane", 1.0, square(0, 0)),), frozenset()),
    ]
    given[1] = replace(given[1], entities=(given[1].entities[0], replace(given[1].entities[0], index=1)))
    found = describe_archive(write(tmp_path / "a", given, batch=1, finish=False))
    assert (found.images, found.entities, found.images_with_pixels, found.archive_version) == (3, 4, 1, 2)
    assert [(each.name, each.entities, each.images) for each in found.classes] == [("ship", 3, 2), ("plane", 1, 1)]
    assert [(each.crs, each.images, each.extent) for each in found.places] == [
        ("EPSG:32631", 2, (1000.0, 1970.0, 3020.0, 5010.0))
    ]
    assert (found.times.images, found.times.first, found.times.last) == (1, noon, noon)
    assert (found.gsd.images, found.gsd.least, found.gsd.greatest) == (2, 0.5, 2.0)
    assert (found.parts, [each.images for each in found.sources]) == (3, [3])
    on_disk = [tmp_path / "a" / "manifest.json", *parts_of(tmp_path / "a")]
    assert found.bytes == sum(file.stat().st_size for file in on_disk)


def test_info_in_text_and_json(rune: Rune, tmp_path: Path) -> None:
    root = write(tmp_path / "a", several(5))
    text, answer = rune("archive", "info", root), rune("archive", "info", "--archive", root, "--output", "json")
    assert (text.code, answer.code, answer.json["images"]) == (0, 0, 5)
    assert "plane" in text.out
    assert rune("archive", "info", write(tmp_path / "b", [])).code == 0


def test_every_changed_byte_is_found_and_its_file_named(tmp_path: Path) -> None:
    root = write(tmp_path / "a", several(12), images_per_part=4)
    assert verify_archive(root).problems == []
    chance = random.Random(0)
    for file in parts_of(root):
        whole = file.read_bytes()
        for at in (0, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(4))):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << chance.randrange(8))]) + whole[at + 1 :])
            assert {each.file for each in verify_archive(root).problems} == {f"parts/{file.name}"}
        for content in (b"", whole[: len(whole) // 2]):
            file.write_bytes(content)
            assert {each.file for each in verify_archive(root).problems} == {f"parts/{file.name}"}
        file.unlink()
        found = {(each.file, each.problem) for each in verify_archive(root).problems}
        assert found == {(f"parts/{file.name}", "the file is not there")}
        file.write_bytes(whole)
    assert verify_archive(root).status == "ok"


def test_a_changed_byte_in_what_is_read_never_changes_an_answer(tmp_path: Path) -> None:
    root = write(tmp_path / "a", several(9))
    expected = rank(FORMULA, archive=root, top_k=0).results
    (file,) = root.glob("parts/entities-*.parquet")
    whole, refused = file.read_bytes(), 0
    footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    for at in range(4, footer, 211):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        try:
            assert rank(FORMULA, archive=root, top_k=0).results == expected
        except InputError as error:
            assert f"damaged in parts/{file.name}" in str(error)
            refused += 1
    assert refused > 0


def test_a_damaged_part_can_be_skipped(tmp_path: Path, rune: Rune) -> None:
    root = write(tmp_path / "a", several(12), images_per_part=4)
    lost = next(part for part in read_manifest(root).parts if part.images > 1)
    file = root / "parts" / lost.entities_file
    file.write_bytes(file.read_bytes()[:-9])
    kept = [each for each in several(12) if not lost.first <= each.image_id <= lost.last]
    for command in (("rank", FORMULA), ("ask", "a plane"), ("check", FORMULA, "--image", lost.first)):
        refused = rune(*command, "--archive", root, "--output", "json")
        assert (refused.code, refused.json["status"]) == (2, "error")
        assert f"the archive is damaged in parts/{file.name}" in refused.json["error"]
    found = rune("rank", FORMULA, "--archive", root, "--skip-corrupt", "--top-k", "0", "--output", "json").json
    expected = rank(FORMULA, archive=write(tmp_path / "b", kept), top_k=0)
    assert found["results"] == expected.model_dump(mode="json")["results"]
    assert found["counts"] == expected.counts.model_dump()
    (warning,) = found["warnings"]
    assert warning.startswith(f"part parts/{file.name} of the archive is damaged")
    assert f"its {lost.images} images are left out" in warning
    ask = rune("ask", "a plane", "--archive", root, "--skip-corrupt", "--output", "json").json
    assert (ask["counts"], ask["warnings"]) == (found["counts"], [warning])
    check = check_image(FORMULA, archive=Archive.open(root, skip_corrupt=True), image_id=kept[0].image_id)
    assert check.warnings == [warning]
    verified = rune("archive", "verify", root, "--output", "json")
    assert (verified.code, verified.json["status"], len(verified.json["problems"])) == (1, "error", 1)


def test_what_was_given_up_is_indexed_again_and_nothing_else(tmp_path: Path) -> None:
    labels, stems = tmp_path / "labels", [f"P{number:03d}" for number in range(300)]
    for stem in stems:
        label(labels / f"{stem}.txt", "ship", "plane")
    run = {"labels": labels, "sizes": sizes(tmp_path, stems)}
    root = tmp_path / "a"
    index_images(archive=root, **run)
    whole = files_of(root)
    with ArchiveWriter(root, DOTA, 100) as writer:
        writer.finish()
    lost = read_manifest(root).parts[1]
    (root / "parts" / lost.images_file).write_bytes(b"")
    with pytest.raises(InputError, match=f"{lost.images_file}.*rune archive compact {root} --drop-corrupt"):
        index_images(archive=root, **run)
    with pytest.raises(InputError, match=lost.images_file):
        compact_archive(root)
    done = compact_archive(root, drop_corrupt=True)
    assert [(each.file, each.images) for each in done.dropped] == [(f"parts/{lost.images_file}", lost.images)]
    assert done.images == 300 - lost.images
    assert changes(index_images(archive=root, **run)) == (lost.images, 300 - lost.images, 0, 0)
    assert files_of(root) == whole


def test_compacting_leaves_what_a_fresh_archive_would_have(tmp_path: Path, rune: Rune) -> None:
    given = several(40)
    root = write(tmp_path / "a", given, batch=3, finish=False)
    assert 10 <= len(read_manifest(root).parts) <= 16
    (root / "parts" / ("images-" + "0" * 24 + ".parquet")).write_bytes(b"orphan")
    (root / "parts" / ".tmp-half").write_bytes(b"half")
    reader = Archive.open(root)
    assert verify_archive(root).leftovers == ["parts/.tmp-half", f"parts/images-{'0' * 24}.parquet"]
    outcome = rune("archive", "compact", root, "--output", "json")
    assert (outcome.code, outcome.json["parts_after"], outcome.json["images"]) == (0, 1, 40)
    assert outcome.json["bytes_after"] < outcome.json["bytes_before"]
    assert files_of(root) == files_of(write(tmp_path / "b", given))
    assert list(reader.scenes()) == list(Archive.open(root).scenes())
    with ArchiveWriter(root, DOTA), pytest.raises(InputError, match="is being written by another run"):
        compact_archive(root)


def test_compacting_upgrades_an_older_archive(tmp_path: Path) -> None:
    root = tmp_path / "a"
    for name, data in files_of(OLD).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    scenes = list(Archive.open(root).scenes())
    assert verify_archive(root).problems == []
    compact_archive(root)
    assert (list(Archive.open(root).scenes()), describe_archive(root).archive_version) == (scenes, 2)
    assert verify_archive(root).problems == []


def test_many_small_parts_are_merged_while_they_are_written(tmp_path: Path) -> None:
    with ArchiveWriter(tmp_path / "a", DOTA, 400) as writer:
        for number, scene in enumerate(several(100)):
            writer.put(stored(scene))
            if number % 2:
                writer.commit()
                assert len(read_manifest(tmp_path / "a").parts) <= 20
        writer.finish()
    assert files_of(tmp_path / "a") == files_of(write(tmp_path / "b", several(100), images_per_part=400))


def column(table: pa.Table, name: str, values: object) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(name), pa.array(values, table.schema.field(name).type))


def in_entities(name: str, change: Callable[[list[object]], object]) -> Callable[[PartTables], PartTables]:
    return lambda it: PartTables(it.images, column(it.entities, name, change(it.entities.column(name).to_pylist())))


def in_images(name: str, change: Callable[[list[object]], object]) -> Callable[[PartTables], PartTables]:
    return lambda it: PartTables(column(it.images, name, change(it.images.column(name).to_pylist())), it.entities)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (in_entities("confidence", lambda it: [2.0, *it[1:]]), "a confidence is not in (0, 1] (image 'P001')"),
        (in_entities("confidence", lambda it: [np.nan, *it[1:]]), "a confidence is not in (0, 1] (image 'P001')"),
        (in_entities("polygon", lambda it: [[np.inf] * 8, *it[1:]]), "a corner is not finite (image 'P001', 4 times)"),
        (in_entities("polygon", lambda it: [[0.0] * 5, *it[1:]]), "a polygon has fewer than three corners"),
        (in_entities("image_row", lambda it: [99, *it[1:]]), "a row is of an image that is not in the part"),
        (in_entities("image_row", lambda it: [0, *it[1:]]), "image_id and image_row differ"),
        (in_entities("label", lambda it: ["submarine"] * len(it)), "'submarine' is no leaf class of the ontology"),
        (in_entities("index", lambda it: [0] * len(it)), "two entities of one image have the same index"),
        (lambda it: PartTables(it.images, it.entities.slice(1)), "it has 2 rows, and manifest.json says 3"),
        (
            lambda it: PartTables(it.images, it.entities.take([1, 0, 2])),
            "rows are not sorted by label, image and index",
        ),
        (lambda it: PartTables(it.images, it.entities.drop_columns(["difficult"])), "its columns are not those of"),
        (in_images("image_id", lambda it: [it[1], it[0], it[2]]), "image ids are not sorted, or double (image 'P001')"),
        (in_images("width", lambda it: [0, *it[1:]]), "a width is below 1 (image 'P000')"),
        (in_images("gsd", lambda it: [-1.0, *it[1:]]), "a ground sample distance is not one"),
        (in_images("crs", lambda it: ["EPSG:4326", *it[1:]]), "a georeference has no affine transform"),
        (in_images("known_labels", lambda it: [["tram"], *it[1:]]), "'tram' among the known labels is no leaf class"),
    ],
)
def test_values_that_cannot_be_are_found(
    tmp_path: Path, spoil: Callable[[PartTables], PartTables], problem: str
) -> None:
    root = write(tmp_path / "a", several(3))
    (sound,) = read_manifest(root).parts
    tables = tables_of([stored(each) for each in several(3)], root)
    written = write_part(spoil(tables), root)
    bad = replace(sound, images_file=written.images_file, entities_file=written.entities_file)
    write_manifest(root, Manifest(DOTA, (bad,)))
    assert any(problem in each.problem for each in verify_archive(root).problems), verify_archive(root).problems


def test_images_that_are_in_two_parts_are_found(tmp_path: Path) -> None:
    root = write(tmp_path / "a", several(3))
    (part,) = read_manifest(root).parts
    again = write_part(tables_of([stored(each, "other") for each in several(2)], root), root)
    write_manifest(root, Manifest(DOTA, (part, again)))
    problems = [each.problem for each in verify_archive(root).problems]
    assert len(problems) == 2
    assert all("is in images-" in each for each in problems)


@pytest.mark.parametrize("action", ["info", "verify", "compact"])
def test_what_is_no_archive_has_every_key_of_the_answer(rune: Rune, tmp_path: Path, action: str) -> None:
    sound = rune("archive", action, write(tmp_path / "a", several(2)), "--output", "json")
    missing = rune("archive", action, tmp_path / "none", "--output", "json")
    assert (sound.code, missing.code, missing.json["status"]) == (0, 2, "error")
    assert set(missing.json) == set(sound.json)
    assert "there is no such archive" in missing.json["error"]
    assert rune("archive", action).code == 2
    assert "verify   Whether an archive is as it was written" in rune("archive").err
    assert rune("archive", action, "a", "--archive", "b").code == 2
