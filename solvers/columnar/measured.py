"""What predicates look at: the columns of entities and the thresholds of relations, and what they may answer."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solvers.settings import RelationSettings

Floats = npt.NDArray[np.float64]

NO, YES, OPEN = 0, 1, 2
ASK = 3
"""No answer yet: `predicates.holds` is to be asked."""


class Geometry(NamedTuple):
    """The columns of m entities and the N corners of their polygons, in pixels; `codes.needs` tells which are read.

    `bounds` and `corners` may be float32 where that is exact; `plain` marks simple convex rings of positive area;
    `ring_start` has one element where all polygons have four corners.
    """

    centroid: Floats
    bounds: npt.NDArray[np.floating]
    area: Floats
    length: Floats
    width: Floats
    axis: Floats
    plain: npt.NDArray[np.bool_]
    label: npt.NDArray[np.signedinteger]
    ring_start: npt.NDArray[np.signedinteger]
    corners: npt.NDArray[np.floating]


@lru_cache(maxsize=8)
def limits_of(settings: RelationSettings) -> Floats:
    """The thresholds as the kernels read them, in the order of the constants below."""
    return np.array(
        [
            settings.near_sizes, settings.adjacent_sizes, settings.overlap_area, settings.inside_share,
            settings.parallel_degrees, settings.square_ratio, *settings.collinear_direction, settings.between_share,
        ]
    )  # fmt: skip


NEAR_SIZES, ADJACENT_SIZES, OVERLAP_AREA, INSIDE_SHARE, PARALLEL_DEGREES, SQUARE_RATIO = range(6)
COLLINEAR_COSINE, COLLINEAR_SINE, BETWEEN_SHARE = range(6, 9)

UPRIGHT = 1e-6
"""Of a side: what a corner that is cut by less than the area's rounding can move a gap by."""
NARROW = 1e-9
"""Values closer to a limit than this share of it are left open."""
