"""Kernels over two convex rings of corners: their gap, the area they share, whether a point lies in one.

A ring is a span of the rows of `corners`, either way round, at least three corners, convex, of positive area; corners
may repeat or lie on a line. `slack` is a length in pixels below which rounding may have decided.
"""

import numpy as np
import numpy.typing as npt

from solvers.columnar.compiled import compiled_part

Corners = npt.NDArray[np.floating]

APART, MEET, UNSURE = 0, 1, 2
_ORIENTATION_ERROR = 3.4e-16
"""Of a 2 x 2 determinant of differences, as a share of the sum of its products (Shewchuk 1997)."""


@compiled_part
def turning(corners: Corners, start: int, stop: int) -> float:
    """1 for a ring whose inside is left of its edges, else -1."""
    x, y = np.float64(corners[start, 0]), np.float64(corners[start, 1])
    doubled = 0.0
    for at in range(start + 1, stop - 1):
        doubled += (corners[at, 0] - x) * (np.float64(corners[at + 1, 1]) - y) - (corners[at, 1] - y) * (
            np.float64(corners[at + 1, 0]) - x
        )
    return 1.0 if doubled > 0 else -1.0


@compiled_part
def _outside(
    corners: Corners, start: int, stop: int, other_start: int, other_stop: int, slack: float
) -> tuple[int, float]:
    """What one ring's edges tell: whether one of them parts the rings, and the other's least squared distance."""
    sign = turning(corners, start, stop)
    state = MEET
    nearest = np.inf
    x0, y0 = np.float64(corners[stop - 1, 0]), np.float64(corners[stop - 1, 1])
    for at in range(start, stop):
        x1, y1 = np.float64(corners[at, 0]), np.float64(corners[at, 1])
        ex, ey = x1 - x0, y1 - y0
        squared = ex * ex + ey * ey
        if squared > 0:
            little = slack * (abs(ex) + abs(ey))
            deepest = np.inf
            for corner in range(other_start, other_stop):
                dx, dy = corners[corner, 0] - x0, corners[corner, 1] - y0
                out = sign * (ey * dx - ex * dy)
                deepest = min(deepest, out)
                if out >= -little:
                    along = dx * ex + dy * ey
                    if along <= 0:
                        distance = dx * dx + dy * dy
                    elif along >= squared:
                        distance = (dx - ex) * (dx - ex) + (dy - ey) * (dy - ey)
                    else:
                        distance = out * out / squared
                    nearest = min(nearest, distance)
            if deepest > little:
                state = APART
            elif deepest >= -little and state == MEET:
                state = UNSURE
        x0, y0 = x1, y1
    return state, nearest


@compiled_part
def gap(corners: Corners, start: int, stop: int, other_start: int, other_stop: int, slack: float) -> tuple[int, float]:
    """Whether two rings are apart, meet or nearly touch, and their distance in pixels if they do not meet."""
    first, nearest = _outside(corners, start, stop, other_start, other_stop, slack)
    second, nearest_back = _outside(corners, other_start, other_stop, start, stop, slack)
    distance = np.sqrt(min(nearest, nearest_back))
    if APART in (first, second):
        return APART, distance
    if UNSURE in (first, second):
        return UNSURE, distance
    return MEET, 0.0


@compiled_part
def covers(corners: Corners, start: int, stop: int, x: float, y: float) -> int:
    """Whether a point lies in a ring or on its edge: APART, MEET, or UNSURE within the rounding of float64."""
    sign = turning(corners, start, stop)
    state = MEET
    x0, y0 = np.float64(corners[stop - 1, 0]), np.float64(corners[stop - 1, 1])
    for at in range(start, stop):
        x1, y1 = np.float64(corners[at, 0]), np.float64(corners[at, 1])
        left, right = (x1 - x0) * (y - y0), (y1 - y0) * (x - x0)
        inward = sign * (left - right)
        error = _ORIENTATION_ERROR * (abs(left) + abs(right))
        if inward < -error:
            return APART
        if inward <= error and (x0 != x1 or y0 != y1):
            state = UNSURE
        x0, y0 = x1, y1
    return state


@compiled_part
def shared_area(corners: Corners, start: int, stop: int, other_start: int, other_stop: int) -> float:
    """The area that two rings share, in px2, with an error of some roundings of the area that their bounds span.

    The sum, over an edge of each, of the ground that lies below both and above the lowest corner, signed by the
    edges' directions; where two edges cross a small error of the crossing's place is of no account.
    """
    base_x, base_y = np.float64(corners[start, 0]), np.float64(corners[start, 1])
    for at in range(start, stop):
        base_y = min(base_y, np.float64(corners[at, 1]))
    for at in range(other_start, other_stop):
        base_y = min(base_y, np.float64(corners[at, 1]))
    shared = 0.0
    x0, y0 = corners[stop - 1, 0] - base_x, corners[stop - 1, 1] - base_y
    for at in range(start, stop):
        x1, y1 = corners[at, 0] - base_x, corners[at, 1] - base_y
        if x0 != x1:
            slope = (y1 - y0) / (x1 - x0)
            u0, v0 = corners[other_stop - 1, 0] - base_x, corners[other_stop - 1, 1] - base_y
            for other in range(other_start, other_stop):
                u1, v1 = corners[other, 0] - base_x, corners[other, 1] - base_y
                left, right = max(min(x0, x1), min(u0, u1)), min(max(x0, x1), max(u0, u1))
                if left < right:
                    tilt = (v1 - v0) / (u1 - u0)
                    first_left, first_right = y0 + (left - x0) * slope, y0 + (right - x0) * slope
                    other_left, other_right = v0 + (left - u0) * tilt, v0 + (right - u0) * tilt
                    over_left, over_right = first_left - other_left, first_right - other_right
                    off = abs(over_left) + abs(over_right)
                    if over_left * over_right < 0:
                        off = (over_left * over_left + over_right * over_right) / off
                    below = 0.25 * (first_left + first_right + other_left + other_right - off) * (right - left)
                    shared += below if (x0 < x1) == (u0 < u1) else -below
                u0, v0 = u1, v1
        x0, y0 = x1, y1
    return abs(shared)
