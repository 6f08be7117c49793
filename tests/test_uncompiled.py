"""What first questions use while loops are being compiled tells the same, to the bit, as those loops."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.columnar import chance_loops, reaches, uncompiled
from solvers.columnar.arrays import sorted_across
from solvers.columnar.batch_worlds import _patterns, _table
from solvers.tables import Words
from solvers.worlds import MAX_ENUMERATED, WORDS, draws_of

SEEDS = st.integers(0, 2**32 - 1)


def offsets_of(drawn: np.random.Generator) -> np.ndarray:
    """Where the entities of some images start, of which some have none."""
    return np.concatenate([[0], np.cumsum(drawn.integers(0, 4, int(drawn.integers(1, 9))))]).astype(np.int64)


@settings(deadline=None)  # the first call may compile
@given(SEEDS)
@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_how_far_entities_reach(precision: type[np.floating], seed: int) -> None:
    drawn = np.random.default_rng(seed)
    offsets = offsets_of(drawn)
    ids = drawn.permutation(40)[: offsets[-1]].astype(np.int32)
    centroid, area = drawn.uniform(0, 100, (40, 2)), drawn.uniform(0, 500, 40)
    low, high = centroid - drawn.uniform(0, 9, (40, 2)), centroid + drawn.uniform(0, 9, (40, 2))
    bounds = np.concatenate([low, high], axis=1).astype(precision)
    loop, plain = np.zeros((2, len(offsets) - 1, 3))
    reaches.measure(ids, offsets, centroid, bounds, area, loop)
    uncompiled.measure(ids, offsets, centroid, bounds, area, plain)
    assert (loop == plain).all()


def worlds_by(
    presence: Callable[..., None], first: tuple[int, ...], drawn: np.random.Generator, precision: type[np.floating]
) -> Words:
    offsets = offsets_of(drawn)
    images = len(offsets) - 1
    ids = drawn.permutation(40)[: offsets[-1]].astype(np.int32)
    confidence = np.where(drawn.random(40) < 0.2, 1.0, drawn.random(40)).astype(precision)
    index, numbers = drawn.integers(0, 60_000, 40), drawn.integers(0, MAX_ENUMERATED, 40).astype(np.uint8)
    numbers[confidence >= 1.0] = 255  # what is certain has no number
    draws, enumerated = draws_of(0), drawn.integers(0, 2, images).astype(np.uint8)
    width = int(drawn.choice((1, WORDS)))
    words = np.zeros((len(ids), width), np.uint64)
    span = (0, images) if first else ()
    presence(
        *span, ids, offsets, confidence, index, draws.ranks, draws.jitters, _table(0),
        enumerated if width == WORDS else np.zeros_like(enumerated), numbers, _patterns(), words,
    )  # fmt: skip
    return words


@settings(deadline=None)  # the first call may compile
@given(SEEDS)
@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_the_worlds_that_entities_are_in(precision: type[np.floating], seed: int) -> None:
    loop = worlds_by(chance_loops.presence, (0,), np.random.default_rng(seed), precision)
    plain = worlds_by(uncompiled.presence, (), np.random.default_rng(seed), precision)
    assert (loop == plain).all()


@settings(deadline=None)  # the first call may compile
@given(SEEDS)
def test_how_probable_what_is_held_is(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    images, width = int(drawn.integers(0, 9)), int(drawn.choice((1, WORDS)))
    held = drawn.integers(0, 2**64, (images, width), dtype=np.uint64)
    held[drawn.random(images) < 0.3] = ~np.uint64(0)
    held[drawn.random(images) < 0.2] = 0
    enumerated = (drawn.random(images) < 0.5 if width == WORDS else np.zeros(images)).astype(np.uint8)
    uncertain = np.where(enumerated, drawn.integers(0, MAX_ENUMERATED + 1, images), 20)
    of_bit = drawn.random((images, MAX_ENUMERATED))
    loop, plain = np.zeros((2, images))
    chance_loops.probabilities(held, enumerated, uncertain, of_bit, loop)
    uncompiled.probabilities(held, enumerated, uncertain, of_bit, plain)
    assert (loop == plain).all()


@settings(deadline=None)  # the first call may compile
@given(SEEDS)
def test_entities_from_left_to_right(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    starts = offsets_of(drawn)
    image = np.repeat(np.arange(len(starts) - 1), np.diff(starts)).astype(np.int32)
    x = drawn.integers(0, 5, len(image)).astype(np.float64)
    expected = sorted(range(len(image)), key=lambda place: (image[place], x[place], place))
    assert sorted_across(image, starts, x).tolist() == expected
    assert np.lexsort((x, image)).tolist() == expected
