"""However the loops run, on threads or not, with corners at once or where they are asked for, answers are the same."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings

from solvers.columnar import ranges, store
from solvers.columnar.archive import ArchiveJudge
from solvers.columnar.sharing import Kept
from tests.columnar_support import batches, judge_of
from tests.strategies import Pair
from tests.test_columnar import PROPERTY, any_formulas

Numbers = npt.NDArray[np.int64]


def answers(judge: ArchiveJudge) -> list[list[float]]:
    """All that a ranking asks, to the bit."""
    images = np.arange(len(judge.store.images))
    judged = (judge.verdicts, judge.upper_bounds, judge.tighter_bounds(images), judge.settled_scores(images))
    return [each.tolist() for each in judged]


@settings(PROPERTY, max_examples=25)
@given(any_formulas, batches(images=4))
def test_threads_and_lazy_corners_change_no_answer(text: str, pairs: list[Pair]) -> None:
    scenes = [pair.scene for pair in pairs]
    expected = answers(judge_of(text, scenes))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranges, "ENTITIES_PER_THREAD", 0)
        patch.setattr(ranges, "JOINED_PER_THREAD", 0)
        assert answers(judge_of(text, scenes)) == expected
        patch.setattr(store, "MOSTLY", 2.0)  # no archive counts as one of upright boxes: corners at once
        assert answers(judge_of(text, scenes)) == expected


def test_what_is_kept_is_bounded_and_shared() -> None:
    kept, barrier = Kept(1_000), Barrier(8)
    made: list[int] = []

    def make(number: int, length: int = 50) -> tuple[Numbers]:
        made.append(number)
        return (np.full(length, number),)

    def ask(key: int) -> None:
        barrier.wait()
        for turn in range(50):
            number = (key + turn) % 5
            (found,) = kept.get(number, partial(make, number))
            assert (found == number).all()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(8)))
    assert 5 <= len(made) <= 8 * 50
    few = len(made)
    kept.get(7, partial(make, 7, 10))
    kept.get(7, partial(make, 7, 10))
    kept.get(9, partial(make, 9, 1_000))  # more than there is room for: made each time
    kept.get(9, partial(make, 9, 1_000))
    assert made[few:] == [7, 9, 9]
