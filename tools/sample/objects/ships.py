"""Ships from above: cargo ships, ferries, barges, tugs, fishing boats and patrol ships."""

import math

import numpy as np

from tools.sample.builder import Model
from tools.sample.canvas import Brush, Material
from tools.sample.geometry import arc, ellipse, points, rectangle, rounded_rectangle
from tools.sample.light import Colour, mixed, tinted, varied
from tools.sample.objects.boats import BOAT_HULLS, hull
from tools.sample.palette import pick

_SHIP_HULLS: tuple[Colour, ...] = (
    (58, 60, 66),
    (112, 46, 42),
    (38, 56, 88),
    (44, 84, 72),
    (128, 128, 126),
    (84, 40, 40),
)
_SHIP_DECKS: tuple[Colour, ...] = ((124, 74, 62), (74, 98, 84), (120, 118, 112), (142, 96, 80), (92, 104, 108))
_CONTAINERS: tuple[Colour, ...] = (
    (150, 62, 48), (62, 84, 122), (120, 124, 124), (66, 106, 84), (176, 130, 62), (158, 158, 154), (92, 52, 46),
    (46, 66, 100), (186, 186, 180),
)  # fmt: skip
_GREY: Colour = (132, 136, 138)
_WHITE: Colour = (206, 206, 202)
_GLASS: Colour = (40, 48, 56)


def _superstructure(brush: Brush, x: float, *, long: float, wide: float, low: float, high: float) -> None:
    brush.raised(rectangle(long, wide, x), low, low + (high - low) * 0.6, tinted(_WHITE, 0.8), _WHITE)
    brush.raised(rectangle(long * 0.55, wide * 1.0, x + long * 0.16), low, high, tinted(_WHITE, 0.82), _WHITE)
    brush.fill(rectangle(long * 0.07, wide * 0.94, x + long * 0.42), _GLASS, high)
    brush.fill(rectangle(long * 0.2, wide * 0.2, x + long * 0.1), (150, 152, 152), high + 1)


def cargo_ship(rng: np.random.Generator) -> Model:
    """A container ship, bulk carrier or tanker, 80 to 190 m."""
    length = float(rng.uniform(80, 190))
    beam = length * float(rng.uniform(0.145, 0.18))
    kind = str(rng.choice(["container", "bulk", "tanker"]))
    colour, deck = varied(rng, pick(rng, _SHIP_HULLS)), varied(rng, pick(rng, _SHIP_DECKS))
    seed = int(rng.integers(1 << 31))

    def draw(brush: Brush) -> None:
        inner = np.random.default_rng(seed)
        free = 0.035 * length + 2
        brush.raised(hull(length, beam, 0.2), 0, free, colour, tinted(colour, 1.1), material=Material.METAL)
        brush.fill(hull(length * 0.985, beam * 0.94, 0.2), deck, free, material=Material.METAL)
        brush.fill(hull(length * 0.13, beam * 0.8, 0.9) + points((length * 0.42, 0)), tinted(deck, 1.1), free + 2)
        for side in (0.1, -0.1):
            brush.fill(ellipse(1.0, 1.0, length * 0.43, side * beam, 8), (70, 70, 70), free + 3)
        house = -length * 0.385
        hold = (house + 0.065 * length, length * 0.335)
        if kind == "container":
            _containers(brush, inner, hold, beam * 0.86, free)
        elif kind == "bulk":
            _hatches(brush, inner, hold, beam=beam, free=free, deck=deck)
        else:
            _tanker_deck(brush, hold, beam, free, deck)
        _superstructure(brush, house, long=length * 0.09, wide=beam * 0.88, low=free, high=free + 15)
        brush.raised(rectangle(4, 4, house - length * 0.06), free, free + 16, colour, tinted(colour, 1.2))

    return Model("ship", length, beam, draw, 0.035 * length + 18)


def _containers(brush: Brush, rng: np.random.Generator, hold: tuple[float, float], wide: float, free: float) -> None:
    bays, rows = max(2, int((hold[1] - hold[0]) / 13.6)), max(3, int(wide / 2.5))
    step = (hold[1] - hold[0]) / bays
    for bay in range(bays):
        tiers = int(rng.integers(0, 5))
        for row in range(rows):
            stack = max(0, tiers + int(rng.integers(-1, 1)))
            if not stack:
                continue
            y = (row + 0.5 - rows / 2) * wide / rows
            x = hold[0] + (bay + 0.5) * step
            taper = 1 - 0.45 * max(0.0, (x - hold[1] * 0.55) / (hold[1] * 0.5))
            if abs(y) > wide / 2 * taper:
                continue
            brush.fill(
                rectangle(step * 0.9, wide / rows * 0.96, x, y), varied(rng, pick(rng, _CONTAINERS), 0.12),
                free + 1 + 2.6 * stack, material=Material.METAL,
            )  # fmt: skip


def _hatches(
    brush: Brush, rng: np.random.Generator, hold: tuple[float, float], *, beam: float, free: float, deck: Colour
) -> None:
    count = int(rng.integers(4, 8))
    step = (hold[1] - hold[0]) / count
    cover = varied(rng, tinted(deck, float(rng.choice([0.75, 1.25]))))
    geared = rng.random() < 0.6
    for each in range(count):
        x = hold[0] + (each + 0.5) * step
        narrow = 0.6 if each < count - 1 else 0.45
        brush.raised(rectangle(step * 0.66, beam * narrow, x), free, free + 2.2, tinted(cover, 0.8), cover)
        brush.line(points((x, -beam * narrow / 2), (x, beam * narrow / 2)), 0.4, tinted(cover, 0.75), free + 2.2)
        if geared and each:
            post = x - step / 2
            brush.raised(rectangle(2.6, 2.6, post), free, free + 9, (150, 130, 60), (186, 160, 80))
            brush.line(points((post, 0), (post + step * 0.8, beam * 0.12)), 1.1, (190, 164, 84), free + 10)


def _tanker_deck(brush: Brush, hold: tuple[float, float], beam: float, free: float, deck: Colour) -> None:
    pale = mixed(deck, (190, 186, 176), 0.55)
    for y in (-0.09, -0.04, 0.0, 0.04, 0.09):
        brush.line(points((hold[0], y * beam), (hold[1], y * beam)), 0.8, pale, free + 1.4, material=Material.METAL)
    middle = (hold[0] + hold[1]) / 2
    for x in (-4.5, -1.5, 1.5, 4.5):
        brush.line(points((middle + x, -beam * 0.42), (middle + x, beam * 0.42)), 0.9, tinted(pale, 0.9), free + 1.6)
    for share in np.linspace(0.06, 0.94, 7):
        x = hold[0] + (hold[1] - hold[0]) * float(share)
        brush.line(points((x, -beam * 0.42), (x, beam * 0.42)), 0.5, tinted(deck, 0.8), free)
    ring = ellipse(beam * 0.22, beam * 0.22, hold[1] - beam * 0.3, 0, 20)
    brush.line(np.concatenate([ring, ring[:1]]), 0.7, (196, 186, 110), free)
    brush.line(points((middle, 0), (middle + 1.5, beam * 0.3)), 1.0, (176, 150, 80), free + 8)


def work_boat(rng: np.random.Generator) -> Model:
    """A fishing boat, tug, barge, ferry or patrol ship, 14 to 95 m."""
    kind = str(rng.choice(["fishing", "tug", "barge", "ferry", "patrol"], p=[0.3, 0.15, 0.2, 0.15, 0.2]))
    length = float(rng.uniform(*{"barge": (35, 75), "ferry": (45, 90), "patrol": (50, 95)}.get(kind, (14, 30))))
    beam = length * float(rng.uniform(*{"patrol": (0.12, 0.145), "ferry": (0.18, 0.23)}.get(kind, (0.24, 0.31))))
    colour = varied(rng, pick(rng, (*_SHIP_HULLS, *BOAT_HULLS)))
    deck = varied(rng, pick(rng, _SHIP_DECKS))
    load = varied(rng, pick(rng, ((58, 56, 54), (160, 138, 104), (120, 112, 100), (112, 84, 66))), 0.1)

    def draw(brush: Brush) -> None:
        free = 1.6 + 0.025 * length
        if kind == "barge":
            outline = points(
                (-length / 2, -beam / 2), (length * 0.45, -beam / 2), (length / 2, -beam * 0.36),
                (length / 2, beam * 0.36), (length * 0.45, beam / 2), (-length / 2, beam / 2),
            )  # fmt: skip
            brush.raised(outline, 0, free, colour, tinted(colour, 1.15), material=Material.METAL)
            brush.fill(rectangle(length * 0.82, beam * 0.78), tinted(load, 0.7), free - 0.8, material=Material.DIRT)
            for x in (-0.24, 0.0, 0.24):
                for share in (1.0, 0.6, 0.25):
                    mound = ellipse(length * 0.15 * share, beam * 0.34 * share, x * length, 0, 14)
                    brush.fill(mound, tinted(load, 1.2 - 0.25 * share), free + 2 * (1 - share), material=Material.DIRT)
            return
        if kind == "patrol":
            brush.raised(hull(length, beam, 0.45, 0.8), 0, free, tinted(_GREY, 0.8), _GREY, material=Material.METAL)
            brush.raised(
                rectangle(length * 0.34, beam * 0.7, -0.02 * length), free, free + 5, _GREY, tinted(_GREY, 1.1)
            )
            brush.raised(rectangle(length * 0.14, beam * 0.6, 0.1 * length), free, free + 10, _GREY, tinted(_GREY, 1.2))
            brush.raised(rectangle(length * 0.06, beam * 0.4, -0.1 * length), free, free + 9, _GREY, (96, 98, 100))
            brush.fill(ellipse(beam * 0.2, beam * 0.2, length * 0.27, 0, 12), tinted(_GREY, 0.8), free + 2)
            brush.line(points((length * 0.27, 0), (length * 0.34, 0)), 0.6, tinted(_GREY, 0.7), free + 3)
            brush.line(arc(beam * 0.3, beam * 0.3, 0, 2 * math.pi, x=-0.36 * length), 0.4, (204, 204, 200), free)
            return
        brush.raised(hull(length, beam, 0.4), 0, free, tinted(colour, 0.85), colour, material=Material.METAL)
        brush.fill(hull(length * 0.93, beam * 0.84, 0.4), deck, free, material=Material.METAL)
        if kind == "ferry":
            brush.raised(rectangle(length * 0.66, beam * 0.82, -0.05 * length), free, free + 6, _WHITE, _WHITE)
            brush.fill(rectangle(length * 0.5, beam * 0.5, -0.08 * length), (176, 180, 182), free + 6.2)
            brush.raised(rectangle(length * 0.09, beam * 0.8, 0.22 * length), free, free + 10, _WHITE, _WHITE)
            brush.fill(rectangle(length * 0.012, beam * 0.76, 0.258 * length), _GLASS, free + 10)
            brush.raised(rectangle(length * 0.06, beam * 0.26, -0.2 * length), free, free + 11, colour, colour)
            for x in (-0.3, -0.12, 0.06):
                for side in (0.36, -0.36):
                    boat = rounded_rectangle(length * 0.1, beam * 0.08, 0.8, x * length, side * beam)
                    brush.fill(boat, (206, 112, 52), free + 7)
            return
        x = 0.16 * length if kind == "tug" or length > 22 else -0.16 * length
        brush.raised(rectangle(length * 0.24, beam * 0.56, x), free, free + 3.4, _WHITE, tinted(_WHITE, 0.96))
        brush.fill(rectangle(length * 0.03, beam * 0.5, x + length * 0.115), _GLASS, free + 3.4)
        brush.fill(ellipse(0.06 * length, 0.14 * beam, -x * 1.4, 0, 10), (92, 96, 98), free + 1)
        brush.line(points((x, 0), (-x * 1.6, 0.04 * beam)), 0.35, (170, 164, 140), free + 5)

    return Model("ship", length, beam, draw, 4 + 0.1 * length)
