"""What lies in a flood's way: suburbs and villages on a river, shops, crossroads in a plain."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tools.sample.builder import Builder
from tools.sample.flood.relief import inundate, road_mask
from tools.sample.geometry import Area, Points, Pose, points, smooth_line
from tools.sample.places.country import farmland, farmstead
from tools.sample.places.layout import any_heading, cut, front_edge, road_between, shown_part
from tools.sample.places.paving import road, traffic
from tools.sample.places.planting import plant
from tools.sample.places.town import junction, shops, suburb
from tools.sample.places.water import natural_water

_MOST_YARDS = 8


@dataclass(frozen=True, slots=True)
class FloodPlace:
    """A kind of place: the span of its ground sample distance in m/px, and its layout for a share under water."""

    gsd: tuple[float, float]
    lay: Callable[[Builder, float], None]


def _riverside(builder: Builder, low: float, high: float) -> tuple[Area, Points]:
    """A river along one side of the picture; returns the land before it, and the shore as a line."""
    whole = builder.everything(any_heading(builder))
    land, river = cut(builder, whole, low, high)
    natural_water(builder, [river.outline()], 7.0)
    return land, front_edge(land)


def lay_river_suburb(builder: Builder, share: float) -> None:
    land, shore = _riverside(builder, 0.35, 0.75)
    homes = shown_part(builder, land, 22)
    # The streets along the river run off the picture on both sides.
    suburb(
        builder, Area(homes.pose, homes.length, homes.width + 60).turned(), pools=0.35, cars=builder.uniform(0.4, 0.8)
    )
    plant(builder, density=1.4)
    builder.at_last(lambda: inundate(builder, shore, share))


def lay_inland_suburb(builder: Builder, share: float) -> None:
    whole = builder.everything(any_heading(builder))
    low = whole.pose.at(builder.uniform(-0.5, 0.5) * builder.reach, 0, math.pi / 2)
    hollow = low.apply(points((-builder.reach * 1.5, 0), (builder.reach * 1.5, 0)))
    suburb(builder, shown_part(builder, whole, 0), pools=0.4, cars=builder.uniform(0.4, 0.9))
    plant(builder, density=1.5)
    builder.at_last(lambda: inundate(builder, hollow, share))


def lay_village(builder: Builder, share: float) -> None:
    land, shore = _riverside(builder, 0.2, 0.6)
    farmland(builder, shown_part(builder, land, 30), 3)
    heading = land.pose.heading + math.pi / 2
    middle = shown_part(builder, land, 0).pose
    reach = builder.reach * 2
    lane = smooth_line([(at, builder.uniform(-0.12, 0.12) * builder.reach) for at in np.linspace(-reach, reach, 6)])
    street = Pose(middle.x, middle.y, heading).apply(lane)
    road(builder, street, marked=builder.chance(0.5))
    traffic(builder, street, spacing=45)
    across = Pose(middle.x, middle.y, land.pose.heading + math.pi).apply(points((0, 0), (reach, 0)))
    road(builder, across, marked=False)
    traffic(builder, across, spacing=60)
    roads, yards = road_mask(builder), 0
    for _ in range(60):
        at, side = builder.uniform(-1.0, 1.0) * builder.reach, builder.uniform(26, 75)
        side *= float(builder.rng.choice([-1, 1]))
        yard = Area(Pose(middle.x, middle.y, heading).at(at, side, float(builder.rng.normal(0, 0.05))), 44, 36)
        on_road = (builder.ground.mask(builder.canvas.pixels(yard.outline())) * roads).any()
        if yards < _MOST_YARDS and not on_road and builder.is_free(yard.outline(), "land"):
            farmstead(builder, yard.pose)
            builder.block(yard.outline())
            yards += 1
    plant(builder, density=1.2)
    builder.at_last(lambda: inundate(builder, shore, share))


def lay_shops(builder: Builder, share: float) -> None:
    land, shore = _riverside(builder, 0.55, 0.85)
    rear, front = land.split(0.5 + builder.uniform(-0.12, 0.02), 18)
    road_between(builder, rear, front)
    shops(builder, shown_part(builder, front, 16).turned(), occupied=builder.uniform(0.25, 0.6))
    suburb(builder, shown_part(builder, rear, 8).turned(), pools=0.3, cars=0.5)
    plant(builder, density=1.1)
    builder.at_last(lambda: inundate(builder, shore, share))


def lay_crossroads(builder: Builder, share: float) -> None:
    whole = builder.everything(any_heading(builder))
    pose = Pose(
        builder.uniform(-0.25, 0.25) * builder.reach, builder.uniform(-0.25, 0.25) * builder.reach, whole.pose.heading
    )
    junction(builder, pose, arms=4, spacing=builder.uniform(30, 60))
    side = builder.reach * 1.5
    for number, (along, across) in enumerate(((1, 1), (1, -1), (-1, 1), (-1, -1))):
        block = Area(pose.at(along * (side / 2 + 22), across * (side / 2 + 22)), side, side)
        if number % 2:
            farmland(builder, block, 2)
        else:
            suburb(builder, block.shrunk(6), pools=0.3, cars=0.6, hem=4.0)
    low = pose.at(0, builder.uniform(0.1, 0.5) * builder.reach)
    hollow = low.apply(points((-builder.reach * 1.6, 0), (builder.reach * 1.6, builder.uniform(-0.3, 0.3))))
    plant(builder, density=1.2)
    builder.at_last(lambda: inundate(builder, hollow, share))


PLACES: Mapping[str, FloodPlace] = {
    "river_suburb": FloodPlace((0.24, 0.34), lay_river_suburb),
    "village": FloodPlace((0.26, 0.36), lay_village),
    "inland_suburb": FloodPlace((0.22, 0.32), lay_inland_suburb),
    "shops": FloodPlace((0.24, 0.34), lay_shops),
    "crossroads": FloodPlace((0.24, 0.34), lay_crossroads),
}
