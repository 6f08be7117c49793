"""Roads, hardstandings and what drives and stands on them."""

import math

import numpy as np

from tools.sample.builder import Builder
from tools.sample.canvas import Material
from tools.sample.geometry import (
    Area,
    Points,
    Pose,
    along_line,
    crossings,
    line_length,
    offset_line,
    points,
    rectangle,
    ribbon,
    smooth_line,
)
from tools.sample.light import Colour, mixed, tinted, varied
from tools.sample.objects.vehicles import bus, car, large_vehicle, lorry
from tools.sample.palette import WHITE_PAINT, YELLOW_PAINT
from tools.sample.places.planting import tree_at


def hardstanding(builder: Builder, area: Area, colour: Colour, *, slabs: float = 0.0, patches: int = 6) -> None:
    """Pave an area; `slabs` is the side of its concrete slabs in metres, 0 for asphalt."""
    material = Material.CONCRETE if slabs else Material.ASPHALT
    builder.canvas.polygon(area.outline(), colour, material=material)
    builder.pave(area.outline())
    rng = builder.rng
    if slabs:
        _slabs(builder, area, colour, slabs)
    for _ in range(patches):
        x, y = (float(rng.uniform(-0.5, 0.5)) * side for side in (area.length, area.width))
        long, wide = float(rng.uniform(4, 26)), float(rng.uniform(2, 9))
        if slabs:
            x, y = round(x / slabs) * slabs, round(y / slabs) * slabs
            long, wide = (max(1, round(each / slabs)) * slabs for each in (long, wide))
        patch = Area(area.pose.at(x, y), long, wide)
        if area.length > long + 2 * abs(x) and area.width > wide + 2 * abs(y):
            builder.canvas.polygon(patch.outline(), varied(rng, colour, 0.09), material=material)
    stain_spots(builder, area, int(area.length * area.width / 900))


def _slabs(builder: Builder, area: Area, colour: Colour, side: float) -> None:
    rng, canvas = builder.rng, builder.canvas
    rows, columns = int(area.width / side), int(area.length / side)
    lane_tones = rng.normal(0, 0.022, rows)
    for row in range(rows):
        y = (row + 0.5 - rows / 2) * side
        strip = Area(area.pose.at(0, y), area.length, side)
        canvas.polygon(strip.outline(), tinted(colour, 1 + float(lane_tones[row])), material=Material.CONCRETE)
        for chosen in np.flatnonzero(rng.random(columns) < 0.16):
            slab = Area(area.pose.at((float(chosen) + 0.5 - columns / 2) * side, y), side, side)
            if builder.touches(slab.outline()):
                tone = tinted(colour, 1 + float(lane_tones[row]) + float(rng.normal(0, 0.035)))
                canvas.polygon(slab.outline(), tone, material=Material.CONCRETE)
    joint = tinted(colour, 0.88)
    for row in range(rows + 1):
        y = (row - rows / 2) * side
        line = points((-area.length / 2, y), (area.length / 2, y))
        canvas.stroke(area.pose.apply(line), 0.12, joint, material=Material.CONCRETE)
    for column in range(columns + 1):
        x = (column - columns / 2) * side
        line = points((x, -area.width / 2), (x, area.width / 2))
        canvas.stroke(area.pose.apply(line), 0.12, joint, material=Material.CONCRETE)


def stain_spots(builder: Builder, area: Area, count: int) -> None:
    """Drop oil spots and tyre marks over an area."""
    rng = builder.rng
    for _ in range(min(count, 90)):
        spot = area.pose.at(float(rng.uniform(-0.5, 0.5)) * area.length, float(rng.uniform(-0.5, 0.5)) * area.width)
        if rng.random() < 0.7:
            radius = float(rng.uniform(0.4, 2.2))
            angle = np.linspace(0, 2 * math.pi, 8, endpoint=False)
            blot = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) * rng.uniform(0.6, 1.4, (8, 1))
            builder.canvas.stain(spot.apply(blot), -float(rng.uniform(0.05, 0.22)))
        else:
            turned = spot.at(0, 0, float(rng.choice([0, math.pi / 2])) + float(rng.normal(0, 0.12)))
            mark = rectangle(float(rng.uniform(6, 28)), float(rng.uniform(0.3, 0.7)))
            builder.canvas.stain(turned.apply(mark), -float(rng.uniform(0.04, 0.14)))


def dashed(builder: Builder, line: Points, width: float, colour: Colour, *, dash: float, gap: float) -> None:
    """Draw a broken line."""
    total, at = line_length(line), 0.0
    while at < total:
        start, stop = along_line(line, at), along_line(line, min(at + dash, total))
        if builder.touches(points((start.x - 5, start.y - 5), (start.x + 5, start.y + 5))):
            builder.canvas.stroke(points((start.x, start.y), (stop.x, stop.y)), width, colour)
        at += dash + gap


def road(builder: Builder, line: Points, *, lanes: int = 2, marked: bool = True, kerbs: bool = False) -> float:
    """Lay a road along a line and return its width in metres."""
    width = 3.4 * lanes + 1.2
    reach = line_length(line)
    line = np.stack(
        [(pose.x, pose.y) for pose in (along_line(line, at) for at in np.linspace(0, reach, int(reach / 8) + 2))]
    )
    rng, canvas = builder.rng, builder.canvas
    surface = varied(rng, builder.asphalt, 0.06)
    verge = mixed(builder.concrete, builder.biome.soil[0], 0.0 if kerbs else 0.75)
    canvas.stroke(line, width + (4.2 if kerbs else 1.6), verge, material=Material.CONCRETE if kerbs else Material.DIRT)
    canvas.stroke(line, width, surface, material=Material.ASPHALT)
    builder.pave_line(line, width + (4.6 if kerbs else 2.4))
    for lane in range(lanes):
        for side in (0.8, -0.8):
            track = offset_line(line, (lane + 0.5 - lanes / 2) * 3.4 + side)
            canvas.stroke(track, 0.6, tinted(surface, 0.955), material=Material.ASPHALT)
    if marked:
        edge = width / 2 - 0.5
        for side in (edge, -edge):
            canvas.stroke(offset_line(line, side), 0.14, tinted(WHITE_PAINT, 0.93))
        middle = YELLOW_PAINT if rng.random() < 0.4 else WHITE_PAINT
        if lanes >= 4:
            for side in (0.18, -0.18):
                canvas.stroke(offset_line(line, side), 0.13, middle)
        else:
            dashed(builder, line, 0.14, middle, dash=3.0, gap=6.0)
        for lane in range(1, lanes):
            if lanes >= 4 and lane != lanes // 2:
                dashed(builder, offset_line(line, (lane - lanes / 2) * 3.4), 0.14, WHITE_PAINT, dash=3.0, gap=7.0)
    for other, other_width in builder.roads:
        for x, y in crossings(line, other):
            _open_crossing(builder, (line, width), (other, other_width), (float(x), float(y)), surface)
    builder.roads.append((line, width))
    return width


def _open_crossing(
    builder: Builder,
    road_a: tuple[Points, float],
    road_b: tuple[Points, float],
    at: tuple[float, float],
    surface: Colour,
) -> None:
    """Clear kerbs and markings where two roads cross."""
    x, y = at
    for (line, width), across in ((road_b, road_a[1]), (road_a, road_b[1])):
        near = np.hypot(line[:, 0] - x, line[:, 1] - y) < across / 2 + 12
        piece = line[near]
        if len(piece) < 2:
            continue
        middle = int(np.argmin(np.hypot(piece[:, 0] - x, piece[:, 1] - y)))
        ahead = piece[min(middle + 1, len(piece) - 1)] - piece[max(middle - 1, 0)]
        pose = Pose(x, y, math.atan2(ahead[1], ahead[0]))
        clear = rectangle(across + 5.0, width)
        builder.canvas.polygon(pose.apply(clear), surface, material=Material.ASPHALT)


def track(builder: Builder, line: Points, width: float = 3.4, *, worn: float = 0.9, kept: bool = True) -> None:
    """An unpaved track or path on the bare ground; `worn` (0 to 1): how far the soil shows."""
    ground = builder.ground
    mask = ground.mask(builder.canvas.pixels(ribbon(line, width)))
    if width > 2.5:
        mask = mask * (1 - np.float32(0.45) * ground.mask(builder.canvas.pixels(ribbon(line, width * 0.3))))
    ragged = np.clip(worn + np.float32(0.25) * ground.bank.take("medium"), 0, 1)
    ground.cover((mask * ragged).astype(np.float32), ground.earth(tinted(builder.biome.soil[0], 1.08)))
    if kept:
        builder.pave_line(line, width + 1.0)


def paths(builder: Builder, count: int) -> None:
    """Wandering footpaths and wheel tracks over open ground."""
    reach = builder.reach * 1.5
    for _ in range(count):
        heading, shift = builder.uniform(0, 2 * math.pi), builder.uniform(-0.8, 0.8) * builder.reach
        knots = [(along, shift + builder.uniform(-0.12, 0.12) * reach) for along in np.linspace(-reach, reach, 6)]
        line = Pose(0, 0, heading).apply(smooth_line(knots))
        track(builder, line, float(builder.rng.choice([1.0, 1.4, 3.2])), worn=builder.uniform(0.35, 0.9), kept=False)


def traffic(builder: Builder, line: Points, *, lanes: int = 2, spacing: float = 35.0, lorries: float = 0.12) -> None:
    """Put vehicles on the lanes of a road, about `spacing` metres apart; they keep to the right."""
    builder.at_last(lambda: _drive(builder, line, lanes, spacing, lorries))


def _drive(builder: Builder, line: Points, lanes: int, spacing: float, lorries: float) -> None:
    rng, total = builder.rng, line_length(line)
    for lane in range(lanes):
        at = float(rng.exponential(spacing))
        while at < total:
            aside = (lane + 0.5 - lanes / 2) * 3.4
            pose = along_line(line, at).at(0, aside + float(rng.normal(0, 0.15)), 0.0 if aside > 0 else math.pi)
            model = large_vehicle(rng) if rng.random() < lorries else car(rng)
            builder.place(model, pose, surface="any", gap=1.2)
            at += model.length + 3 + float(rng.exponential(spacing))


def car_park(builder: Builder, area: Area, *, occupied: float = 0.6, heading_noise: float = 0.03) -> None:
    """A car park: aisles along the area's length, marked stalls on both sides, cars in a share of them."""
    rng, canvas = builder.rng, builder.canvas
    surface = varied(rng, builder.asphalt, 0.08)
    hardstanding(builder, area, surface, patches=3)
    stall, depth, aisle = float(rng.uniform(2.45, 2.75)), 5.1, float(rng.uniform(6.0, 7.0))
    modules = max(1, int(area.width / (2 * depth + aisle)))
    columns = int((area.length - 8) / stall)
    paint = tinted(WHITE_PAINT, float(rng.uniform(0.86, 1.0)))
    islands = rng.random() < 0.5
    patchiness = rng.random((modules * 2, max(1, columns // 9 + 1)))
    for module in range(modules):
        middle = (module + 0.5 - modules / 2) * (2 * depth + aisle)
        for number, side in enumerate((1.0, -1.0)):
            y = middle + side * (aisle + depth) / 2
            for column in range(columns + 1):
                x = (column - columns / 2) * stall
                line = points((x, y - depth / 2), (x, y + depth / 2))
                canvas.stroke(area.pose.apply(line), 0.1, paint)
                if column == columns or (islands and column % 14 == 13):
                    if islands and column % 14 == 13 and column < columns:
                        _island(builder, Area(area.pose.at(x + stall / 2, y), stall * 0.9, depth * 0.94))
                    continue
                full = occupied * (0.35 + 1.3 * float(patchiness[2 * module + number, column // 9]))
                if rng.random() > full:
                    continue
                nose = math.pi / 2 if rng.random() < 0.75 else -math.pi / 2
                pose = area.pose.at(
                    x + stall / 2 + float(rng.normal(0, 0.08)), y + float(rng.normal(0, 0.15)),
                    side * nose + float(rng.normal(0, heading_noise)),
                )  # fmt: skip
                builder.place(car(rng), pose, gap=0.1)


def _island(builder: Builder, area: Area) -> None:
    builder.canvas.polygon(area.outline(), builder.biome.grass[0][0], material=Material.TURF)
    if builder.chance(0.7):
        tree_at(builder, area.pose.x, area.pose.y, builder.uniform(1.2, 2.2))


def lorry_park(builder: Builder, area: Area, *, occupied: float = 0.6) -> None:
    """A yard with lorries, trailers or buses in rows."""
    rng = builder.rng
    area = Area(area.pose, min(area.length, builder.uniform(50, 110)), area.width)
    hardstanding(builder, area, varied(rng, builder.asphalt, 0.08), patches=5)
    depot = rng.random() < 0.3
    fleet = varied(rng, (208, 160, 44) if rng.random() < 0.6 else (200, 200, 196), 0.05)
    pitch, bay = 18.5, 3.5
    for row in np.arange(-area.width / 2 + pitch / 2, area.width / 2 - pitch / 3, pitch + 11):
        for x in np.arange(-area.length / 2 + 3, area.length / 2 - 3, bay):
            line = points((float(x) - bay / 2, float(row) - pitch / 2), (float(x) - bay / 2, float(row) + pitch / 2))
            builder.canvas.stroke(area.pose.apply(line), 0.12, tinted(WHITE_PAINT, 0.9))
            if rng.random() < occupied:
                pose = area.pose.at(float(x), float(row), math.pi / 2 + float(rng.normal(0, 0.015)))
                builder.place(bus(rng, fleet) if depot else lorry(rng), pose, gap=0.25)
