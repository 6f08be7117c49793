"""Z3's verdicts on random formulas and scenes, against the brute-force reference."""

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from solvers.fol.analysis import analyse
from solvers.fol.ast import Counted, Quantified
from solvers.fol.diagnostics import Code
from solvers.grounding import fold, problems_of
from solvers.judge import ImageJudge, JudgeSettings
from solvers.plan import Plan, make_plan
from solvers.witness import find_witness
from solvers.z3_backend import Z3Backend
from tests.conftest import REPOSITORY
from tests.reference.evaluate import Evaluator, read_hierarchy
from tests.reference.score import at_threshold
from tests.strategies import Pair, formulas, scenes
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


def plan_of(text: str) -> Plan:
    return make_plan(analyse(text, DOTA).require(), DOTA)


def is_vague(text: str, pair: Pair) -> bool:
    """Whether the design leaves it open: a class is unknown, and a quantifier is idle or has no entity."""
    idle = any(each.code is Code.UNUSED_VARIABLE for each in analyse(text, DOTA).diagnostics)
    return (idle or not pair.scene.entities) and not frozenset(DOTA.leaf_names) <= pair.scene.known_labels


@PROPERTY
@given(formulas(), scenes(), st.sampled_from((0.25, 0.5)))
def test_each_parts_verdict_is_the_references(text: str, pair: Pair, threshold: float) -> None:
    """At both settings, without the vectorised verdict: sat where true at the lower, unsat where false at the upper."""
    assume(not is_vague(text, pair))
    reference = Evaluator(at_threshold(pair.picture, threshold), HIERARCHY)
    judge = ImageJudge(plan_of(text), pair.scene, JudgeSettings(threshold=threshold))
    for part in judge.plan.parts:
        expected = reference.verdict(part.text)
        assert BACKEND.decide(part.formula, judge.certain, lower=True) is (expected == "sat")
        assert BACKEND.decide(part.formula, judge.certain, lower=False) is (expected != "unsat")


@PROPERTY
@given(formulas(), scenes(certain=True))
def test_blocks_put_as_plain_problems_fold_to_the_same_verdict(text: str, pair: Pair) -> None:
    """A problem and its signature have one truth, and the boolean combination of them is the formula's."""
    judge = ImageJudge(plan_of(text), pair.scene)

    def decide(block: Quantified | Counted, lower: bool) -> bool | None:
        if judge.certain.is_closed_unknown(block):
            return not lower
        problems = problems_of(block, judge.certain, lower=lower)
        answers = [BACKEND.holds(problem) for problem in problems]
        assert answers == [BACKEND.holds(problem.signature) for problem in problems]
        return any(answers)

    for part in judge.plan.parts:
        for lower in (True, False):
            folded = fold(part.formula, decide, lower=lower)
            assert folded is BACKEND.decide(part.formula, judge.certain, lower=lower)


@PROPERTY
@given(formulas(), scenes(certain=True))
def test_z3_accepts_the_witness_and_no_assignment_that_the_evaluator_refuses(text: str, pair: Pair) -> None:
    judge = ImageJudge(plan_of(text), pair.scene)
    for part in judge.plan.parts:
        evaluator = judge.certain
        places = range(len(pair.scene.entities))
        if not part.variables or len(part.variables) > 2 or not places:
            continue
        found = find_witness(evaluator, part.formula, {}, lower=True)
        for first in places:
            witness = dict.fromkeys(part.variables, first)
            witness[part.variables[-1]] = places[-1]
            accepted = BACKEND.decide(part.formula, evaluator, lower=True, witness=witness)
            assert isinstance(part.formula, Quantified)
            chosen = {name: np.array([place]) for name, place in witness.items()}
            assert accepted is bool(evaluator.table(part.formula.body, chosen, lower=True).bits.any())
        if found is not None:
            leading = {name: place for name in part.variables if isinstance(place := found[name], int)}
            assert BACKEND.decide(part.formula, evaluator, lower=True, witness=leading) is True
