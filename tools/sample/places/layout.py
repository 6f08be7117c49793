"""Cutting a scene into areas, and joining them."""

import math

import numpy as np

from tools.sample.builder import Builder
from tools.sample.geometry import Area, Points, Pose, points
from tools.sample.places.paving import road, traffic


def any_heading(builder: Builder) -> float:
    return builder.uniform(0, 2 * math.pi)


def cut(builder: Builder, area: Area, low: float, high: float, gap: float = 0.0) -> tuple[Area, Area]:
    """Cut a whole-scene area at a distance of `low` to `high` half pictures from the middle."""
    return area.split(0.5 + builder.uniform(low, high) * builder.reach / area.length, gap)


def road_between(builder: Builder, rear: Area, front: Area) -> None:
    """Lay a road with traffic in the gap between two areas."""
    start = rear.pose.at(rear.length / 2, 0)
    stop = front.pose.at(-front.length / 2, 0)
    middle = Pose((start.x + stop.x) / 2, (start.y + stop.y) / 2, rear.pose.heading + math.pi / 2)
    line = middle.apply(points((-rear.width / 2, 0), (rear.width / 2, 0)))
    road(builder, line, lanes=2)
    traffic(builder, line, spacing=builder.uniform(25, 80))


def shown_part(builder: Builder, area: Area, margin: float = 6.0) -> Area:
    """The part of an area, seen along its own axes, that the picture can show."""
    reach = builder.reach * math.sqrt(2)
    middle = Pose(0, 0, area.pose.heading).invert(np.array([(area.pose.x, area.pose.y)]))[0]
    left, right = max(-reach, middle[0] - area.length / 2), min(reach, middle[0] + area.length / 2)
    top, bottom = max(-reach, middle[1] - area.width / 2), min(reach, middle[1] + area.width / 2)
    pose = Pose(0, 0, area.pose.heading).at(float(left + right) / 2, float(top + bottom) / 2)
    return Area(pose, max(1.0, float(right - left) - margin), max(1.0, float(bottom - top) - margin))


def front_edge(land: Area) -> Points:
    """The front edge of an area as a line."""
    return land.pose.apply(points((land.length / 2, -land.width / 2), (land.length / 2, land.width / 2)))
