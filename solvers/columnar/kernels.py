"""What the compiled loops over entities share: their arrays, whether clauses hold, and where it is worth to look.

A domain is the entities that a variable may stand for, image after image and from left to right: `ids` (k), `offsets`
(images + 1), and `words` (k, W), one bit a world in which the entity is there; with `stride` 0 all share the first row.
A clause is a disjunction of literals over the slots of a block (0 is the root); it is looked at as soon as its last
slot is filled. What a clause says of where that entity's centroid can lie is its window: only entities within it are
looked at. Where the predicates cannot decide a literal the image is marked open, for the exact evaluator.
"""

import math
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from solvers.columnar.compiled import compiled_inline, compiled_part
from solvers.columnar.measured import ASK, NO, OPEN, YES, Geometry
from solvers.columnar.predicates import holds, quickly
from solvers.tables import Words

Places = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Reals = npt.NDArray[np.floating]
Wholes = npt.NDArray[np.integer]

FIRST = cast(int, np.int64(1))
"""The slot after the root's, which is 0; of a plain number callees would be compiled for it apart."""
Exact = bool | None
"""Whether a kernel looks at corners and all relations; None: it leaves the images that need that, and marks them."""

WINDOW_NONE, WINDOW_SIZES, WINDOW_GAP, WINDOW_SIDE = 0, 1, 2, 3
STOP_NEVER, STOP_AT_HIT, STOP_AT_MISS = 0, 1, 2
"""Whether an image is done with the first entity for which a block holds, or fails: the others count as failing."""
ROUND_UP = 1 + 1e-6
"""Windows are wider than rounding could make the relation."""


class Clauses(NamedTuple):
    """Clauses as arrays; clause i has the literals `starts[i]:starts[i + 1]`, sorted by the slot that completes them.

    `at_slot` (slots + 1) says which clauses slot s completes: `at_slot[s]:at_slot[s + 1]`. `scale` is 0 for pixels, 1
    for metres, 2 for square metres. `window` (clauses) tells what a clause says of the completing slot's place beside
    the entity in slot `beside`: its gap is at most `reach` sizes of the larger one, or at most `reach` in `scale`;
    or its centroid lies on one side (`side_x`, `side_y`: 1 further right or down, -1 left or up, 0 either).
    """

    starts: Places
    at_slot: Places
    code: Places
    negated: Bytes
    slots: Places
    value: Floats
    scale: Places
    window: Places
    beside: Places
    reach: Floats
    side_x: Places
    side_y: Places


class Ground(NamedTuple):
    """The images of a batch: `gsd` (b) and `north` (b, 2), NaN where not known."""

    gsd: Floats
    north: Floats


class Scratch(NamedTuple):
    """Working memory of one thread for so many slots: kernels make no arrays, which would cost more than they do."""

    carry: Words
    place: Places
    chosen: Ids
    window: Floats


def scratch(slots: int, width: int) -> Scratch:
    """Room for a join of so many slots."""
    return Scratch(
        np.zeros((slots, width), np.uint64), np.zeros(slots, np.int64),
        np.zeros(max(3, slots), np.int32), np.zeros((slots, 3)),
    )  # fmt: skip


@compiled_inline
def _scaled(kind: int, gsd: float) -> float:
    if kind == 1:
        return gsd
    return gsd * gsd if kind == 2 else 1.0


@compiled_inline
def clauses_hold(
    slot: int, entities: Ids, clauses: Clauses, gsd: float, north_x: float, north_y: float, geometry: Geometry,
    settings: Floats, exact: Exact,
) -> int:  # fmt: skip
    """Whether all clauses that a slot completes hold of the entities in the slots: a no wins over an open.

    A clause holds where any of its literals does. With `exact` None the answer is ASK as soon as `quickly` has none.
    """
    answer = YES
    for clause in range(clauses.at_slot[slot], clauses.at_slot[slot + 1]):
        truth = NO
        for literal in range(clauses.starts[clause], clauses.starts[clause + 1]):
            code, value = clauses.code[literal], clauses.value[literal]
            a, b = entities[clauses.slots[literal, 0]], entities[clauses.slots[literal, 1]]
            scale = _scaled(clauses.scale[literal], gsd)
            found = quickly(code, a, b, value, scale, geometry, settings)
            if found == ASK:
                if exact is None:  # numba leaves out the branch that is not taken, and compiles nothing of it
                    return ASK
                third = entities[clauses.slots[literal, 2]]
                found = holds(code, a, b, third, value, scale, north_x, north_y, geometry, settings)
            if found == OPEN:
                truth = OPEN
            elif (found == YES) != (clauses.negated[literal] == 1):
                truth = YES
                break
        if truth == NO:
            return NO
        if truth == OPEN:
            answer = OPEN
    return answer


@compiled_part
def window_of(
    slot: int, entities: Ids, reach_across: float, reach_down: float, size: float, clauses: Clauses, gsd: float,
    geometry: Geometry,
) -> tuple[float, float, float, float]:  # fmt: skip
    """Where centroids of a slot's entities can lie beside those that are chosen: left, right, top, bottom.

    `reach_across`, `reach_down` and `size` are those that `reaches.measure` finds for the slot's entities in the image.
    """
    left, right, top, bottom = -np.inf, np.inf, -np.inf, np.inf
    for clause in range(clauses.at_slot[slot], clauses.at_slot[slot + 1]):
        kind = clauses.window[clause]
        if kind == WINDOW_NONE:
            continue
        other = entities[clauses.beside[clause]]
        if kind == WINDOW_SIDE:
            x, y = geometry.centroid[other, 0], geometry.centroid[other, 1]
            if clauses.side_x[clause] > 0:
                left = max(left, x)
            elif clauses.side_x[clause] < 0:
                right = min(right, x)
            if clauses.side_y[clause] > 0:
                top = max(top, y)
            elif clauses.side_y[clause] < 0:
                bottom = min(bottom, y)
            continue
        reach = clauses.reach[clause]
        if kind == WINDOW_SIZES:
            reach *= max(math.sqrt(geometry.area[other]), size)
        else:
            reach /= _scaled(clauses.scale[clauses.starts[clause]], gsd)
        if not reach >= 0:  # an unknown scale, or no gap is small enough: nothing is known of where
            continue
        across = (reach + reach_across) * ROUND_UP + 1e-6
        down = (reach + reach_down) * ROUND_UP + 1e-6
        left, right = max(left, geometry.bounds[other, 0] - across), min(right, geometry.bounds[other, 2] + across)
        top, bottom = max(top, geometry.bounds[other, 1] - down), min(bottom, geometry.bounds[other, 3] + down)
    return left, right, top, bottom


@compiled_part
def first_from(left: float, ids: Ids, low: int, high: int, centroid: Floats) -> int:
    """The first place whose entity lies no further left, where entities are sorted from left to right."""
    if left > -np.inf:
        while low < high:
            middle = (low + high) >> 1
            if centroid[ids[middle], 0] < left:
                low = middle + 1
            else:
                high = middle
    return low
