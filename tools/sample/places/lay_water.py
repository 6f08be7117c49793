"""Scenes about water: marinas, ports, rivers, lakes, the sea."""

import math

import numpy as np

from tools.sample.builder import Builder
from tools.sample.geometry import Area, Points, Pose, along_line, line_length, offset_line, relaxed
from tools.sample.objects.boats import motor_boat
from tools.sample.objects.ships import work_boat
from tools.sample.places.country import farmland
from tools.sample.places.industry import container_yard, tank_farm, warehouses
from tools.sample.places.layout import any_heading, cut, front_edge, shown_part
from tools.sample.places.paving import car_park, hardstanding, paths, road, track, traffic
from tools.sample.places.planting import plant
from tools.sample.places.town import suburb
from tools.sample.places.water import (
    bridge_over,
    coast_line,
    esplanade,
    is_dry,
    marina,
    moored_along,
    natural_water,
    open_water,
    port_quay,
    river,
    shore_docks,
    small_craft,
    under_way,
    walled_water,
)


def lay_marina(builder: Builder) -> None:
    whole = builder.everything(any_heading(builder))
    land, sea = cut(builder, whole, -0.55, 0.0)
    walled_water(builder, sea)
    marina(builder, shown_part(builder, sea, 0), filled=builder.uniform(0.4, 0.97))
    if builder.chance(0.5):
        moored_along(builder, front_edge(land), -1.0, builder.uniform(0.3, 0.9), lambda: small_craft(builder))
    shown = shown_part(builder, land, 0).turned()
    hardstanding(
        builder, Area(shown.pose.at(0, -shown.width / 2 + 6), shown.length, 12), builder.concrete, slabs=3.0, patches=2
    )
    if builder.chance(0.75):
        esplanade(builder, front_edge(land), 17.0, vehicles=builder.chance(0.8))
        if builder.chance(0.6) and shown.width > 50:
            car_park(
                builder,
                Area(shown.pose.at(0, -shown.width / 2 + 38), shown.length * 0.55, 18),
                occupied=builder.uniform(0.3, 0.9),
            )
        if shown.width > 80:
            warehouses(builder, Area(shown.pose.at(0, 40), shown.length, shown.width - 84), cars=0.0, lorries=0.05)
    open_water(builder, shown_part(builder, sea, 10), builder.whole(0, 3), big=0.0)
    plant(builder, density=1.0)


def lay_port(builder: Builder) -> None:
    whole = builder.everything(any_heading(builder))
    land, sea = cut(builder, whole, -0.2, 0.35)
    walled_water(builder, sea)
    port_quay(builder, sea, filled=builder.uniform(0.6, 1.0))
    shown = shown_part(builder, land, 0).turned()
    front = Area(shown.pose.at(0, -shown.width / 2 + 35), shown.length, 62)
    back = Area(shown.pose.at(0, 42), shown.length, max(10.0, shown.width - 92))
    esplanade(builder, front_edge(land), 74.0, vehicles=True)
    use = str(builder.rng.choice(["containers", "tanks", "halls"], p=[0.5, 0.25, 0.25]))
    if use == "tanks":
        tank_farm(builder, front, vehicles=builder.whole(0, 4), biggest=22)
    elif use == "halls":
        warehouses(builder, front, cars=0.0, lorries=0.3)
    else:
        container_yard(builder, front, lorries=builder.whole(2, 9))
    if back.width > 60:
        behind = str(builder.rng.choice(["cars", "halls", "tanks", "fields"], p=[0.25, 0.3, 0.2, 0.25]))
        if behind == "cars":
            car_park(
                builder, Area(back.pose, back.length * 0.7, min(back.width, 52)), occupied=builder.uniform(0.3, 0.9)
            )
        elif behind == "halls":
            warehouses(builder, back, cars=0.5, lorries=0.3)
        elif behind == "tanks":
            tank_farm(builder, back, vehicles=builder.whole(0, 3))
        else:
            farmland(builder, back, 2)
    open_water(builder, shown_part(builder, sea, 20), builder.whole(0, 3), big=0.3)
    plant(builder, density=0.5)


def lay_river(builder: Builder) -> None:
    heading = any_heading(builder)
    width = builder.uniform(0.22, 0.5) * builder.reach
    town = builder.chance(0.35)
    course = river(builder, heading, width, builder.uniform(0.04, 0.1 if town else 0.3) * builder.reach)
    crossings = (
        [builder.uniform(0.38, 0.62)]
        if builder.chance(0.7)
        else [builder.uniform(0.33, 0.44), builder.uniform(0.56, 0.67)]
    )
    banks = []
    for side in (1.0, -1.0):
        bank = relaxed(offset_line(course, side * (width / 2 + builder.uniform(26, 42))), 40)
        if not is_dry(builder, bank, 9.0):
            continue
        if builder.chance(0.6):
            road(builder, bank, marked=builder.chance(0.7))
            banks.append(bank)
        elif builder.chance(0.5):
            track(builder, bank)
    if builder.chance(0.9):
        for at in crossings:
            bridge_over(builder, course, at, lanes=builder.whole(1, 2) * 2, spacing=builder.uniform(18, 90))
    for bank in banks:
        traffic(builder, bank, spacing=builder.uniform(40, 120))
    if builder.chance(0.5):
        for _ in range(builder.whole(1, 5)):
            pose = along_line(course, builder.uniform(0.28, 0.72) * line_length(course))
            pose = pose.at(
                0,
                builder.uniform(-0.28, 0.28) * width,
                float(builder.rng.choice([0, math.pi])) + float(builder.rng.normal(0, 0.08)),
            )
            boat = work_boat(builder.rng) if width > 40 and builder.chance(0.6) else motor_boat(builder.rng)
            under_way(builder, pose, boat, builder.uniform(0.1, 0.7))
    if town:
        inner = width * 0.5 + 0.42 * builder.reach
        far = Pose(0, 0, heading).at(0, inner + 0.5 * builder.reach)
        suburb(builder, Area(far, builder.reach * 2.6, builder.reach), pools=0.1, cars=0.4)
    else:
        for side in (1.0, -1.0):
            far = Pose(0, 0, heading).at(0, side * (width * 0.5 + 45 + 0.6 * builder.reach))
            farmland(builder, Area(far, builder.reach * 2.8, 1.2 * builder.reach), 3)
    plant(builder, density=1.2, woods=float(builder.rng.choice([0.0, 0.2, 0.4])))


def lay_lake(builder: Builder) -> None:
    heading = any_heading(builder)
    paths(builder, builder.whole(0, 2))
    line, water = coast_line(builder, heading, builder.uniform(-0.3, 0.3) * builder.reach, 0.25 * builder.reach)
    natural_water(builder, [water], 9.0)
    inland = offset_line(line, -16.0)
    boats = 0.0 if builder.chance(0.25) else builder.uniform(0.2, 0.8)
    if builder.chance(0.75):
        shore_docks(builder, inland, 45.0, builder.uniform(28, 60), boats=boats)
    if boats > 0 and builder.chance(0.5):
        open_water(builder, builder.everything(heading), builder.whole(1, 3), big=0.0)
    lane = offset_line(line, -builder.uniform(45, 70))
    road(builder, lane, marked=False)
    traffic(builder, lane, spacing=builder.uniform(80, 200))
    for side in (-26.0, 20.0):
        _homes_along(builder, offset_line(lane, side), 0.7)
    plant(builder, density=1.4, woods=builder.uniform(0.2, 0.6))


def _homes_along(builder: Builder, line: Points, odds: float) -> None:
    from tools.sample.objects.buildings import house

    at = 10.0
    while at < line_length(line):
        if builder.chance(odds):
            pose = along_line(line, at).at(0, 0, float(builder.rng.normal(0, 0.2)))
            builder.place(house(builder.rng, builder.biome.roofs), pose, gap=3.0, off_pavement=True)
        at += builder.uniform(24, 48)


def lay_open_sea(builder: Builder) -> None:
    heading = any_heading(builder)
    if builder.chance(0.55):
        line, water = coast_line(builder, heading, -builder.uniform(0.2, 0.8) * builder.reach, 0.2 * builder.reach)
        natural_water(builder, [water], builder.uniform(8, 16))
        for back in (0.5, 2.0, 3.5):
            surf = offset_line(line, 4.0 + 6.0 * back)
            builder.canvas.foam(np.concatenate([surf, offset_line(surf, 1.4)[::-1]]), builder.uniform(0.1, 0.6) / back)
    else:
        builder.ground.flood(np.ones((builder.size, builder.size), dtype=np.float32))
    count = 0 if builder.chance(0.12) else builder.whole(1, 8)
    open_water(builder, builder.everything(heading), count, big=builder.uniform(0, 0.8))
    plant(builder, density=1.0, woods=0.3)
