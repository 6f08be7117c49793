"""One rendered scene after a flood, and the class of each of its pixels."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from solvers.errors import InputError
from tools.sample.builder import Builder
from tools.sample.canvas import Material
from tools.sample.flood.places import PLACES
from tools.sample.flood.relief import road_mask
from tools.sample.scene import MIN_SIZE, NOMINAL_SIZE, RenderedScene, develop

CLASSES = (
    "background",
    "flooded_building",
    "non_flooded_building",
    "flooded_road",
    "non_flooded_road",
    "water",
    "tree",
    "vehicle",
    "pool",
    "grass",
)
"""FloodNet's classes, in the order of their numbers in its masks."""
_NUMBER = {name: number for number, name in enumerate(CLASSES)}
_VEHICLES = frozenset({"small_vehicle", "large_vehicle"})
_SURROUNDINGS = 3.0
_FLOODED_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class FloodScene:
    """A picture, uint8 of shape (h, w, 3), its class numbers, uint8 of shape (h, w), and its `gsd` in m/px."""

    pixels: NDArray[np.uint8]
    classes: NDArray[np.uint8]
    gsd: float
    place: str


def render_flood_scene(seed: int, place: str, share: float, size: int = NOMINAL_SIZE) -> FloodScene:
    """Render one scene with about `share` of it, 0 to 1, under water; equal arguments give equal pictures."""
    if size < MIN_SIZE:
        raise InputError(f"a scene of {size} px is too small: at least {MIN_SIZE} px")
    if place not in PLACES:
        raise InputError(f"{place!r} is not a kind of place; there are {', '.join(PLACES)}")
    layout_seed, camera_seed = np.random.SeedSequence(seed).spawn(2)
    rng = np.random.default_rng(layout_seed)
    gsd = round(float(rng.uniform(*PLACES[place].gsd)) * math.sqrt(NOMINAL_SIZE / size), 6)
    builder = Builder(rng, size, gsd)
    PLACES[place].lay(builder, share)
    builder.finish()
    scene = develop(builder, place, np.random.default_rng(camera_seed))
    return FloodScene(scene.pixels, _classes(builder, scene), gsd, place)


def _classes(builder: Builder, scene: RenderedScene) -> NDArray[np.uint8]:
    """What shows in each pixel, from the ground up: land, roads, water, buildings, pools, vehicles, crowns."""
    materials = builder.canvas.materials()
    open_land = (materials == Material.NOTHING) | (materials == Material.TURF)
    classes = np.where(open_land, np.uint8(_NUMBER["grass"]), np.uint8(_NUMBER["background"]))
    roads, wet = road_mask(builder) > 0.5, scene.wet
    classes[roads] = _NUMBER["non_flooded_road"]
    classes[wet | scene.water] = _NUMBER["water"]
    classes[roads & wet] = _NUMBER["flooded_road"]
    dry_owners = np.where(wet, 0, scene.owners)
    kinds = ["", *(each.label for each in builder.placed)]
    pools = np.array([kind == "swimming_pool" for kind in kinds])[dry_owners]
    vehicles = np.array([kind in _VEHICLES for kind in kinds])[dry_owners]
    classes[pools] = _NUMBER["pool"]
    _paint_buildings(classes, (materials == Material.ROOF) & ~wet, wet, builder.gsd)
    classes[vehicles] = _NUMBER["vehicle"]
    classes[scene.canopy] = _NUMBER["tree"]
    # As annotators draw: no seams of a pixel or two.
    return np.asarray(Image.fromarray(classes.astype(np.uint8)).filter(ImageFilter.ModeFilter(5)))


def _paint_buildings(classes: NDArray[np.uint8], roofs: NDArray[np.bool_], wet: NDArray[np.bool_], gsd: float) -> None:
    """A building is flooded where water stands along a good part of its walls."""
    from scipy import ndimage

    numbered, _ = ndimage.label(ndimage.binary_fill_holes(roofs))
    margin = max(2, round(_SURROUNDINGS / gsd))
    for number, window in enumerate(ndimage.find_objects(numbered), start=1):
        grown = tuple(slice(max(0, each.start - margin), each.stop + margin) for each in window)
        building = numbered[grown] == number
        near = ndimage.distance_transform_edt(~building) <= margin
        about = near & ~building & (numbered[grown] == 0)
        flooded = about.any() and wet[grown][about].mean() >= _FLOODED_SHARE
        classes[grown][building] = _NUMBER["flooded_building" if flooded else "non_flooded_building"]
