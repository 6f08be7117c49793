"""Archives of earlier versions are read as they are, and become this version's when they are written to.

`fixtures/archives/version-1` was made by version 1 of the schema, from three scenes written by hand.
"""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from solvers.scene import Georeference, Scene
from tests.archive_support import DOTA, files_of, stored
from tests.conftest import REPOSITORY
from tools.archive import Archive, ArchiveWriter, ImageKey
from tools.archive.tables import entities_schema, images_schema
from tools.ranking import rank

OLD = REPOSITORY / "tests" / "fixtures" / "archives" / "version-1"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLD, tmp_path / "old"))


def test_an_archive_of_version_1_is_read_and_stays_as_it_is(old: Path) -> None:
    before = files_of(old)
    coast, field, nothing = Archive.open(old).scenes()
    assert (coast.image_id, coast.width, coast.height, coast.gsd, coast.path) == (
        "coast",
        400,
        300,
        0.5,
        "/data/coast.tif",
    )
    assert coast.georeference == Georeference("EPSG:32631", (0.5, 0, 500000, 0, -0.5, 5800000))
    assert [(each.index, each.label, each.confidence, each.difficult) for each in coast.entities] == [
        (0, "ship", 0.9, False),
        (2, "harbor", 0.5, True),
    ]
    assert (field.known_labels, len(field.entities)) == (frozenset({"plane", "helicopter"}), 3)
    assert (nothing.entities, nothing.acquired) == ((), None)
    assert rank("exists>=3 x. plane(x)", archive=old).results[0].image_id == "field"
    assert files_of(old) == before


def test_a_writer_upgrades_it_and_loses_nothing(old: Path) -> None:
    scenes = list(Archive.open(old).scenes())
    still_open = Archive.open(old)
    with ArchiveWriter(old, DOTA) as writer:
        assert writer.indexed[ImageKey("/data/coast")].digest == "digest-coast"
    assert json.loads((old / "manifest.json").read_text())["schema_version"] == 2
    assert list(Archive.open(old).scenes()) == scenes
    assert list(still_open.scenes()) == scenes
    (images,) = old.glob("parts/images-*.parquet")
    assert pq.read_schema(images).equals(images_schema())
    (entities,) = old.glob("parts/entities-*.parquet")
    assert pq.read_schema(entities).equals(entities_schema())
    assert entities.name in {each.name for each in OLD.glob("parts/*")}
    upgraded = files_of(old)
    with ArchiveWriter(old, DOTA) as writer:
        writer.finish()
    assert files_of(old) == upgraded


def test_an_upgraded_archive_takes_what_is_new(old: Path) -> None:
    taken = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
    with ArchiveWriter(old, DOTA) as writer:
        writer.put(stored(Scene("later", 10, 10, (), frozenset(), acquired=taken)))
        writer.finish()
    assert [scene.acquired for scene in Archive.open(old).scenes()] == [None, None, taken, None]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        Scene("a", 1, 1, (), frozenset(), acquired=datetime(2024, 5, 1))
