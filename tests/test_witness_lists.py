"""All witnesses of an image, by brute force: valid, distinct, in order and complete; cut off where they are to be."""

from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from solvers.errors import InputError
from solvers.fol.analysis import analyse
from solvers.judge import ImageJudge
from solvers.plan import make_plan
from solvers.scene import Entity, Scene
from solvers.verdict import Verdict
from solvers.witness import witness_variables
from tests.cli_support import SCENES, Rune, assert_told, caller, coco, make_archive
from tests.conftest import REPOSITORY
from tests.reference.evaluate import Evaluator, read_hierarchy
from tests.reference.scenes import read_label_folder, read_sizes
from tests.reference.witness import witness_holds
from tests.strategies import Pair, formulas, is_vague, scenes
from tests.test_why_not import conjunctions, leaves_axes_open
from tools.check import all_witnesses, check_image
from tools.evaluation.brute_force.parse import parse
from tools.ontologies import load_ontology
from tools.results import PartWitnesses, Witness

DOTA = load_ontology("dota")
HIERARCHY = read_hierarchy(REPOSITORY / "tools" / "ontologies" / "dota.toml")
MANY = 10_000
PROPERTY = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def judge_of(text: str, scene: Scene) -> ImageJudge:
    return ImageJudge(make_plan(analyse(text, DOTA).require(), DOTA), scene)


def listed(judge: ImageJudge, most: int) -> list[PartWitnesses]:
    return all_witnesses(judge, judge.judgement.parts, most)


def key_of(witness: Witness) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return tuple((name, tuple(value) if isinstance(value, list) else (value,)) for name, value in witness.items())


@PROPERTY
@given(conjunctions(3), scenes(certain=True))
def test_the_assignments_of_a_block_are_all_those_that_hold(text: str, pair: Pair) -> None:
    reference = Evaluator(pair.picture, HIERARCHY)
    assume(not leaves_axes_open(text, reference) and not is_vague(text, pair, DOTA))
    judge = judge_of(text, pair.scene)
    by_id = {part.id: part for part in judge.plan.parts}
    for found in listed(judge, MANY):
        part = by_id[found.part]
        if not part.variables:
            continue
        clauses = [parse(clause.text) for clause in part.clauses]
        every = product(reference.picture.indices, repeat=len(part.variables))
        bindings = [dict(zip(part.variables, indices, strict=True)) for indices in every]
        expected = [each for each in bindings if all(reference.value(clause, each) is True for clause in clauses)]
        assert found.complete
        leading = [{name: each[name] for name in part.variables} for each in found.witnesses]
        assert [each for n, each in enumerate(leading) if n == 0 or each != leading[n - 1]] == expected


@PROPERTY
@given(formulas(), scenes(certain=True), st.integers(1, 5))
def test_each_witness_is_valid_and_distinct_and_a_limit_keeps_the_first(text: str, pair: Pair, most: int) -> None:
    reference = Evaluator(pair.picture, HIERARCHY)
    assume(not leaves_axes_open(text, reference) and not is_vague(text, pair, DOTA))
    judge = judge_of(text, pair.scene)
    named = witness_variables(judge.plan.formula)
    texts = {part.id: part.text for part in judge.plan.parts}
    variables = {part.id: set(part.variables) for part in judge.plan.parts}
    whole = {each.part: each for each in listed(judge, 500)}
    assert set(whole) == {each.part.id for each in judge.judgement.parts if each.verdict is Verdict.SAT}
    for each in whole.values():
        assert all(witness_holds(texts[each.part], witness, reference) for witness in each.witnesses if witness)
        assert all(set(witness) <= named for witness in each.witnesses)
        assert len(set(map(key_of, each.witnesses))) == len(each.witnesses)
    for few in listed(judge, most):
        every = whole[few.part]
        assert few.witnesses == every.witnesses[:most]
        assert few.complete == (len(every.witnesses) <= most)
        if every.complete:
            assert all(set(few.entities[name]) <= set(every.entities[name]) for name in few.entities)
            outermost = variables[few.part] & few.entities.keys()
            assert all(few.entities[name] == every.entities[name] for name in outermost)
            assert few.entities_complete
    if judge.judgement.verdict is Verdict.SAT:
        names = {name for each in whole.values() for witness in each.witnesses for name in witness}
        assert names >= set(judge.witness())


def row_of(labels: list[str]) -> Scene:
    boxes = [((x, 0.0), (x + 8.0, 0.0), (x + 8.0, 8.0), (x, 8.0)) for x in map(float, range(0, 10 * len(labels), 10))]
    entities = tuple(Entity(n, label, 1.0, box) for n, (label, box) in enumerate(zip(labels, boxes, strict=True)))
    return Scene("row", 10 * len(labels) + 1, 10, entities, frozenset(DOTA.leaf_names))


def test_permutations_are_listed_and_their_sets_counted() -> None:
    (found,) = listed(judge_of("exists x y. ship(x) & ship(y) & x != y & adjacent(x, y)", row_of(["ship"] * 4)), 100)
    pairs = [(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)]
    assert found.witnesses == [{"x": x, "y": y} for x, y in pairs]
    assert (found.complete, found.distinct_sets) == (True, 3)
    assert found.entities == {"x": [0, 1, 2, 3], "y": [0, 1, 2, 3]}


def test_a_mosaic_tells_all_that_takes_part_though_the_list_is_cut_off() -> None:
    """A row of 500 with a harbour in each fifth place: the ships beside one take part."""
    labels = ["harbor" if n % 5 == 0 else "ship" for n in range(500)]
    judge = judge_of("exists x y. ship(x) & harbor(y) & adjacent(x, y)", row_of(labels))
    (found,) = listed(judge, 10)
    assert (len(found.witnesses), found.complete) == (10, False)
    assert found.entities["y"] == list(range(0, 500, 5))
    assert found.entities["x"] == [n for n in range(499) if n % 5 in (1, 4)]


def test_a_count_lists_its_choices_and_all_that_is_counted() -> None:
    (found,) = listed(judge_of("exists>=2 x. ship(x)", row_of(["ship", "plane", "ship", "ship"])), 2)
    assert found.witnesses == [{"x": [0, 2]}, {"x": [0, 3]}]
    assert (found.complete, found.entities) == (False, {"x": [0, 2, 3]})


def test_a_huge_count_is_cut_off_and_not_written_out() -> None:
    (found,) = listed(judge_of("exists>=100 x. ship(x)", row_of(["ship"] * 200)), 3)
    assert (len(found.witnesses), found.complete, found.distinct_sets) == (3, False, 3)
    assert found.entities == {"x": list(range(200))}


def test_where_the_work_is_too_much_the_list_says_that_it_is_not_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solvers.witnesses.MAX_STEPS", 3)
    monkeypatch.setattr("solvers.witnesses.STEPS_A_WITNESS", 0)
    judge = judge_of("exists x y. ship(x) & ship(y) & x != y", row_of(["ship"] * 5))
    (found,) = listed(judge, MANY)
    assert not found.complete
    assert len(found.witnesses) < 20
    monkeypatch.setattr("solvers.joins.is_forest", lambda _: False)
    monkeypatch.setattr("solvers.clause_system.is_forest", lambda _: False)
    (found,) = listed(judge, 1)
    assert (sum(map(len, found.entities.values())) < 10, found.entities_complete) == (True, False)


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


@pytest.fixture
def archive(tmp_path: Path, rune: Rune) -> Path:
    return make_archive(tmp_path, rune)


HARBOURED = "exists x y. ship(x) & harbor(y) & near(x, y)"


def test_the_command_lists_them_in_json(rune: Rune, archive: Path) -> None:
    outcome = rune("check", HARBOURED, "--archive", archive, "--image", "bay", "--witnesses", "9", "--output", "json")
    assert outcome.code == 0
    assert outcome.json["witness"] == {"x": 1, "y": 0}
    (part,) = outcome.json["witnesses"]
    assert part == {
        "part": "p1",
        "witnesses": [{"x": 1, "y": 0}, {"x": 2, "y": 0}],
        "complete": True,
        "distinct_sets": 2,
        "entities": {"x": [1, 2], "y": [0]},
        "entities_complete": True,
    }
    assert [entity["index"] for entity in outcome.json["entities"]] == [0, 1, 2]
    without = rune("check", HARBOURED, "--archive", archive, "--image", "bay", "--output", "json")
    assert without.json["witnesses"] == []
    assert [entity["index"] for entity in without.json["entities"]] == [0, 1]


def test_the_command_says_where_they_are_and_that_there_are_more(rune: Rune, archive: Path) -> None:
    outcome = rune("check", HARBOURED, "--archive", archive, "--image", "bay", "--witnesses", "1")
    assert outcome.code == 0
    assert "p1 has more witnesses than the 1 that is listed" in outcome.out
    assert "x = ship #1; y = harbor #0" in outcome.out
    assert "Objects that are x in a witness of p1: 2, #1 at (185, 105), #2 at (115, 155)." in outcome.out


def test_a_part_that_holds_is_listed_where_another_fails(rune: Rune, archive: Path) -> None:
    text = "(exists x. ship(x)) & (exists y. storage_tank(y)) & ~exists z. ship(z) & in_right(z)"
    outcome = rune("check", text, "--archive", archive, "--image", "bay", "--witnesses", "5")
    assert "p1 has 2 witnesses, of 2 sets of objects:" in outcome.out
    assert "p3 holds, and no object has to prove it." in outcome.out
    assert "fails" not in outcome.out.split("p1 has")[1]


def test_a_wrong_number_of_witnesses_is_refused(rune: Rune, archive: Path) -> None:
    assert_told(rune("check", HARBOURED, "--archive", archive, "--image", "bay", "--witnesses", "-1"), 2, "-1 is less")
    with pytest.raises(InputError, match="witnesses is -2"):
        check_image(HARBOURED, archive=archive, image_id="bay", witnesses=-2)


def test_the_picture_shows_all_that_takes_part(rune: Rune, tmp_path: Path) -> None:
    for stem in SCENES:
        Image.new("RGB", (1000, 1000)).save(tmp_path / f"{stem}.png")
    (tmp_path / "scenes.json").write_text(coco(), encoding="utf-8")
    images = [tmp_path / f"{stem}.png" for stem in SCENES]
    outcome = rune("index", *images, "--labels", tmp_path / "scenes.json", "--archive", tmp_path / "pixels")
    assert outcome.code == 0, outcome.err
    where = ("--archive", tmp_path / "pixels", "--image", "bay", "--save-overlays", tmp_path / "drawn")
    outcome = rune("check", HARBOURED, *where, "--witnesses", "5", "--output", "json")
    assert outcome.code == 0, outcome.err
    assert len(outcome.json["witnesses"][0]["witnesses"]) == 2
    (drawn,) = (tmp_path / "drawn").iterdir()
    assert str(drawn) in outcome.err
    with Image.open(drawn) as picture:
        assert picture.width == 1000
        below_the_second_ship = [picture.convert("RGB").getpixel((115, y)) for y in range(155, 170)]
    assert len(set(below_the_second_ship)) > 1


def test_the_witnesses_of_real_scenes_are_those_of_brute_force(rune: Rune, tmp_path: Path, shared_data: Path) -> None:
    dota = shared_data / "dota"
    sizes = dota / "image_sizes.json"
    assert rune("index", "--labels", dota / "labelTxt-hbb", "--sizes", sizes, "--archive", tmp_path / "real").code == 0
    pictures = [each for each in read_label_folder(dota / "labelTxt-hbb", read_sizes(sizes)) if len(each.things) < 60]
    text = "exists x y. ship(x) & harbor(y) & near(x, y) & larger_than(y, x)"
    body = parse("ship(x) & harbor(y) & near(x, y) & larger_than(y, x)")
    compared = 0
    for picture in pictures:
        reference = Evaluator(picture, HIERARCHY)
        every = [{"x": x, "y": y} for x, y in product(picture.indices, repeat=2)]
        expected = [each for each in every if reference.value(body, each) is True]
        if not expected or compared == 8:
            continue
        compared += 1
        found = check_image(text, archive=tmp_path / "real", image_id=picture.image_id, witnesses=MANY)
        assert found.witnesses[0].witnesses == expected, picture.image_id
        assert found.witnesses[0].complete
    assert compared
