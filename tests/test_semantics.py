"""What Z3 says of a formula before any scene: each axiom of the design at work, conflicts in the formula's words."""

from pathlib import Path

import pytest

from solvers import semantics
from solvers.axioms import axioms_for
from solvers.fol.analysis import analyse
from solvers.fol.diagnostics import Code
from solvers.fol.signature import ORDERS, RELATIONS
from solvers.hard_stop import HardStopError
from solvers.judge import ImageJudge
from solvers.plan import make_plan
from solvers.scene import Entity, Georeference, Scene
from solvers.semantics import judge_formula
from solvers.theory import Theory
from solvers.verdict import Verdict
from tests.reference.scenes import read_label_folder, read_sizes
from tools.equivalence import equivalent
from tools.ontologies import load_ontology
from tools.validate import validate_formula

DOTA = load_ontology("dota")
NEVER = "exists x. x != x"

SYMMETRIC = ("near", "adjacent", "overlaps", "parallel", "perpendicular", "aligned")
OPPOSITE = {
    "in_left": "in_right", "in_top": "in_bottom", "in_top_left": "in_bottom_right",
    "in_top_right": "in_bottom_left", "in_far_left": "in_far_right", "in_far_top": "in_far_bottom",
}  # fmt: skip

AXIOMS = [
    *((f"{name} is irreflexive", f"exists x. {name}(x, x)", f"exists x y. {name}(x, y)") for name in ORDERS),
    *(
        (
            f"{name} is asymmetric",
            f"exists x y. {name}(x, y) & {name}(y, x)",
            f"exists x y. {name}(x, y) & ~{name}(y, x)",
        )
        for name in ORDERS
    ),
    *(
        (
            f"{name} is transitive",
            f"exists x y z. {name}(x, y) & {name}(y, z) & ~{name}(x, z)",
            f"exists x y z. {name}(x, y) & {name}(z, y) & ~{name}(x, z) & ~{name}(z, x) & x != z",
        )
        for name in ORDERS
    ),
    *((f"{name} is irreflexive", f"exists x. {name}(x, x)", f"exists x y. {name}(x, y)") for name in SYMMETRIC),
    *(
        (
            f"{name} is symmetric",
            f"exists x y. {name}(x, y) & ~{name}(y, x)",
            f"exists x y z. {name}(x, y) & ~{name}(y, z)",
        )
        for name in SYMMETRIC
    ),
    ("adjacent implies near", "exists x y. adjacent(x, y) & ~near(x, y)", "exists x y. near(x, y) & ~adjacent(x, y)"),
    (
        "overlaps implies adjacent",
        "exists x y. overlaps(x, y) & ~adjacent(x, y)",
        "exists x y. adjacent(x, y) & ~overlaps(x, y)",
    ),
    (
        "inside implies overlaps",
        "exists x y. inside(x, y) & ~overlaps(x, y)",
        "exists x y. overlaps(x, y) & ~inside(x, y)",
    ),
    (
        "inside implies smaller_than",
        "exists x y. inside(x, y) & ~smaller_than(x, y)",
        "exists x y. smaller_than(x, y) & ~inside(x, y)",
    ),
    (
        "on implies smaller_than",
        "exists x y. on(x, y) & ~smaller_than(x, y)",
        "exists x y. smaller_than(x, y) & ~on(x, y)",
    ),
    ("far_from excludes near", "exists x y. far_from(x, y) & near(x, y)", "exists x y. far_from(x, y) & ~near(x, y)"),
    *(
        (f"{one} excludes {other}", f"exists x. {one}(x) & {other}(x)", f"exists x y. {one}(x) & {other}(y)")
        for one, other in OPPOSITE.items()
    ),
    (
        "every entity has one leaf label",
        f"exists x. {' & '.join(f'~{leaf}(x)' for leaf in DOTA.leaf_names)}",
        f"exists x. {' & '.join(f'~{leaf}(x)' for leaf in DOTA.leaf_names[1:])}",
    ),
]  # fmt: skip

IN_THE_ENCODING = [
    ("exists x. plane(x) & ship(x)", "exists x. plane(x) & aircraft(x)"),
    ("exists x y. same_class(x, y) & plane(x) & ~plane(y)", "exists x y. same_class(x, y) & plane(x) & x != y"),
    ("exists x y. same_class(x, y) & ~same_class(y, x)", "exists x y. ~same_class(y, x)"),
    ("exists x y z. same_class(x, y) & same_class(y, z) & ~same_class(x, z)", "exists x y. same_class(x, y)"),
    ("exists x y. left_of(x, y) & right_of(x, y)", "exists x y. left_of(x, y) & above(x, y)"),
    ("exists x y. above(x, y) & below(x, y)", "exists x y. above(x, y) & right_of(x, y)"),
    ("exists x y. upper_right_of(x, y) & ~lower_left_of(y, x)", "exists x y. upper_right_of(x, y) & ~above(y, x)"),
    ("exists x y. south_of(x, y) & north_of(x, y)", "exists x y. south_of(x, y) & ~north_of(x, y)"),
    ("exists x y. west_of(x, y) & ~east_of(y, x)", "exists x y. west_of(x, y) & south_of(y, x)"),
    ("exists x y. contains(x, y) & ~inside(y, x)", "exists x y. contains(x, y) & ~on(y, x)"),
    ("exists x y. larger_than(x, y) & smaller_than(x, y)", "exists x y. larger_than(x, y) & near(x, y)"),
    ("exists x. area(x) < 5 m2 & area(x) > 6 m2", "exists x. area(x) < 5 m2 & area(x) > 6 px2"),
    ("exists x. length(x) < 1 km & length(x) >= 1000 m", "exists x. length(x) < 1 km & length(x) >= 999 m"),
    ("exists x y. cx(x) < cx(y) & cx(y) < cx(x)", "exists x y. cx(x) < cx(y) & cy(y) < cy(x)"),
    ("(exists>=3 x. ship(x)) & exists<=2 y. ship(y)", "(exists>=3 x. ship(x)) & exists<=3 y. ship(y)"),
    ("(exists>=40 x. ship(x)) & exists<=12 y. ship(y)", "(exists>=40 x. ship(x)) & exists<=40 y. ship(y)"),
    (
        "(exists>=40 x. small_vehicle(x)) & exists<=39 y. vehicle(y)",
        "(exists>=40 x. vehicle(x)) & exists<=39 y. small_vehicle(y)",
    ),
    ("exists=5 x. plane(x) & ship(x)", "exists=5 x. plane(x)"),
]  # fmt: skip

NOT_AMONG_THE_AXIOMS = [
    "exists x. area(x) < 0 m2",
    "exists x y. distance(x, y) != distance(y, x)",
    "exists x. far_from(x, x)",
    "exists x y. larger_than(x, y) & area(x) < area(y)",
    "exists x. in_left(x) & in_middle_column(x)",
    "exists x y z. collinear(x, y, z) & ~collinear(z, y, x)",
    "exists x y. left_of(x, y) & cx(x) > cx(y)",
]


def codes(text: str) -> list[str]:
    return [each.code for each in validate_formula(text).diagnostics if each.severity == "warning"]


@pytest.mark.parametrize(("axiom", "impossible", "possible"), AXIOMS)
def test_every_axiom_is_used_where_it_is_needed_and_no_further(axiom: str, impossible: str, possible: str) -> None:
    assert codes(impossible) == ["unsatisfiable"]
    assert codes(possible) == []
    proof = equivalent(impossible, NEVER)
    assert proof.answer == "yes"
    assert {axiom, axiom.replace("irreflexive", "asymmetric")} & set(proof.axioms)  # what is asymmetric is irreflexive


@pytest.mark.parametrize(("impossible", "possible"), IN_THE_ENCODING)
def test_labels_inverses_counts_and_numbers_need_no_axiom(impossible: str, possible: str) -> None:
    assert codes(impossible) == ["unsatisfiable"]
    assert codes(possible) == []


@pytest.mark.parametrize("text", NOT_AMONG_THE_AXIOMS)
def test_what_is_true_of_shapes_but_no_axiom_is_left_open(text: str) -> None:
    assert codes(text) == []


def test_the_axioms_are_those_that_are_tested() -> None:
    """Of all relations together; `same_class` and the inverses are in the encoding."""
    arities = {name: each.arity for name, each in RELATIONS.items() if not (each.variadic and name != "aligned")}
    atoms = " & ".join(f"{name}({', '.join('xyz'[:arity])})" for name, arity in arities.items())
    formula = analyse(f"exists x y z. {atoms}", DOTA).require()
    assert {each.statement for each in axioms_for((formula,), Theory(DOTA))} == {axiom for axiom, _, _ in AXIOMS}


@pytest.mark.parametrize(
    ("text", "part", "words"),
    [
        ("exists x. plane(x) & in_left(x) & ship(x)", None, ["plane(x)", "ship(x)"]),
        ("(exists z. ship(z)) & exists x y. overlaps(x, y) & plane(x) & far_from(y, x)",
         "exists x y. overlaps(x, y) & plane(x) & far_from(y, x)", ["overlaps(x, y)", "far_from(y, x)"]),
        ("(exists x. ship(x)) & ~exists y. ship(y)", None, ["ship(x)", "~exists y. ship(y)"]),
        ("∃x (Plane(x) ∧ ¬(¬Ship(x) ∨ Bridge(x)))", None, ["Plane(x)", "Ship(x)"]),
        ("~(forall x. ship(x) -> vehicle(x) | ship(x))", None, ["ship(x)", "~ship(x)"]),
        ("(exists x. x = x) & forall y. y != y", None, ["exists x", "forall y. y != y"]),
        ("exists>=3 x. plane(x) & in_top(x) & area(x) < 5 m2 & area(x) > 6 m2", None,
         ["area(x) < 5 m2", "area(x) > 6 m2"]),
        ("exists x y z. row(x, y, z) & plane(y) & left_of(z, x)", None, ["row(x, y, z)", "left_of(z, x)"]),
        ("exists x. plane(x) & (ship(x) | bridge(x))", None, ["plane(x)", "ship(x) | bridge(x)"]),
    ],
)  # fmt: skip
def test_a_conflict_is_the_fewest_clauses_in_the_formulas_own_words(
    text: str, part: str | None, words: list[str]
) -> None:
    (warning,) = (each for each in validate_formula(text).diagnostics if each.severity == "warning")
    assert warning.code == "unsatisfiable"
    assert warning.message == f"no scene can satisfy all of these at once: {'; '.join(words)}"
    shown = text[warning.start : warning.end]
    assert (part or text).strip("()") == shown.strip("()")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("forall x. area(x) > 5 px2 -> area(x) > 4 px2", ["tautology"]),
        ("forall x. area(x) > 5 m2 -> area(x) > 4 m2", []),
        ("forall x y. north_of(x, y) -> ~south_of(x, y)", []),
        ("forall x y. above(x, y) -> ~below(x, y)", ["tautology"]),
        ("forall x. ship(x) | north_of(x, x) | ~north_of(x, x)", ["tautology"]),
        ("(exists<=30 x. plane(x)) | exists>=20 y. aircraft(y)", ["tautology"]),
        ("(exists<=20 x. plane(x)) | exists>=30 y. aircraft(y)", []),
    ],
)
def test_a_tautology_holds_also_where_an_image_lacks_what_it_needs(text: str, expected: list[str]) -> None:
    """A literal in metres is unknown on an image without a ground sample distance, and then this is not sat."""
    assert codes(text) == expected


def test_counts_within_counts_are_not_written_out_beyond_measure() -> None:
    names = [f"x{number}" for number in range(11)]
    text = " ".join(f"exists>=8 {name}. plane({name}) &" for name in names) + " ship(x0)"  # of 8 to the 11 entities
    assert codes(text) == []


def test_nothing_is_said_where_the_process_overruns(monkeypatch: pytest.MonkeyPatch) -> None:
    def overrun(*_: object) -> None:
        raise HardStopError("no answer")

    monkeypatch.setattr(semantics, "MAX_HERE", 0)
    formula = analyse("exists x. plane(x) & ship(x)", DOTA).require()
    assert [each.code for each in judge_formula(formula, DOTA)] == [Code.UNSATISFIABLE]  # behind the hard stop
    monkeypatch.setattr(semantics, "run_with_hard_stop", overrun)
    assert judge_formula(formula, DOTA) == ()


def test_no_real_scene_breaks_an_axiom(shared_data: Path) -> None:
    """The first sixty entities of each of some real scenes, whose boxes lie as people drew them."""
    folder = shared_data / "dota"
    pictures = read_label_folder(folder / "labelTxt", read_sizes(folder / "image_sizes.json"))
    assert pictures
    north = Georeference("EPSG:32631", (0.6, 0.8, 0.0, 0.8, -0.6, 0.0))
    plans = [make_plan(analyse(impossible, DOTA).require(), DOTA) for _, impossible, _ in AXIOMS]
    for picture in pictures:
        entities = tuple(Entity(n, each.label, 1.0, each.polygon) for n, each in enumerate(picture.things[:60]))
        known = frozenset(DOTA.leaf_names)
        scene = Scene(picture.image_id, picture.width, picture.height, entities, known, 0.5, north)
        for plan in plans:
            assert ImageJudge(plan, scene).judgement.verdict is Verdict.UNSAT, (picture.image_id, plan.text)
