"""Cars, vans, lorries and buses from above."""

import numpy as np

from tools.sample.builder import Model
from tools.sample.canvas import Brush, Material
from tools.sample.geometry import points, rectangle, rounded_rectangle
from tools.sample.light import Colour, mixed, tinted, varied
from tools.sample.palette import pick

_PAINTS: tuple[Colour, ...] = (
    (204, 204, 202), (204, 204, 202), (196, 198, 200), (150, 152, 156), (150, 152, 156), (104, 106, 110),
    (44, 46, 50), (44, 46, 50), (34, 36, 40), (118, 44, 42), (52, 64, 94), (70, 92, 120), (120, 108, 90),
    (64, 76, 68), (166, 146, 84),
)  # fmt: skip
_TRAILERS: tuple[Colour, ...] = (
    (206, 206, 202), (206, 206, 202), (190, 190, 186), (150, 156, 162), (60, 84, 130), (150, 60, 48), (120, 122, 120),
)  # fmt: skip
_BUSES: tuple[Colour, ...] = (
    (208, 160, 44),
    (206, 206, 202),
    (198, 198, 192),
    (150, 44, 42),
    (60, 96, 140),
    (70, 120, 90),
)
_GLASS: Colour = (36, 40, 46)


def car(rng: np.random.Generator) -> Model:
    """A car, estate, van or pickup of 3.9 to 5.6 m."""
    kind = str(rng.choice(["saloon", "estate", "van", "pickup"], p=[0.5, 0.27, 0.12, 0.11]))
    length = float(rng.uniform(*{"van": (4.8, 5.6), "pickup": (5.1, 5.6)}.get(kind, (3.9, 4.9))))
    width = float(rng.uniform(1.74, 1.9)) + (0.1 if kind in ("van", "pickup") else 0.0)
    paint = varied(rng, pick(rng, _PAINTS), 0.1)
    height = 2.1 if kind == "van" else 1.5

    def draw(brush: Brush) -> None:
        brush.fill(rounded_rectangle(length, width, 0.55), tinted(paint, 0.93), 0.8)
        front, back = {
            "saloon": (0.16, -0.3), "estate": (0.17, -0.44), "van": (0.3, -0.46), "pickup": (0.2, -0.08),
        }[kind]  # fmt: skip
        near, far = front * length, back * length
        slope = 0.11 * length
        brush.fill(
            points(
                (near + slope * 0.4, -0.4 * width), (near + slope * 0.4, 0.4 * width),
                (far, 0.41 * width), (far, -0.41 * width),
            ), _GLASS, height * 0.8,
        )  # fmt: skip
        rear = 0.09 * length if kind in ("saloon", "pickup") else 0.04 * length
        brush.fill(
            points(
                (near - slope, -0.35 * width), (near - slope, 0.35 * width),
                (far + rear, 0.36 * width), (far + rear, -0.36 * width),
            ), tinted(paint, 1.04), height,
        )  # fmt: skip
        if kind == "pickup":
            brush.fill(
                rectangle(0.36 * length, 0.78 * width, -0.29 * length),
                tinted(mixed(paint, (50, 50, 52), 0.6), 0.9),
                0.7,
            )

    return Model("small_vehicle", length, width, draw, height)


def lorry(rng: np.random.Generator) -> Model:
    """A rigid lorry, a tractor with a semi-trailer, or a tanker lorry, 7 to 16.5 m."""
    kind = str(rng.choice(["rigid", "semi", "tanker"], p=[0.45, 0.42, 0.13]))
    length = float(rng.uniform(7, 9.5)) if kind == "rigid" else float(rng.uniform(13.5, 16.5))
    width = 2.5
    cab, box = varied(rng, pick(rng, _PAINTS), 0.1), varied(rng, pick(rng, _TRAILERS), 0.06)
    flat = kind == "semi" and rng.random() < 0.25

    def draw(brush: Brush) -> None:
        nose = 2.3
        brush.fill(rectangle(length * 0.9, width * 0.7, -0.2), (62, 62, 64), 0.9)
        brush.fill(rounded_rectangle(nose, width * 0.96, 0.3, length / 2 - nose / 2), tinted(cab, 1.0), 2.9)
        brush.fill(rectangle(0.5, width * 0.82, length / 2 - 0.45), _GLASS, 2.4)
        rear = length - nose - 0.6
        middle = -length / 2 + rear / 2
        if kind == "tanker":
            for share in (1.0, 0.75, 0.5, 0.25):
                tube = rounded_rectangle(rear * (0.9 + 0.1 * share), width * 0.94 * share, 0.9 * share, middle)
                brush.fill(tube, tinted((186, 188, 190), 0.7 + 0.4 * (1 - share)), 3.2, material=Material.METAL)
        elif flat:
            brush.fill(rectangle(rear, width, middle), (112, 98, 80), 1.4, material=Material.WOOD)
            brush.fill(rectangle(rear * 0.4, width * 0.8, middle - rear * 0.1), tinted(box, 0.8), 2.4)
        else:
            brush.raised(rectangle(rear, width, middle), 1.0, 3.8, tinted(box, 0.85), box, material=Material.METAL)
            brush.line(points((middle - rear / 2, 0), (middle + rear / 2, 0)), 0.1, tinted(box, 0.93), 3.8)

    return Model("large_vehicle", length, width, draw, 4.0)


def bus(rng: np.random.Generator, colour: Colour | None = None) -> Model:
    """A bus or coach of 10 to 12.5 m."""
    length, width = float(rng.uniform(10, 12.5)), 2.55
    paint = varied(rng, colour if colour is not None else pick(rng, _BUSES), 0.06)

    def draw(brush: Brush) -> None:
        brush.raised(
            rounded_rectangle(length, width, 0.4), 0.6, 3.2, tinted(paint, 0.8), paint, material=Material.PAINT
        )
        brush.fill(rectangle(0.45, width * 0.86, length / 2 - 0.3), _GLASS, 3.0)
        brush.line(points((-length * 0.47, 0), (length * 0.4, 0)), width * 0.5, tinted(paint, 1.08), 3.2)
        for x in (-0.28, 0.18):
            brush.fill(rectangle(1.2, 1.1, x * length), tinted(paint, 0.84), 3.4)

    return Model("large_vehicle", length, width, draw, 3.5)


def large_vehicle(rng: np.random.Generator) -> Model:
    """A lorry or a bus."""
    return bus(rng) if rng.random() < 0.25 else lorry(rng)
