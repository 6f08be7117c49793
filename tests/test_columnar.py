"""A whole archive judged on its columns, against each image judged alone and against the brute-force reference."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvers.columnar.archive import SAT, VERDICTS, ArchiveJudge
from solvers.columnar.proof import prove
from solvers.columnar.witnesses import find_witnesses
from solvers.judge import ImageJudge, JudgeSettings, clause_share
from solvers.worlds import MAX_ENUMERATED
from tests.columnar_support import DOTA, HIERARCHY, batches, judge_of, questions, told_by_reference, z3_says
from tests.reference.evaluate import Evaluator
from tests.reference.score import at_threshold, exact_score
from tests.reference.witness import witness_holds
from tests.strategies import Pair, formulas

PROPERTY = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
ROUNDING = 1e-12
thresholds = st.sampled_from((0.25, 0.5, 0.01))
any_formulas = st.one_of(questions(), questions(), formulas())


def every_image(judge: ArchiveJudge) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(len(judge.store.images))


def alone(judge: ArchiveJudge) -> list[ImageJudge]:
    """Each image under the same question, judged from its scene."""
    return [judge.exact(number) for number in range(len(judge.store.images))]


@PROPERTY
@given(any_formulas, batches(), thresholds)
def test_verdicts_are_those_of_each_image_and_of_the_reference(text: str, pairs: list[Pair], threshold: float) -> None:
    judge = judge_of(text, [pair.scene for pair in pairs], JudgeSettings(threshold))
    found = [VERDICTS[verdict] for verdict in judge.verdicts]
    assert found == [one.judgement.verdict for one in alone(judge)]
    for verdict, pair in zip(found, pairs, strict=True):
        if told_by_reference(text, pair):
            assert verdict.value == Evaluator(at_threshold(pair.picture, threshold), HIERARCHY).verdict(text)


@PROPERTY
@given(any_formulas, batches())
def test_scores_are_those_of_each_image_and_exact_where_few_are_uncertain(text: str, pairs: list[Pair]) -> None:
    judge = judge_of(text, [pair.scene for pair in pairs])
    found = judge.settled_scores(every_image(judge))
    assert found.tolist() == pytest.approx([one.judgement.score for one in alone(judge)], abs=ROUNDING)
    for score, pair in zip(found.tolist(), pairs, strict=True):
        if told_by_reference(text, pair):
            assert score == pytest.approx(exact_score(text, pair.picture, HIERARCHY), abs=1e-9)


@PROPERTY
@given(any_formulas, batches(most=14))
def test_sampled_scores_and_parts_are_those_of_each_image(text: str, pairs: list[Pair]) -> None:
    judge = judge_of(text, [pair.scene for pair in pairs])
    scores = judge.settled_scores(every_image(judge))
    parts, is_open = judge.scorer.part_scores(every_image(judge), scores)
    for number, one in enumerate(alone(judge)):
        assert scores[number] == pytest.approx(one.judgement.score, abs=ROUNDING)
        if not is_open[number]:
            expected = [part.score for part in one.judgement.parts]
            assert parts[:, number].tolist() == pytest.approx(expected, abs=ROUNDING)


@PROPERTY
@given(any_formulas, batches(most=14), thresholds)
def test_no_score_and_no_share_exceeds_its_bound(text: str, pairs: list[Pair], threshold: float) -> None:
    judge = judge_of(text, [pair.scene for pair in pairs], JudgeSettings(threshold))
    images = every_image(judge)
    found, loose = judge.scorer.scores(images)
    exact = np.array([one.judgement.score for one in alone(judge)])
    assert (judge.upper_bounds >= exact).all()
    for _ in judge.scorer.tighter_bounds(images), judge.verdicts:  # without, and with, what denies images their verdict
        assert (judge.tighter_bounds(images) >= exact).all()
    assert (judge.tighter_bounds(images) <= judge.upper_bounds).all()
    assert (found[loose] >= exact[loose]).all()
    shares = [clause_share(one) for one in alone(judge)]
    assert (judge.share_bounds >= np.array(shares) - ROUNDING).all()
    assert [judge.share(number) for number in images.tolist()] == pytest.approx(shares, abs=ROUNDING)


@PROPERTY
@given(any_formulas, batches(), thresholds)
def test_z3_confirms_the_columns_and_witnesses_prove_them(text: str, pairs: list[Pair], threshold: float) -> None:
    judge = judge_of(text, [pair.scene for pair in pairs], JudgeSettings(threshold))
    images = every_image(judge)
    proved = prove(judge, images, z3_says())
    told = ~proved.is_open
    assert (proved.verdicts[told] == judge.verdicts[told]).all()
    witnesses = find_witnesses(judge, images, proved)
    for one, pair, witness, verdict in zip(alone(judge), pairs, witnesses, judge.verdicts, strict=True):
        if witness is None:
            continue
        assert verdict == SAT
        indices = {name: judge.store.index[entities].tolist() for name, entities in witness.items()}
        assert indices == one.witness()
        if told_by_reference(text, pair) and frozenset(DOTA.leaf_names) <= pair.scene.known_labels:
            assert witness_holds(judge.plan.text, indices, Evaluator(at_threshold(pair.picture, threshold), HIERARCHY))


@settings(PROPERTY, max_examples=60)
@given(any_formulas, batches(images=6))
def test_what_is_beside_an_image_in_the_archive_changes_nothing(text: str, pairs: list[Pair]) -> None:
    scenes = [pair.scene for pair in pairs]
    order = np.random.default_rng(len(text)).permutation(len(scenes))
    one, other = judge_of(text, scenes), judge_of(text, [scenes[place] for place in order])
    assert one.verdicts[order].tolist() == other.verdicts.tolist()
    assert one.upper_bounds[order].tolist() == other.upper_bounds.tolist()
    assert one.settled_scores(order).tolist() == other.settled_scores(np.arange(len(order))).tolist()
    alone_scores = [one.settled_scores(np.array([image]))[0] for image in order.tolist()]
    assert alone_scores == one.settled_scores(order).tolist()


def test_the_random_batches_hold_what_they_are_meant_to() -> None:
    """Sampled worlds, open images and every verdict: else the properties would say little."""
    seen: set[str] = set()

    @settings(PROPERTY, max_examples=60)
    @given(questions(), batches(most=14))
    def look(text: str, pairs: list[Pair]) -> None:
        judge = judge_of(text, [pair.scene for pair in pairs])
        seen.update(VERDICTS[verdict].value for verdict in judge.verdicts)
        uncertain = [sum(entity.confidence < 1 for entity in pair.scene.entities) for pair in pairs]
        scores = judge.settled_scores(every_image(judge))
        if any(many > MAX_ENUMERATED and 0 < score < 1 for many, score in zip(uncertain, scores, strict=True)):
            seen.add("estimated")
        if len(judge.groups) > 1:
            seen.add("groups")

    look()
    assert seen == {"sat", "unsat", "unknown", "estimated", "groups"}
