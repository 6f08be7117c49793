"""Seas, rivers and lakes, and what lies on their shores."""

import math
from collections.abc import Callable

import numpy as np

from tools.sample.builder import Builder, Model
from tools.sample.canvas import Material
from tools.sample.geometry import (
    Area,
    Points,
    Pose,
    along_line,
    line_length,
    offset_line,
    points,
    rectangle,
    ribbon,
    smooth_line,
)
from tools.sample.light import tinted, varied
from tools.sample.objects.boats import motor_boat, sailing_boat, wake
from tools.sample.objects.ships import cargo_ship, work_boat
from tools.sample.objects.waterfront import bridge, pier, wharf
from tools.sample.palette import pick
from tools.sample.places.paving import road, traffic


def natural_water(builder: Builder, outlines: list[Points], roughness: float) -> None:
    """Flood outlines, in metres, whose shores wander by about `roughness` metres."""
    mask, shore = builder.ground.organic([builder.canvas.pixels(each) for each in outlines], roughness)
    builder.ground.flood(mask, shore)


def walled_water(builder: Builder, area: Area) -> None:
    """Flood an area up to a straight quay wall on every side."""
    builder.ground.flood(builder.ground.mask(builder.canvas.pixels(area.outline())))
    wall = tinted(builder.concrete, 0.97)
    corners = area.outline(0.6)
    builder.canvas.stroke(np.concatenate([corners, corners[:1]]), 1.3, wall, material=Material.CONCRETE)


def small_craft(builder: Builder) -> Model:
    """A motor boat or a sailing boat."""
    return motor_boat(builder.rng) if builder.chance(0.6) else sailing_boat(builder.rng)


def marina(builder: Builder, shore: Area, *, filled: float) -> None:
    """Piers that reach from a straight quay into the water, boats on both sides of each.

    `shore` is the water: its rear edge is the quay, its heading points out to sea.
    """
    rng = builder.rng
    berth = builder.uniform(9, 15)
    width = builder.uniform(2.0, 3.2)
    pitch = 2 * berth + width + builder.uniform(12, 20)
    quay = -shore.length / 2
    y = -shore.width / 2 + builder.uniform(0.2, 0.9) * pitch
    fingers = builder.chance(0.3)
    while y < shore.width / 2:
        length = builder.uniform(0.55, 1.0) * min(shore.length * 0.8, builder.uniform(60, 130))
        pose = shore.pose.at(quay + length / 2 + 0.6, y)
        spacing = builder.uniform(7.5, 10.5) if fingers else 0.0
        deck = pier(rng, length, width, berth=berth * 0.8 if fingers else 0.0, spacing=spacing,
                    head=0.0 if fingers or builder.chance(0.7) else width * 3)  # fmt: skip
        y += pitch
        if not builder.place(deck, pose, surface="water", gap=0.0, block=False):
            continue
        builder.block(Area(pose, length, width + 0.4).outline())
        for side in (1.0, -1.0):
            _moor_row(builder, pose, (length, width), side, berth=berth, filled=filled, spacing=spacing)


def _moor_row(
    builder: Builder, pose: Pose, deck: tuple[float, float], side: float, *, berth: float, filled: float, spacing: float
) -> None:
    rng, (length, width) = builder.rng, deck
    at = -length / 2 + 8.0
    while at < length / 2 - 1:
        boat = small_craft(builder)
        if boat.length > berth:
            continue
        step = boat.width + builder.uniform(0.7, 1.6)
        if spacing:
            cell = (at + length / 2) % spacing
            if cell + step > spacing - 0.6:
                at += spacing - cell + 0.6
                continue
        if rng.random() < filled:
            inward = 1.0 if builder.chance(0.7) else -1.0
            out = width / 2 + boat.length / 2 + builder.uniform(0.6, 1.1)
            spot = pose.at(at + step / 2, side * out, -inward * side * math.pi / 2 + float(rng.normal(0, 0.03)))
            builder.place(boat, spot, surface="water", gap=0.05)
        at += step


def moored_along(builder: Builder, line: Points, right: float, filled: float, make: Callable[[], Model]) -> None:
    """Moor vessels side by side, bow or stern to a straight quay; `right` is +1 or -1 for the water's side."""
    rng, at, total = builder.rng, 2.0, line_length(line)
    while at < total - 2:
        boat = make()
        step = boat.width + builder.uniform(0.8, 2.0)
        if rng.random() < filled:
            turn = right * math.pi / 2 * (1 if builder.chance(0.6) else -1)
            out = right * (boat.length / 2 + builder.uniform(1.2, 2.0))
            builder.place(boat, along_line(line, at + step / 2).at(0, out, turn), surface="water", gap=0.05)
        at += step


def port_quay(builder: Builder, shore: Area, *, filled: float) -> None:
    """Wharves along a quay with big ships moored alongside. `shore` is the water, heading out to sea."""
    rng = builder.rng
    quay, at = -shore.length / 2, -shore.width / 2 + builder.uniform(0, 30)
    while at < shore.width / 2:
        length = builder.uniform(45, 190)
        deep = builder.uniform(14, 24)
        pose = shore.pose.at(quay + deep / 2, at + length / 2, math.pi / 2)
        # A wharf's water side is to its right; turned by a quarter that is the rear, so it is turned about.
        if builder.place(wharf(rng, length, deep), pose.at(0, 0, math.pi), surface="any", gap=0.0):
            along = -length / 2
            while along < length / 2:
                ship = cargo_ship(rng) if length > 95 and builder.chance(0.75) else work_boat(rng)
                if along + ship.length > length / 2 + 12:
                    ship = work_boat(rng)
                spot = pose.at(
                    along + ship.length / 2, -(deep / 2 + ship.width / 2 + 1.6), 0.0 if builder.chance(0.5) else math.pi
                )
                if rng.random() < filled:
                    builder.place(ship, spot, surface="water", gap=0.4)
                along += ship.length + builder.uniform(6, 18)
            at += length + builder.uniform(4, 40)
        else:
            at += builder.uniform(8, 25)


def jetty(builder: Builder, shore: Area, *, moored: float) -> None:
    """A tanker jetty: a long trestle to a platform with a ship alongside. `shore` as for a port."""
    rng = builder.rng
    length = min(shore.length * 0.45, builder.uniform(40, 90))
    head = builder.uniform(26, 46)
    pose = shore.pose.at(-shore.length / 2 + length / 2 + 0.5, builder.uniform(-0.3, 0.3) * builder.reach)
    if not builder.place(pier(rng, length, 5.0, head=head), pose, surface="water", gap=0.0):
        return
    if rng.random() < moored:
        ship = cargo_ship(rng) if builder.chance(0.7) else work_boat(rng)
        tip = pose.at(length / 2 + ship.width / 2 + 1.8, 0, math.pi / 2 if builder.chance(0.5) else -math.pi / 2)
        builder.place(ship, tip, surface="water", gap=0.2)


def shore_docks(builder: Builder, line: Points, inland: float, spacing: float, *, boats: float) -> None:
    """Small private docks that reach from a natural shore over the water to the right of a line.

    `line` runs along the shore on land; `inland` is how far the search for the water's edge goes.
    """
    rng, at = builder.rng, builder.uniform(5, spacing)
    while at < line_length(line):
        foot = along_line(line, at).at(0, 0, math.pi / 2 + float(rng.normal(0, 0.08)))
        at += spacing * builder.uniform(0.6, 1.5)
        edge = _first_water(builder, foot, inland)
        if edge is None:
            continue
        length = builder.uniform(14, 34)
        dock = pier(rng, length, builder.uniform(1.5, 2.4), head=builder.uniform(4, 9) if builder.chance(0.6) else 0.0)
        pose = foot.at(edge + length / 2 - 2.0, 0)
        if not builder.place(dock, pose, gap=0.2, surface="any") or rng.random() > boats:
            continue
        boat = motor_boat(rng)
        side = 1.0 if builder.chance(0.5) else -1.0
        spot = pose.at(length / 2 - boat.length * 0.7, side * (dock.width / 2 + boat.width / 2 + 0.5))
        builder.place(boat, spot, surface="water", gap=0.1)


def _water_at(builder: Builder, x: float, y: float) -> bool | None:
    column, row = int(x / builder.gsd + builder.size / 2), int(y / builder.gsd + builder.size / 2)
    if not (0 <= column < builder.size and 0 <= row < builder.size):
        return None
    return bool(builder.ground.water[row, column] > 0.5)


def _first_water(builder: Builder, pose: Pose, reach: float) -> float | None:
    for step in np.arange(0, reach, max(1.0, builder.gsd)):
        spot = pose.at(float(step), 0)
        if _water_at(builder, spot.x, spot.y):
            return float(step)
    return None


def is_dry(builder: Builder, line: Points, margin: float) -> bool:
    """Whether a line keeps at least `margin` metres from water, as far as the picture shows."""
    for at in np.arange(0, line_length(line), 6.0):
        pose = along_line(line, float(at))
        for side in (-margin, 0.0, margin):
            spot = pose.at(0, side)
            if _water_at(builder, spot.x, spot.y):
                return False
    return True


def under_way(builder: Builder, pose: Pose, model: Model, speed: float) -> bool:
    """Put a ship with its wake on open water."""
    if not builder.place(model, pose, surface="water", gap=3.0, off_pavement=True):
        return False
    wake(builder, pose, model.length, model.width, speed)
    builder.block(pose.apply(rectangle(1.5 * model.length, 1.4 * model.width, -1.1 * model.length)))
    return True


def open_water(builder: Builder, area: Area, count: int, *, big: float = 0.3) -> int:
    """Ships at random on the water of an area, some under way, some at anchor; returns how many."""
    rng, put = builder.rng, 0
    for _ in range(count * 8):
        if put >= count:
            break
        pose = area.pose.at(
            builder.uniform(-0.5, 0.5) * area.length,
            builder.uniform(-0.5, 0.5) * area.width,
            builder.uniform(0, 2 * math.pi),
        )
        luck = rng.random()
        model = cargo_ship(rng) if luck < big else work_boat(rng) if luck < big + 0.3 else small_craft(builder)
        if builder.chance(0.55):
            put += under_way(builder, pose, model, builder.uniform(0.25, 0.9) * (0.6 if model.length > 60 else 1.0))
        else:
            put += builder.place(model, pose, surface="water", gap=3.0, off_pavement=True)
    return put


def river(builder: Builder, heading: float, width: float, bend: float) -> Points:
    """A river through the picture, `width` metres wide, its course bending by up to `bend` metres."""
    reach = builder.reach * 1.7
    shift = builder.uniform(-0.25, 0.25) * builder.reach
    knots = [(along, shift + builder.uniform(-bend, bend)) for along in np.linspace(-reach, reach, 7)]
    course = Pose(0, 0, heading).apply(smooth_line(knots, 8))
    natural_water(builder, [ribbon(course, width)], max(6.0, width * 0.14))
    return course


def bridge_over(builder: Builder, course: Points, at: float, *, lanes: int, spacing: float) -> bool:
    """A road across a river near the share `at` of its course, on a bridge if all of it is in the picture."""
    rng = builder.rng
    across = along_line(course, at * line_length(course)).at(0, 0, math.pi / 2 + float(rng.normal(0, 0.12)))
    reach = builder.reach * 3
    steps = np.arange(-reach, reach, max(0.5, builder.gsd))
    wet = [
        float(step) for step in steps if _water_at(builder, across.at(float(step), 0).x, across.at(float(step), 0).y)
    ]
    if not wet:
        return False
    start, stop = wet[0] - 7.0, wet[-1] + 7.0
    whole = across.apply(points((-reach, 0), (start + 4, 0), (stop - 4, 0), (reach, 0)))
    width = road(builder, whole[:2], lanes=lanes)
    road(builder, whole[2:], lanes=lanes)
    deck = bridge(rng, stop - start, width + 2.6, builder.uniform(4.0, 8.5))
    middle = across.at((start + stop) / 2, 0)
    holds = Area(middle, deck.length, deck.width)
    if not builder.holds(holds.outline(2.5)):
        # A bridge cut by the picture's edge would be a bridge without a true box.
        return False
    builder.draw(deck, middle)
    builder.pave(holds.outline(0.5))
    for step in np.arange(-deck.length / 2 + 12, deck.length / 2 - 8, 24.0):
        builder.canvas.foam(middle.at(float(step), 0).apply(rectangle(3, deck.width * 1.5)), 0.3)
    traffic(builder, whole, lanes=lanes, spacing=spacing)
    return True


def coast_line(builder: Builder, heading: float, at: float, bend: float) -> tuple[Points, Points]:
    """A natural coast: its line in metres, and the outline of the water to the right of it."""
    reach = builder.reach * 1.9
    knots = [(along, at + builder.uniform(-bend, bend)) for along in np.linspace(-reach, reach, 7)]
    frame = Pose(0, 0, heading)
    line = frame.apply(smooth_line(knots, 8))
    far = frame.apply(points((reach, reach * 1.5), (-reach, reach * 1.5)))
    return line, np.concatenate([line, far])


def esplanade(builder: Builder, line: Points, right: float, *, vehicles: bool) -> None:
    """A road along a shore, `right` metres to the right of its line."""
    lane = offset_line(line, right)
    road(builder, lane, lanes=2, kerbs=builder.chance(0.5))
    if vehicles:
        traffic(builder, lane, spacing=builder.uniform(25, 70))


def rocks(builder: Builder, line: Points, count: int) -> None:
    """A strip of boulders along a line."""
    rng = builder.rng
    total = line_length(line)
    grey = pick(rng, ((118, 114, 106), (134, 126, 114), (104, 102, 98)))
    for _ in range(count):
        pose = along_line(line, float(rng.uniform(0, total))).at(0, float(rng.normal(0, 1.6)), builder.uniform(0, 3))
        side = builder.uniform(0.8, 2.2)
        outline = pose.apply(rectangle(side, side * builder.uniform(0.6, 1.0)) * rng.uniform(0.7, 1.2, (4, 1)))
        if builder.touches(outline):
            builder.canvas.polygon(
                outline, varied(rng, grey, 0.2), height=builder.uniform(-1, 0.8), material=Material.DIRT
            )
