"""The metrics of retrieval against examples worked out by hand, and against second libraries to 1e-9."""

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import bootstrap as scipy_bootstrap
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from tools.evaluation.metrics.bootstrap import Bootstrap, mean_of, ratio_of
from tools.evaluation.metrics.calibration import reliability
from tools.evaluation.metrics.complexity import complexity_figures
from tools.evaluation.metrics.ordering import levels_of, order_of, ordered_shares
from tools.evaluation.metrics.ranking import ranking_figures
from tools.evaluation.metrics.uncertainty import binary_entropy, uncertainty_figures
from tools.evaluation.metrics.verdicts import query_verdicts, verdict_figures

FEW = Bootstrap(queries=3, resamples=50)


def test_a_ranking_worked_out_by_hand() -> None:
    found = ranking_figures(np.array([True, False, True, False, False]))
    assert found is not None
    assert found.average_precision == pytest.approx((1 + 2 / 3) / 2, abs=1e-12)
    assert found.recalls == (0.5, 1.0, 1.0)
    assert found.ndcg == pytest.approx((1 + 1 / 2) / (1 + 1 / np.log2(3)), abs=1e-12)
    assert ranking_figures(np.zeros(4, np.bool_)) is None
    alone = ranking_figures(np.ones(1, np.bool_))
    assert alone is not None
    assert (alone.average_precision, alone.ndcg) == (1.0, 1.0)


@settings(max_examples=150, deadline=None)
@given(arrays(np.bool_, st.integers(2, 60)))
def test_rankings_agree_with_trec_eval(relevant: np.ndarray) -> None:
    found = ranking_figures(relevant)
    if not relevant.any():
        assert found is None
        return
    assert found is not None
    judged = {"q": {f"i{place}": int(each) for place, each in enumerate(relevant)}}
    run = {"q": {f"i{place}": float(len(relevant) - place) for place in range(len(relevant))}}
    measures = {"map", "recall.1,5,10", "ndcg"}
    theirs = pytrec_eval.RelevanceEvaluator(judged, measures).evaluate(run)["q"]
    ours = (found.average_precision, *found.recalls, found.ndcg)
    expected = (theirs["map"], theirs["recall_1"], theirs["recall_5"], theirs["recall_10"], theirs["ndcg"])
    assert ours == pytest.approx(expected, abs=1e-9)


def test_ties_are_in_the_order_of_the_ids() -> None:
    scores, near_misses = np.array([0.5, 0.0, 0.5, 0.0]), np.array([0.0, 0.2, 1.0, 0.7])
    assert order_of(levels_of(scores)).tolist() == [0, 2, 1, 3]
    assert order_of(levels_of(scores, near_misses)).tolist() == [2, 0, 3, 1]


def test_ordered_shares_by_hand() -> None:
    levels = levels_of(np.array([0.9, 0.5, 0.5, 0.1]))
    assert ordered_shares(levels, np.array([True, False, True, False])).tolist() == [1.0, 0.75, 0.75, 1.0]
    assert np.isnan(ordered_shares(levels, np.ones(4, np.bool_))).all()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40))
def test_ordered_shares_are_the_area_under_the_curve(pairs: list[tuple[int, bool]]) -> None:
    scores, relevant = np.array([float(each[0]) for each in pairs]), np.array([each[1] for each in pairs])
    shares = ordered_shares(levels_of(scores), relevant)
    if relevant.all() or not relevant.any():
        assert np.isnan(shares).all()
        return
    area = roc_auc_score(relevant, scores)
    assert [shares[relevant].mean(), shares[~relevant].mean()] == pytest.approx([area, area], abs=1e-9)


def test_robustness_to_complexity_by_hand() -> None:
    found = complexity_figures(np.array([2, 4, 10]), np.array([1, 2, 4]), np.array([1.0, 0.5, 0.25]), FEW)
    assert found.rrqc.value == pytest.approx((2 * 1 + 4 * 0.5 + 10 * 0.25) / 16)
    assert found.retention.value == pytest.approx((0.5 + 0.25) / 2)
    assert found.slope.value == pytest.approx(-0.75 / 8)  # the slopes are -1/4, -0.75/8 and -0.25/6
    assert [(each.level, each.queries, each.mean_ap.value) for each in found.levels] == [
        (1, 1, 1.0), (2, 1, 0.5), (4, 1, 0.25),
    ]  # fmt: skip
    without_first = complexity_figures(np.array([4, 4, 4]), np.array([2, 2, 2]), np.ones(3), FEW)
    assert (without_first.retention.value, without_first.slope.value) == (None, None)


def test_robustness_to_uncertainty_by_hand() -> None:
    unsure = np.array([[0.0, 0.1, 0.4, 0.5, 0.9, 1.0]])
    ordered = np.array([[1.0, 0.5, 0.0, 0.0, 0.75, 0.25]])
    relevant = np.array([[True, False, True, False, True, False]])
    found = uncertainty_figures(unsure, ordered, relevant, np.array([0.8]), Bootstrap(1, 20))
    assert found.rriu.value == pytest.approx((0.1 * 0.5 + 0.9 * 0.75 + 1.0 * 0.25) / 2.9)
    assert found.retention.value == pytest.approx((0.75 + 0.25) / (1.0 + 0.5))
    assert [(each.queries, each.mean_ap.value) for each in found.groups] == [(1, 0.8)]
    certain = uncertainty_figures(np.zeros((1, 6)), ordered, relevant, np.array([0.8]), Bootstrap(1, 20))
    assert (certain.rriu.value, certain.retention.value) == (None, None)


def test_equal_base_rates() -> None:
    """A third with fewer relevant images is not worse for it: within a label both thirds are ordered alike."""
    unsure = np.array([[0.0] * 4 + [0.5] * 4 + [1.0] * 4])
    relevant = np.array([[True, True, True, False] + [True, False] * 2 + [True, False, False, False]])
    ordered = np.where(relevant, 0.9, 0.5)
    found = uncertainty_figures(unsure, ordered, relevant, np.array([1.0]), Bootstrap(1, 20))
    assert found.retention.value == pytest.approx(1.0)


def test_binary_entropy() -> None:
    assert binary_entropy(np.array([0.0, 0.5, 1.0, 0.25])).tolist() == pytest.approx([0, 1, 0, 0.811278124459])


def test_verdicts_by_hand_and_by_scikit_learn() -> None:
    called = np.array([[True, True, False, False], [True, False, False, True], [False, True, False, False]])
    relevant = np.array([[True, False, True, False], [True, False, False, True], [False, False, False, False]])
    found = verdict_figures(called, relevant, FEW)
    flat = relevant.ravel(), called.ravel()
    assert found.precision.value == pytest.approx(3 / 5) == pytest.approx(precision_score(*flat), abs=1e-9)
    assert found.recall.value == pytest.approx(3 / 4) == pytest.approx(recall_score(*flat), abs=1e-9)
    assert found.f1.value == pytest.approx(6 / 9) == pytest.approx(f1_score(*flat), abs=1e-9)
    assert found.false_alarms.value == pytest.approx(1 / 4)
    one = query_verdicts(called[0], relevant[0])
    assert (one.precision, one.recall, one.f1) == (0.5, 0.5, 0.5)
    barren = query_verdicts(called[2], relevant[2])
    assert (barren.precision, barren.recall, barren.f1) == (0.0, None, 0.0)


def test_reliability_by_hand() -> None:
    found = reliability(np.array([0.02, 0.04, 0.9, 1.0]), np.array([False, True, True, True]))
    assert found is not None
    assert [(each.count, each.observed) for each in found.bins] == [(2, 0.5), (1, 1.0), (1, 1.0)]
    assert found.error == pytest.approx((2 * (0.5 - 0.03) + 0.1 + 0.0) / 4)
    assert found.brier == pytest.approx((0.02**2 + 0.96**2 + 0.1**2) / 4)
    assert reliability(np.zeros(0), np.zeros(0, np.bool_)) is None


def test_intervals_are_those_of_scipy() -> None:
    values = np.random.default_rng(1).random(40)
    ours = Bootstrap(40, 20_000, seed=3).interval(mean_of(values))
    theirs = scipy_bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(4)
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.003)
    assert ours == Bootstrap(40, 20_000, seed=3).interval(mean_of(values))


def test_intervals_of_what_is_not_defined() -> None:
    nothing = Bootstrap(3, 50).interval(ratio_of(np.zeros(3), np.zeros(3)))
    assert (nothing.value, nothing.low, nothing.high) == (None, None, None)
    assert Bootstrap(0).interval(mean_of(np.zeros(0))).value is None
    same = Bootstrap(3, 50).interval(mean_of(np.array([0.5, np.nan, 0.5])))
    assert (same.value, same.low, same.high) == (0.5, 0.5, 0.5)
