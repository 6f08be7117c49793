"""The lie of the land that a flood fills: a valley along a shore, hollows, and streets a little below their plots."""

import numpy as np

from tools.sample.builder import Builder
from tools.sample.geometry import Points, ribbon
from tools.sample.inundation import Inundation, current
from tools.sample.light import Colour, varied
from tools.sample.noise import Field, blurred, resized
from tools.sample.palette import pick

SILT: tuple[Colour, ...] = ((132, 112, 82), (118, 102, 76), (142, 120, 88), (110, 100, 80), (126, 104, 72))
_STREET_DEPTH = 0.3
_VALLEY_RISE = 0.028
_VALLEY_EDGE = 3.2
_BED = 2.0
_COARSE_SIDE = 96


def inundate(builder: Builder, shore: Points, share: float) -> None:
    """Let the water stand over `share` of the land, 0 to 1, lowest ground first; `shore` in metres is lowest.

    To be called last: the streets that it finds are where the water runs first. A river rises with the flood.
    """
    if share <= 0:
        return
    bank = builder.ground.bank
    relief = np.minimum(_distance(builder, shore) * np.float32(_VALLEY_RISE), np.float32(_VALLEY_EDGE))
    relief = relief + np.float32(0.42) * bank.take("broad") + np.float32(0.16) * bank.take("coarse")
    relief += np.float32(0.035) * bank.take("medium")
    relief -= np.float32(_STREET_DEPTH) * blurred(road_mask(builder), 1.5 / builder.gsd)
    river = builder.ground.water
    level = np.float32(np.quantile(relief[river < 0.5], min(share, 1.0)))
    relief += (level - np.float32(_BED) - relief) * blurred(river, 3 / builder.gsd)
    ahead = shore[-1] - shore[0]
    streaks = current(builder.rng, builder.size, float(np.arctan2(ahead[1], ahead[0])), builder.gsd)
    builder.inundation = Inundation(level - relief, varied(builder.rng, pick(builder.rng, SILT), 0.06), streaks, bank)


def road_mask(builder: Builder) -> Field:
    """How much of each pixel is road, 0 to 1, shape (h, w)."""
    mask = np.zeros((builder.size, builder.size), dtype=np.float32)
    for line, width in builder.roads:
        mask = np.maximum(mask, builder.ground.mask(builder.canvas.pixels(ribbon(line, width))))
    return mask


def _distance(builder: Builder, line: Points) -> Field:
    """Metres from every pixel to the nearest corner of a dense line, found on a coarse grid and stretched."""
    steps = (np.arange(_COARSE_SIDE) + 0.5) / _COARSE_SIDE * 2 * builder.reach - builder.reach
    x, y = np.meshgrid(steps, steps)
    dense = np.stack(
        [np.interp(np.linspace(0, len(line) - 1, 160), np.arange(len(line)), line[:, axis]) for axis in (0, 1)], axis=1
    )
    apart = np.hypot(x[..., None] - dense[:, 0], y[..., None] - dense[:, 1]).min(axis=2)
    return resized(apart.astype(np.float32), builder.size, builder.size)
