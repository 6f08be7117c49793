"""From a layout to a picture: light, shadow and camera laid over what was drawn, with the true boxes."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.errors import InputError
from solvers.scene import Entity
from tools.sample.builder import Builder
from tools.sample.canvas import Material
from tools.sample.geometry import Points
from tools.sample.ground import WATER_LEVEL
from tools.sample.light import SHADOW_TINT, Camera, cast_shadows
from tools.sample.noise import Field, blurred
from tools.sample.places.recipes import RECIPES, sample_recipe
from tools.sample.vegetation import grow

NOMINAL_SIZE = 768
MIN_SIZE = 64
SMALLEST_EASY_SIDE = 3.5
DEEP_SHADOW = 0.7


# For each material: the strength of fine, medium and coarse texture.
_TEXTURE: dict[Material, tuple[float, float, float]] = {
    Material.NOTHING: (0.0, 0.0, 0.0),
    Material.PAINT: (0.02, 0.015, 0.0),
    Material.ASPHALT: (0.045, 0.045, 0.05),
    Material.CONCRETE: (0.035, 0.04, 0.045),
    Material.ROOF: (0.04, 0.035, 0.03),
    Material.DIRT: (0.07, 0.07, 0.06),
    Material.TURF: (0.08, 0.07, 0.06),
    Material.WOOD: (0.08, 0.05, 0.03),
    Material.METAL: (0.022, 0.035, 0.02),
    Material.POOL: (0.05, 0.05, 0.02),
}


@dataclass(frozen=True, slots=True)
class RenderedScene:
    """One synthetic aerial picture with its truth.

    `pixels` uint8 of shape (h, w, 3); `entities` true oriented boxes in px with confidence 1; `gsd` in m/px;
    `recipe` names the layout; `owners` uint16 of shape (h, w): 1 + the index of the entity that shows in each
    pixel, 0 for none; `water`, `canopy` and `wet` (what flood water covers) bool of shape (h, w).
    """

    pixels: NDArray[np.uint8]
    entities: tuple[Entity, ...]
    gsd: float
    recipe: str
    owners: NDArray[np.uint16]
    water: NDArray[np.bool_]
    canopy: NDArray[np.bool_]
    wet: NDArray[np.bool_]


def develop(builder: Builder, recipe: str, camera_rng: np.random.Generator) -> RenderedScene:
    """Turn a finished layout into its picture."""
    canvas, ground = builder.canvas, builder.ground
    bank = ground.bank
    fine, medium, coarse = bank.take("fine"), bank.take("medium"), bank.take("coarse")
    colour, share = canvas.colours()
    materials = canvas.materials()
    strengths = np.array([_TEXTURE[each] for each in Material], dtype=np.float32)[materials]
    gain = 1 + strengths[..., 0] * fine + strengths[..., 1] * medium + strengths[..., 2] * coarse
    blotches = np.clip(coarse * 0.6 + medium * 0.55 - 1.25, 0, 1.2) * (strengths[..., 2] > 0.04)
    gain = np.clip(gain - 0.16 * blotches, 0.45, 1.6)
    land = ground.seen(canvas.foams())
    light = land * (1 - share)[..., None] + colour * gain[..., None]
    canopy = grow(builder.trees, builder.gsd, builder.sun, fine, medium)
    light *= blurred(canvas.stains(), 0.8)[..., None]
    light += (canopy.light - light) * canopy.cover[..., None]
    bare = np.where(ground.water > 0.5, np.float32(WATER_LEVEL), np.float32(0))
    heights = np.maximum(canvas.heights(bare), canopy.height)
    wet = np.zeros(heights.shape, dtype=np.bool_)
    if builder.inundation is not None:
        light, heights, wet = builder.inundation.over(light.astype(np.float32), heights)
    shadow = cast_shadows(heights, builder.sun, builder.gsd)
    light = _lit(light.astype(np.float32), heights, shadow, builder, share * (1 - canopy.cover))
    camera = Camera.sample(camera_rng)
    entities = _entities(builder, shadow)
    pixels = camera.expose(light, camera_rng)
    owners, crowns = canvas.owners(), (canopy.cover > 0.5) & ~wet
    return RenderedScene(pixels, entities, builder.gsd, recipe, owners, ground.water > 0.5, crowns, wet)


def _lit(light: Field, heights: Field, shadow: Field, builder: Builder, built: Field) -> Field:
    """Let the shadows fall, and brighten the edges of built things that face the sun."""
    slope_y, slope_x = np.gradient(heights)
    toward = -(slope_x * np.cos(builder.sun.azimuth) + slope_y * np.sin(builder.sun.azimuth))
    rim = np.clip(toward, -1, 1) * np.float32(0.10) * built
    lost = 1 - np.array(SHADOW_TINT, dtype=np.float32)
    lit: Field = (light * (1 + rim)[..., None] * (1 - shadow[..., None] * lost)).astype(np.float32)
    return lit


def _entities(builder: Builder, shadow: Field) -> tuple[Entity, ...]:
    entities = []
    for index, placed in enumerate(builder.placed):
        corners = tuple((round(float(x), 2), round(float(y), 2)) for x, y in placed.box)
        entities.append(Entity(index, placed.label, 1.0, corners, _is_difficult(placed.box, shadow)))
    return tuple(entities)


def _is_difficult(box: Points, shadow: Field) -> bool:
    """Whether an object is too small, or lies too deep in shadow, to be told with ease."""
    if min(np.hypot(*(box[1] - box[0])), np.hypot(*(box[2] - box[1]))) < SMALLEST_EASY_SIDE:
        return True
    spots = box.mean(axis=0) + (box[None] - box.mean(axis=0)) * np.linspace(0, 0.8, 4)[:, None, None]
    columns, rows = np.clip(spots.reshape(-1, 2).astype(int), 0, len(shadow) - 1).T
    return bool(shadow[rows, columns].mean() > DEEP_SHADOW)


def render_scene(seed: int, size: int = 768, recipe: str | None = None) -> RenderedScene:
    """Render one scene of `size` x `size` px; the same seed, size and recipe give the same picture.

    `recipe` names one of `RECIPES`; None takes one at random by its weight.
    """
    if size < MIN_SIZE:
        raise InputError(f"a scene of {size} px is too small: at least {MIN_SIZE} px")
    if recipe is not None and recipe not in RECIPES:
        raise InputError(f"{recipe!r} is not a kind of scene; there are {', '.join(RECIPES)}")
    layout_seed, camera_seed = np.random.SeedSequence(seed).spawn(2)
    rng = np.random.default_rng(layout_seed)
    name = recipe if recipe is not None else sample_recipe(rng)
    low, high = RECIPES[name].gsd
    # A smaller picture shows less ground, but not so much less that nothing fits.
    gsd = round(float(rng.uniform(low, high)) * math.sqrt(NOMINAL_SIZE / size), 6)
    builder = Builder(rng, size, gsd)
    RECIPES[name].lay(builder)
    builder.finish()
    return develop(builder, name, np.random.default_rng(camera_seed))
