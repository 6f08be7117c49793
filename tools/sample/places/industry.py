"""Tank farms, container yards, warehouses."""

import math

import numpy as np

from tools.sample.builder import Builder
from tools.sample.canvas import Material
from tools.sample.geometry import Area, points, rectangle
from tools.sample.light import mixed, tinted, varied
from tools.sample.objects.buildings import container_stack, flat_building, hall
from tools.sample.objects.tanks import tank
from tools.sample.objects.vehicles import car, lorry
from tools.sample.palette import pick
from tools.sample.places.paving import car_park, hardstanding


def tank_farm(builder: Builder, area: Area, *, filled: float = 0.85, vehicles: int = 0, biggest: float = 26.0) -> None:
    """Tanks in walled compartments on gravel, with pipe racks and service lanes between.

    `filled` is the share of compartments that hold tanks; `vehicles` how many stand about.
    """
    rng, canvas = builder.rng, builder.canvas
    gravel = varied(rng, mixed(pick(rng, builder.biome.soil), builder.concrete, 0.5), 0.06)
    canvas.polygon(area.outline(), tinted(gravel, 0.92), material=Material.DIRT)
    builder.pave(area.outline())
    radius = builder.uniform(0.35, 1.0) * biggest
    lane = builder.uniform(7, 12)
    cell = 2 * radius + builder.uniform(8, 16)
    columns, rows = max(1, int(area.length / (cell + lane))), max(1, int(area.width / (cell + lane)))
    shell = pick(rng, ((202, 202, 198), (196, 192, 182), (172, 174, 174))) if builder.chance(0.75) else None
    kind = str(rng.choice(["cone", "floating", "dome"], p=[0.5, 0.3, 0.2])) if builder.chance(0.6) else None
    wall = tinted(builder.concrete, 0.95)
    step_x, step_y = area.length / columns, area.width / rows
    for column in range(columns):
        for row in range(rows):
            pose = area.pose.at((column + 0.5 - columns / 2) * step_x, (row + 0.5 - rows / 2) * step_y)
            bund = Area(pose, step_x - lane, step_y - lane)
            if not builder.touches(bund.outline()):
                continue
            floor = mixed(builder.biome.grass[0][1], gravel, 0.5) if builder.chance(0.15) else varied(rng, gravel, 0.07)
            canvas.polygon(bund.outline(0.6), wall, height=1.4, material=Material.CONCRETE)
            canvas.polygon(bund.outline(-0.2), floor, material=Material.DIRT)
            canvas.stroke(
                bund.pose.apply(points((0, 0), (bund.length / 2 + lane / 2, 0))), 0.6, (160, 158, 152), height=0.8,
                material=Material.METAL,
            )  # fmt: skip
            if rng.random() < filled:
                _compartment(builder, bund, radius, kind, shell)
    for column in range(columns + 1):
        x = (column - columns / 2) * step_x
        for shift in (-1.1, -0.4, 0.3):
            line = points((x + shift, -area.width / 2), (x + shift, area.width / 2))
            canvas.stroke(
                area.pose.apply(line),
                0.35,
                tinted((172, 170, 164), 1 + shift * 0.1),
                height=1.0,
                material=Material.METAL,
            )
    for _ in range(vehicles):
        x = (builder.whole(0, columns) - columns / 2) * step_x + builder.uniform(1.8, 2.4)
        pose = area.pose.at(x, builder.uniform(-0.5, 0.5) * area.width, math.pi / 2)
        builder.place(car(rng) if rng.random() < 0.7 else lorry(rng), pose, gap=0.6)


def _compartment(
    builder: Builder, bund: Area, radius: float, kind: str | None, shell: tuple[float, float, float] | None
) -> None:
    rng = builder.rng
    room = min(bund.length, bund.width) / 2 - 1.5
    if builder.chance(0.72) or room < 7:
        size = min(room, radius * builder.uniform(0.85, 1.05))
        if size > 2.5:
            builder.place(tank(rng, size, kind, shell), bund.pose.at(0, 0, builder.uniform(0, 2 * math.pi)), gap=0.2)
        return
    count = 2 if room < 14 else builder.whole(2, 3)
    pitch = 2 * room / count
    for i in range(count):
        for j in range(count):
            spot = bund.pose.at((i + 0.5 - count / 2) * pitch, (j + 0.5 - count / 2) * pitch)
            size = pitch * builder.uniform(0.36, 0.43)
            if size > 1.6:
                builder.place(tank(rng, size, None, shell), spot, gap=0.2)


def lone_tanks(builder: Builder, area: Area, count: int) -> int:
    """A few tanks in a row on a pad of concrete; returns how many stand."""
    rng = builder.rng
    radius = min(area.width / 2 - 2, area.length / (2 * count) - 1.5, builder.uniform(4, 13))
    if radius < 2:
        return 0
    long = count * (2 * radius + 3) + 3
    pad = Area(area.pose, long, 2 * radius + 6)
    if not builder.is_free(pad.outline(), "land"):
        return 0
    builder.canvas.polygon(pad.outline(0.5), tinted(builder.concrete, 1.06), height=1.0, material=Material.CONCRETE)
    builder.canvas.polygon(pad.outline(-0.2), tinted(builder.concrete, 0.9), material=Material.CONCRETE)
    builder.pave(pad.outline(0.5))
    kind = str(rng.choice(["cone", "floating", "dome"], p=[0.6, 0.15, 0.25]))
    standing = 0
    for each in range(count):
        spot = pad.pose.at((each + 0.5 - count / 2) * (2 * radius + 3), 0)
        standing += builder.place(tank(rng, radius, kind, (200, 200, 196)), spot, gap=0.2)
    return standing


def container_yard(builder: Builder, area: Area, *, lorries: int = 4) -> None:
    """Blocks of containers with lanes between, and a few lorries."""
    rng = builder.rng
    hardstanding(builder, area, varied(rng, builder.asphalt, 0.07), patches=6)
    rows, bays = builder.whole(5, 7), builder.whole(2, 5)
    for x in np.arange(
        -area.length / 2 + bays * 6.3 + 5, area.length / 2 - bays * 6.3, bays * 12.6 + builder.uniform(12, 18)
    ):
        for y in np.arange(
            -area.width / 2 + rows * 1.3 + 4, area.width / 2 - rows * 1.3 - 2, rows * 2.6 + builder.uniform(9, 14)
        ):
            if builder.chance(0.85):
                builder.place(container_stack(rng, bays, rows), area.pose.at(float(x), float(y)), gap=0.5)
    for _ in range(lorries):
        pose = area.pose.at(
            builder.uniform(-0.45, 0.45) * area.length, builder.uniform(-0.45, 0.45) * area.width,
            float(rng.choice([0.0, math.pi])) + float(rng.normal(0, 0.03)),
        )  # fmt: skip
        builder.place(lorry(rng), pose, gap=0.8)


def warehouses(builder: Builder, area: Area, *, cars: float = 0.5, lorries: float = 0.4) -> None:
    """Halls in a paved yard, with docked lorries and a strip of parking."""
    rng = builder.rng
    hardstanding(builder, area, varied(rng, builder.asphalt, 0.08), patches=8)
    if cars > 0 and area.width > 70:
        strip = Area(area.pose.at(0, area.width / 2 - 10), area.length * 0.94, 17.5)
        car_park(builder, strip, occupied=cars)
    along = -area.length / 2 + builder.uniform(4, 14)
    while along < area.length / 2 - 20:
        length = builder.uniform(32, 95)
        deep = min(area.width * 0.62, builder.uniform(24, 60))
        pose = area.pose.at(along + length / 2, -area.width / 2 + deep / 2 + 3)
        made = hall(rng, length, deep, builder.uniform(7, 12)) if builder.chance(0.7) else flat_building(
            rng, length, deep, builder.uniform(6, 14)
        )  # fmt: skip
        if builder.place(made, pose, gap=0.2):
            for x in np.arange(-length / 2 + 6, length / 2 - 4, 4.2):
                if rng.random() < lorries * 0.5:
                    dock = pose.at(float(x), deep / 2 + 8.8, math.pi / 2)
                    builder.place(lorry(rng), dock, gap=0.2)
        along += length + builder.uniform(8, 22)
    for _ in range(builder.whole(0, 8)):
        junk = rectangle(builder.uniform(2, 7), builder.uniform(1, 3))
        spot = area.pose.at(builder.uniform(-0.45, 0.45) * area.length, builder.uniform(0.1, 0.3) * area.width)
        if builder.is_free(spot.apply(junk)):
            builder.canvas.polygon(spot.apply(junk), varied(rng, (126, 112, 98), 0.3), height=1.0)
