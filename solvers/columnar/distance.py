"""Joins by one distance alone, the commonest kind: they need so little of the code that it is soon compiled."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from solvers.columnar.clauses import Clause
from solvers.columnar.closeness import within
from solvers.columnar.codes import Code
from solvers.columnar.compiled import compiled_inline, compiled_part
from solvers.columnar.kernels import ROUND_UP, Floats
from solvers.columnar.measured import NO, Geometry
from solvers.quantities import Scale
from solvers.settings import RelationSettings


class Distance(NamedTuple):
    """The only clause of a join: the gap of two different entities is at most `sizes` sizes of the larger one.

    With no `sizes` it is at most `gap` (images) px, of an entity and itself too; NaN where that is not known. Less than
    is no different from at most: gaps that close to the limit are left to what looks at corners.
    """

    sizes: float
    gap: Floats


@compiled_part
def window_within(
    root: int, reach_across: float, reach_down: float, size: float, sizes: float, gap: float, geometry: Geometry
) -> tuple[float, float, float, float]:
    """As `kernels.window_of`, of what lies within a distance of the root."""
    reach = sizes * max(math.sqrt(geometry.area[root]), size) + gap
    across, down = (reach + reach_across) * ROUND_UP + 1e-6, (reach + reach_down) * ROUND_UP + 1e-6
    bounds = geometry.bounds
    return bounds[root, 0] - across, bounds[root, 2] + across, bounds[root, 1] - down, bounds[root, 3] + down


@compiled_inline
def is_within(a: int, b: int, sizes: float, gap: float, geometry: Geometry) -> int:
    """Whether two entities are within the distance: YES or NO, or ASK where their corners have to tell."""
    if sizes == 0.0:
        return within(a, b, gap * gap, geometry)
    if a == b:
        return NO
    return within(a, b, sizes * sizes * max(geometry.area[a], geometry.area[b]), geometry)


NO_DISTANCE = Distance(0.0, np.zeros(0))


def distance_of(clauses: Sequence[Clause], settings: RelationSettings, gsd: Floats) -> Distance | None:
    """What the clauses of a join come to in images of these ground sample distances, if that is one distance."""
    if len(clauses) != 1 or len(clauses[0].literals) != 1 or len(clauses[0].names) != 2:
        return None
    (literal,) = clauses[0].literals
    sizes = {Code.NEAR: settings.near_sizes, Code.ADJACENT: settings.adjacent_sizes}.get(literal.code, 0.0)
    is_gap = literal.code in (Code.GAP_BELOW, Code.GAP_AT_MOST) and literal.value > 0
    if literal.negated or not (sizes > 0 or is_gap):
        return None
    pixels = np.ones_like(gsd) if literal.scale is Scale.PIXELS else gsd
    with np.errstate(over="ignore"):  # further than any number tells is infinitely far
        return Distance(sizes, literal.value / pixels if is_gap else np.zeros_like(gsd))
