"""Storage tanks: cone roofs, floating roofs and domes."""

import math

import numpy as np

from tools.sample.builder import Model
from tools.sample.canvas import Brush, Material
from tools.sample.geometry import arc, ellipse, points, rectangle
from tools.sample.light import Colour, tinted, varied
from tools.sample.palette import pick

_SHELLS: tuple[Colour, ...] = (
    (202, 202, 198), (202, 202, 198), (190, 186, 176), (172, 174, 174),
    (150, 160, 158), (142, 124, 110), (126, 134, 126),
)  # fmt: skip
_CORNERS = 32


def tank(rng: np.random.Generator, radius: float, kind: str | None = None, shell: Colour | None = None) -> Model:
    """An upright tank of the given radius in metres; `kind` is "cone", "floating" or "dome", by chance if None."""
    if kind is None:
        kind = str(rng.choice(["cone", "floating", "dome"], p=[0.5, 0.32, 0.18]))
    colour = varied(rng, shell if shell is not None else pick(rng, _SHELLS), 0.05)
    height = min(18.0, radius * float(rng.uniform(0.7, 1.3)) + 2.5)
    start, seed = float(rng.uniform(0, 2 * math.pi)), int(rng.integers(1 << 31))

    def draw(brush: Brush) -> None:
        inner = np.random.default_rng(seed)
        rim = ellipse(radius, radius, corners=_CORNERS)
        brush.raised(rim, 0, height, tinted(colour, 0.86), tinted(colour, 1.02), material=Material.METAL)
        if kind == "floating":
            _floating_roof(brush, inner, radius, height, colour)
        elif kind == "dome":
            _dome(brush, radius, height, colour)
        else:
            _cone(brush, inner, radius, height, colour)
        _stair(brush, radius, height, start, colour)

    return Model("storage_tank", 2 * radius, 2 * radius, draw, height + 2)


def _cone(brush: Brush, rng: np.random.Generator, radius: float, height: float, colour: Colour) -> None:
    sectors, slope = int(rng.choice([12, 16, 20, 24])), float(rng.uniform(0.1, 0.24))
    top = height + slope * radius * 0.9
    patchy = float(rng.choice([0.0, 0.02, 0.035]))
    for sector in range(sectors):
        low, high = 2 * math.pi * sector / sectors, 2 * math.pi * (sector + 1) / sectors
        ring = arc(radius * 0.965, radius * 0.965, low, high, corners=4)
        corners = np.array([(0.0, 0.0, top), *((x, y, height) for x, y in ring)])
        brush.face(corners, varied(rng, colour, patchy), material=Material.METAL)
        if radius > 9:
            edge = points((0.0, 0.0), (radius * 0.96 * math.cos(low), radius * 0.96 * math.sin(low)))
            brush.line(edge, 0.16, tinted(colour, 0.9), height, material=Material.METAL)
    brush.fill(ellipse(radius * 0.07 + 0.2, radius * 0.07 + 0.2, corners=10), tinted(colour, 0.72), top)
    for _ in range(int(rng.integers(1, 4))):
        angle, away = float(rng.uniform(0, 2 * math.pi)), radius * float(rng.uniform(0.5, 0.85))
        hatch = ellipse(0.5, 0.5, away * math.cos(angle), away * math.sin(angle), 8)
        brush.fill(hatch, tinted(colour, 0.66), height + 0.8)


def _floating_roof(brush: Brush, rng: np.random.Generator, radius: float, height: float, colour: Colour) -> None:
    depth = height * float(rng.choice([rng.uniform(0.06, 0.25), rng.uniform(0.3, 0.75)]))
    deck = varied(rng, tinted(colour, float(rng.uniform(0.72, 0.95))), 0.05)
    brush.fill(ellipse(radius * 0.96, radius * 0.96, corners=_CORNERS), tinted(colour, 0.62), height - depth * 0.5)
    drift = math.hypot(*brush.canvas.lean) * depth / 2
    floor = max(radius * 0.5, radius * 0.95 - drift)
    middle = height - depth / 2
    seen = brush.pose.invert(brush.canvas.lifted(brush.pose.apply(points((0, 0))), -depth / 2 * 0.5))[0]
    brush.fill(
        ellipse(floor, floor, float(seen[0]), float(seen[1]), _CORNERS), deck, height - depth, material=Material.METAL
    )
    for share in (0.94, 0.3):
        ring = arc(floor * share, floor * share, 0, 2 * math.pi, x=float(seen[0]), y=float(seen[1]), corners=_CORNERS)
        brush.line(ring, 0.35, tinted(deck, 0.8), height - depth, material=Material.METAL)
    angle = float(rng.uniform(0, 2 * math.pi))
    ladder = points((radius * 0.95, 0), (-radius * 0.1, radius * 0.1))
    turn = np.array([(math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))])
    brush.line(ladder @ turn, 0.7, tinted(colour, 0.7), middle, material=Material.METAL)


def _dome(brush: Brush, radius: float, height: float, colour: Colour) -> None:
    sun = brush.canvas.sun
    toward = sun.azimuth - brush.pose.heading
    rings = 9
    for ring in range(rings):
        share = 1 - ring / rings
        shift = 0.42 * radius * (1 - share) * math.cos(sun.elevation)
        disc = ellipse(
            radius * 0.97 * share, radius * 0.97 * share, shift * math.cos(toward), shift * math.sin(toward), _CORNERS
        )
        brush.fill(
            disc, tinted(colour, 0.74 + 0.4 * (1 - share) ** 0.8), height + 0.4 * radius * (1 - share**2) * 0.3,
            material=Material.METAL,
        )  # fmt: skip
    brush.fill(ellipse(0.5, 0.5, corners=8), tinted(colour, 0.7), height + 0.2 * radius)


def _stair(brush: Brush, radius: float, height: float, start: float, colour: Colour) -> None:
    if radius < 4:
        return
    spiral = arc(radius * 0.985, radius * 0.985, start, start + 1.1, corners=7)
    brush.line(spiral, 0.45, tinted(colour, 0.58), height + 0.2, material=Material.METAL)
    landing = rectangle(1.4, 1.0) + spiral[-1] * 0.93
    brush.fill(landing, tinted(colour, 0.62), height + 0.4)
