"""Piers, wharves and bridges."""

import numpy as np

from tools.sample.builder import Model
from tools.sample.canvas import Brush, Material
from tools.sample.geometry import ellipse, points, rectangle
from tools.sample.light import Colour, tinted, varied
from tools.sample.palette import ASPHALT, CONCRETE, WHITE_PAINT, YELLOW_PAINT, pick

_PLANKS: tuple[Colour, ...] = ((142, 126, 104), (128, 116, 100), (156, 144, 124), (124, 88, 70), (150, 148, 140))
PIER_HEIGHT = 1.2


def pier(
    rng: np.random.Generator,
    length: float,
    width: float,
    *,
    berth: float = 0.0,
    spacing: float = 0.0,
    head: float = 0.0,
) -> Model:
    """A pier from the shore at the rear to its front, with finger jetties `berth` metres long, `spacing` apart.

    `head` is the width of a platform across its end, 0 for none.
    """
    colour = varied(rng, pick(rng, _PLANKS), 0.08)
    step = max(1.6, float(rng.uniform(1.2, 2.4)))

    def draw(brush: Brush) -> None:
        brush.fill(rectangle(length, width), colour, PIER_HEIGHT, material=Material.WOOD)
        for x in np.arange(-length / 2 + step, length / 2 - 0.3, max(step, 5 * brush.canvas.gsd)):
            line = points((float(x), -width * 0.48), (float(x), width * 0.48))
            brush.line(line, 0.12, tinted(colour, 0.88), PIER_HEIGHT, material=Material.WOOD)
        if spacing:
            for x in np.arange(-length / 2 + spacing, length / 2 + 0.1, spacing):
                for side in (1.0, -1.0):
                    finger = rectangle(0.9, berth, min(float(x), length / 2 - 0.45), side * (width / 2 + berth / 2))
                    brush.fill(finger, tinted(colour, 1.05), PIER_HEIGHT * 0.8, material=Material.WOOD)
        if head:
            deep = max(3.0, head * 0.35)
            platform = rectangle(deep, head, length / 2 - deep / 2)
            brush.fill(platform, tinted(colour, 1.03), PIER_HEIGHT, material=Material.WOOD)
        for x in np.arange(-length * 0.46, length * 0.47, 7.0):
            for side in (0.42, -0.42):
                brush.fill(ellipse(0.3, 0.3, float(x), side * width, 6), tinted(colour, 0.6), PIER_HEIGHT + 0.9)

    return Model("harbor", length, max(width + 2 * berth, head), draw, PIER_HEIGHT + 1)


def wharf(rng: np.random.Generator, length: float, width: float) -> Model:
    """A concrete wharf for big ships, with crane rails, fenders and bollards."""
    colour = varied(rng, pick(rng, CONCRETE), 0.07)

    def draw(brush: Brush) -> None:
        height = 1.0
        brush.fill(rectangle(length, width), colour, height, material=Material.CONCRETE)
        for x in np.arange(-length / 2 + 12, length / 2 - 1, 12.0):
            line = points((float(x), -width / 2), (float(x), width / 2))
            brush.line(line, 0.25, tinted(colour, 0.84), height, material=Material.CONCRETE)
        for share in (0.38, -0.12):
            rail = points((-length / 2, share * width), (length / 2, share * width))
            brush.line(rail, 0.35, tinted(colour, 0.62), height)
        brush.line(points((-length / 2, width * 0.47), (length / 2, width * 0.47)), 0.5, tinted(colour, 1.12), height)
        for x in np.arange(-length / 2 + 6, length / 2 - 1, 12.0):
            brush.fill(ellipse(0.45, 0.45, float(x), width * 0.44, 8), (58, 58, 56), height + 0.6)

    return Model("harbor", length, width, draw, 2.0)


def bridge(rng: np.random.Generator, length: float, width: float, height: float) -> Model:
    """A road bridge that crosses water along its length, `height` metres above the land."""
    deck = varied(rng, pick(rng, ASPHALT), 0.05)
    edge = varied(rng, pick(rng, CONCRETE), 0.05)
    centre = YELLOW_PAINT if rng.random() < 0.5 else WHITE_PAINT
    trussed = length > 50 and rng.random() < 0.15
    steel = varied(rng, pick(rng, ((120, 132, 124), (134, 92, 78), (150, 152, 152))), 0.06)

    def draw(brush: Brush) -> None:
        brush.fill(rectangle(length, width), edge, height, material=Material.CONCRETE)
        brush.fill(rectangle(length, width - 2.4), deck, height, material=Material.ASPHALT)
        for side in (1.0, -1.0):
            rail = points((-length / 2, side * (width / 2 - 0.2)), (length / 2, side * (width / 2 - 0.2)))
            brush.line(rail, 0.35, tinted(edge, 1.15), height + 1.1)
            line = points((-length / 2, side * (width / 2 - 1.6)), (length / 2, side * (width / 2 - 1.6)))
            brush.line(line, 0.16, WHITE_PAINT, height)
        for x in np.arange(-length / 2 + 2, length / 2 - 4, 9.0):
            brush.line(points((float(x), 0), (float(x) + 3.5, 0)), 0.16, centre, height)
        for x in np.arange(-length / 2 + 14, length / 2 - 8, 22.0):
            joint = points((float(x), -width / 2), (float(x), width / 2))
            brush.line(joint, 0.2, tinted(deck, 0.75), height)
        if trussed:
            _truss(brush, length, width, height, steel)

    return Model("bridge", length, width, draw, height + 1.2)


def _truss(brush: Brush, length: float, width: float, height: float, steel: Colour) -> None:
    top, panel = height + 4.5, 15.0
    start = -length / 2 + 4
    count = int((length - 8) / panel)
    for side in (1.0, -1.0):
        y = side * (width / 2 - 0.4)
        brush.line(points((start, y), (start + count * panel, y)), 0.55, steel, top)
    for each in range(count + 1):
        x = start + each * panel
        brush.line(points((x, -width / 2 + 0.4), (x, width / 2 - 0.4)), 0.4, steel, top)
