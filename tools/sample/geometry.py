"""Plane geometry of the renderer: poses and outlines in metres, x to the right, y down."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Shape (n, 2): x and y in metres, or in pixels where a name says so."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Where something stands and where its front points; `heading` in radians, clockwise as seen on the picture."""

    x: float
    y: float
    heading: float = 0.0

    def apply(self, local: Points) -> Points:
        """Carry points of this pose's own frame (x forward, y to its right) into the frame that holds the pose."""
        cos, sin = math.cos(self.heading), math.sin(self.heading)
        turned: Points = local @ np.array([[cos, sin], [-sin, cos]])
        moved: Points = turned + np.array([self.x, self.y])
        return moved

    def invert(self, outer: Points) -> Points:
        """Carry points of the holding frame into this pose's own frame."""
        cos, sin = math.cos(self.heading), math.sin(self.heading)
        turned: Points = (outer - np.array([self.x, self.y])) @ np.array([[cos, -sin], [sin, cos]])
        return turned

    def at(self, forward: float, right: float, turn: float = 0.0) -> "Pose":
        """The pose that lies `forward` and `right` metres from this one, turned by `turn` radians."""
        cos, sin = math.cos(self.heading), math.sin(self.heading)
        return Pose(self.x + forward * cos - right * sin, self.y + forward * sin + right * cos, self.heading + turn)


@dataclass(frozen=True, slots=True)
class Area:
    """An oriented rectangle of ground: `length` metres along the pose's heading, `width` across it."""

    pose: Pose
    length: float
    width: float

    def outline(self, grow: float = 0.0) -> Points:
        """The four corners, moved outwards by `grow` metres."""
        return self.pose.apply(rectangle(self.length + 2 * grow, self.width + 2 * grow))

    def split(self, share: float, gap: float = 0.0) -> tuple["Area", "Area"]:
        """Cut across the length at `share` of it, leaving `gap` metres between the rear and the front part."""
        cut = -self.length / 2 + self.length * share
        rear, front = self.length / 2 + cut - gap / 2, self.length / 2 - cut - gap / 2
        return (
            Area(self.pose.at(-self.length / 2 + rear / 2, 0), max(rear, 0.1), self.width),
            Area(self.pose.at(self.length / 2 - front / 2, 0), max(front, 0.1), self.width),
        )

    def turned(self) -> "Area":
        """The same ground with length and width exchanged."""
        return Area(self.pose.at(0, 0, math.pi / 2), self.width, self.length)

    def shrunk(self, by: float) -> "Area":
        """The same ground less a margin of `by` metres on every side."""
        return Area(self.pose, max(self.length - 2 * by, 0.1), max(self.width - 2 * by, 0.1))


def points(*corners: tuple[float, float]) -> Points:
    """An array of the given corners."""
    return np.array(corners, dtype=np.float64)


def rectangle(length: float, width: float, x: float = 0.0, y: float = 0.0) -> Points:
    """A rectangle about (x, y)."""
    half_length, half_width = length / 2, width / 2
    return points(
        (x - half_length, y - half_width),
        (x + half_length, y - half_width),
        (x + half_length, y + half_width),
        (x - half_length, y + half_width),
    )


def ellipse(radius_x: float, radius_y: float, x: float = 0.0, y: float = 0.0, corners: int = 28) -> Points:
    """An ellipse about (x, y)."""
    return arc(radius_x, radius_y, 0.0, 2 * math.pi * (1 - 1 / corners), x=x, y=y, corners=corners)


def arc(
    radius_x: float, radius_y: float, start: float, stop: float, *, x: float = 0.0, y: float = 0.0, corners: int = 28
) -> Points:
    """Points along an ellipse from angle `start` to `stop` in radians."""
    angle = np.linspace(start, stop, corners)
    return np.stack([x + radius_x * np.cos(angle), y + radius_y * np.sin(angle)], axis=1)


def rounded_rectangle(length: float, width: float, radius: float, x: float = 0.0, y: float = 0.0) -> Points:
    """A rectangle about (x, y) whose corners have the given radius."""
    radius = min(radius, length / 2, width / 2)
    inner_x, inner_y = length / 2 - radius, width / 2 - radius
    quarters = [
        arc(radius, radius, start, start + math.pi / 2, x=x + sign_x * inner_x, y=y + sign_y * inner_y, corners=5)
        for start, sign_x, sign_y in (
            (0.0, 1, 1),
            (math.pi / 2, -1, 1),
            (math.pi, -1, -1),
            (3 * math.pi / 2, 1, -1),
        )
    ]
    return np.concatenate(quarters)


def mirrored(outline: Points) -> Points:
    """The outline reflected across its frame's x axis."""
    return outline * (1.0, -1.0)


def ribbon(line: Points, width: float) -> Points:
    """The outline of a strip of the given width along a line of points."""
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * (width / 2)
    return np.concatenate([line + across, (line - across)[::-1]])


def offset_line(line: Points, right: float) -> Points:
    """The line moved sideways by `right` metres."""
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    return line + np.stack([-along[:, 1], along[:, 0]], axis=1) * right


def relaxed(line: Points, rounds: int = 12) -> Points:
    """The line with its bends evened out; its ends stay."""
    eased = line.copy()
    for _ in range(rounds):
        eased[1:-1] = (eased[:-2] + 2 * eased[1:-1] + eased[2:]) / 4
    return eased


def crossings(first: Points, second: Points) -> Points:
    """The points, shape (n, 2), where two lines cross."""
    start, along = first[:-1, None], np.diff(first, axis=0)[:, None]
    other, across = second[None, :-1], np.diff(second, axis=0)[None]
    turn = along[..., 0] * across[..., 1] - along[..., 1] * across[..., 0]
    gap = other - start
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (gap[..., 0] * across[..., 1] - gap[..., 1] * across[..., 0]) / turn
        u = (gap[..., 0] * along[..., 1] - gap[..., 1] * along[..., 0]) / turn
        met = (np.abs(turn) > 1e-9) & (t >= 0) & (t <= 1) & (u >= 0) & (u <= 1)
        found: Points = (start + t[..., None] * along)[met]
    return found


def smooth_line(knots: Sequence[tuple[float, float]] | Points, steps: int = 12) -> Points:
    """A Catmull-Rom curve through the knots."""
    through = np.asarray(knots, dtype=np.float64)
    padded = np.concatenate([[2 * through[0] - through[1]], through, [2 * through[-1] - through[-2]]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for before, start, stop, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces.append(
            0.5
            * (
                2 * start
                + (stop - before) * t
                + (2 * before - 5 * start + 4 * stop - after) * t**2
                + (3 * start - before - 3 * stop + after) * t**3
            )
        )
    return np.concatenate([*pieces, through[-1:]])


def along_line(line: Points, distance: float) -> Pose:
    """The pose on the line at `distance` metres from its start, looking along it."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    travelled = np.concatenate([[0.0], np.cumsum(steps)])
    at = min(max(distance, 0.0), float(travelled[-1]))
    segment = min(int(np.searchsorted(travelled, at, side="right")) - 1, len(steps) - 1)
    share = (at - travelled[segment]) / max(float(steps[segment]), 1e-9)
    start, stop = line[segment], line[segment + 1]
    x, y = start + (stop - start) * share
    return Pose(float(x), float(y), math.atan2(stop[1] - start[1], stop[0] - start[0]))


def line_length(line: Points) -> float:
    """The length of a line of points."""
    return float(np.hypot(*np.diff(line, axis=0).T).sum())
