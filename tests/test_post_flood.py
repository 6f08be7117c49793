"""The post-flood archive that RUNE renders, and a responder's ten questions about it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from solvers.errors import InputError
from tests.cli_support import Rune, caller
from tests.conftest import REPOSITORY
from tools.archive import Archive
from tools.equivalence import equivalent
from tools.evaluation.brute_force.arrangement import Arrangement
from tools.evaluation.brute_force.evaluate import Evaluator
from tools.evaluation.brute_force.picture import Picture, Thing
from tools.evaluation.queryset import EvaluationQuery, read_query_set
from tools.flood_archive import flood_archive
from tools.ontologies import load_ontology
from tools.rendering import MARKER
from tools.sample.flood.files import SHARES, write_flood_sample
from tools.sample.flood.places import PLACES
from tools.sample.flood.scene import CLASSES, render_flood_scene
from tui.commands.demo import FLOOD_QUESTIONS

# The scenes are rendered once, not once a worker.

FLOODNET = load_ontology("floodnet")
QUERIES = read_query_set(REPOSITORY / "examples" / "post_flood.jsonl", FLOODNET)
NUMBER = {name: number for number, name in enumerate(CLASSES)}


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flood")
    report = flood_archive(folder).report
    assert (report.images, report.rejected, report.warnings) == (12, [], [])
    return folder


@pytest.fixture(scope="module")
def evaluators(home: Path) -> dict[str, Evaluator]:
    pictures = [
        Picture(
            scene.image_id,
            scene.width,
            scene.height,
            tuple(Thing(each.label, each.polygon, each.confidence) for each in scene.entities),
            scene.gsd,
            scene.known_labels,
        )
        for scene in Archive.open(home / "archive").scenes()
    ]
    return {each.image_id: Evaluator(Arrangement(each), FLOODNET.leaves_of) for each in pictures}


@pytest.mark.parametrize("query", QUERIES, ids=lambda each: each.id)
def test_a_responders_question_finds_some_images_and_not_all(
    rune: Rune, home: Path, evaluators: dict[str, Evaluator], query: EvaluationQuery
) -> None:
    answer = rune("ask", query.query or "", "--archive", home / "archive", "--top-k", "0", "--output", "json").json
    found = {each["image_id"] for each in answer["results"] if each["verdict"] == "sat"}
    assert 0 < len(found) < 12
    assert answer["counts"]["unknown"] == 0
    assert found == {name for name, each in evaluators.items() if each.satisfies(query.formula or "")}
    assert equivalent(answer["formula"], query.formula or "", ontology=FLOODNET).answer == "yes"


def test_there_are_ten_and_the_demo_asks_some_of_them(rune: Rune, home: Path) -> None:
    assert len(QUERIES) == 10
    assert set(FLOOD_QUESTIONS) <= {each.query for each in QUERIES}
    before = [each.stat().st_mtime_ns for each in sorted((home / "images").iterdir())]
    outcome = rune("demo", "--post-flood", "--dir", home, "--output", "json")
    assert outcome.code == 0
    assert [each["status"] for each in outcome.json["queries"]] == ["ok"] * len(FLOOD_QUESTIONS)
    assert [each.stat().st_mtime_ns for each in sorted((home / "images").iterdir())] == before


def test_masks_are_floodnets_and_match_the_pictures(home: Path) -> None:
    for mask in sorted((home / "masks").iterdir()):
        numbers = np.asarray(Image.open(mask))
        with Image.open(home / "images" / f"{mask.stem.removesuffix('_lab')}.png") as picture:
            pixels = np.asarray(picture)
        assert pixels.shape == (*numbers.shape, 3)
        assert set(np.unique(numbers)) <= set(range(len(CLASSES)))


def test_floods_rise_with_their_share_and_dry_scenes_have_none() -> None:
    wet = ("water", "flooded_building", "flooded_road")
    flooded = [
        np.isin(render_flood_scene(3, "inland_suburb", share, 192).classes, [NUMBER[each] for each in wet]).mean()
        for share in (0.0, 0.3, 0.7)
    ]
    assert flooded[0] == 0 < flooded[1] < flooded[2]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write_flood_sample(tmp_path / name, count=1, size=128) for name in ("a", "b"))
    assert [each.read_bytes() for each in first.files] == [each.read_bytes() for each in second.files]
    assert len(first.files) == 3


def test_a_rendering_that_is_not_whole_is_made_again(tmp_path: Path) -> None:
    flood_archive(tmp_path, count=1, size=128)
    picture = tmp_path / "images" / "F0001.png"
    kept = picture.read_bytes()
    picture.unlink()
    assert flood_archive(tmp_path, count=1, size=128).report.unchanged == 1
    assert picture.read_bytes() == kept
    (tmp_path / MARKER).write_text("{", encoding="utf-8")
    flood_archive(tmp_path, count=1, size=128)
    assert "F0001" in (tmp_path / MARKER).read_text(encoding="utf-8")


def test_what_cannot_be_rendered_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match="taken"):
        flood_archive(taken, count=1, size=128)
    with pytest.raises(InputError, match="64"):
        render_flood_scene(1, "village", 0.5, 32)
    with pytest.raises(InputError, match="village"):
        render_flood_scene(1, "moon", 0.5)
    assert len(SHARES) > len(PLACES)
