"""Where trees, bushes and hedges grow."""

import math

import numpy as np

from tools.sample.builder import Builder
from tools.sample.geometry import Area, Points, along_line, line_length
from tools.sample.light import varied
from tools.sample.noise import Field, smoothstep
from tools.sample.palette import pick
from tools.sample.vegetation import Tree

_MOST_TREES = 1500


def tree_at(builder: Builder, x: float, y: float, radius: float) -> None:
    """Plant one tree at a place in metres, with its crown's radius."""
    rng = builder.rng
    seen_x, seen_y = x / builder.gsd + builder.size / 2, y / builder.gsd + builder.size / 2
    conifer = bool(rng.random() < builder.biome.conifers)
    height = radius * float(rng.uniform(2.4, 3.6) if conifer else rng.uniform(1.5, 2.3))
    colour = varied(rng, pick(rng, builder.biome.trees), 0.16)
    crown = radius * (0.75 if conifer else 1.0) / builder.gsd
    builder.trees.append(Tree(seen_x, seen_y, max(0.9, crown), min(height, 22.0), colour, conifer))


def plant(builder: Builder, *, density: float = 1.0, woods: float = 0.0, where: Field | None = None) -> None:
    """Scatter trees over free land: singly and in groups by `density`, closed woods over the share `woods`.

    `where` is a mask of shape (h, w) that limits them.
    """
    rng, size, gsd = builder.rng, builder.size, builder.gsd
    blocked, paved = builder.open_ground()
    closed = blocked | paved | (builder.ground.water > 0.02)
    noise = builder.ground.bank.take("coarse") * np.float32(0.75) + builder.ground.bank.take("broad") * np.float32(0.65)
    grove = smoothstep(noise, 0.5, 1.3) * np.float32(0.7) + np.float32(0.05)
    if woods > 0:
        grove = np.maximum(grove, smoothstep(noise, 1.2 - 2.4 * woods, 1.35 - 2.4 * woods) * np.float32(3.0))
    if where is not None:
        grove = grove * where
    area = (size * gsd) ** 2
    candidates = int(area / 16 * min(2.0, builder.biome.tree_cover * density + 1.2 * woods))
    places = rng.random((min(candidates, 30_000), 2)) * size
    odds = rng.random(len(places))
    for (x, y), luck in zip(places, odds, strict=True):
        if len(builder.trees) >= _MOST_TREES:
            return
        column, row = int(x), int(y)
        local = float(grove[row, column]) * 0.16
        if luck > local or closed[row, column]:
            continue
        small = rng.random() < (0.2 if local > 0.3 else 0.45)
        radius = float(rng.uniform(0.8, 1.8) if small else rng.uniform(2.0, 5.2))
        reach = int(radius * 1.15 / gsd) + 1
        top, left = max(0, row - reach), max(0, column - reach)
        if closed[top : row + reach + 1, left : column + reach + 1].any():
            if radius < 1.9:
                continue
            radius = 1.3
            reach = int(radius * 1.15 / gsd) + 1
            top, left = max(0, row - reach), max(0, column - reach)
            if closed[top : row + reach + 1, left : column + reach + 1].any():
                continue
        tree_at(builder, (x - size / 2) * gsd, (y - size / 2) * gsd, radius)


def tree_row(builder: Builder, line: Points, spacing: float, radius: float) -> None:
    """Plant a row of trees along a line where the ground is free."""
    rng, at = builder.rng, 0.0
    total = line_length(line)
    while at < total:
        pose = along_line(line, at).at(0, float(rng.normal(0, spacing * 0.06)))
        size = radius * float(rng.uniform(0.75, 1.2))
        spot = Area(pose, 2.2 * size, 2.2 * size).outline()
        if builder.touches(spot) and rng.random() < 0.9 and builder.is_free(spot, "land", off_pavement=True):
            tree_at(builder, pose.x, pose.y, size)
        at += spacing * float(rng.uniform(0.85, 1.2))


def bushes(builder: Builder, area: Area, count: int) -> None:
    """Scatter bushes over an area."""
    for _ in range(count):
        pose = area.pose.at(builder.uniform(-0.5, 0.5) * area.length, builder.uniform(-0.5, 0.5) * area.width)
        radius = builder.uniform(0.6, 1.6)
        spot = Area(pose.at(0, 0, math.pi / 4), 2.4 * radius, 2.4 * radius).outline()
        if builder.touches(spot) and builder.is_free(spot, "land", off_pavement=True):
            tree_at(builder, pose.x, pose.y, radius)
