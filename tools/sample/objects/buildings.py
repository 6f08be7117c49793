"""Houses, halls, hangars and stacked containers: clutter without a label."""

import math
from itertools import pairwise

import numpy as np

from tools.sample.builder import Model
from tools.sample.canvas import Brush, Material
from tools.sample.geometry import ellipse, points, rectangle
from tools.sample.light import Colour, mixed, tinted, varied
from tools.sample.palette import pick

_WALLS: tuple[Colour, ...] = ((176, 166, 150), (188, 182, 172), (156, 140, 124), (198, 194, 186))
_FLAT_ROOFS: tuple[Colour, ...] = (
    (186, 184, 178), (162, 160, 156), (132, 130, 128), (108, 106, 104),
    (172, 162, 148), (202, 200, 196), (146, 136, 124),
)  # fmt: skip
_SHEET_ROOFS: tuple[Colour, ...] = (
    (196, 198, 198), (170, 174, 176), (86, 122, 158), (142, 146, 146), (150, 100, 80), (124, 140, 128), (190, 184, 170),
)  # fmt: skip
_CONTAINERS: tuple[Colour, ...] = (
    (146, 64, 50), (64, 84, 120), (122, 124, 124), (70, 104, 84), (170, 128, 66), (158, 158, 154), (96, 56, 48),
)  # fmt: skip


def _gable(brush: Brush, roof: Colour, size: tuple[float, float], rise: tuple[float, float], *, y: float = 0.0) -> None:
    """A roof with its ridge along the frame's x axis, in strips so that its height map slopes."""
    strips, (length, width), (eaves, ridge) = 3, size, rise
    for side in (1.0, -1.0):
        for strip in range(strips):
            low, high = 1 - strip / strips, 1 - (strip + 1) / strips
            z_low = ridge + (eaves - ridge) * low
            z_high = ridge + (eaves - ridge) * high
            y_low, y_high = y + side * low * width / 2, y + side * high * width / 2
            left, right = -length / 2, length / 2
            strip_face = [(left, y_low, z_low), (right, y_low, z_low), (right, y_high, z_high), (left, y_high, z_high)]
            brush.face(np.array(strip_face), roof, counts=False)
    brush.line(points((-length / 2, y), (length / 2, y)), 0.18, tinted(roof, 1.1), ridge, counts=False)


def _hip(brush: Brush, roof: Colour, size: tuple[float, float], rise: tuple[float, float]) -> None:
    (length, width), (eaves, ridge) = size, rise
    crest = max(0.0, length - width) / 2
    corners = [(-length / 2, -width / 2), (length / 2, -width / 2), (length / 2, width / 2), (-length / 2, width / 2)]
    tops = [(-crest, 0.0), (crest, 0.0), (crest, 0.0), (-crest, 0.0)]
    for here, there in ((0, 1), (1, 2), (2, 3), (3, 0)):
        for step in range(3):
            low, high = step / 3, (step + 1) / 3
            ring = []
            for corner, share in ((here, low), (there, low), (there, high), (here, high)):
                flat = mixed((*corners[corner], eaves), (*tops[corner], ridge), share)
                ring.append(flat)
            brush.face(np.array(ring), roof, counts=False)


def house(rng: np.random.Generator, roofs: tuple[Colour, ...]) -> Model:
    """A dwelling of one or two floors with a pitched roof, sometimes with a wing and a chimney."""
    length, width = float(rng.uniform(10, 18)), float(rng.uniform(8, 12))
    eaves = float(rng.choice([3.0, 5.6]))
    ridge = eaves + width * float(rng.uniform(0.16, 0.34))
    roof, wall = varied(rng, pick(rng, roofs), 0.1), varied(rng, pick(rng, _WALLS))
    hipped, winged, chimney = rng.random() < 0.5, rng.random() < 0.5, rng.random() < 0.5
    wing_x, side = float(rng.uniform(-0.25, 0.25)) * length, float(rng.choice([-1.0, 1.0]))

    def draw(brush: Brush) -> None:
        brush.raised(rectangle(length, width), 0, eaves, wall, roof, counts=False)
        if winged:
            brush.raised(
                rectangle(width * 0.6, width * 0.5, wing_x, side * width * 0.65), 0, eaves, wall, roof, counts=False
            )
        if hipped:
            _hip(brush, roof, (length * 1.04, width * 1.08), (eaves, ridge))
        else:
            _gable(brush, roof, (length * 1.04, width * 1.08), (eaves, ridge))
        if winged:
            for half in (1.0, -1.0):
                start, stop = side * width * 0.12, side * width * 0.92
                brush.face(
                    np.array([
                        (wing_x + half * width * 0.32, start, eaves), (wing_x + half * width * 0.32, stop, eaves),
                        (wing_x, stop, ridge * 0.94), (wing_x, start, ridge * 0.94),
                    ]), roof, counts=False,
                )  # fmt: skip
        if chimney:
            brush.raised(
                rectangle(0.9, 0.7, length * 0.2, width * 0.14),
                ridge - 1,
                ridge + 0.8,
                wall,
                (110, 84, 74),
                counts=False,
            )

    return Model(None, length * 1.05, width * (1.9 if winged else 1.1), draw, ridge)


def flat_building(rng: np.random.Generator, length: float, width: float, height: float) -> Model:
    """A block with a flat roof, parapet, machinery and skylights."""
    roof, wall = varied(rng, pick(rng, _FLAT_ROOFS)), varied(rng, pick(rng, _WALLS))
    seed = int(rng.integers(1 << 31))

    def draw(brush: Brush) -> None:
        inner = np.random.default_rng(seed)
        brush.raised(rectangle(length, width), 0, height, wall, tinted(roof, 1.12), counts=False)
        brush.fill(rectangle(length - 1.0, width - 1.0), roof, height - 0.6, material=Material.ROOF, counts=False)
        for _ in range(int(inner.integers(0, 4))):
            patch = rectangle(
                length * float(inner.uniform(0.15, 0.5)), width * float(inner.uniform(0.15, 0.5)),
                length * float(inner.uniform(-0.22, 0.22)), width * float(inner.uniform(-0.22, 0.22)),
            )  # fmt: skip
            brush.fill(patch, varied(inner, roof, 0.12), height - 0.6, material=Material.ROOF, counts=False)
        if min(length, width) > 18 and inner.random() < 0.5:
            storey = rectangle(length * 0.3, width * 0.45, length * float(inner.uniform(-0.25, 0.25)), 0)
            brush.raised(storey, height - 0.6, height + 3, wall, tinted(roof, 1.05), counts=False)
        units = min(26, int(length * width / float(inner.uniform(60, 260))))
        for _ in range(units):
            x, y = length * float(inner.uniform(-0.44, 0.44)), width * float(inner.uniform(-0.42, 0.42))
            long, wide = float(inner.uniform(1.0, 3.2)), float(inner.uniform(0.9, 2.2))
            colour = varied(inner, (168, 170, 170), 0.2)
            brush.raised(
                rectangle(long, wide, x, y), height - 0.6, height + 0.9, tinted(colour, 0.7), colour, counts=False
            )

    return Model(None, length, width, draw, height + 3)


def hall(rng: np.random.Generator, length: float, width: float, height: float, roof: Colour | None = None) -> Model:
    """A warehouse or works hall with a sheet-metal roof, ribs and rows of skylights."""
    colour = varied(rng, roof if roof is not None else pick(rng, _SHEET_ROOFS), 0.07)
    bays = max(1, round(width / float(rng.uniform(18, 34))))
    lights = rng.random() < 0.6
    seed = int(rng.integers(1 << 31))

    def draw(brush: Brush) -> None:
        inner = np.random.default_rng(seed)
        brush.raised(rectangle(length, width), 0, height, tinted(colour, 0.85), colour, counts=False)
        step = width / bays
        for bay in range(bays):
            y = (bay + 0.5 - bays / 2) * step
            _gable(brush, varied(inner, colour, 0.03), (length, step), (height, height + step * 0.07), y=y)
            for rib in np.arange(-length / 2 + 3, length / 2, max(3.0, 4 * brush.canvas.gsd)):
                brush.line(
                    points((float(rib), y - step * 0.49), (float(rib), y + step * 0.49)), 0.2, tinted(colour, 0.94),
                    height + step * 0.04, counts=False, material=Material.ROOF,
                )  # fmt: skip
            if lights:
                for x in np.arange(-length * 0.44, length * 0.45, 9.0):
                    for side in (0.25, -0.25):
                        pane = rectangle(1.4, step * 0.22, float(x), y + side * step)
                        brush.fill(pane, mixed(colour, (206, 210, 206), 0.55), height + step * 0.04, counts=False)
        for _ in range(int(inner.integers(0, 9))):
            vent = ellipse(
                0.9, 0.9, length * float(inner.uniform(-0.45, 0.45)), width * float(inner.uniform(-0.45, 0.45)), 9
            )
            brush.fill(vent, (112, 114, 114), height + 2, counts=False)

    return Model(None, length, width, draw, height + width / bays * 0.07)


def hangar(rng: np.random.Generator, length: float, width: float) -> Model:
    """An aircraft hangar with an arched roof, its doors at the front."""
    colour, height = varied(rng, pick(rng, _SHEET_ROOFS), 0.07), float(rng.uniform(8, 13))

    def draw(brush: Brush) -> None:
        brush.raised(rectangle(length, width), 0, height * 0.6, tinted(colour, 0.85), colour, counts=False)
        edges = np.linspace(-1, 1, 13)
        for low, high in pairwise(edges):
            z_low, z_high = (height * (0.6 + 0.4 * math.cos(each * math.pi / 2)) for each in (low, high))
            y_low, y_high = low * width / 2, high * width / 2
            brush.face(
                np.array([
                    (-length / 2, y_low, z_low), (length / 2, y_low, z_low), (length / 2, y_high, z_high),
                    (-length / 2, y_high, z_high),
                ]), colour, counts=False,
            )  # fmt: skip
        for x in np.arange(-length / 2 + 4, length / 2, 6.0):
            brush.line(
                points((float(x), -width * 0.42), (float(x), width * 0.42)),
                0.2,
                tinted(colour, 0.92),
                height * 0.95,
                counts=False,
            )

    return Model(None, length, width, draw, height)


def container_stack(rng: np.random.Generator, bays: int, rows: int) -> Model:
    """A block of shipping containers, `bays` long and `rows` wide, one to four high."""
    long, wide = 12.6, 2.6
    seed = int(rng.integers(1 << 31))

    def draw(brush: Brush) -> None:
        inner = np.random.default_rng(seed)
        for bay in range(bays):
            for row in range(rows):
                tiers = int(inner.integers(0, 5))
                if not tiers:
                    continue
                x, y = (bay + 0.5 - bays / 2) * long, (row + 0.5 - rows / 2) * wide
                colour = varied(inner, pick(inner, _CONTAINERS), 0.14)
                brush.raised(
                    rectangle(12.2, 2.44, x, y), 0, 2.6 * tiers, tinted(colour, 0.8), colour, material=Material.METAL,
                    counts=False,
                )  # fmt: skip

    return Model(None, bays * long, rows * wide, draw, 10.4)
