"""The solver against the brute-force reference, on random well-typed formulas and random scenes."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from solvers.equivalence import Equivalence, equivalent
from solvers.fol.analysis import analyse
from solvers.fol.ast import Formula
from solvers.fol.diagnostics import Code
from solvers.fol.parser import parse
from solvers.fol.printer import print_formula
from solvers.judge import ImageJudge, JudgeSettings, clause_share
from solvers.plan import Plan, make_plan
from solvers.semantics import judge_formula
from solvers.verdict import Verdict
from solvers.why_not import why_not
from solvers.z3_backend import Z3Backend
from tests.conftest import REPOSITORY
from tests.reference.evaluate import Evaluator, read_hierarchy
from tests.reference.nearest import clause_share as reference_share
from tests.reference.nearest import smallest_failing
from tests.reference.score import at_threshold, exact_score
from tests.reference.witness import witness_holds
from tests.strategies import Pair, formulas, is_vague, scenes
from tools.ontologies import load_ontology

DOTA = load_ontology("dota")
HIERARCHY = read_hierarchy(REPOSITORY / "tools" / "ontologies" / "dota.toml")
BACKEND = Z3Backend()
PROPERTY = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def canonical(text: str) -> Formula:
    analysis = analyse(text, DOTA)
    assert analysis.formula is not None, (text, analysis.diagnostics)
    return analysis.formula


def plan_of(text: str) -> Plan:
    return make_plan(canonical(text), DOTA)


@PROPERTY
@given(formulas())
def test_printing_and_parsing_again_changes_nothing(text: str) -> None:
    formula = canonical(text)
    printed = print_formula(formula)
    again = analyse(printed, DOTA)
    assert again.formula == formula
    assert again.canonical == printed


@PROPERTY
@given(formulas(), scenes(certain=True))
def test_vectorised_verdict_is_z3s_and_the_references(text: str, pair: Pair) -> None:
    assume(not is_vague(text, pair, DOTA))
    judge = ImageJudge(plan_of(text), pair.scene)
    expected = Evaluator(pair.picture, HIERARCHY).verdict(text)
    assert judge.judgement.verdict.value == expected
    assert judge.prove(BACKEND).verdict.value == expected
    assert judge.judgement.score == (1.0 if expected == "sat" else 0.0)


@PROPERTY
@given(formulas(), scenes(certain=True))
def test_canonical_text_and_parts_mean_what_was_written(text: str, pair: Pair) -> None:
    assume(not is_vague(text, pair, DOTA))
    reference = Evaluator(pair.picture, HIERARCHY)
    plan = plan_of(text)
    assert reference.verdict(plan.text) == reference.verdict(text)
    verdicts = {reference.verdict(part.text) for part in plan.parts}
    joined = next(each for each in ("unsat", "unknown", "sat") if each in verdicts)
    assert joined == reference.verdict(text)


@PROPERTY
@given(formulas(), scenes(certain=True))
def test_a_witness_proves_the_formula(text: str, pair: Pair) -> None:
    plan = plan_of(text)
    judge = ImageJudge(plan, pair.scene)
    assume(not is_vague(text, pair, DOTA))
    if judge.judgement.verdict is Verdict.SAT:
        witness = judge.witness()
        assert witness_holds(plan.text, witness, Evaluator(pair.picture, HIERARCHY))
        assert ImageJudge(plan, pair.scene).witness() == witness
    else:
        assert judge.witness() == {}


@PROPERTY
@given(formulas(), scenes(), st.sampled_from((0.25, 0.5)))
def test_uncertain_scenes_give_the_verdict_at_the_threshold_and_the_exact_score(
    text: str, pair: Pair, threshold: float
) -> None:
    assume(not is_vague(text, pair, DOTA))
    judge = ImageJudge(plan_of(text), pair.scene, JudgeSettings(threshold=threshold))
    expected = Evaluator(at_threshold(pair.picture, threshold), HIERARCHY).verdict(text)
    assert judge.judgement.verdict.value == expected
    assert judge.prove(BACKEND).verdict.value == expected
    assert judge.judgement.score == pytest.approx(exact_score(text, pair.picture, HIERARCHY), abs=1e-9)


@settings(PROPERTY, max_examples=40)
@given(formulas(), scenes(most=12))
def test_many_uncertain_entities_are_estimated_within_the_stated_error(text: str, pair: Pair) -> None:
    assume(not is_vague(text, pair, DOTA))
    judge = ImageJudge(plan_of(text), pair.scene, JudgeSettings())
    exact = exact_score(text, pair.picture, HIERARCHY)
    assert abs(judge.judgement.score - exact) <= 4 * 0.5 / 256**0.5


@PROPERTY
@given(formulas(), scenes(certain=True, most=4))
def test_clause_share_and_smallest_failing_set_are_the_references(text: str, pair: Pair) -> None:
    plan = plan_of(text)
    judge = ImageJudge(plan, pair.scene)
    reference = Evaluator(pair.picture, HIERARCHY)
    verdict = judge.judgement.verdict
    known = frozenset(pair.scene.known_labels) >= frozenset(DOTA.leaf_names)
    assume(verdict is not Verdict.UNKNOWN and known)
    assume(len({name for part in plan.parts for name in part.variables}) <= 4)
    clauses = [[clause.text for clause in part.clauses] for part in plan.parts]
    assert clause_share(judge) == pytest.approx(reference_share(clauses, reference))
    if verdict is Verdict.UNSAT:
        failures = why_not(judge, BACKEND)
        assert failures
        by_part = {part.id: [clause.text for clause in part.clauses] for part in plan.parts}
        if pair.scene.gsd is not None and pair.scene.georeference is not None:
            (part,) = {failure.part for failure in failures}
            smallest = {
                frozenset(by_part[part][place] for place in places)
                for places in smallest_failing(by_part[part], reference)
            }
            assert frozenset(failure.clause for failure in failures) in smallest


def everything_known(pair: Pair) -> bool:
    complete = frozenset(DOTA.leaf_names) <= pair.scene.known_labels
    return complete and pair.scene.gsd is not None and pair.scene.georeference is not None


@PROPERTY
@given(formulas(), scenes(certain=True))
def test_what_z3_says_before_any_scene_holds_in_scenes(text: str, pair: Pair) -> None:
    formula = canonical(text)
    codes = {each.code for each in judge_formula(formula, DOTA)}
    verdict = Evaluator(pair.picture, HIERARCHY).verdict(text)
    assert not (Code.UNSATISFIABLE in codes and verdict == "sat")
    assert not (Code.TAUTOLOGY in codes and verdict == "unsat")


@settings(PROPERTY, max_examples=100)
@given(formulas(depth=2), formulas(depth=2), scenes(certain=True))
def test_equivalent_formulas_have_the_same_verdict(first: str, second: str, pair: Pair) -> None:
    """Each formula is equivalent to its own negated negation, and to another one only if no scene tells them apart."""
    one, two = canonical(first), canonical(second)
    assert equivalent(one, canonical(f"~~({first})"), DOTA).answer in (Equivalence.YES, Equivalence.UNKNOWN)
    assert equivalent(one, canonical(f"~({first})"), DOTA).answer in (Equivalence.NO, Equivalence.UNKNOWN)
    if equivalent(one, two, DOTA).answer is Equivalence.YES and everything_known(pair):
        reference = Evaluator(pair.picture, HIERARCHY)
        assert reference.verdict(first) == reference.verdict(second)


@PROPERTY
@given(st.text(alphabet="existforalpnxyz.()~&|<->=∃∀¬∧∨→≥3 \\{}[]\"'", max_size=60))
def test_any_text_gives_a_formula_or_diagnostics_with_positions(text: str) -> None:
    analysis = analyse(text, DOTA)
    if analysis.formula is None:
        assert analysis.diagnostics
    for each in analysis.diagnostics:
        assert 0 <= each.start <= each.end <= len(text)
        assert each.message


@pytest.mark.parametrize("text", ["(" * 10_000, "~" * 100_000, "p(x) & " * 150_000, "[" * 50 + "x" * 1_000_000])
def test_deep_and_long_texts_are_refused(text: str) -> None:
    parsed = parse(text)
    assert parsed.formula is None
    assert {each.code for each in parsed.diagnostics} <= {Code.TOO_EXPENSIVE, Code.SYNTAX}
