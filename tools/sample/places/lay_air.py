"""Scenes about planes: airports, airfields, an airport by the sea."""

import math

from tools.sample.builder import Builder
from tools.sample.geometry import Area
from tools.sample.places.air import airfield, apron, hangars, heliport, runway, taxiway, terminal
from tools.sample.places.country import farmland
from tools.sample.places.industry import lone_tanks, tank_farm
from tools.sample.places.layout import any_heading, cut, front_edge, shown_part
from tools.sample.places.paving import car_park, hardstanding, paths
from tools.sample.places.planting import plant
from tools.sample.places.water import open_water, port_quay, rocks, walled_water


def lay_airport(builder: Builder) -> None:
    """An airport's apron with a terminal, hangars, a taxiway or grass beside it."""
    beside = builder.rng.choice(["terminal", "grass", "tanks", "hangars", "taxiway"], p=[0.26, 0.14, 0.2, 0.14, 0.26])
    _airport(builder, str(beside))


def lay_fuel_apron(builder: Builder) -> None:
    """An airport's apron with storage tanks beside it."""
    _airport(builder, "tanks")


def _airport(builder: Builder, use: str) -> None:
    whole = builder.everything(any_heading(builder))
    side, main = cut(builder, whole, -0.75, -0.25)
    stands = shown_part(builder, main, 0).turned()
    fleet = "airline" if builder.chance(0.75) else "military"
    beside = shown_part(builder, side, 8).turned()
    if use == "taxiway":
        strip = Area(side.pose.at(side.length / 2 - 44, 0, math.pi / 2), side.width, 24)
        taxiway(builder, strip)
    apron(builder, stands, fleet, filled=builder.uniform(0.45, 0.95), vehicles=float(builder.rng.choice([0.0, 0.5])))
    if use == "terminal":
        hardstanding(builder, beside, builder.asphalt)
        terminal(builder, Area(beside.pose.at(0, -beside.width / 2 + 18), beside.length, 30))
        if builder.chance(0.6):
            car_park(
                builder,
                Area(beside.pose.at(0, beside.width / 2 - 20), beside.length * 0.7, 34),
                occupied=builder.uniform(0.3, 0.9),
            )
    elif use == "tanks":
        _tanks_beside(builder, beside)
    elif use == "hangars":
        hangars(builder, beside)
    if builder.chance(0.3):
        along = builder.uniform(-0.4, 0.4) * builder.reach
        stand = Area(beside.pose.at(along, -beside.width / 2 + 20), min(80.0, beside.length), 28)
        if builder.is_free(stand.outline(), off_pavement=True):
            heliport(builder, stand, builder.whole(1, 4))
    paths(builder, builder.whole(0, 2))
    plant(builder, density=0.5)


def _tanks_beside(builder: Builder, beside: Area) -> None:
    """Put tanks along the left edge of an area, beyond which the apron lies, near planes where there are any."""
    count = builder.whole(1, 5)
    if beside.width > 60 and builder.chance(0.5):
        yard = Area(
            beside.pose.at(builder.uniform(-0.2, 0.2) * builder.reach, -beside.width / 2 + 40),
            min(beside.length, builder.uniform(80, 170)),
            70,
        )
        tank_farm(builder, yard, vehicles=builder.whole(0, 3), biggest=16)
        return
    parked = [each.box.mean(axis=0) for each in builder.placed if each.label == "plane"]
    for _ in range(12):
        along = builder.uniform(-0.55, 0.55) * builder.reach
        if parked and builder.chance(0.7):
            seen = parked[builder.whole(0, len(parked) - 1)]
            along = float(beside.pose.invert((seen[None] - builder.size / 2) * builder.gsd)[0, 0])
        pose = beside.pose.at(along, -beside.width / 2 + builder.uniform(16, 26))
        if lone_tanks(builder, Area(pose, 70, 26), count):
            return


def lay_heliport(builder: Builder) -> None:
    """Rows of helicopters before hangars, with a car park and fields about them."""
    whole = builder.everything(any_heading(builder))
    rest, base = cut(builder, whole, -0.5, 0.1, 8)
    stands = shown_part(builder, base, 4).turned()
    if builder.chance(0.6):
        hangars(builder, Area(stands.pose.at(0, -stands.width / 2 + 18), stands.length, 36), small=True)
    for row in range(min(builder.whole(1, 3), int((stands.width - 44) / 30))):
        strip = Area(stands.pose.at(0, stands.width / 2 - 20 - 30 * row), stands.length, 26)
        heliport(builder, strip, builder.whole(4, 9))
    shown = shown_part(builder, rest, 6).turned()
    if builder.chance(0.5):
        car_park(
            builder,
            Area(shown.pose.at(0, -shown.width / 2 + 26), builder.reach, 34),
            occupied=builder.uniform(0.2, 0.8),
        )
    else:
        farmland(builder, shown, 3)
    plant(builder, density=0.9)


def lay_airfield(builder: Builder) -> None:
    """A small airfield with light planes, at times with a runway, tanks, helicopters."""
    whole = builder.everything(any_heading(builder))
    rest, first = cut(builder, whole.turned(), -0.1, 0.4, 10)
    if builder.chance(0.5):
        strip = Area(first.pose.at(-first.length / 2 + builder.uniform(24, 50), 0, math.pi / 2), first.width, 26)
        runway(builder, strip)
        builder.pave(shown_part(builder, first).outline())
    field = shown_part(builder, rest, 4).turned()
    near = Area(field.pose.at(0, -field.width / 2 + 44), field.length, 88)
    airfield(builder, near, filled=builder.uniform(0.4, 0.95))
    if builder.chance(0.3):
        lone_tanks(
            builder,
            Area(near.pose.at(builder.uniform(-0.4, 0.4) * builder.reach, near.width / 2 + 10), 30, 12),
            builder.whole(1, 2),
        )
    if builder.chance(0.3):
        stand = Area(near.pose.at(builder.uniform(-0.5, 0.5) * builder.reach, near.width / 2 + 18), 56, 26)
        if builder.is_free(stand.outline(), off_pavement=True):
            heliport(builder, stand, builder.whole(1, 3))
    if builder.chance(0.4):
        lot = Area(near.pose.at(builder.uniform(-0.3, 0.3) * builder.reach, near.width / 2 + 32), 60, 18)
        if builder.is_free(lot.outline()):
            car_park(builder, lot, occupied=0.5)
    farmland(builder, Area(field.pose.at(0, near.width / 2 + 34), field.length, max(20.0, field.width - near.width)), 2)
    plant(builder, density=0.8)


def lay_coast_airport(builder: Builder) -> None:
    """An apron by the sea, with ships off it."""
    whole = builder.everything(any_heading(builder))
    land, sea = cut(builder, whole, 0.05, 0.4)
    walled_water(builder, sea)
    rocks(builder, front_edge(land), 160)
    if builder.chance(0.4):
        port_quay(builder, sea, filled=0.8)
    shown = shown_part(builder, land, 0)
    apron_area = Area(shown.pose.at(-10, 0, math.pi / 2), shown.width, shown.length - 30)
    apron(
        builder,
        apron_area,
        "airline" if builder.chance(0.7) else "military",
        filled=builder.uniform(0.5, 0.95),
        vehicles=0.3,
    )
    open_water(builder, shown_part(builder, sea, 10), builder.whole(1, 5), big=0.25)
    plant(builder, density=0.3)
