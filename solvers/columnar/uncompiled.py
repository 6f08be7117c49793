"""What the first questions after an installation use while loops are being compiled: the same to the bit, by numpy.

The arguments are those of the loop of the same name, for all its images; these take more time and memory.
"""

import numpy as np

from solvers.columnar.kernels import Bytes, Floats, Ids, Places, Reals, Wholes
from solvers.tables import ALL_ONES, Words

_IMAGES_AT_ONCE = 10_000


def measure(ids: Ids, offsets: Places, centroid: Floats, bounds: Reals, area: Floats, reach: Floats) -> None:
    """See `reaches.measure`."""
    for first in range(0, len(offsets) - 1, _IMAGES_AT_ONCE):
        span = slice(first, first + _IMAGES_AT_ONCE)
        own = offsets[first : span.stop + 1]
        _measure_some(ids[own[0] : own[-1]], own - own[0], centroid, bounds, area, reach[span])


def _measure_some(ids: Ids, offsets: Places, centroid: Floats, bounds: Reals, area: Floats, reach: Floats) -> None:
    some = offsets[:-1] < offsets[1:]
    starts = offsets[:-1][some]
    if not len(starts):
        return
    for axis in (0, 1):
        middle = centroid[ids, axis]
        furthest = np.maximum(middle - bounds[ids, axis], bounds[ids, axis + 2] - middle)
        reach[some, axis] = np.maximum(np.maximum.reduceat(furthest, starts), 0.0)
    reach[some, 2] = np.sqrt(np.maximum.reduceat(area[ids], starts))


def presence(
    ids: Ids, offsets: Places, confidence: Reals, index: Wholes, ranks: Bytes, jitters: Floats, table: Words,
    enumerated: Bytes, numbers: Bytes, patterns: Words, words: Words,
) -> None:  # fmt: skip
    """See `chance_loops.presence`."""
    permutations, worlds = ranks.shape
    width = words.shape[1]
    chance, numbered = confidence[ids].astype(np.float64), index[ids].astype(np.int64)
    own, turn = numbered % permutations, numbered // permutations % permutations
    filled = np.ceil(chance * worlds - jitters[own]).astype(np.int64)
    words[:] = table[own, filled, :width]
    turned = np.flatnonzero(turn != 0)
    drawn = ranks[turn[turned, None], ranks[own[turned], : 64 * width]] < filled[turned, None]
    words[turned] = np.packbits(drawn, axis=1, bitorder="little").view(np.uint64)
    listed = np.repeat(enumerated != 0, np.diff(offsets)) & (chance < 1.0)
    words[listed] = patterns[numbers[ids[listed]], :width]
    words[chance >= 1.0] = ALL_ONES


def probabilities(held: Words, enumerated: Bytes, uncertain: Places, of_bit: Floats, found: Floats) -> None:
    """See `chance_loops.probabilities`; the weights are multiplied and added up in the same order."""
    worlds = 64 * held.shape[1]
    holds = np.unpackbits(np.ascontiguousarray(held).view(np.uint8), axis=1, bitorder="little") != 0
    missing = worlds - np.count_nonzero(holds, axis=1)
    found[:] = np.where(missing == 0, 1.0, (worlds - missing) / worlds)
    listed = np.flatnonzero(enumerated)
    number = uncertain[listed]
    weights = np.ones((len(listed), worlds))
    for bit in range(int(number.max(initial=0))):
        chance = np.where(number > bit, of_bit[listed, bit], 1.0)[:, None]
        is_in = (np.arange(worlds) >> bit) & 1 == 1
        weights *= np.where(is_in | (number <= bit)[:, None], chance, 1.0 - chance)
    counts = np.arange(worlds) < (1 << number)[:, None]
    total = np.where(holds[listed] & counts, weights, 0.0).cumsum(axis=1)[:, -1]
    found[listed] = np.where((holds[listed] | ~counts).all(axis=1), 1.0, total)
