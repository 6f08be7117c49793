"""Courts, fields, pools, helipads and roundabouts: flat things with a label."""

import math

import numpy as np

from tools.sample.builder import Model
from tools.sample.canvas import Brush, Material
from tools.sample.geometry import Points, arc, ellipse, points, rectangle, rounded_rectangle, smooth_line
from tools.sample.light import Colour, mixed, tinted, varied
from tools.sample.palette import WHITE_PAINT, YELLOW_PAINT, pick

_COURTS: tuple[tuple[Colour, Colour], ...] = (
    ((62, 84, 118), (74, 98, 78)), ((70, 100, 82), (118, 66, 56)), ((120, 70, 58), (72, 96, 76)),
    ((76, 102, 84), (60, 88, 70)), ((72, 80, 122), (104, 112, 116)), ((150, 98, 72), (150, 98, 72)),
)  # fmt: skip
_TRACKS: tuple[Colour, ...] = ((146, 80, 66), (132, 72, 62), (84, 106, 138), (120, 96, 88))
_DIRTS: tuple[Colour, ...] = ((168, 132, 96), (182, 150, 114), (156, 112, 84), (176, 138, 108))
_POOLS: tuple[Colour, ...] = ((92, 168, 184), (76, 150, 176), (110, 180, 190), (60, 128, 160), (88, 150, 146))


def court_colours(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """A court's colour and its surround's."""
    inside, outside = _COURTS[int(rng.integers(len(_COURTS)))]
    return varied(rng, inside, 0.1), varied(rng, outside, 0.1)


def _outlined(brush: Brush, line: Points, width: float = 0.14) -> None:
    brush.line(line, width, WHITE_PAINT)


def _closed(outline: Points) -> Points:
    return np.concatenate([outline, outline[:1]])


def tennis_court(rng: np.random.Generator, colour: Colour) -> Model:
    """A tennis court, its box that of the lines."""
    long, wide = 23.77, 10.97
    worn = varied(rng, colour, 0.03)

    def draw(brush: Brush) -> None:
        brush.fill(rectangle(long, wide), worn, material=Material.TURF)
        for x, y_low, y_high in ((6.4, -4.115, 4.115), (-6.4, -4.115, 4.115)):
            _outlined(brush, points((x, y_low), (x, y_high)))
        for y in (4.115, -4.115):
            _outlined(brush, points((-long / 2, y), (long / 2, y)))
        _outlined(brush, points((-6.4, 0), (6.4, 0)))
        inset = rectangle(long - 0.15, wide - 0.15)
        _outlined(brush, _closed(inset), 0.15)
        brush.line(points((0, -wide / 2), (0, wide / 2)), 0.2, (46, 48, 48), 1.0)

    return Model("tennis_court", long, wide, draw, 1.0)


def basketball_court(rng: np.random.Generator) -> Model:
    """A basketball court."""
    long, wide = 28.0, 15.0
    inside, key = court_colours(rng)

    def draw(brush: Brush) -> None:
        brush.fill(rectangle(long, wide), inside, material=Material.CONCRETE)
        for side in (1.0, -1.0):
            brush.fill(rectangle(5.8, 4.9, side * (long / 2 - 2.9)), key, material=Material.CONCRETE)
            _outlined(brush, _closed(rectangle(5.8, 4.9, side * (long / 2 - 2.9))))
            turn = 0.0 if side < 0 else math.pi
            _outlined(brush, arc(6.75, 6.75, turn - 1.42, turn + 1.42, x=side * (long / 2 - 1.6)))
            _outlined(brush, arc(1.8, 1.8, turn - 1.57, turn + 1.57, x=side * (long / 2 - 5.8)))
            brush.line(points((side * 12.8, -0.9), (side * 12.8, 0.9)), 0.3, (206, 206, 206), 3.0)
        _outlined(brush, points((0, -wide / 2), (0, wide / 2)))
        _outlined(brush, _closed(ellipse(1.8, 1.8)))
        _outlined(brush, _closed(rectangle(long - 0.14, wide - 0.14)))

    return Model("basketball_court", long, wide, draw, 3.0)


def soccer_field(rng: np.random.Generator, grass: Colour, length: float = 100.0, width: float = 64.0) -> Model:
    """A football pitch with mown bands."""
    green = varied(rng, mixed(grass, (62, 96, 54), 0.6), 0.08)
    bands = int(rng.choice([0, 10, 12, 16]))
    contrast = float(rng.uniform(0.03, 0.09))

    def draw(brush: Brush) -> None:
        brush.fill(rectangle(length, width), green, material=Material.TURF)
        for band in range(0, bands, 2):
            middle = (band + 0.5 - bands / 2) * length / bands
            brush.fill(rectangle(length / bands, width, middle), tinted(green, 1 + contrast), material=Material.TURF)
        for side in (1.0, -1.0):
            for deep, wide in ((16.5, 40.3), (5.5, 18.3)):
                _outlined(brush, _closed(rectangle(deep, wide, side * (length / 2 - deep / 2))), 0.16)
            brush.line(points((side * length / 2, -3.7), (side * length / 2, 3.7)), 0.3, (210, 210, 210), 2.4)
        _outlined(brush, points((0, -width / 2), (0, width / 2)), 0.16)
        _outlined(brush, _closed(ellipse(9.15, 9.15, corners=36)), 0.16)
        _outlined(brush, _closed(rectangle(length - 0.2, width - 0.2)), 0.16)

    return Model("soccer_ball_field", length, width, draw, 2.4)


def running_track(rng: np.random.Generator, grass: Colour) -> Model:
    """A running track of eight lanes about a field of grass."""
    colour = varied(rng, pick(rng, _TRACKS), 0.08)
    straight, inner, lanes = 84.4, 36.5, 8
    breadth = lanes * 1.22

    def oval(radius: float) -> Points:
        return np.concatenate([
            arc(radius, radius, -math.pi / 2, math.pi / 2, x=straight / 2, corners=24),
            arc(radius, radius, math.pi / 2, 3 * math.pi / 2, x=-straight / 2, corners=24),
        ])  # fmt: skip

    def draw(brush: Brush) -> None:
        brush.fill(oval(inner + breadth), colour, material=Material.ASPHALT)
        for lane in range(1, lanes):
            _outlined(brush, _closed(oval(inner + lane * 1.22)), 0.07)
        brush.fill(oval(inner), varied(rng, mixed(grass, (70, 98, 58), 0.5), 0.06), material=Material.TURF)
        for side in (1.0, -1.0):
            bend = arc(inner * 0.93, inner * 0.93, -math.pi / 2, math.pi / 2, x=straight / 2)
            brush.fill(bend * (side, 1), tinted(colour, 0.96), material=Material.ASPHALT)

    return Model("ground_track_field", straight + 2 * (inner + breadth), 2 * (inner + breadth), draw, 0.2)


def baseball_diamond(rng: np.random.Generator, grass: Colour) -> Model:
    """The dirt infield of a baseball ground with its bases; home plate lies at the rear."""
    dirt = varied(rng, pick(rng, _DIRTS), 0.07)
    scale = float(rng.choice([rng.uniform(0.62, 0.75), rng.uniform(0.9, 1.05)]))
    skinned = scale < 0.8 and rng.random() < 0.5
    green = varied(rng, mixed(grass, (70, 100, 58), 0.4), 0.05)
    base = 27.43 * scale / math.sqrt(2)
    # From behind home plate to the far edge of the dirt; the object is drawn about the middle of that.
    middle = 2.3 * scale

    def draw(brush: Brush) -> None:
        around = arc(29.0 * scale, 29.0 * scale, -math.pi, math.pi, x=-base + 18.4 * scale, corners=72)
        fan = around[np.abs(around[:, 1]) <= around[:, 0] + base + 3.2 * scale]
        home = arc(4.0 * scale, 4.0 * scale, math.pi * 0.75, math.pi * 1.25, x=-base, corners=6)
        brush.fill(np.concatenate([fan, home]) - (middle, 0), dirt, material=Material.DIRT)
        if not skinned:
            corner = base - 2.6 * scale
            inside = points((-corner, 0), (0, corner), (corner, 0), (0, -corner)) - (middle, 0)
            brush.fill(inside, green, material=Material.TURF)
        for x, y in ((base, 0), (0, base), (0, -base), (-base, 0)):
            brush.fill(rectangle(0.7, 0.7, x - middle, y), (216, 216, 212))
        mound = ellipse(2.7 * scale, 2.7 * scale, -base + 18.4 * scale - middle, 0, 14)
        brush.fill(mound, tinted(dirt, 1.05), 0.2, material=Material.DIRT)
        for side in (1.0, -1.0):
            foul = points((-base - middle, 0), (0.0 - middle, side * base))
            _outlined(brush, foul, 0.12)

    return Model("baseball_diamond", 52 * scale, 59 * scale, draw, 0.3)


def swimming_pool(rng: np.random.Generator) -> Model:
    """A private or public pool with a paved rim, its box that of the water."""
    kind = str(rng.choice(["plain", "kidney", "round", "public"], p=[0.5, 0.27, 0.11, 0.12]))
    long = float(rng.uniform(22, 30)) if kind == "public" else float(rng.uniform(7, 13))
    wide = long * float(rng.uniform(0.42, 0.6))
    water, rim = varied(rng, pick(rng, _POOLS), 0.08), varied(rng, (190, 182, 168), 0.08)
    bend = float(rng.uniform(0.12, 0.22))
    if kind == "round":
        long = wide = float(rng.uniform(4.5, 7.5))

    def draw(brush: Brush) -> None:
        if kind == "kidney":
            knots = points(
                (-0.5, 0.05), (-0.3, 0.5), (0.0, 0.5 - bend), (0.3, 0.5), (0.5, 0.0), (0.25, -0.45), (-0.25, -0.45)
            )
            outline = smooth_line(_closed(knots), 6) * (long, wide)
        elif kind == "round":
            outline = ellipse(long / 2, wide / 2)
        else:
            outline = rounded_rectangle(long, wide, 0.4)
        brush.fill(outline * (1 + 1.6 / long, 1 + 1.6 / wide), rim, counts=False, material=Material.CONCRETE)
        brush.fill(outline, water, material=Material.POOL)
        brush.fill(outline * (0.9, 0.86) + (0.01 * long, 0), tinted(water, 0.93), material=Material.POOL)
        brush.fill(outline * (0.45, 0.8) + (0.22 * long, 0), tinted(water, 0.86), material=Material.POOL)
        if kind == "public":
            for share in np.linspace(-0.4, 0.4, 7):
                brush.line(points((-long * 0.48, share * wide), (long * 0.48, share * wide)), 0.2, tinted(water, 0.7))

    return Model("swimming_pool", long + 2.0, wide + 2.0, draw, 0.1)


def helipad(rng: np.random.Generator) -> Model:
    """A round or square landing pad with its letter H."""
    side = float(rng.uniform(14, 24))
    round_pad = rng.random() < 0.55
    ground = varied(rng, pick(rng, ((120, 120, 118), (156, 152, 146), (92, 104, 92), (112, 76, 66))), 0.08)
    paint = WHITE_PAINT if rng.random() < 0.7 else YELLOW_PAINT

    def draw(brush: Brush) -> None:
        outline = ellipse(side / 2, side / 2, corners=36) if round_pad else rectangle(side, side)
        brush.fill(outline, ground, material=Material.CONCRETE)
        brush.line(_closed(outline * 0.93), 0.5, paint)
        brush.line(_closed(ellipse(side * 0.32, side * 0.32, corners=30)), 0.45, paint)
        for y in (0.09, -0.09):
            brush.line(points((-0.16 * side, y * side), (0.16 * side, y * side)), 0.9, paint)
        brush.line(points((0, -0.09 * side), (0, 0.09 * side)), 0.9, paint)

    return Model("helipad", side, side, draw, 0.1)


def roundabout(rng: np.random.Generator, asphalt: Colour, grass: Colour, radius: float, lane: float) -> Model:
    """A roundabout: a ring road of width `lane` about a planted island; its box that of the ring."""
    kerb = (170, 166, 158)

    def draw(brush: Brush) -> None:
        brush.fill(ellipse(radius, radius, corners=48), asphalt, material=Material.ASPHALT)
        island = radius - lane
        brush.line(_closed(ellipse(radius - 0.5, radius - 0.5, corners=48)), 0.18, WHITE_PAINT)
        brush.fill(ellipse(island, island, corners=40), kerb, 0.2, material=Material.CONCRETE)
        brush.fill(
            ellipse(island - 0.5, island - 0.5, corners=40), varied(rng, grass, 0.06), 0.2, material=Material.TURF
        )
        if island > 7:
            brush.fill(ellipse(island * 0.45, island * 0.45, corners=24), (150, 130, 106), 0.2, material=Material.DIRT)
            brush.fill(ellipse(island * 0.3, island * 0.3, corners=20), tinted(grass, 0.8), 0.4, material=Material.TURF)

    return Model("roundabout", 2 * radius, 2 * radius, draw, 0.4)
