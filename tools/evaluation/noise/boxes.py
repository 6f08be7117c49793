"""Boxes that are a little off: moved, scaled and turned about their middle."""

import math
from dataclasses import dataclass

import numpy as np

from solvers.scene import Point, Polygon

_ALONG = 1e-9


@dataclass(frozen=True, slots=True)
class BoxNoise:
    """Standard deviations: `shift` and `scale` as shares of a box's size (the root of its area), `angle` in degrees."""

    shift: float = 0.0
    scale: float = 0.0
    angle: float = 0.0

    def __post_init__(self) -> None:
        if min(self.shift, self.scale, self.angle) < 0 or not all(
            map(math.isfinite, (self.shift, self.scale, self.angle))
        ):
            raise ValueError("the noise of boxes is told by numbers of at least 0")


def jittered(polygon: Polygon, noise: BoxNoise, generator: np.random.Generator) -> Polygon:
    """The polygon moved, scaled along both axes and turned; one whose sides are all upright is not turned.

    So horizontal boxes stay horizontal, as a detector of such boxes would give them.
    """
    corners = np.array(polygon, np.float64)
    middle = corners.mean(axis=0)
    size = math.sqrt(max(_area(corners), 0.0))
    moved = middle + generator.normal(0.0, 1.0, 2) * noise.shift * size
    stretch = np.exp(generator.normal(0.0, 1.0, 2) * noise.scale)
    turn = math.radians(float(generator.normal(0.0, 1.0)) * noise.angle)
    around = corners - middle
    axis = _main_direction(corners)
    if axis is None:
        placed = around * stretch
    else:
        along = np.array([[axis[0], axis[1]], [-axis[1], axis[0]]])
        cosine, sine = math.cos(turn), math.sin(turn)
        placed = ((around @ along.T) * stretch) @ along @ np.array([[cosine, sine], [-sine, cosine]])
    return tuple((float(x), float(y)) for x, y in placed + moved)


def placed_at(polygon: Polygon, middle: Point) -> Polygon:
    """The polygon moved so that the mean of its corners is at a point."""
    corners = np.array(polygon, np.float64)
    return tuple((float(x), float(y)) for x, y in corners - corners.mean(axis=0) + np.array(middle))


def _area(corners: np.typing.NDArray[np.float64]) -> float:
    x, y = corners[:, 0], corners[:, 1]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _main_direction(corners: np.typing.NDArray[np.float64]) -> tuple[float, float] | None:
    """The direction of the longest side; None where every side is upright or level."""
    sides = np.roll(corners, -1, axis=0) - corners
    if bool(np.all(np.abs(sides).min(axis=1) <= _ALONG)):
        return None
    longest = sides[int(np.argmax(np.hypot(sides[:, 0], sides[:, 1])))]
    length = math.hypot(float(longest[0]), float(longest[1]))
    return float(longest[0]) / length, float(longest[1]) / length
