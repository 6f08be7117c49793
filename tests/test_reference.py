"""The brute-force reference's formulas, verdicts, witnesses and scores against the text of the design, by hand."""

from pathlib import Path

import pytest

from tests.reference.evaluate import Evaluator
from tests.reference.nearest import best_share, clause_share, smallest_failing
from tests.reference.scenes import Thing, read_label_file
from tests.reference.score import at_threshold, exact_score
from tests.reference.witness import witness_holds
from tests.reference_support import AT, HIERARCHY, box, judge, picture
from tools.evaluation.brute_force.parse import ReferenceSyntaxError, parse

SAME_TREES = [
    ("~plane(x) & ship(y)", "(~plane(x)) & ship(y)"),
    ("plane(x) | ship(x) & bridge(x)", "plane(x) | (ship(x) & bridge(x))"),
    ("plane(x) ^ ship(x) & bridge(x)", "plane(x) ^ (ship(x) & bridge(x))"),
    ("plane(x) | ship(x) ^ bridge(x)", "plane(x) | (ship(x) ^ bridge(x))"),
    ("plane(x) | ship(x) -> bridge(x)", "(plane(x) | ship(x)) -> bridge(x)"),
    ("plane(x) -> ship(x) -> bridge(x)", "plane(x) -> (ship(x) -> bridge(x))"),
    ("plane(x) <-> ship(x) -> bridge(x)", "plane(x) <-> (ship(x) -> bridge(x))"),
    ("plane(a) & exists x. ship(x) | bridge(x)", "plane(a) & (exists x. (ship(x) | bridge(x)))"),
    ("~exists x. ship(x) -> bridge(x)", "~(exists x. (ship(x) -> bridge(x)))"),
    ("exists x y. near(x, y)", "exists x. exists y. near(x, y)"),
    ("exists x (plane(x)) & ship(x)", "exists x. (plane(x) & ship(x))"),
    ("exists x y near(x, y)", "exists x y. near(x, y)"),
    ("forall x plane(x)", "forall x. plane(x)"),
    ("exists x forall y near(x, y)", "exists x. forall y. near(x, y)"),
    ("x != y", "~(x = y)"),
    ("exists>=3x.ship(x)", "exists>=3 x. ship(x)"),
]


@pytest.mark.parametrize(("short", "long"), SAME_TREES)
def test_precedence(short: str, long: str) -> None:
    assert parse(short) == parse(long)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plane(x",
        "plane x",
        "exists. plane(x)",
        "area(x) > 5",
        "distance(x) < 5 px",
        "exists>=2 x y. near(x, y)",
        "x &",
    ],
)
def test_what_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises(ReferenceSyntaxError):
        parse(text)


FLEET = (
    ("ship", box(20, 20)),
    ("ship", box(40, 20)),
    ("harbor", box(30, 40, 60, 10)),
    ("small_vehicle", box(500, 200)),
)

VERDICTS = [
    ("exists x. ship(x)", "sat"),
    ("exists x. plane(x)", "unsat"),
    ("forall x. plane(x) -> ship(x)", "sat"),
    ("exists x. vehicle(x)", "sat"),
    ("exists x y. ship(x) & ship(y) & x != y", "sat"),
    ("exists x y. harbor(x) & harbor(y)", "sat"),
    ("exists x y. harbor(x) & harbor(y) & x != y", "unsat"),
    ("exists>=2 x. ship(x)", "sat"),
    ("exists>=3 x. ship(x)", "unsat"),
    ("exists<=2 x. ship(x)", "sat"),
    ("exists<=1 x. ship(x)", "unsat"),
    ("exists=2 x. ship(x)", "sat"),
    ("exists=1 x. ship(x)", "unsat"),
    ("exists=0 x. plane(x)", "sat"),
    ("exists>=0 x. plane(x)", "sat"),
    ("forall x. ship(x) -> exists y. harbor(y) & near(x, y)", "sat"),
    ("forall x. vehicle(x) -> exists y. harbor(y) & near(x, y)", "unsat"),
    ("(exists x. ship(x)) ^ (exists y. plane(y))", "sat"),
    ("(exists x. ship(x)) ^ (exists y. harbor(y))", "unsat"),
    ("(exists x. ship(x)) <-> (exists y. plane(y))", "unsat"),
    ("(exists x. plane(x)) -> (exists y. helipad(y))", "sat"),
    ("exists x y. ship(x) & harbor(y) & distance(x, y) <= 10 px", "sat"),
    ("exists x y. ship(x) & harbor(y) & distance(x, y) < 10 px", "unsat"),
    ("exists x. harbor(x) & length(x) > width(x) & area(x) = 600 px2", "sat"),
    ("exists x. ship(x) & exists x. harbor(x)", "sat"),
    ("exists x. ship(x) & forall y. ship(y) & x != y -> cx(x) < cx(y)", "sat"),
    ("forall x. exists y. x = y", "sat"),
    ("forall x. exists y. x != y & same_class(x, y)", "unsat"),
]


@pytest.mark.parametrize(("formula", "expected"), VERDICTS)
def test_verdict(formula: str, expected: str) -> None:
    assert judge(formula, *FLEET) == expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("exists x. x = x", "unsat"),
        ("forall x. x != x", "sat"),
        ("exists<=0 x. ship(x)", "sat"),
        ("exists>=1 x. ship(x)", "unsat"),
    ],
)
def test_an_empty_scene(formula: str, expected: str) -> None:
    assert judge(formula) == expected


METRIC = [
    ("exists x y. ship(x) & harbor(y) & distance(x, y) < 50 m", None, "unknown"),
    ("exists x y. ship(x) & harbor(y) & distance(x, y) < 50 m", 4.9, "sat"),
    ("exists x y. ship(x) & harbor(y) & distance(x, y) < 50 m", 5.1, "unsat"),
    ("exists x y. ship(x) & harbor(y) & distance(x, y) < 0.05 km", 4.9, "sat"),
    ("exists x y. plane(x) & harbor(y) & distance(x, y) < 50 m", None, "unsat"),
    ("exists x y. ship(x) & harbor(y) & (distance(x, y) < 50 m | near(x, y))", None, "sat"),
    ("~exists x. ship(x) & length(x) > 5 m", None, "unknown"),
    ("exists>=2 x. ship(x) & length(x) > 5 m", None, "unknown"),
    ("exists>=3 x. ship(x) & length(x) > 5 m", None, "unsat"),
    ("exists<=2 x. ship(x) & length(x) > 5 m", None, "sat"),
    ("exists<=1 x. ship(x) & length(x) > 5 m", None, "unknown"),
    ("exists=3 x. ship(x) & length(x) > 5 m", None, "unsat"),
    ("exists=2 x. ship(x) & length(x) > 5 m", None, "unknown"),
    ("(exists x. ship(x)) ^ (exists y. harbor(y) & length(y) > 5 m)", None, "unknown"),
    ("(exists x. plane(x)) -> (exists y. harbor(y) & length(y) > 5 m)", None, "sat"),
    ("exists x. harbor(x) & area(x) >= 2400 m2", 2.0, "sat"),
    ("exists x. harbor(x) & area(x) > 0.24 ha", 2.0, "unsat"),
    ("exists x. harbor(x) & area(x) = 600 km2", 1000.0, "sat"),
    ("exists x. harbor(x) & length(x) > width(x)", None, "sat"),
]


@pytest.mark.parametrize(("formula", "gsd", "expected"), METRIC)
def test_metres_need_a_ground_sample_distance(formula: str, gsd: float | None, expected: str) -> None:
    assert judge(formula, *FLEET, gsd=gsd) == expected


KNOWN = frozenset({"ship", "harbor", "small_vehicle"})


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("exists x. plane(x)", "unknown"),
        ("~exists x. plane(x)", "unknown"),
        ("exists x. vehicle(x)", "unknown"),
        ("exists x. ship(x)", "sat"),
        ("exists x y. ship(x) & plane(y)", "unknown"),
        ("exists x y. bridge(x) & ship(y) & near(x, y)", "unknown"),
        ("(exists x. ship(x)) & exists>=3 y. ship(y) & exists z. plane(z)", "unsat"),
        ("exists x. ship(x) | plane(x)", "sat"),
        ("exists x. harbor(x) & ((exists y. plane(y)) | exists z. ship(z))", "sat"),
        ("forall x. plane(x) -> ship(x)", "unknown"),
    ],
)
def test_a_closed_formula_over_an_unknown_class_is_unknown(formula: str, expected: str) -> None:
    assert judge(formula, *FLEET, known=KNOWN) == expected


WITNESSES = [
    ("exists x. ship(x)", {"x": 0}, True),
    ("exists x. ship(x)", {"x": 2}, False),
    ("exists x. ship(x)", {}, False),
    ("exists x. ship(x)", {"x": 4}, False),
    ("exists x. ship(x)", {"x": 0, "y": 1}, False),
    ("exists x y. ship(x) & ship(y) & left_of(x, y)", {"x": 0, "y": 1}, True),
    ("exists x y. ship(x) & ship(y) & left_of(x, y)", {"x": 1, "y": 0}, False),
    ("exists>=2 x. ship(x)", {"x": [1, 0]}, True),
    ("exists>=2 x. ship(x)", {"x": [0, 0]}, False),
    ("exists>=2 x. ship(x)", {"x": [0, 2]}, False),
    ("exists>=1 x. ship(x)", {"x": [0, 1]}, False),
    ("exists=2 x. ship(x)", {"x": [0, 1]}, True),
    ("exists<=2 x. ship(x)", {}, True),
    ("exists<=2 x. ship(x)", {"x": [0, 1]}, False),
    ("exists x. ship(x) & ~exists y. plane(y)", {"x": 1}, True),
    ("exists x. ship(x) & exists y. harbor(y) & forall z. ship(z) -> near(z, y)", {"x": 1, "y": 2}, True),
    ("exists x. ship(x) & exists y. harbor(y) & forall z. ship(z) -> near(z, y)", {"x": 1, "y": 2, "z": 0}, False),
    ("(exists x. plane(x)) | exists y. ship(y)", {"y": 0}, True),
    ("(exists x. plane(x)) | exists y. ship(y)", {"x": 0}, False),
    ("(exists x. ship(x)) ^ exists y. plane(y)", {"x": 0}, True),
    ("(exists x. ship(x)) ^ exists y. plane(y)", {}, False),
    ("(exists x. helipad(x)) <-> exists y. plane(y)", {}, True),
    ("(exists x. ship(x)) -> exists y. harbor(y)", {"y": 2}, True),
    ("(exists x. ship(x)) -> exists y. harbor(y)", {"y": 1}, False),
    ("~forall x. ~ship(x)", {"x": 1}, True),
    ("~forall x. ~ship(x)", {"x": 2}, False),
    ("exists x. plane(x)", {"x": 0}, False),
]


@pytest.mark.parametrize(("formula", "witness", "expected"), WITNESSES)
def test_witness(formula: str, witness: dict[str, int | list[int]], expected: bool) -> None:
    assert witness_holds(formula, witness, Evaluator(picture(*FLEET), HIERARCHY)) is expected


def test_share_of_clauses_by_the_best_assignment() -> None:
    scene = Evaluator(picture(*FLEET), HIERARCHY)
    near_vehicle = ["ship(x)", "vehicle(y)", "near(x, y)"]
    assert best_share(near_vehicle, scene) == pytest.approx(2 / 3)
    assert smallest_failing(near_vehicle, scene) == [frozenset({1, 2})]
    assert smallest_failing(["ship(x)", "plane(y)", "near(x, y)"], scene) == [frozenset({1})]
    assert smallest_failing(["ship(x)"], scene) == []
    assert clause_share([near_vehicle, ["ship(x)"]], scene) == pytest.approx(5 / 6)


def test_score_is_the_probability_over_possible_worlds() -> None:
    scene = picture(("ship", AT, 0.5), ("ship", box(0, 0), 0.25), ("harbor", box(110, 100), 0.8), ("ship", AT, 0.04))
    assert exact_score("exists x. ship(x)", scene, HIERARCHY) == pytest.approx(1 - 0.5 * 0.75)
    assert exact_score("exists>=2 x. ship(x)", scene, HIERARCHY) == pytest.approx(0.125)
    assert exact_score("~exists x. ship(x)", scene, HIERARCHY) == pytest.approx(0.375)
    assert exact_score("exists x y. ship(x) & harbor(y) & near(x, y)", scene, HIERARCHY) == pytest.approx(0.4)
    assert exact_score("exists x. ship(x) & length(x) > 5 m", scene, HIERARCHY) == 0
    assert Evaluator(at_threshold(scene, 0.5), HIERARCHY).verdict("exists=1 x. ship(x)") == "sat"
    assert Evaluator(at_threshold(scene), HIERARCHY).verdict("exists=2 x. ship(x)") == "sat"


def test_reading_a_label_file(tmp_path: Path) -> None:
    path = tmp_path / "P1.txt"
    path.write_text("imagesource:GoogleEarth\r\ngsd:0.5\r\n0 0 4 0 4 2 0 2 storage-tank 1\r\n\r\n", encoding="utf-8")
    scene = read_label_file(path, 10, 20)
    assert (scene.image_id, scene.gsd, scene.width, scene.height) == ("P1", 0.5, 10, 20)
    assert scene.things == (Thing("storage_tank", ((0, 0), (4, 0), (4, 2), (0, 2))),)
