"""The archive: what goes in comes out, whole, in the same bytes, whoever reads, writes or dies meanwhile."""

import json
import math
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvers.errors import InputError, RuneError
from solvers.ontology import Ontology
from solvers.scene import Entity, Scene
from tests.archive_support import DOTA, files_of, scenes, simple_scene, square, stored, write
from tools.archive import Archive, ArchiveWriter, EntityColumns, ImageKey
from tools.ontologies import load_ontology

ROOT = Path(__file__).parents[1]


@given(scenes(), st.integers(1, 4), st.integers(1, 4), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_scenes_and_columns_come_back_exactly(
    given: list[Scene], batch: int, images_per_part: int, finish: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = write(Path(folder) / "a", given, batch, images_per_part, finish=finish)
        archive = Archive.open(root)
        expected = sorted(given, key=lambda scene: scene.image_id)
        assert list(archive.scenes()) == expected
        assert [archive.scene(scene.image_id) for scene in given] == given
        assert archive.image_ids == tuple(scene.image_id for scene in expected)
        assert archive.ontology == DOTA
        assert archive.size.images == len(given)
        assert archive.size.entities == sum(len(scene.entities) for scene in given)
        for wanted in (None, frozenset[str](), frozenset({"plane", "ship"})):
            assert rows(archive.columns(wanted)) == expected_rows(expected, wanted)


def rows(columns: EntityColumns) -> list[tuple[int, int, int, float, list[list[float]]]]:
    assert columns.offsets[0] == 0
    assert columns.offsets[-1] == len(columns.corners)
    assert len(columns) == len(columns.offsets) - 1
    return [
        (
            int(columns.label_code[at]),
            int(columns.image_number[at]),
            int(columns.index[at]),
            float(columns.confidence[at]),
            columns.corners[columns.offsets[at] : columns.offsets[at + 1]].tolist(),
        )
        for at in range(len(columns))
    ]


def expected_rows(
    given: list[Scene], wanted: frozenset[str] | None
) -> list[tuple[int, int, int, float, list[list[float]]]]:
    return sorted(
        (
            (DOTA.leaf_names.index(each.label), number, each.index, each.confidence, [list(c) for c in each.polygon])
            for number, scene in enumerate(given)
            for each in scene.entities
            if wanted is None or each.label in wanted
        ),
        key=lambda row: row[:3],
    )


def test_a_negative_zero_keeps_its_sign(tmp_path: Path) -> None:
    scene = Scene("a", 1, 1, (Entity(0, "ship", 5e-324, ((-0.0, 0.0), (1.0, 0.0), (0.0, 1.0))),), frozenset())
    (back,) = Archive.open(write(tmp_path / "a", [scene])).scenes()
    assert math.copysign(1, back.entities[0].polygon[0][0]) == -1
    assert back.entities[0].confidence == 5e-324


@given(scenes(), st.randoms(use_true_random=False), st.integers(1, 4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_bytes_depend_on_the_scenes_alone(given: list[Scene], random: object, batch: int) -> None:
    shuffled = list(given)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        first = write(Path(folder) / "first", given, images_per_part=2)
        second = write(Path(folder) / "second", shuffled, batch, images_per_part=2)
        assert files_of(first) == files_of(second)


def test_one_image_more_leaves_the_other_parts_alone(tmp_path: Path) -> None:
    root = write(tmp_path / "a", [simple_scene(f"P{number:04d}") for number in range(600)], images_per_part=32)
    before = set(files_of(root))
    write(root, [simple_scene("P0300-new")], images_per_part=32)
    after = set(files_of(root))
    assert len(before) > 20
    assert len(after - before) <= 4
    assert after == set(files_of(write(tmp_path / "b", Archive.open(root).scenes(), images_per_part=32)))


def test_a_query_reads_only_the_classes_that_it_names(tmp_path: Path) -> None:
    given = [simple_scene(f"P{number}", ["plane", "ship", "harbor"]) for number in range(5)]
    root = write(tmp_path / "a", given)
    expected = rows(Archive.open(root).columns(frozenset({"ship"})))
    (file,) = root.glob("parts/entities-*.parquet")
    metadata = pq.ParquetFile(file).metadata
    labels = [metadata.row_group(group).column(0).statistics.min for group in range(metadata.num_row_groups)]
    assert labels == ["harbor", "plane", "ship"]
    data = bytearray(file.read_bytes())
    for group, label in enumerate(labels):
        if label != "ship":
            for number in range(metadata.num_columns):
                column = metadata.row_group(group).column(number)
                start = column.dictionary_page_offset or column.data_page_offset
                data[start : start + column.total_compressed_size] = bytes(column.total_compressed_size)
    file.write_bytes(data)
    assert rows(Archive.open(root).columns(frozenset({"ship"}))) == expected
    with pytest.raises(InputError, match="damaged"):
        Archive.open(root).columns(frozenset({"plane"}))


def test_the_parts_are_plain_parquet_for_other_tools(tmp_path: Path) -> None:
    root = write(tmp_path / "a", [simple_scene("P1"), simple_scene("P0")])
    entities = pq.read_table(next(root.glob("parts/entities-*.parquet")))
    assert entities.select(["label", "image_id", "index"]).to_pylist() == [
        {"label": "plane", "image_id": "P0", "index": 0},
        {"label": "plane", "image_id": "P1", "index": 0},
        {"label": "ship", "image_id": "P0", "index": 1},
        {"label": "ship", "image_id": "P1", "index": 1},
    ]
    assert entities.column("polygon")[0].as_py() == [0, 0, 10, 0, 10, 10, 0, 10]
    images = pq.read_table(next(root.glob("parts/images-*.parquet")))
    assert images.column("image_id").to_pylist() == ["P0", "P1"]


def test_replacing_dropping_and_renaming(tmp_path: Path) -> None:
    root = write(tmp_path / "a", [simple_scene("P1"), simple_scene("P2"), simple_scene("P3")])
    with ArchiveWriter(root, DOTA) as writer:
        assert writer.indexed[ImageKey("/P1")].image_id == "P1"
        writer.put(stored(simple_scene("P1", ["harbor"])))
        writer.drop(ImageKey("/P2"))
        writer.rename(ImageKey("/P3"), "A3")
        writer.finish()
    archive = Archive.open(root)
    assert archive.image_ids == ("A3", "P1")
    assert [each.label for each in archive.scene("P1").entities] == ["harbor"]
    assert archive.scene("A3").entities == simple_scene("P3").entities
    assert set(files_of(root)) == {".lock", "manifest.json", *(name for name in files_of(root) if "parts/" in name)}
    assert len(list(root.glob("parts/*"))) == 2


def test_an_open_archive_stays_as_it_was_while_it_is_rewritten(tmp_path: Path) -> None:
    root = write(tmp_path / "a", [simple_scene(f"P{number}") for number in range(20)], images_per_part=4)
    before = Archive.open(root)
    with ArchiveWriter(root, DOTA, 4) as writer:
        for number in range(20):
            writer.put(stored(simple_scene(f"P{number}", ["harbor"])))
            writer.commit()
            assert len(Archive.open(root).columns(frozenset({"harbor"}))) == number + 1
        writer.finish()
    assert {each.label for scene in before.scenes() for each in scene.entities} == {"plane", "ship"}
    assert len(before.columns()) == 40
    assert {each.label for scene in Archive.open(root).scenes() for each in scene.entities} == {"harbor"}


def test_two_writers_at_once_are_refused(tmp_path: Path) -> None:
    root = write(tmp_path / "a", [simple_scene("P1")])
    with ArchiveWriter(root, DOTA) as writer:
        with pytest.raises(InputError, match="is being written by another run"):
            ArchiveWriter(root, DOTA)
        writer.put(stored(simple_scene("P2")))
        writer.finish()
    assert Archive.open(write(root, [simple_scene("P3")])).image_ids == ("P1", "P2", "P3")


def test_a_killed_writer_loses_nothing_committed_and_blocks_nobody(tmp_path: Path) -> None:
    root = tmp_path / "a"
    script = f"""
import os, signal
from pathlib import Path
from tests.archive_support import DOTA, simple_scene, stored
from tools.archive import ArchiveWriter
writer = ArchiveWriter(Path({str(root)!r}), DOTA)
writer.put(stored(simple_scene("P1")))
writer.commit()
writer.put(stored(simple_scene("P2")))
(writer.root / "parts" / ".tmp-half").write_bytes(b"half")
(writer.root / "parts" / ("images-" + "0" * 24 + ".parquet")).write_bytes(b"orphan")
(writer.root / ".tmp-manifest.json").write_bytes(b"half")
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [scene.image_id for scene in Archive.open(root).scenes()] == ["P1"]
    write(root, [simple_scene("P2")])
    assert files_of(root) == files_of(write(tmp_path / "b", [simple_scene("P1"), simple_scene("P2")]))


def test_a_run_that_fails_before_its_first_commit_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), ArchiveWriter(tmp_path / "a", DOTA) as writer:
        writer.put(stored(simple_scene("P1")))
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_leaves_the_archive_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "a", [simple_scene("P1")])
    before = files_of(root)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with ArchiveWriter(root, DOTA) as writer:
        writer.put(stored(simple_scene("P2")))
        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(RuneError, match="cannot be written: No space left on device"):
            writer.commit()
    assert files_of(root) == before


def test_an_empty_archive_is_one(tmp_path: Path) -> None:
    archive = Archive.open(write(tmp_path / "a", []))
    assert (archive.image_ids, archive.size.images, archive.size.entities) == ((), 0, 0)
    assert list(archive.scenes()) == []
    columns = archive.columns()
    assert len(columns) == 0
    assert columns.corners.shape == (0, 2)
    assert columns.offsets.tolist() == [0]
    with pytest.raises(InputError, match="no image 'P1'"):
        archive.scene("P1")


def test_an_unknown_image_names_the_nearest(tmp_path: Path) -> None:
    archive = Archive.open(write(tmp_path / "a", [simple_scene("P0706"), simple_scene("Q1")]))
    with pytest.raises(InputError, match="no image 'P706'; the nearest is P0706"):
        archive.scene("P706")


def test_columns_of_a_class_that_is_no_leaf_are_a_programmers_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'vehicle' is no leaf class of ontology dota"):
        Archive.open(write(tmp_path / "a", [])).columns(frozenset({"vehicle"}))


def test_column_types_are_lean(tmp_path: Path) -> None:
    columns = Archive.open(write(tmp_path / "a", [simple_scene("P1")])).columns()
    assert [columns.image_number.dtype, columns.label_code.dtype, columns.index.dtype] == [np.int32, np.int16, np.int64]
    assert [columns.corners.dtype, columns.confidence.dtype, columns.offsets.dtype] == [
        np.float64,
        np.float64,
        np.int64,
    ]
    assert columns.labels == DOTA.leaf_names


def test_what_is_no_archive_says_how_to_make_one(tmp_path: Path) -> None:
    hint = "make one with: rune index IMAGES --archive"
    with pytest.raises(InputError, match=f"there is no such archive; {hint}"):
        Archive.open(tmp_path / "missing")
    with pytest.raises(InputError, match=rf"it has no manifest.json; {hint}"):
        Archive.open(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=f"an archive is a folder, and this is none; {hint}"):
        Archive.open(tmp_path / "file")
    with pytest.raises(InputError, match="an archive is a folder"):
        ArchiveWriter(tmp_path / "file", DOTA)


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("{}", "manifest.json is another's"),
        ('{"name": "my web app"}', "manifest.json is another's"),
        ("{", r"manifest.json:1:2: this is not JSON"),
        ('{"format": "rune-archive", "schema_version": 3}', "written by a newer version of RUNE .* update RUNE"),
        ('{"format": "rune-archive", "schema_version": 0}', "schema_version: 0 is no schema version"),
        ('{"format": "rune-archive", "schema_version": "2"}', "'2' is no schema version"),
        ('{"format": "rune-archive", "schema_version": 1}', "'ontology' is missing"),
    ],
)
def test_a_manifest_of_others_is_refused_and_kept(tmp_path: Path, manifest: str, message: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(InputError, match=message):
        Archive.open(tmp_path)
    with pytest.raises(InputError, match=message):
        ArchiveWriter(tmp_path, DOTA)
    assert files_of(tmp_path) == {"manifest.json": manifest.encode()}


def test_a_manifest_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    root = write(tmp_path / "a", [simple_scene("P1")])
    document = json.loads((root / "manifest.json").read_text())
    document["parts"][0]["images_file"] = "../../secret.parquet"
    (root / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(InputError, match=r"parts\[0\].images_file: this is no name of a part"):
        Archive.open(root)


def test_a_damaged_archive_says_so(tmp_path: Path) -> None:
    root = write(tmp_path / "a", [simple_scene("P1")])
    (file,) = root.glob("parts/entities-*.parquet")
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(InputError, match="the archive is damaged"):
        list(Archive.open(root).scenes())
    file.unlink()
    with pytest.raises(InputError, match="the archive is damaged"):
        Archive.open(root)


def test_another_ontology_is_refused_and_new_synonyms_are_taken_over(tmp_path: Path) -> None:
    root = write(tmp_path / "a", [simple_scene("P1")])
    with pytest.raises(InputError, match="made with ontology dota, whose classes are not those of ontology dior"):
        ArchiveWriter(root, load_ontology("dior"))
    newer = Ontology("dota", tuple(reversed(DOTA.classes)))
    with ArchiveWriter(root, newer) as writer:
        writer.finish()
    assert Archive.open(root).ontology == newer
    assert [scene.image_id for scene in Archive.open(root).scenes()] == ["P1"]


def test_pictures_within_the_archive_move_with_it(tmp_path: Path) -> None:
    inner, outer = tmp_path / "a" / "images" / "P1.png", tmp_path / "P2.png"
    with ArchiveWriter(tmp_path / "a", DOTA) as writer:
        for file in (inner, outer):
            scene = Scene(file.stem, 9, 9, (Entity(0, "ship", 1.0, square(0, 0)),), frozenset(), path=str(file))
            writer.put(stored(scene))
        writer.finish()
    (tmp_path / "a").rename(tmp_path / "b")
    archive = Archive.open(tmp_path / "b")
    assert archive.scene("P1").path == str(tmp_path / "b" / "images" / "P1.png")
    assert archive.scene("P2").path == str(outer)
