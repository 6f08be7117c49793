"""Boats from above, and the water that vessels stir."""

import numpy as np

from tools.sample.builder import Builder, Model
from tools.sample.canvas import Brush
from tools.sample.geometry import Points, Pose, ellipse, points, rectangle, rounded_rectangle
from tools.sample.light import Colour, mixed, tinted, varied
from tools.sample.palette import pick

BOAT_HULLS: tuple[Colour, ...] = (
    (208, 208, 204), (208, 208, 204), (208, 208, 204), (204, 204, 200), (200, 204, 206), (190, 186, 174),
    (196, 196, 196), (180, 178, 172), (48, 58, 80), (112, 50, 46), (92, 112, 116),
)  # fmt: skip
_DECKS: tuple[Colour, ...] = ((196, 190, 176), (170, 146, 112), (206, 206, 202), (150, 126, 98))
_COVERS: tuple[Colour, ...] = (
    (58, 76, 108),
    (44, 54, 76),
    (190, 190, 188),
    (96, 100, 100),
    (128, 58, 52),
    (62, 92, 88),
    (170, 164, 150),
)
_WHITE: Colour = (206, 206, 202)
_GLASS: Colour = (40, 48, 56)


def hull(length: float, beam: float, bow: float, stern: float = 0.86, steps: int = 9) -> Points:
    """The outline of a hull: `bow` is the share of the length that narrows to the stem, `stern` the transom's share."""
    start = length / 2 - bow * length
    t = np.linspace(0, 1, steps)
    side = np.concatenate([
        [(-length / 2, beam / 2 * stern), (-length / 2 + 0.12 * length, beam / 2 * (0.5 + 0.5 * stern)),
         (-length / 2 + 0.3 * length, beam / 2)],
        np.stack([start + bow * length * t, beam / 2 * (1 - t**2.1)], axis=1),
    ])  # fmt: skip
    return np.concatenate([side, side[::-1][1:] * (1, -1)])


def motor_boat(rng: np.random.Generator) -> Model:
    """An open boat, a cabin cruiser or a motor yacht, 5 to 22 m."""
    length = float(rng.choice([rng.uniform(5, 9), rng.uniform(8, 14), rng.uniform(13, 22)], p=[0.42, 0.42, 0.16]))
    beam = length * float(rng.uniform(0.27, 0.36))
    colour, deck, cover = varied(rng, pick(rng, BOAT_HULLS)), varied(rng, pick(rng, _DECKS)), pick(rng, _COVERS)
    covered, bow = rng.random() < 0.25, float(rng.uniform(0.45, 0.65))
    cabin, shift = float(rng.uniform(0.26, 0.42)), float(rng.uniform(-0.05, 0.1))

    def draw(brush: Brush) -> None:
        free = 0.09 * length
        brush.fill(hull(length, beam, bow), tinted(colour, 0.8), free * 0.5)
        brush.fill(hull(length * 0.97, beam * 0.93, bow), colour, free)
        brush.fill(rectangle(length * 0.3, beam * 0.66, -length * 0.3), tinted(deck, 0.82), free * 0.6)
        if covered:
            brush.fill(hull(length * 0.72, beam * 0.8, bow * 0.8), varied(rng, cover), free * 1.3)
            return
        middle = length * shift
        brush.fill(
            rounded_rectangle(length * cabin, beam * 0.68, beam * 0.15, middle), tinted(_WHITE, 0.97), free * 2.0
        )
        glass = points(
            (middle + cabin * length * 0.52, beam * 0.2), (middle + cabin * length * 0.52, -beam * 0.2),
            (middle + cabin * length * 0.3, -beam * 0.33), (middle + cabin * length * 0.3, beam * 0.33),
        )  # fmt: skip
        brush.fill(glass, _GLASS, free * 2.0)
        if length > 9:
            brush.fill(rectangle(length * cabin * 0.45, beam * 0.5, middle - 0.04 * length), _WHITE, free * 3.2)
            brush.fill(rectangle(length * 0.1, beam * 0.5, -length * 0.26), tinted(deck, 1.05), free * 0.8)
            brush.fill(ellipse(length * 0.05, beam * 0.12, length * 0.3, 0, 10), (120, 128, 132), free * 1.1)
        else:
            brush.fill(rectangle(length * 0.07, beam * 0.26, -length * 0.47), (50, 52, 54), free)

    return Model("ship", length, beam, draw, 0.3 * length)


def sailing_boat(rng: np.random.Generator) -> Model:
    """A sailing yacht at rest, 7 to 16 m, its sail under a cover on the boom."""
    length = float(rng.uniform(7, 16))
    beam = length * float(rng.uniform(0.27, 0.33))
    colour, deck = varied(rng, pick(rng, BOAT_HULLS)), varied(rng, pick(rng, _DECKS))
    cover = varied(rng, pick(rng, _COVERS))

    def draw(brush: Brush) -> None:
        free = 0.08 * length
        brush.fill(hull(length, beam, 0.62, 0.7), tinted(colour, 0.82), free * 0.5)
        brush.fill(hull(length * 0.96, beam * 0.9, 0.62, 0.7), mixed(colour, deck, 0.45), free)
        brush.fill(
            rounded_rectangle(length * 0.34, beam * 0.5, beam * 0.2, length * 0.08), tinted(_WHITE, 0.98), free * 1.6
        )
        brush.fill(rectangle(length * 0.22, beam * 0.4, -length * 0.27), tinted(deck, 0.7), free * 0.7)
        brush.line(points((length * 0.12, 0), (-length * 0.28, 0)), 0.055 * length, cover, free * 2.6)
        brush.line(points((length * 0.48, 0), (length * 0.14, 0)), 0.12, (190, 190, 188), free * 1.8)
        for side in (0.3, -0.3):
            brush.fill(rectangle(length * 0.2, 0.1 * beam, length * 0.08, side * beam * 0.7), _GLASS, free * 1.6)
        brush.fill(ellipse(0.28, 0.28, length * 0.13, 0, 8), (216, 216, 214), length * 0.5)

    return Model("ship", length, beam, draw, 0.5 * length)


def wake(builder: Builder, pose: Pose, length: float, beam: float, speed: float) -> None:
    """The white water behind and beside a ship under way; `speed` from 0 to 1."""
    reach = length * (1.0 + 4.0 * speed)
    stern = -length / 2
    for step in range(7):
        near, far = stern - reach * step / 7, stern - reach * (step + 1) / 7
        half = beam * (0.34 + 0.07 * step)
        trail = points((near, -half), (near, half), (far, half * 1.12), (far, -half * 1.12))
        builder.canvas.foam(pose.apply(trail), 0.8 * speed * (1 - step / 7))
    for side in (1.0, -1.0):
        arm = points(
            (length * 0.46, 0), (length * 0.2, side * beam * 0.58),
            (stern - reach * 0.5, side * (beam * 0.8 + reach * 0.2)),
            (stern - reach * 0.5, side * (beam * 0.55 + reach * 0.2)), (length * 0.1, side * beam * 0.45),
        )  # fmt: skip
        for share, strength in ((1.0, 0.18), (0.6, 0.3), (0.3, 0.45)):
            wave = arm.copy()
            wave[2:4, 0] = stern - reach * 0.5 * share
            wave[2:4, 1] -= side * reach * 0.2 * (1 - share)
            builder.canvas.foam(pose.apply(wave), strength * speed)
