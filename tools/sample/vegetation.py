"""Trees and bushes: crowns as a height map, so that light and shadow fall on them as on everything else."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.sample.light import Colour, Sun
from tools.sample.noise import Field, blurred


@dataclass(frozen=True, slots=True)
class Tree:
    """One crown: its middle and radius in px, its height in metres, its colour, and whether it is a conifer."""

    x: float
    y: float
    radius: float
    height: float
    colour: Colour
    conifer: bool = False


@dataclass(frozen=True, slots=True)
class Canopy:
    """All crowns of a scene: height in metres (h, w), colour (h, w, 3), and coverage (h, w) from 0 to 1."""

    height: Field
    light: Field
    cover: Field


def grow(trees: list[Tree], gsd: float, sun: Sun, fine: Field, medium: Field) -> Canopy:
    """Draw the crowns; where two meet the higher one shows. `fine` and `medium` are noise fields, (h, w)."""
    height = np.zeros(fine.shape, dtype=np.float32)
    owner = np.zeros(fine.shape, dtype=np.int32)
    lobes = (fine * np.float32(0.14) + medium * np.float32(0.16)).astype(np.float32)
    for number, tree in enumerate(trees, start=1):
        _splat(tree, number, height, owner, lobes)
    colours = np.array([(0, 0, 0), *(tree.colour for tree in trees)], dtype=np.float32)
    cover = blurred((height > 0.25).astype(np.float32), 0.5)
    bumpy = blurred(height + fine * np.float32(0.45), 0.6)
    slope_y, slope_x = np.gradient(bumpy, gsd)
    steep = 1 / np.sqrt(1 + slope_x**2 + slope_y**2)
    toward = -(slope_x * math.cos(sun.azimuth) + slope_y * math.sin(sun.azimuth)) * math.cos(sun.elevation)
    direct = np.clip((toward + math.sin(sun.elevation)) * steep, 0, None) / math.sin(sun.elevation)
    gain = (0.42 + 0.62 * np.minimum(direct, 1.7)) * (1 + 0.14 * fine)
    light = colours[owner] * gain.astype(np.float32)[..., None]
    spread = blurred(np.dstack([light, (owner > 0).astype(np.float32)]), 0.7)
    light = np.where(
        (owner > 0)[..., None], light, spread[..., :3] / np.maximum(spread[..., 3:], np.float32(1e-3))
    ).astype(np.float32)
    return Canopy(height, light, cover)


def _splat(tree: Tree, number: int, height: Field, owner: NDArray[np.int32], lobes: Field) -> None:
    size = height.shape[0]
    reach = tree.radius * 1.25
    left, right = max(0, int(tree.x - reach)), min(size, int(tree.x + reach) + 2)
    top, bottom = max(0, int(tree.y - reach)), min(size, int(tree.y + reach) + 2)
    if left >= right or top >= bottom:
        return
    x = (np.arange(left, right, dtype=np.float32) + np.float32(0.5 - tree.x)) / np.float32(tree.radius)
    y = (np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - tree.y)) / np.float32(tree.radius)
    away = np.sqrt(x[None, :] ** 2 + y[:, None] ** 2) * (1 + lobes[top:bottom, left:right])
    profile = 1 - away if tree.conifer else np.sqrt(np.clip(1 - away * away, 0, None))
    crown = np.where(away < 1, np.float32(tree.height) * (np.float32(0.35) + np.float32(0.65) * profile), 0)
    window = height[top:bottom, left:right]
    higher = crown > window
    np.copyto(window, crown, where=higher)
    owner[top:bottom, left:right][higher] = number
