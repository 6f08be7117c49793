"""What an explanation says of an image that fails: what was found, which objects, and what it would take."""

import json
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from solvers import nearest
from solvers.fol.analysis import analyse
from solvers.judge import ImageJudge
from solvers.plan import make_plan
from solvers.verdict import Verdict
from tests.cli_support import Rune, caller
from tests.conftest import REPOSITORY
from tests.reference.evaluate import Evaluator, read_hierarchy
from tests.reference.scenes import read_label_folder, read_sizes
from tests.strategies import Pair, formulas, scenes
from tools import explain
from tools.check import check_image, nearest_miss
from tools.evaluation.brute_force.parse import parse
from tools.ontologies import load_ontology
from tools.results import BrokenClause, NearestMiss

DOTA = load_ontology("dota")
HIERARCHY = read_hierarchy(REPOSITORY / "tools" / "ontologies" / "dota.toml")
CATEGORIES = ("plane", "ship", "harbor", "storage_tank")
BOXES = (
    ("harbor", 0, 0, 40, 40),
    ("ship", 60, 0, 10, 10),  # 20 px from the harbour, which is near
    ("ship", 60, 30, 10, 10),
    ("ship", 300, 0, 10, 10),  # 260 px away
    ("ship", 200, 0, 10, 10),  # 160 px away
    ("plane", 600, 600, 20, 10),
    ("plane", 600, 900, 10, 30),
)
"""Class, left, top, width and height in px; an object's index is its place."""


@pytest.fixture
def archive(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    """One image of 1000 x 1000 px, `quay`."""
    annotations = [
        {
            "id": n,
            "image_id": 1,
            "category_id": CATEGORIES.index(label),
            "bbox": box,
            "area": box[2] * box[3],
            "iscrowd": 0,
        }
        for n, (label, *box) in enumerate(BOXES)
    ]
    coco = {
        "images": [{"id": 1, "file_name": "quay.png", "width": 1000, "height": 1000}],
        "annotations": annotations,
        "categories": [{"id": n, "name": name} for n, name in enumerate(CATEGORIES)],
    }
    (tmp_path / "quay.json").write_text(json.dumps(coco), encoding="utf-8")
    rune = caller(capfd)
    outcome = rune("index", "--labels", tmp_path / "quay.json", "--archive", tmp_path / "archive")
    assert outcome.code == 0, outcome.err
    return tmp_path / "archive"


def miss_of(text: str, archive: Path) -> NearestMiss:
    found = check_image(text, archive=archive, image_id="quay")
    assert found.verdict == "unsat"
    assert found.nearest_miss is not None
    named = {*found.nearest_miss.assignment.values(), *(i for each in found.nearest_miss.broken for i in each.entities)}
    assert named <= {entity.index for entity in found.entities}
    return found.nearest_miss


def only_broken(text: str, archive: Path) -> BrokenClause:
    (broken,) = miss_of(text, archive).broken
    return broken


def test_the_nearest_pair_is_measured(archive: Path) -> None:
    miss = miss_of("exists x y. plane(x) & ship(y) & near(x, y)", archive)
    (broken,) = miss.broken
    # From (600, 600) to the ship that ends at (310, 10).
    gap = (290**2 + 590**2) ** 0.5
    assert miss.assignment == {"x": 5, "y": 3}
    assert broken.found == f"plane #5 and ship #3 with a gap of {gap:.1f} px"
    assert broken.needed == f"at most {2 * 200**0.5:.1f} px"


def test_a_distance_is_missed_by_as_little_as_can_be(archive: Path) -> None:
    miss = miss_of("exists x y. harbor(x) & ship(y) & distance(x, y) > 255 px & distance(x, y) < 259 px", archive)
    assert miss.assignment == {"x": 0, "y": 3}
    assert [each.found for each in miss.broken] == ["distance(x, y) = 260.0 px"]


def test_a_count_names_what_was_found_and_the_next_one(archive: Path) -> None:
    broken = only_broken("exists>=3 x. ship(x) & exists y. harbor(y) & near(x, y)", archive)
    assert broken.found.startswith("2 (#1, #2); the next: ")
    assert "ship #3 and harbor #0 with a gap of 260.0 px, where at most 80.0 px is needed" in broken.found
    assert broken.needed == "at least 3"
    assert broken.entities == [1, 2, 3, 0]


@pytest.mark.parametrize(
    ("text", "found", "needed"),
    [
        ("exists>=6 x. ship(x)", "4 (#1, #2, #3, #4)", "at least 6"),
        ("exists<=2 x. ship(x)", "4 (#1, #2, #3, #4)", "at most 2"),
        ("exists=3 x. ship(x)", "4 (#1, #2, #3, #4)", "exactly 3"),
        ("exists>=1 x. storage_tank(x)", "0", "at least 1"),
    ],
)
def test_counts_say_how_many_and_which(text: str, found: str, needed: str, archive: Path) -> None:
    broken = only_broken(text, archive)
    assert (broken.found, broken.needed) == (found, needed)


def test_a_universal_names_the_first_one_against_it_and_what_it_lacks(archive: Path) -> None:
    broken = only_broken("forall x. ship(x) -> exists y. harbor(y) & near(x, y)", archive)
    assert broken.found == (
        "2 against it (x = #3, #4); for x = ship #3: the nearest is y = harbor #0: ship #3 and harbor #0 with a gap of"
        " 260.0 px, where at most 80.0 px is needed"
    )
    assert broken.needed == "none against it"
    assert broken.entities == [3, 4, 0]


def test_a_universal_of_a_measure_gives_the_value(archive: Path) -> None:
    broken = only_broken("forall x. plane(x) -> length(x) < 25 px", archive)
    assert (
        broken.found
        == "1 against it (x = #6); for x = plane #6: length(x) = 30.0 px, where length(x) < 25 px is needed"
    )


def test_a_universal_of_pairs_names_a_pair(archive: Path) -> None:
    broken = only_broken("forall x y. plane(x) & plane(y) & x != y -> parallel(x, y)", archive)
    assert "for x = plane #5, y = plane #6: plane #5 and plane #6 with 90 degrees between their axes" in broken.found
    assert broken.entities == [5, 6]


def test_a_class_that_is_not_there_is_said_to_be_missing(archive: Path) -> None:
    broken = only_broken("forall x. ship(x) -> exists y. storage_tank(y) & near(x, y)", archive)
    assert broken.found.endswith("for x = ship #1: no storage_tank, where some is needed")


def test_alternatives_are_told_one_by_one(archive: Path) -> None:
    broken = only_broken("exists x. harbor(x) & (in_right(x) | exists y. plane(y) & near(x, y))", archive)
    assert broken.found.startswith("none of the alternatives: harbor #0 centred at (20, 20) px of 1000 x 1000, where")
    assert "the nearest is y = plane #5: harbor #0 and plane #5 with a gap of" in broken.found
    assert broken.needed == "one of them"


def test_the_words_are_those_of_the_check(archive: Path) -> None:
    text = "exists x y. plane(x) & ship(y) & near(x, y)"
    said = explain(text, archive=archive, image_id="quay")
    assert said.check == check_image(text, archive=archive, image_id="quay")
    assert said.words[0].startswith("quay does not satisfy the formula: nothing in it makes these true together:")
    assert said.words[1] == "The nearest miss is x = plane #5, y = ship #3."
    assert said.words[2].startswith("near(x, y): found plane #5 and ship #3 with a gap of 657.4 px. Needed: at most")


def test_what_nothing_can_satisfy_is_told_in_an_empty_image(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rune: Rune = caller(capfd)
    coco = {
        "images": [{"id": 1, "file_name": "sea.png", "width": 10, "height": 10}],
        "annotations": [],
        "categories": [{"id": 1, "name": "ship"}],
    }
    (tmp_path / "sea.json").write_text(json.dumps(coco), encoding="utf-8")
    assert rune("index", "--labels", tmp_path / "sea.json", "--archive", tmp_path / "archive").code == 0
    for text in ("exists x. ship(x) & in_left(x)", "exists>=2 x. ship(x) & exists y. ship(y) & near(x, y)"):
        said = explain(text, archive=tmp_path / "archive", image_id="sea")
        assert said.check.verdict == "unsat"
        assert any("found" in line for line in said.words)


@settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(formulas(), scenes())
def test_of_any_formula_something_is_broken_where_it_fails(text: str, pair: Pair) -> None:
    """Whatever is nested in a part, unknown classes among it: what the nearest miss breaks is named, and why."""
    judge = ImageJudge(make_plan(analyse(text, DOTA).require(), DOTA), pair.scene)
    failing = [each.part for each in judge.judgement.parts if each.verdict is Verdict.UNSAT]
    miss = nearest_miss(judge, judge.judgement.parts)
    indices = {entity.index for entity in pair.scene.entities}
    assert {*miss.assignment.values(), *(index for each in miss.broken for index in each.entities)} <= indices
    assert all(each.found and each.needed for each in miss.broken)
    for part in failing:
        assert {clause.text for clause in part.clauses} & {each.clause for each in miss.broken}


@pytest.mark.parametrize("few", [0, 1 << 12])
def test_the_nearest_pairs_of_real_scenes_are_nearest(
    few: int, tmp_path: Path, shared_data: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where planes and other classes stand apart, the pair that is told has the least gap of all such pairs."""
    monkeypatch.setattr(nearest, "FEW", few)
    dota = shared_data / "dota"
    labels, sizes = dota / "labelTxt-hbb", dota / "image_sizes.json"
    outcome = caller(capfd)("index", "--labels", labels, "--sizes", sizes, "--archive", tmp_path / "real")
    assert outcome.code == 0, outcome.err
    text = "exists x y. large_vehicle(x) & ship(y) & adjacent(x, y)"
    classes = parse("large_vehicle(x) & ship(y)")
    compared = 0
    for picture in read_label_folder(labels, read_sizes(sizes)):
        present = {thing.label for thing in picture.things}
        if not {"large_vehicle", "ship"} <= present or len(picture.things) > 80 or compared == 5:
            continue
        reference = Evaluator(picture, HIERARCHY)
        found = check_image(text, archive=tmp_path / "real", image_id=picture.image_id)
        if found.verdict == "sat":
            continue
        pairs = [{"x": x, "y": y} for x, y in product(picture.indices, repeat=2)]
        gaps = [
            reference.relations.measure("distance", (pair["x"], pair["y"]))
            for pair in pairs
            if reference.value(classes, pair) is True
        ]
        assert found.nearest_miss is not None
        chosen = found.nearest_miss.assignment
        assert reference.relations.measure("distance", (chosen["x"], chosen["y"])) == pytest.approx(min(gaps))
        compared += 1
    assert compared
