"""A scene while it is being laid out: what stands where, what is still free, and what has a label."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw

from tools.sample.canvas import Brush, Canvas
from tools.sample.geometry import Area, Points, Pose, ribbon
from tools.sample.ground import WATER_LEVEL, Ground
from tools.sample.inundation import Inundation
from tools.sample.light import Sun
from tools.sample.palette import ASPHALT, CONCRETE, pick, sample_biome
from tools.sample.vegetation import Tree

Surface = Literal["land", "water", "any"]


@dataclass(frozen=True, slots=True)
class Model:
    """Something that can be put into a scene.

    `label` is a leaf of the dota ontology, or None for clutter; `length`, `width` and `height` in metres hold all
    of it about the pose's origin; `draw` paints it.
    """

    label: str | None
    length: float
    width: float
    draw: Callable[[Brush], None]
    height: float = 3.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A labelled object of the scene: its tight box in px, along its heading."""

    label: str
    box: Points


class Builder:
    """Holds one scene's sun, country, drawing surface and free ground; every length is in metres."""

    def __init__(self, rng: np.random.Generator, size: int, gsd: float) -> None:
        self.rng, self.size, self.gsd = rng, size, gsd
        self.sun = Sun(float(rng.uniform(0, 2 * math.pi)), math.radians(float(rng.uniform(32, 66))))
        lean, toward = abs(float(rng.normal(0, 0.09))), float(rng.uniform(0, 2 * math.pi))
        self.lean = (min(lean, 0.22) * math.cos(toward), min(lean, 0.22) * math.sin(toward))
        self.biome = sample_biome(rng)
        self.asphalt, self.concrete = pick(rng, ASPHALT), pick(rng, CONCRETE)
        self.canvas = Canvas(size, gsd, self.sun, self.lean)
        self.ground = Ground(rng, size, gsd, self.biome)
        self.placed: list[Placed] = []
        self.trees: list[Tree] = []
        self.roads: list[tuple[Points, float]] = []
        self.inundation: Inundation | None = None
        self._last: list[Callable[[], None]] = []
        self._blocked = Image.new("L", (size, size))
        self._paved = Image.new("L", (size, size))

    def at_last(self, step: Callable[[], None]) -> None:
        """Put off a step until everything is paved, so that nothing is laid over what it places."""
        self._last.append(step)

    def finish(self) -> None:
        """Take the steps that were put off, in order."""
        for step in self._last:
            step()
        self._last.clear()

    @property
    def reach(self) -> float:
        """Half of the picture's side in metres."""
        return self.size * self.gsd / 2

    def everything(self, heading: float) -> Area:
        """A square with the given heading that covers the whole picture."""
        side = 2.04 * self.reach * (abs(math.cos(heading)) + abs(math.sin(heading)))
        return Area(Pose(0, 0, heading), side, side)

    def chance(self, odds: float) -> bool:
        """True with the given probability."""
        return bool(self.rng.random() < odds)

    def uniform(self, low: float, high: float) -> float:
        """A number between two."""
        return float(self.rng.uniform(low, high))

    def whole(self, low: int, high: int) -> int:
        """A whole number between two, both included."""
        return int(self.rng.integers(low, high + 1))

    def holds(self, outline: Points, margin: float = 2.0) -> bool:
        """Whether an outline lies in the picture, at least `margin` px from its edge."""
        seen = self.canvas.pixels(outline)
        return bool((seen >= margin).all() and (seen <= self.size - margin).all())

    def touches(self, outline: Points) -> bool:
        """Whether an outline's bounding box meets the picture at all."""
        seen = self.canvas.pixels(outline)
        return bool((seen.max(axis=0) > 0).all() and (seen.min(axis=0) < self.size).all())

    def _cut(self, outline: Points) -> tuple[tuple[int, int, int, int], Image.Image] | None:
        seen = self.canvas.pixels(outline)
        left, top = (max(0, int(each) - 1) for each in np.floor(seen.min(axis=0)))
        right, bottom = (min(self.size, int(each) + 2) for each in np.ceil(seen.max(axis=0)))
        if left >= right or top >= bottom:
            return None
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in seen.tolist()], fill=255)
        return (left, top, right, bottom), mask

    def is_free(self, outline: Points, surface: Surface = "any", *, off_pavement: bool = False) -> bool:
        """Whether nothing stands on an outline, and it lies on the surface that is asked for."""
        cut = self._cut(outline)
        if cut is None:
            return True
        box, mask = cut
        inside = np.asarray(mask) > 0
        if (np.asarray(self._blocked.crop(box))[inside] > 0).any():
            return False
        if off_pavement and (np.asarray(self._paved.crop(box))[inside] > 0).any():
            return False
        if surface == "any":
            return True
        water = self.ground.water[box[1] : box[3], box[0] : box[2]][inside]
        return bool((water > 0.98).all() if surface == "water" else (water < 0.02).all())

    def block(self, outline: Points) -> None:
        """Keep everything else off an outline."""
        ImageDraw.Draw(self._blocked).polygon([(x, y) for x, y in self.canvas.pixels(outline).tolist()], fill=255)

    def pave(self, outline: Points) -> None:
        """Keep trees and buildings off an outline; vehicles may stand there."""
        ImageDraw.Draw(self._paved).polygon([(x, y) for x, y in self.canvas.pixels(outline).tolist()], fill=255)

    def pave_line(self, line: Points, width: float) -> None:
        """Keep trees and buildings off a strip along a line."""
        self.pave(ribbon(line, width))

    def open_ground(self) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.bool_]], ...]:
        """Where something stands, and where the ground is paved; both of shape (h, w)."""
        return np.asarray(self._blocked) > 0, np.asarray(self._paved) > 0

    def place(
        self,
        model: Model,
        pose: Pose,
        *,
        gap: float = 0.4,
        surface: Surface = "land",
        off_pavement: bool = False,
        ground: float | None = None,
        block: bool = True,
    ) -> bool:
        """Put a model at a pose if there is room, `gap` metres clear all around; says whether it was put.

        A labelled model must lie in the picture whole; clutter may be cut by its edge. `ground` is the height of
        what it stands on; by default that of the surface.
        """
        footprint = Area(pose, model.length, model.width)
        if not self.touches(footprint.outline()):
            return False
        lean = math.hypot(*self.lean) * model.height
        if model.label is not None and not self.holds(footprint.outline(lean)):
            return False
        if not self.is_free(footprint.outline(gap), surface, off_pavement=off_pavement):
            return False
        level = ground if ground is not None else (WATER_LEVEL if surface == "water" else 0.0)
        self.draw(model, pose, level)
        if block:
            self.block(footprint.outline(gap / 2))
        return True

    def draw(self, model: Model, pose: Pose, ground: float = 0.0) -> None:
        """Paint a model and record its box, without asking for room."""
        owner = len(self.placed) + 1 if model.label is not None else 0
        brush = Brush(self.canvas, pose, owner, ground)
        model.draw(brush)
        if model.label is not None:
            self.placed.append(Placed(model.label, self.canvas.pixels(brush.extent())))
