"""What one image, part or question costs is its own affair: limits make it unknown, and never another."""

import math
from dataclasses import replace

import pytest

from solvers import limits, tables
from solvers.clause_sets import largest_satisfiable, smallest_failing
from solvers.errors import LimitError
from solvers.evaluate import Evaluator
from solvers.fol.analysis import analyse
from solvers.judge import DisagreementError, ImageJudge, JudgeSettings, clause_share
from solvers.limits import DeadlineError
from solvers.nearest import clause_share as share_of_part
from solvers.plan import make_plan
from solvers.scene import Entity, Scene
from solvers.verdict import Verdict
from solvers.z3_backend import Z3Backend
from tools.ontologies import load_ontology

DOTA = load_ontology("dota")
HEAVY = "(exists>=2 x. plane(x) & exists y. plane(y) & near(x, y))"


def scene_of(labels: list[str], unknown: frozenset[str] = frozenset()) -> Scene:
    boxes = [((x, 0.0), (x + 4.0, 0.0), (x + 4.0, 4.0), (x, 4.0)) for x in map(float, range(0, 10 * len(labels), 10))]
    entities = tuple(Entity(n, label, 1.0, box) for n, (label, box) in enumerate(zip(labels, boxes, strict=True)))
    return Scene("scene", 10 * len(labels) + 1, 10, entities, frozenset(DOTA.leaf_names) - unknown)


def judge_of(text: str, scene: Scene, settings: JudgeSettings | None = None) -> ImageJudge:
    return ImageJudge(make_plan(analyse(text, DOTA).require(), DOTA), scene, settings or JudgeSettings())


@pytest.fixture
def small_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty planes are too much to relate; single entities are not."""
    monkeypatch.setattr(limits, "MAX_LITERALS", 1_000)


@pytest.mark.usefixtures("small_budget")
@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (HEAVY, Verdict.UNKNOWN),
        (f"{HEAVY} & exists z. ship(z)", Verdict.UNSAT),
        (f"(exists z. ship(z)) & {HEAVY}", Verdict.UNSAT),
        (f"{HEAVY} | exists z. plane(z)", Verdict.SAT),
        (f"(exists z. plane(z)) | {HEAVY}", Verdict.SAT),
        (f"{HEAVY} & exists z. plane(z)", Verdict.UNKNOWN),
        (f"~{HEAVY}", Verdict.UNKNOWN),
    ],
)
def test_a_limit_makes_its_own_part_unknown_whatever_the_order(text: str, verdict: Verdict) -> None:
    judge = judge_of(text, scene_of(["plane"] * 60))
    assert judge.judgement.verdict is verdict
    assert judge.judgement.limit is not None
    assert judge.prove(Z3Backend()).verdict is verdict
    assert 0 <= clause_share(judge) <= 1


@pytest.mark.parametrize("text", ["exists x y. plane(x) & ship(y) & near(x, y)", HEAVY, "exists>=3 x. plane(x)"])
def test_what_is_too_large_at_once_is_taken_in_pieces(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = scene_of(["plane"] * 12 + ["ship"] * 3)
    whole = judge_of(text, scene).judgement
    monkeypatch.setattr(tables, "MAX_CELLS", 20)
    pieces = judge_of(text, scene).judgement
    assert (pieces.verdict, pieces.score, pieces.limit) == (whole.verdict, whole.score, None)


def test_a_deadline_ends_the_run_within_an_image() -> None:
    def late() -> None:
        raise DeadlineError("late")

    judge = judge_of("exists x. plane(x)", scene_of(["plane"]), JudgeSettings(tick=late))
    with pytest.raises(LimitError, match="late"):
        assert judge.judgement.verdict


def test_shares_of_unknown_classes_do_not_depend_on_what_was_asked_before() -> None:
    judge = judge_of("exists x y. plane(x) & ship(y) & near(x, y)", scene_of(["ship"], frozenset({"plane"})))
    (part,) = judge.plan.parts
    assert share_of_part(judge.certain, part) == pytest.approx(1 / 3)


@pytest.mark.parametrize("size", [6, 9, 12])
def test_many_interchangeable_clauses_end_in_good_time(size: int) -> None:
    """Six to twelve planes in a row, asked of an image with two: counted in questions, not in seconds."""
    names = [f"x{n}" for n in range(size)]
    planes = " & ".join(f"plane({name})" for name in names)
    judge = judge_of(
        f"exists {' '.join(names)}. {planes} & row({', '.join(names)})", scene_of(["plane"] * 2 + ["ship"] * 5)
    )
    assert 0 < clause_share(judge) < 1


def test_largest_and_smallest_sets_are_exact_on_small_systems() -> None:
    """The oracle: clauses 0 to 5, of which {0, 1}, {2, 3, 4} and {1, 5} fail."""
    failing = (frozenset({0, 1}), frozenset({2, 3, 4}), frozenset({1, 5}))

    def can_hold(clauses: frozenset[int]) -> bool:
        return not any(each <= clauses for each in failing)

    assert largest_satisfiable(6, can_hold) == frozenset({0, 2, 3, 5})
    assert smallest_failing(6, can_hold) == frozenset({0, 1})


def test_beyond_the_limit_the_answers_are_still_sets_that_hold_and_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solvers.clause_sets.MAX_QUESTIONS", 12)

    def can_hold(clauses: frozenset[int]) -> bool:
        return len(clauses) <= math.isqrt(100) // 2

    assert len(largest_satisfiable(10, can_hold)) == 5
    assert len(smallest_failing(10, can_hold)) == 6


def test_an_evaluator_tells_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = judge_of(HEAVY, scene_of(["plane"] * 4))
    monkeypatch.setattr(tables, "MAX_CELLS", 0)
    evaluator = judge.certain
    assert isinstance(evaluator, Evaluator)
    assert not evaluator.truth(judge.plan.parts[0].formula, lower=True).any()
    assert evaluator.truth(judge.plan.parts[0].formula, lower=False).all()
    assert evaluator.limits


@pytest.mark.parametrize(
    ("text", "planted"),
    [
        ("exists x. plane(x)", Verdict.UNSAT),
        ("exists x. ship(x)", Verdict.SAT),
        ("exists>=2 x. plane(x)", Verdict.SAT),
        ("exists x. plane(x) & length(x) > 1 m", Verdict.UNSAT),
        ("exists x. plane(x) & length(x) > 1 m", Verdict.SAT),
        ("exists x. ship(x) & length(x) > 1 m", Verdict.UNKNOWN),
        ("exists x. plane(x)", Verdict.UNKNOWN),
    ],
)
def test_z3_does_not_let_a_wrong_verdict_pass(text: str, planted: Verdict) -> None:
    """One plane, and no ground sample distance: what is asked in metres of it is unknown."""
    judge = judge_of(text, scene_of(["plane"]))
    (true,) = judge.judgement.parts
    assert true.verdict is not planted
    wrong = replace(judge.judgement, verdict=planted, parts=(replace(true, verdict=planted),))
    judge.__dict__["judgement"] = wrong
    with pytest.raises(DisagreementError, match="the vectorised pass says"):
        judge.prove(Z3Backend())
