"""Suburbs, junctions and shops."""

import math

import numpy as np

from tools.sample.builder import Builder
from tools.sample.canvas import Material
from tools.sample.geometry import Area, Points, Pose, points
from tools.sample.light import tinted, varied
from tools.sample.objects.buildings import flat_building, hall, house
from tools.sample.objects.sports import roundabout, swimming_pool
from tools.sample.objects.vehicles import car
from tools.sample.palette import pick
from tools.sample.places.paving import car_park, hardstanding, road, traffic
from tools.sample.places.planting import bushes, tree_row


def suburb(builder: Builder, area: Area, *, pools: float, cars: float, hem: float = 0.0) -> None:
    """Streets of detached houses with drives, gardens and trees; `pools` and `cars` are chances per plot.

    `hem` is how far the roads about the area reach into it, in metres.
    """
    depth = builder.uniform(31, 40)
    rows = max(1, round(area.width / (2 * depth + 9)))
    pitch = area.width / rows
    streets = [
        area.pose.apply(points((-area.length / 2, y), (area.length / 2, y)))
        for y in ((row + 0.5 - rows / 2) * pitch for row in range(rows))
    ]
    cross = area.pose.at(builder.uniform(-0.25, 0.25) * builder.reach, 0, math.pi / 2)
    through = cross.apply(points((-area.width / 2, 0), (area.width / 2, 0)))
    marked = builder.chance(0.4)
    road(builder, through, marked=marked, kerbs=True)
    for street in streets:
        road(builder, street, marked=marked, kerbs=True)
    traffic(builder, through, spacing=builder.uniform(60, 140), lorries=0.04)
    for row, street in enumerate(streets):
        traffic(builder, street, spacing=builder.uniform(50, 130), lorries=0.03)
        y = (row + 0.5 - rows / 2) * pitch
        for side in (1.0, -1.0):
            _plots(builder, area, y, side, depth=min(depth, pitch / 2 - 7 - hem), pools=pools, cars=cars)
            verge = area.pose.apply(points((-area.length / 2, y + side * 7.2), (area.length / 2, y + side * 7.2)))
            if builder.chance(0.6):
                tree_row(builder, verge, builder.uniform(11, 22), builder.uniform(2.0, 3.6))


def _plots(
    builder: Builder, area: Area, street: float, side: float, *, depth: float, pools: float, cars: float
) -> None:
    rng = builder.rng
    x = -area.length / 2 + builder.uniform(2, 10)
    turn = -side * math.pi / 2
    while x < area.length / 2 - 10:
        wide = builder.uniform(18, 27)
        middle = area.pose.at(x + wide / 2, street + side * (7.0 + depth / 2), 0.0)
        x += wide
        plot = Area(middle, wide - 1, depth)
        if not builder.touches(plot.outline()) or not builder.is_free(
            plot.shrunk(1.5).outline(), "land", off_pavement=True
        ):
            continue
        home = house(rng, builder.biome.roofs)
        spot = middle.at(
            builder.uniform(-0.08, 0.14) * wide, -side * depth * builder.uniform(0.06, 0.2), float(rng.normal(0, 0.04))
        )
        drive = Area(middle.at(-wide * 0.36, -side * depth * 0.2), 3.4, depth * 0.6)
        lawn = builder.ground.mask(builder.canvas.pixels(plot.outline()))
        if builder.chance(0.35):
            builder.ground.cover(lawn * np.float32(0.75), builder.ground.grass())
        builder.canvas.polygon(drive.outline(), varied(rng, builder.concrete, 0.08), material=Material.CONCRETE)
        fence = plot.outline()
        if builder.chance(0.7):
            builder.canvas.stroke(np.concatenate([fence[:1], fence[3:], fence[2:3]]) if side < 0 else fence[:3],
                                  0.25, (120, 108, 92), height=1.5, material=Material.WOOD)  # fmt: skip
        builder.pave(drive.outline())
        builder.place(home, spot, gap=0.5)
        if rng.random() < cars:
            for each in range(builder.whole(1, 2)):
                stand = drive.pose.at(
                    float(rng.normal(0, 0.15)),
                    -side * (drive.width * 0.24 - 5.6 * each),
                    turn * float(rng.choice([1, -1])),
                )
                builder.place(car(rng), stand, gap=0.2)
        if rng.random() < pools:
            pool = swimming_pool(rng)
            if pool.length < 16:
                yard = middle.at(
                    builder.uniform(-0.12, 0.16) * wide,
                    side * depth * 0.31,
                    float(rng.choice([0, math.pi / 2])) + float(rng.normal(0, 0.1)),
                )
                deck = Area(yard, pool.length + 3, pool.width + 3)
                if builder.holds(deck.outline()) and builder.is_free(deck.outline(), "land"):
                    builder.canvas.polygon(deck.outline(), tinted(builder.concrete, 1.05), material=Material.CONCRETE)
                    builder.place(pool, yard)
                    builder.pave(deck.outline())
        if builder.chance(0.3):
            shed = Area(middle.at(wide * 0.34, side * depth * 0.4), 3, 2.4)
            if builder.is_free(shed.outline()):
                builder.canvas.polygon(
                    shed.outline(), pick(rng, builder.biome.roofs), height=2.4, material=Material.ROOF
                )
                builder.block(shed.outline())
        bushes(builder, plot, builder.whole(1, 6))


def junction(builder: Builder, pose: Pose, *, arms: int, spacing: float) -> bool:
    """A roundabout with its arms; says whether all of its ring is in the picture."""
    rng = builder.rng
    lane = builder.uniform(5.5, 9.5)
    radius = lane + builder.uniform(6, 17)
    ring = Area(pose, 2 * radius, 2 * radius)
    inside = builder.holds(ring.outline(1.0))
    reach = builder.reach * 3
    lines: list[Points] = []
    for arm in range(arms):
        turn = 2 * math.pi * arm / arms
        line = pose.at(0, 0, turn).apply(points((radius * 0.9, 0), (reach, 0)))
        road(builder, line, lanes=2, kerbs=builder.chance(0.5))
        lines.append(line)
        flare = points((radius + 9, -4), (radius + 9, 4), (radius * 0.93, 7.5), (radius * 0.93, -7.5))
        builder.canvas.polygon(pose.at(0, 0, turn).apply(flare), builder.asphalt, material=Material.ASPHALT)
        nose = points((radius + 8, 0), (radius + 0.4, 2.0), (radius + 0.4, -2.0))
        builder.canvas.polygon(pose.at(0, 0, turn).apply(nose), builder.biome.grass[0][0], material=Material.TURF)
    if inside:
        model = roundabout(rng, varied(rng, builder.asphalt, 0.04), builder.biome.grass[0][0], radius, lane)
        builder.draw(model, pose)
        builder.pave(ring.outline())
        for angle in np.arange(0, 2 * math.pi, 0.5):
            if rng.random() < 0.22:
                spot = pose.at(0, 0, float(angle)).at(radius - lane / 2 - 0.3, 0, -math.pi / 2)
                builder.place(car(rng), spot, gap=0.8, surface="any")
    for line in lines:
        traffic(builder, line, spacing=spacing)
    return inside


def shops(builder: Builder, area: Area, *, occupied: float) -> None:
    """A retail hall with a car park before it."""
    rng = builder.rng
    back, front = area.turned().split(builder.uniform(0.28, 0.42))
    hardstanding(builder, back, varied(rng, builder.asphalt, 0.06), patches=4)
    along = -back.width / 2
    while along < back.width / 2 - 20:
        length = builder.uniform(45, 120)
        deep = back.length * builder.uniform(0.7, 0.95)
        make = flat_building if builder.chance(0.7) else hall
        pose = back.pose.at(back.length / 2 - deep / 2 - 1, along + length / 2, math.pi / 2)
        builder.place(make(rng, length, deep, builder.uniform(6, 11)), pose, gap=0.1)
        along += length + float(rng.choice([0.5, 12, 24]))
    car_park(builder, front.turned(), occupied=occupied)
