"""Farmland: fields, hedges, tracks and farmsteads; nothing here has a label."""

import math

from tools.sample.builder import Builder
from tools.sample.canvas import Material
from tools.sample.geometry import Area, Pose, points, rectangle
from tools.sample.light import mixed, tinted, varied
from tools.sample.objects.buildings import hall, house
from tools.sample.palette import pick
from tools.sample.places.paving import track
from tools.sample.places.planting import tree_row


def farmland(builder: Builder, area: Area, depth: int = 4) -> None:
    """Fields of crops, grass and stubble, divided by tracks, hedges and ditches; nothing here has a label."""
    if depth == 0 or (depth < 4 and builder.chance(0.14)) or min(area.length, area.width) < 45:
        _field(builder, area.shrunk(builder.uniform(0.4, 1.5)))
        return
    whole = area if area.length >= area.width else area.turned()
    gap = float(builder.rng.choice([1.0, 3.0, 7.0]))
    first, second = whole.split(builder.uniform(0.3, 0.7), gap)
    farmland(builder, first, depth - 1)
    farmland(builder, second, depth - 1)
    edge = first.pose.apply(
        points((first.length / 2 + gap / 2, -first.width / 2), (first.length / 2 + gap / 2, first.width / 2))
    )
    if gap > 5:
        track(builder, edge)
    elif builder.chance(0.5):
        tree_row(builder, edge, builder.uniform(2.5, 9), builder.uniform(1.2, 3.2))


def _field(builder: Builder, area: Area) -> None:
    rng, ground = builder.rng, builder.ground
    if not builder.touches(area.outline()):
        return
    if builder.chance(0.3):
        mask, _ = ground.organic([builder.canvas.pixels(area.outline())], 3.0)
    else:
        mask = ground.mask(builder.canvas.pixels(area.outline()))
    grass = builder.biome.grass[int(rng.integers(len(builder.biome.grass)))]
    soil = pick(rng, builder.biome.soil)
    palette = (
        grass, (grass[1], mixed(grass[1], soil, 0.4)), (soil, tinted(soil, 0.9)),
        (mixed(soil, (186, 168, 118), 0.5), soil),
        (mixed(grass[0], (58, 82, 42), 0.6), grass[0]), ((172, 158, 112), (160, 146, 104)),
    )  # fmt: skip
    colours = palette[int(rng.integers(len(palette)))]
    heading = area.pose.heading + float(rng.choice([0, math.pi / 2])) + float(rng.normal(0, 0.02))
    if builder.chance(0.2):
        shade = varied(rng, colours[0])
        ground.cover(mask, lambda window: ground.blend(shade, colours[1], 0.08, 0.08, window))
    else:
        ground.rows(mask, (varied(rng, colours[0]), colours[1]), heading, builder.uniform(0.8, 4))
    if builder.biome.tree_cover < 2:
        builder.pave(area.shrunk(3.0).outline())


def farmstead(builder: Builder, pose: Pose) -> None:
    """A farmhouse and barns about a yard."""
    rng = builder.rng
    yard = Area(pose, builder.uniform(36, 60), builder.uniform(28, 44))
    if not builder.touches(yard.outline()):
        return
    mask, _ = builder.ground.organic([builder.canvas.pixels(yard.outline(6))], 6.0)
    builder.ground.cover(mask, builder.ground.earth(pick(rng, builder.biome.soil)))
    for _ in range(builder.whole(2, 5)):
        spot = pose.at(
            builder.uniform(-0.4, 0.4) * yard.length,
            builder.uniform(-0.4, 0.4) * yard.width,
            float(rng.choice([0, math.pi / 2])),
        )
        barn = (
            hall(rng, builder.uniform(14, 34), builder.uniform(9, 16), 6.0)
            if builder.chance(0.6)
            else house(rng, builder.biome.roofs)
        )
        builder.place(barn, spot, gap=2.0)
    for _ in range(builder.whole(0, 6)):
        bale = rectangle(1.6, 1.2)
        spot = pose.at(
            builder.uniform(-0.6, 0.6) * yard.length, builder.uniform(-0.6, 0.6) * yard.width, builder.uniform(0, 3)
        )
        builder.canvas.polygon(spot.apply(bale), (188, 170, 120), height=1.2, material=Material.DIRT)
