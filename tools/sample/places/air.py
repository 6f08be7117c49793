"""Airport aprons, airfields and helicopter stands."""

import math

import numpy as np

from tools.sample.builder import Builder
from tools.sample.canvas import Material
from tools.sample.geometry import Area, points, rectangle, smooth_line
from tools.sample.light import tinted, varied
from tools.sample.objects.aircraft import AIRFRAMES, AIRLINERS, MILITARY_PLANES, SMALL_PLANES, helicopter, plane
from tools.sample.objects.buildings import flat_building, hangar
from tools.sample.objects.sports import helipad
from tools.sample.objects.vehicles import car, lorry
from tools.sample.palette import WHITE_PAINT, YELLOW_PAINT, pick
from tools.sample.places.paving import dashed, hardstanding

FLEETS = {"airline": AIRLINERS, "small": SMALL_PLANES, "military": MILITARY_PLANES}


def apron(builder: Builder, area: Area, fleet: str, *, filled: float = 0.7, vehicles: float = 0.5) -> None:
    """A concrete apron with planes in rows across it, lead-in lines, and a few service vehicles.

    `filled` is the share of stands in use; `vehicles` the chance that a stand has a vehicle beside it.
    """
    rng = builder.rng
    hardstanding(
        builder, area, varied(rng, builder.concrete, 0.05), slabs=float(rng.choice([5.0, 6.0, 7.5])), patches=14
    )
    kinds = FLEETS[fleet]
    y = -area.width / 2 + builder.uniform(4, 10)
    while True:
        kind = str(rng.choice(kinds))
        frame = AIRFRAMES[kind]
        depth = frame.length * 1.08
        if y + depth > area.width / 2:
            break
        facing = math.pi / 2 if builder.chance(0.6) else -math.pi / 2
        _stands(builder, area, kind, y + depth / 2, facing=facing, filled=filled, vehicles=vehicles)
        y += depth + max(10.0, 0.8 * frame.span) * builder.uniform(0.7, 1.3)
        lane = y - max(6.0, 0.4 * frame.span)
        if lane < area.width / 2 - 4:
            _taxi_line(builder, area, lane)


def _stands(
    builder: Builder, area: Area, kind: str, y: float, *, facing: float, filled: float, vehicles: float
) -> None:
    rng, frame = builder.rng, AIRFRAMES[kind]
    pitch = frame.span + builder.uniform(4, 9) * (0.4 if frame.span < 20 else 1.0)
    slant = float(rng.choice([0.0, rng.normal(0, 0.03), rng.uniform(-0.6, 0.6)], p=[0.5, 0.3, 0.2]))
    first, last = -area.length / 2 + builder.uniform(0, pitch), area.length / 2
    if frame.span < 20:
        first = builder.uniform(-0.7, 0.3) * builder.reach
        last = first + builder.uniform(3, 9) * pitch
    for x in np.arange(first, min(last, area.length / 2) - pitch / 2, pitch):
        stand = area.pose.at(float(x), y, facing + slant)
        lead = stand.apply(
            smooth_line([(frame.length * 0.15, 0), (-frame.length * 0.5, 0), (-frame.length, 0.25 * pitch)])
        )
        builder.canvas.stroke(lead, 0.22, tinted(YELLOW_PAINT, 0.96))
        builder.canvas.stain(stand.apply(rectangle(frame.length * 0.4, 2.4, -frame.length * 0.08)), -0.1)
        if rng.random() > filled:
            continue
        parked = str(rng.choice([kind, kind, kind, str(rng.choice(FLEETS[_fleet_of(kind)]))]))
        if AIRFRAMES[parked].span > frame.span:
            parked = kind
        jitter = 0.35 if frame.span < 14 else 0.04
        done = builder.place(plane(rng, parked), stand.at(0, 0, float(rng.normal(0, jitter * 0.4))), gap=0.5)
        if done and frame.span > 20 and rng.random() < vehicles:
            for _ in range(builder.whole(1, 3)):
                model = car(rng) if rng.random() < 0.6 else lorry(rng)
                beside = stand.at(
                    builder.uniform(-0.6, 0.6) * frame.length, builder.uniform(0.3, 0.55) * frame.span,
                    float(rng.choice([0, math.pi / 2, math.pi])) + float(rng.normal(0, 0.1)),
                )  # fmt: skip
                builder.place(model, beside, gap=1.0)


def _fleet_of(kind: str) -> str:
    return next(name for name, kinds in FLEETS.items() if kind in kinds)


def _taxi_line(builder: Builder, area: Area, y: float) -> None:
    line = area.pose.apply(points((-area.length / 2, y), (area.length / 2, y)))
    builder.canvas.stroke(line, 0.3, YELLOW_PAINT)
    for side in (0.9, -0.9, 3.2, -3.2):
        track = Area(area.pose.at(0, y + side), area.length, 0.9)
        builder.canvas.stain(track.outline(), -0.06)


def taxiway(builder: Builder, area: Area) -> None:
    """A taxiway along an area's length, its shoulders darker, with centre and edge lines."""
    rng = builder.rng
    shoulder = varied(rng, tinted(builder.asphalt, 0.9), 0.05)
    builder.canvas.polygon(area.outline(6), shoulder, material=Material.ASPHALT)
    builder.pave(area.outline(7))
    surface = builder.concrete if rng.random() < 0.5 else builder.asphalt
    hardstanding(builder, area, surface, slabs=6.0 if surface is builder.concrete else 0.0, patches=4)
    half = area.length / 2
    for y, width in ((0.0, 0.3), (area.width / 2 - 0.6, 0.2), (-area.width / 2 + 0.6, 0.2)):
        builder.canvas.stroke(area.pose.apply(points((-half, y), (half, y))), width, YELLOW_PAINT)
    for side in (2.6, -2.6):
        builder.canvas.stain(Area(area.pose.at(0, side), area.length, 2.2).outline(), -0.1)


def runway(builder: Builder, area: Area) -> None:
    """A runway along an area's length, with centre line, edge lines, tyre rubber, and a threshold at times."""
    rng = builder.rng
    hardstanding(builder, area, varied(rng, builder.asphalt, 0.06), patches=10)
    half = area.length / 2
    middle = area.pose.apply(points((-half, 0), (half, 0)))
    dashed(builder, middle, 0.6, WHITE_PAINT, dash=18.0, gap=14.0)
    for y in (area.width / 2 - 1.2, -area.width / 2 + 1.2):
        builder.canvas.stroke(area.pose.apply(points((-half, y), (half, y))), 0.5, WHITE_PAINT)
    if rng.random() < 0.5:
        x = builder.uniform(-0.2, 0.2) * builder.reach
        for y in np.linspace(-0.42, 0.42, 8):
            bar = rectangle(24, area.width * 0.05, x, float(y) * area.width)
            builder.canvas.polygon(area.pose.apply(bar), WHITE_PAINT)
    for _ in range(26):
        y = float(rng.normal(0, area.width * 0.09))
        mark = rectangle(
            builder.uniform(20, 90), builder.uniform(0.4, 1.2), builder.uniform(-0.3, 0.3) * area.length, y
        )
        builder.canvas.stain(area.pose.apply(mark), -builder.uniform(0.05, 0.2))


def terminal(builder: Builder, area: Area) -> None:
    """A terminal building along an area's length."""
    rng = builder.rng
    along = -area.length / 2
    while along < area.length / 2:
        length = builder.uniform(50, 110)
        model = flat_building(rng, length, area.width * builder.uniform(0.75, 1.0), builder.uniform(9, 18))
        builder.place(model, area.pose.at(along + length / 2, 0), gap=0.0)
        along += length + float(rng.choice([0.5, 8, 20]))


def hangars(builder: Builder, area: Area, *, small: bool = False) -> None:
    """A row of hangars along an area's length, their doors to its left."""
    rng = builder.rng
    hardstanding(builder, area, varied(rng, builder.asphalt, 0.08), patches=4)
    along = -area.length / 2 + builder.uniform(2, 12)
    while along < area.length / 2:
        wide = builder.uniform(14, 26) if small else builder.uniform(32, 62)
        deep = min(area.width * 0.9, wide * builder.uniform(0.7, 1.1))
        pose = area.pose.at(along + wide / 2, area.width / 2 - deep / 2, -math.pi / 2)
        builder.place(hangar(rng, deep, wide), pose, gap=0.3)
        along += wide + builder.uniform(3, 16)


def heliport(builder: Builder, area: Area, count: int) -> None:
    """Helicopters in a row, some on marked pads."""
    rng = builder.rng
    hardstanding(builder, area, varied(rng, builder.concrete, 0.06), slabs=6.0, patches=3)
    room = max(1, min(count, int(area.length / 27)))
    for x in np.linspace(-area.length / 2 + 14, area.length / 2 - 14, room):
        spot = area.pose.at(float(x), float(rng.normal(0, 1.0)))
        if builder.chance(0.45):
            pad = helipad(rng)
            if not builder.place(pad, spot, block=False):
                continue
        if builder.chance(0.85):
            builder.place(helicopter(rng), spot.at(0, 0, math.pi / 2 + float(rng.normal(0, 0.15))))


def airfield(builder: Builder, area: Area, *, filled: float) -> None:
    """A small airfield: grass, a taxiway, light planes on an asphalt strip and on the grass, hangars."""
    rng = builder.rng
    grass_first, grass_second = builder.biome.grass[int(rng.integers(len(builder.biome.grass)))]
    mown = builder.ground.mask(builder.canvas.pixels(area.outline()))
    builder.ground.rows(mown, (grass_first, grass_second), area.pose.heading, builder.uniform(5, 9))
    builder.pave(area.outline())
    if builder.chance(0.6):
        hangars(builder, Area(area.pose.at(0, -area.width / 2 + 12), area.length, 24), small=True)
    strip = Area(area.pose.at(0, -area.width * 0.06), area.length, min(34.0, area.width * 0.42))
    hardstanding(builder, strip, varied(rng, pick(rng, (builder.asphalt, builder.concrete)), 0.06), patches=8)
    _taxi_line(builder, strip, strip.width * 0.34)
    for x in np.arange(-strip.length / 2 + 8, strip.length / 2 - 8, builder.uniform(13.5, 18)):
        if rng.random() > filled:
            continue
        kind = str(rng.choice(SMALL_PLANES))
        heading = (math.pi / 2 if builder.chance(0.85) else -math.pi / 2) + float(rng.normal(0, 0.12))
        builder.place(plane(rng, kind), strip.pose.at(float(x), -strip.width * 0.14, heading), gap=0.4)
    for _ in range(builder.whole(0, 5)):
        spot = area.pose.at(builder.uniform(-0.3, 0.3) * area.length, area.width * builder.uniform(0.2, 0.42))
        builder.place(plane(rng, "light"), spot.at(0, 0, builder.uniform(0, 2 * math.pi)))
