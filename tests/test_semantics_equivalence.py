"""`equivalent`: yes with a proof, no with a scene that the reference tells apart as well, else unknown."""

import pytest
from hypothesis import HealthCheck, assume, given, settings

import tools
from solvers import equivalence, telling_scene
from solvers.fol.diagnostics import FormulaError
from solvers.hard_stop import HardStopError
from tests.conftest import REPOSITORY
from tests.reference.evaluate import Evaluator, read_hierarchy
from tests.reference.scenes import Picture, Thing
from tests.strategies import LABELS, Pair, formulas, literals, scenes
from tools.equivalence import CounterExample, EquivalenceResult, equivalent
from tools.ontologies import load_ontology
from tools.validate import validate_formula

DOTA = load_ontology("dota")
HIERARCHY = read_hierarchy(REPOSITORY / "tools" / "ontologies" / "dota.toml")
PROPERTY = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
ALWAYS, NEVER = "forall x. x = x", "exists x. x != x"


def verdicts_in(scene: CounterExample, first: str, second: str) -> tuple[str, str]:
    """What the reference, which shares no code with the solver, says of the two in a counter-example."""
    things = tuple(Thing(each.label, tuple(each.polygon)) for each in scene.entities)
    picture = Picture("counter-example", scene.width, scene.height, things, scene.gsd, None, scene.transform)
    return Evaluator(picture, HIERARCHY).verdict(first), Evaluator(picture, HIERARCHY).verdict(second)


def assert_is_real(result: EquivalenceResult, first: str, second: str) -> None:
    """That the counter-example satisfies one of the two and not the other."""
    assert result.counter_example is not None
    told = (result.counter_example.first, result.counter_example.second)
    assert told == verdicts_in(result.counter_example, first, second)
    assert told.count("sat") == 1


YES = [
    ("exists x y. plane(x) & ship(y) & left_of(x, y)", "exists a b. ship(a) & right_of(a, b) & plane(b)", []),
    ("exists>=2 x. plane(x)", "exists x y. plane(x) & plane(y) & x != y", []),
    ("exists=1 x. ship(x)", "exists x. ship(x) & forall y. ship(y) -> x = y", []),
    ("~exists<=12 x. plane(x)", "exists>=13 y. plane(y)", []),
    ("exists>=30 x. plane(x) & exists y. ship(y) & on(x, y)", "exists>=30 b. plane(b) & exists a. ship(a) & on(b, a)",
     []),
    ("exists x. vehicle(x)", "(exists x. small_vehicle(x)) | exists y. large_vehicle(y)", []),
    ("exists x y. inside(x, y) & near(x, y)", "exists x y. contains(y, x)",
     ["adjacent implies near", "inside implies overlaps", "overlaps implies adjacent"]),
    ("exists x y z. left_of(x, y) & left_of(y, z)", "exists x y z. left_of(x, y) & left_of(y, z) & left_of(x, z)",
     ["left_of is transitive"]),
    ("exists x y. clustered(x, y) & plane(x) & ship(y)", "exists x y. near(y, x) & plane(x) & ship(y)",
     ["near is symmetric"]),
    ("exists x y. row(x, y)", "exists x y. left_of(x, y)", None),
    ("exists x. plane(x) & area(x) > 1 ha", "exists x. plane(x) & ~(area(x) <= 10000 m2)", []),
    ("exists x y. north_of(x, y) & north_of(y, x)", "exists x. plane(x) & ship(x)", ["north_of is asymmetric"]),
    ("~exists x. in_left(x) & in_right(x)", ALWAYS, ["in_left excludes in_right"]),
    ("exists x y. distance(x, y) < 9 m & distance(y, x) >= 9 m", NEVER, []),
    ("forall x y. distance(x, y) < 5 px -> distance(y, x) < 6 px", ALWAYS, []),
    ("exists x y. far_from(x, y) & ~far_from(y, x)", NEVER, []),
    ("exists x y z. plane(z) & distance(x, y) < distance(x, z)",
     "exists x y z. plane(x) & distance(y, z) < distance(x, y)", []),
    ("exists>=7 x. ship(x) & (exists y. plane(y) & distance(x, y) > 9 m) & exists z. harbor(z) & near(x, z)",
     "exists>=7 a. (exists b. near(b, a) & harbor(b)) & (exists c. 9 m < distance(c, a) & plane(c)) & ship(a)", []),
]  # fmt: skip

NO = [
    ("exists x. plane(x)", "exists x. ship(x)"),
    ("exists x. vehicle(x)", "exists x. small_vehicle(x)"),
    ("exists>=2 x. plane(x)", "exists x y. plane(x) & plane(y)"),
    ("exists>=20 x. plane(x)", "exists>=21 x. plane(x)"),
    ("exists=7 x. ship(x)", "exists>=7 x. ship(x)"),
    ("exists x y. near(x, y)", "exists x y. adjacent(x, y)"),
    ("exists x y. left_of(x, y)", "exists x y. upper_left_of(x, y)"),
    ("exists x y. inside(x, y)", "exists x y. on(x, y)"),
    ("exists x y. parallel(x, y)", "exists x y. aligned(x, y)"),
    ("exists a b c d. plane(a) & row(a, b, c, d)", "exists a b c d. plane(a) & column(a, b, c, d)"),
    ("exists a b c. clustered(a, b, c)", "exists a b c. near(a, b) & near(b, c)"),
    ("exists x y z. between(x, y, z)", "exists x y z. collinear(y, x, z)"),
    ("exists x. plane(x) & in_left(x)", "exists x. plane(x) & in_far_left(x)"),
    ("exists x. plane(x) & at_border(x)", "exists x. plane(x) & ~in_center(x)"),
    ("exists x. plane(x) & area(x) >= 400 m2", "exists x. plane(x) & area(x) > 500 m2"),
    ("exists x y. plane(x) & ship(y) & distance(x, y) < 2 km", "exists x y. plane(x) & ship(y) & distance(x, y) < 3 m"),
    ("exists x. length(x) > 20 px", "exists x. width(x) > 20 px"),
    ("exists x y. north_of(x, y)", "exists x y. above(x, y)"),
    ("forall x. ship(x) -> exists y. harbor(y) & near(x, y)", "exists y. harbor(y) & forall x. ship(x) -> near(x, y)"),
    ("exists x. plane(x) & ~exists y. ship(y) & near(x, y)", "(exists x. plane(x)) & ~exists y. ship(y)"),
    ("forall x. area(x) > 5 m2 | area(x) <= 5 m2", ALWAYS),
    ("forall x. plane(x)", "exists x. plane(x)"),
    ("exists x y z. ship(x) & between(x, y, z) & plane(y)", "exists x y z. ship(x) & between(y, x, z) & plane(y)"),
    ("exists x y z. collinear(x, y, z) & plane(z)", "exists x y z. collinear(x, y, z) & plane(y)"),
    ("exists x y. plane(x) & ship(y) & on(x, y)", "exists x y. plane(x) & ship(y) & on(y, x)"),
]  # fmt: skip

UNKNOWN = [
    ("forall x y. near(x, y) | far_from(x, y) | x = y", ALWAYS),
    ("exists x. in_left(x) & in_middle_column(x)", NEVER),
    ("exists x. area(x) < 0 px2", NEVER),
]


@pytest.mark.parametrize(("first", "second", "axioms"), YES)
def test_what_is_equivalent_is_proved_by_the_axioms_that_it_takes(
    first: str, second: str, axioms: list[str] | None
) -> None:
    result = equivalent(first, second)
    assert (result.answer, result.counter_example) == ("yes", None)
    if axioms is not None:
        assert set(axioms) <= set(result.axioms)
        assert bool(axioms) is bool(result.axioms)


@pytest.mark.parametrize(("first", "second"), NO)
def test_what_is_not_equivalent_is_shown_by_a_scene(first: str, second: str) -> None:
    result = equivalent(first, second)
    assert (result.answer, result.axioms) == ("no", [])
    assert_is_real(result, first, second)
    assert equivalent(first, second) == result  # the same every time


@pytest.mark.parametrize(("first", "second"), UNKNOWN)
def test_what_shapes_decide_and_the_axioms_do_not_is_unknown(first: str, second: str) -> None:
    result = equivalent(first, second)
    assert (result.answer, result.axioms, result.counter_example) == ("unknown", [], None)
    assert "axioms" in result.reason


def test_a_counter_example_is_as_small_as_it_can_be() -> None:
    result = equivalent("exists>=3 x. plane(x)", "exists>=4 x. plane(x)")
    assert result.counter_example is not None
    assert [each.label for each in result.counter_example.entities] == ["plane"] * 3


def test_without_proof_and_scene_the_answer_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def overrun(*_: object) -> None:
        raise HardStopError("no answer")

    monkeypatch.setattr(equivalence, "MAX_HERE", 0)
    assert equivalent("~exists x. plane(x)", "forall x. ~plane(x)").answer == "yes"  # behind the hard stop
    monkeypatch.setattr(equivalence, "run_with_hard_stop", overrun)
    monkeypatch.setattr(telling_scene, "SECONDS", -1.0)
    result = equivalent("exists x. plane(x)", "exists x. ship(x)")
    assert (result.answer, result.reason) == ("unknown", "Z3 reached its limit, and no scene tells them apart")


def test_an_invalid_formula_is_refused() -> None:
    with pytest.raises(FormulaError, match="plain"):
        tools.equivalent("exists x. plain(x)", ALWAYS)


@settings(PROPERTY, max_examples=120)
@given(formulas(depth=3), scenes(certain=True))
def test_what_is_said_before_any_scene_holds_in_every_scene(text: str, pair: Pair) -> None:
    """Unsatisfiable is never sat, and a tautology always is, where the source knows all classes."""
    assume(frozenset(DOTA.leaf_names) <= pair.scene.known_labels)
    codes = {each.code for each in validate_formula(text).diagnostics}
    verdict = Evaluator(pair.picture, HIERARCHY).verdict(text)
    assert not ("unsatisfiable" in codes and verdict == "sat")
    assert not ("tautology" in codes and verdict != "sat")


@settings(PROPERTY, max_examples=120)
@given(formulas(depth=3), scenes(certain=True))
def test_counts_that_are_not_written_out_are_judged_soundly(text: str, pair: Pair) -> None:
    """As a large count is, here every count above two."""
    assume("exists>=3" in text or "exists=3" in text or "exists<=" in text)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("solvers.counts.MAX_WRITTEN_OUT", 2)
        patched.setattr("solvers.theory.MAX_WRITTEN_OUT", 2)
        codes = {each.code for each in validate_formula(text).diagnostics}
    verdict = Evaluator(pair.picture, HIERARCHY).verdict(text)
    assert not ("unsatisfiable" in codes and verdict == "sat")
    assert not ("tautology" in codes and verdict == "unsat")


@settings(PROPERTY, max_examples=120)
@given(literals(("x", "y")), literals(("x", "y")), literals(("x", "y")), scenes(certain=True))
def test_conjunctions_of_literals_that_conflict_are_in_no_scene(one: str, two: str, three: str, pair: Pair) -> None:
    text = f"exists x y. {one} & ~({two}) & {three} & {LABELS[0]}(x)"
    warnings = [each for each in validate_formula(text).diagnostics if each.severity == "warning"]
    if any(each.code == "unsatisfiable" for each in warnings):
        assert Evaluator(pair.picture, HIERARCHY).verdict(text) != "sat"
        assert equivalent(text, NEVER).answer != "no"


@settings(PROPERTY, max_examples=60)
@given(formulas(depth=3), formulas(depth=3), scenes(certain=True))
def test_yes_holds_in_every_scene_and_no_in_the_one_that_is_shown(first: str, second: str, pair: Pair) -> None:
    assume(frozenset(DOTA.leaf_names) <= pair.scene.known_labels)
    for one, other in ((first, second), (first, f"~~({first})"), (first, f"({first}) & ({second})")):
        result = equivalent(one, other)
        reference = Evaluator(pair.picture, HIERARCHY)
        if result.answer == "yes":
            assert (reference.verdict(one) == "sat") is (reference.verdict(other) == "sat")
        elif result.answer == "no":
            assert_is_real(result, one, other)
