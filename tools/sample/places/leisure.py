"""Sports grounds: courts, pitches, diamonds, tracks and pools."""

import math

import numpy as np

from tools.sample.builder import Builder
from tools.sample.canvas import Material
from tools.sample.geometry import Area, Pose, points
from tools.sample.light import mixed, tinted
from tools.sample.objects.sports import (
    baseball_diamond,
    basketball_court,
    court_colours,
    running_track,
    soccer_field,
    swimming_pool,
    tennis_court,
)
from tools.sample.places.paving import hardstanding


def courts(builder: Builder, pose: Pose, rows: int, columns: int) -> bool:
    """A fenced block of tennis courts; says whether there was room."""
    rng = builder.rng
    inside, outside = court_colours(rng)
    block = Area(pose, columns * 37.0 + 2, rows * 18.5 + 2)
    if not builder.holds(block.outline()) or not builder.is_free(block.outline(), "land", off_pavement=True):
        return False
    builder.canvas.polygon(block.outline(), outside, material=Material.TURF)
    fence = block.outline()
    builder.canvas.stroke(np.concatenate([fence, fence[:1]]), 0.15, (84, 90, 86), height=1.8)
    for row in range(rows):
        for column in range(columns):
            spot = pose.at((column + 0.5 - columns / 2) * 37.0, (row + 0.5 - rows / 2) * 18.5)
            builder.place(tennis_court(rng, inside), spot, gap=0.0)
    builder.block(block.outline())
    return True


def diamond(builder: Builder, pose: Pose) -> bool:
    """A baseball diamond with its outfield and fence; says whether there was room."""
    rng = builder.rng
    grass = builder.biome.grass[0][0]
    model = baseball_diamond(rng, grass)
    foot = Area(pose, model.length, model.width)
    if not builder.holds(foot.outline()) or not builder.is_free(foot.outline(), "land", off_pavement=True):
        return False
    reach = model.length * builder.uniform(1.3, 1.7)
    angle = np.linspace(-math.pi / 4, math.pi / 4, 22)
    home = points((-model.length * 0.42, 0))
    field = np.concatenate([home, home + np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)])
    if not builder.is_free(pose.apply(field), "land", off_pavement=True):
        return False
    turf = builder.ground.mask(builder.canvas.pixels(pose.apply(field)))
    builder.ground.rows(
        turf, (mixed(grass, (70, 98, 56), 0.5), mixed(grass, (80, 106, 62), 0.5)), pose.heading + 0.6, 8.0
    )
    if builder.chance(0.6):
        warning = pose.apply(field[1:])
        builder.canvas.stroke(warning, 3.0, tinted(builder.biome.soil[0], 1.02), material=Material.DIRT)
        builder.canvas.stroke(warning, 0.3, (70, 84, 70), height=2.0)
    builder.pave(pose.apply(field))
    if not builder.place(model, pose):
        return False
    for side in (1.0, -1.0):
        bench = Area(pose.at(-model.length * 0.3, side * model.length * 0.42, side * math.pi / 4), 12, 3)
        if builder.is_free(bench.outline()):
            builder.canvas.polygon(bench.outline(), (176, 178, 176), height=2.4, material=Material.ROOF)
            builder.block(bench.outline())
    return True


def sports_ground(builder: Builder, area: Area) -> None:
    """Courts, pitches, diamonds, a track or a public pool, put wherever there is room in an area."""
    rng = builder.rng
    grass = builder.biome.grass[0][0]
    turn = float(rng.choice([0.0, math.pi / 2]))
    wishes: list[str] = [
        str(each) for each in rng.permutation(["track", "diamond", "courts", "pitch", "basketball", "pool"])
    ]
    wishes = wishes[: builder.whole(2, 5)] + ["courts"] * builder.whole(0, 2) + ["diamond"] * builder.whole(0, 2)
    for wish in wishes:
        for _ in range(60):
            x, y = builder.uniform(-0.85, 0.85) * builder.reach, builder.uniform(-0.85, 0.85) * builder.reach
            pose = Pose(x, y, area.pose.heading + turn + float(rng.choice([0, math.pi / 2, math.pi, -math.pi / 2])))
            inside = np.abs(area.pose.invert(points((x, y)))[0]) < (area.length / 2, area.width / 2)
            if inside.all() and _sport(builder, wish, pose, grass):
                break


def _sport(builder: Builder, wish: str, pose: Pose, grass: tuple[float, float, float]) -> bool:
    rng = builder.rng
    if wish == "courts":
        return courts(builder, pose, builder.whole(1, 4), builder.whole(1, 2))
    if wish == "diamond":
        return diamond(builder, pose)
    if wish == "basketball":
        return builder.place(basketball_court(rng), pose, gap=2.0, off_pavement=True)
    if wish == "pool":
        pool = swimming_pool(rng)
        deck = Area(pose, pool.length + 14, pool.width + 12)
        if not builder.holds(deck.outline()) or not builder.is_free(deck.outline(), "land", off_pavement=True):
            return False
        hardstanding(builder, deck, tinted(builder.concrete, 1.05), slabs=2.5, patches=2)
        return builder.place(pool, pose)
    model = (
        running_track(rng, grass)
        if wish == "track"
        else soccer_field(rng, grass, builder.uniform(88, 108), builder.uniform(54, 70))
    )
    if not builder.place(model, pose, gap=4.0, off_pavement=True):
        return False
    if wish == "track":
        builder.draw(soccer_field(rng, grass, builder.uniform(82, 96), builder.uniform(48, 56)), pose)
    return True
