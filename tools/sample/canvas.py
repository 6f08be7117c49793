"""The drawing surface: colour, height, material and object of every place, three times finer than the picture."""

import math
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tools.sample.geometry import Points, Pose, ribbon
from tools.sample.light import Colour, Sun, tinted
from tools.sample.noise import Field

SUPERSAMPLING = 3
_LOWEST = 8.0
_HEIGHT_STEPS = 5.0
_OBJECT_SHIFT = 4
_THIN = 2.5


class Material(IntEnum):
    """What a drawn surface is made of; it decides the texture laid over its colour."""

    NOTHING = 0
    PAINT = 1
    ASPHALT = 2
    CONCRETE = 3
    ROOF = 4
    DIRT = 5
    TURF = 6
    WOOD = 7
    METAL = 8
    POOL = 9


class Canvas:
    """Takes outlines in metres about the picture's middle and keeps what is seen from above.

    `lean` is how far, in metres for each metre of height, things appear displaced by the oblique view. Heights
    are metres above the land; what is drawn later hides what was drawn before.
    """

    def __init__(self, size: int, gsd: float, sun: Sun, lean: tuple[float, float]) -> None:
        self.size, self.gsd, self.sun, self.lean = size, gsd, sun, lean
        fine = size * SUPERSAMPLING
        self._scale = SUPERSAMPLING / gsd
        # Four raw channels: the fourth carries the height, so that one drawing call writes both.
        self._colour = Image.new("RGBX", (fine, fine))
        self._code = Image.new("I", (fine, fine))
        self._stain = Image.new("L", (size, size), 128)
        self._foam = Image.new("L", (size, size), 0)
        self._draw_colour = ImageDraw.Draw(self._colour)
        self._draw_code = ImageDraw.Draw(self._code)
        self._draw_stain = ImageDraw.Draw(self._stain)
        self._draw_foam = ImageDraw.Draw(self._foam)

    def pixels(self, world: Points) -> Points:
        """World points, metres about the middle, as picture coordinates in px."""
        return world / self.gsd + self.size / 2

    def lifted(self, world: Points, height: float) -> Points:
        """Where points at a height appear, in world coordinates."""
        return world + np.array(self.lean) * height

    def _ink(self, colour: Colour, height: float) -> tuple[int, int, int, int]:
        red, green, blue = (min(255, max(0, int(each + 0.5))) for each in colour)
        return red, green, blue, min(255, max(1, int((height + _LOWEST) * _HEIGHT_STEPS + 0.5)))

    def _fine(self, seen: Points) -> list[tuple[float, float]]:
        fine = seen * self._scale + (self.size * SUPERSAMPLING / 2 - 0.5)
        return [(x, y) for x, y in fine.tolist()]

    def seen_polygon(self, seen: Points, colour: Colour, *, height: float, material: Material, owner: int = 0) -> None:
        """Fill an outline that is already displaced to where it appears."""
        corners = self._fine(seen)
        self._draw_colour.polygon(corners, fill=self._ink(colour, height))
        self._draw_code.polygon(corners, fill=int(material) + (owner << _OBJECT_SHIFT))

    def polygon(
        self, world: Points, colour: Colour, *, height: float = 0.0, material: Material = Material.PAINT
    ) -> None:
        """Fill an outline that lies at one height."""
        self.seen_polygon(self.lifted(world, height), colour, height=height, material=material)

    def seen_stroke(
        self, seen: Points, width: float, colour: Colour, *, height: float, material: Material, owner: int = 0
    ) -> None:
        """Draw a strip `width` metres wide, or as thin as can be drawn, along a line that is already displaced."""
        if width * self._scale >= _THIN:
            self.seen_polygon(ribbon(seen, width), colour, height=height, material=material, owner=owner)
            return
        corners, thickness = self._fine(seen), max(1, round(width * self._scale))
        self._draw_colour.line(corners, fill=self._ink(colour, height), width=thickness)
        self._draw_code.line(corners, fill=int(material) + (owner << _OBJECT_SHIFT), width=thickness)

    def stroke(
        self, line: Points, width: float, colour: Colour, *, height: float = 0.0, material: Material = Material.PAINT
    ) -> None:
        """Draw a strip along a line that lies at one height."""
        self.seen_stroke(self.lifted(line, height), width, colour, height=height, material=material)

    def stain(self, outline: Points, strength: float) -> None:
        """Darken (below 0) or bleach (above 0) a blurred patch of ground by up to `strength` of its lightness."""
        corners = [(x, y) for x, y in self.pixels(outline).tolist()]
        self._draw_stain.polygon(corners, fill=min(255, max(0, int(128 + 127 * strength))))

    def foam(self, outline: Points, strength: float) -> None:
        """Lay white water of the given strength, 0 to 1; the noise of the water breaks it up."""
        corners = [(x, y) for x, y in self.pixels(outline).tolist()]
        self._draw_foam.polygon(corners, fill=min(255, max(0, int(255 * strength))))

    def colours(self) -> tuple[Field, Field]:
        """What was drawn at picture size: colour times coverage (h, w, 3), and coverage (h, w) from 0 to 1."""
        reduced = np.array(self._colour.reduce(SUPERSAMPLING), dtype=np.float32)[..., :3]
        drawn = Image.fromarray((self._codes() > 0).view(np.uint8) * np.uint8(255))
        return reduced, np.array(drawn.reduce(SUPERSAMPLING), dtype=np.float32) / np.float32(255)

    def heights(self, bare: Field) -> Field:
        """Height in metres at picture size; `bare` is the ground's where nothing was drawn."""
        raw = self._colour.getchannel(3)
        drawn = np.asarray(raw.point(lambda value: 255 if value else 0).reduce(SUPERSAMPLING), dtype=np.float32)
        total = np.asarray(raw.reduce(SUPERSAMPLING), dtype=np.float32)
        share = drawn / np.float32(255)
        mean = total / np.maximum(share, np.float32(1e-3)) / np.float32(_HEIGHT_STEPS) - np.float32(_LOWEST)
        return np.where(share > 0.02, mean * share + bare * (1 - share), bare).astype(np.float32)

    def _codes(self) -> NDArray[np.int32]:
        return np.asarray(self._code, dtype=np.int32)

    def materials(self) -> NDArray[np.uint8]:
        """The material in the middle of every pixel."""
        middle = self._codes()[SUPERSAMPLING // 2 :: SUPERSAMPLING, SUPERSAMPLING // 2 :: SUPERSAMPLING]
        return (middle & ((1 << _OBJECT_SHIFT) - 1)).astype(np.uint8)

    def owners(self) -> NDArray[np.uint16]:
        """The number of the labelled object that shows in each pixel, 0 for none; the highest where several do."""
        codes = self._codes() >> _OBJECT_SHIFT
        rows = np.maximum.reduce([codes[start::SUPERSAMPLING] for start in range(SUPERSAMPLING)])
        highest = np.maximum.reduce([rows[:, start::SUPERSAMPLING] for start in range(SUPERSAMPLING)])
        owners: NDArray[np.uint16] = highest.astype(np.uint16)
        return owners

    def stains(self) -> Field:
        """The factor of lightness that the stains make, about 1."""
        return 1 + (np.array(self._stain, dtype=np.float32) - 128) / np.float32(127)

    def foams(self) -> Field:
        """The foam's strength, 0 to 1."""
        return np.array(self._foam, dtype=np.float32) / np.float32(255)


class Brush:
    """Draws one object in its own frame (x forward, y to its right, metres) and knows how far it reached.

    `ground` is the height of what the object stands on: 0 on land, below it on water.
    """

    def __init__(self, canvas: Canvas, pose: Pose, owner: int = 0, ground: float = 0.0) -> None:
        self.canvas, self.pose, self.owner, self.ground = canvas, pose, owner, ground
        self._reached: list[Points] = []

    def _drawn(self, seen: Points, counts: bool) -> int:
        if counts:
            self._reached.append(self.pose.invert(seen))
        return self.owner if counts else 0

    def fill(
        self,
        outline: Points,
        colour: Colour,
        height: float = 0.0,
        *,
        material: Material = Material.PAINT,
        counts: bool = True,
    ) -> None:
        """Fill an outline at `height` metres above the object's ground; `counts` says whether it is part of it."""
        seen = self.canvas.lifted(self.pose.apply(outline), height)
        owner = self._drawn(seen, counts)
        self.canvas.seen_polygon(seen, colour, height=height + self.ground, material=material, owner=owner)

    def line(
        self,
        line: Points,
        width: float,
        colour: Colour,
        height: float = 0.0,
        *,
        material: Material = Material.PAINT,
        counts: bool = True,
    ) -> None:
        """Draw a strip along a line."""
        seen = self.canvas.lifted(self.pose.apply(line), height)
        owner = self._drawn(ribbon(seen, max(width, self.canvas.gsd / SUPERSAMPLING)), counts)
        self.canvas.seen_stroke(seen, width, colour, height=height + self.ground, material=material, owner=owner)

    def raised(
        self,
        outline: Points,
        low: float,
        high: float,
        wall: Colour,
        top: Colour,
        *,
        material: Material = Material.ROOF,
        counts: bool = True,
    ) -> None:
        """Draw a block with upright walls, shaded by the sun, and a flat top."""
        world = self.pose.apply(outline)
        bottom, upper = self.canvas.lifted(world, low), self.canvas.lifted(world, high)
        middle = world.mean(axis=0)
        owner = self._drawn(bottom, counts)
        for here, there in zip(range(len(world)), [*range(1, len(world)), 0], strict=True):
            edge = world[there] - world[here]
            normal = np.array([edge[1], -edge[0]]) / max(math.hypot(edge[0], edge[1]), 1e-9)
            if normal @ ((world[here] + world[there]) / 2 - middle) < 0:
                normal = -normal
            face = np.stack([bottom[here], bottom[there], upper[there], upper[here]])
            light = self.canvas.sun.shade(float(normal[0]), float(normal[1]), 0.0)
            self.canvas.seen_polygon(
                face, tinted(wall, light), height=high + self.ground, material=material, owner=owner
            )
        self.fill(outline, top, high, material=material, counts=counts)

    def face(
        self,
        corners: NDArray[np.float64],
        colour: Colour,
        *,
        material: Material = Material.ROOF,
        counts: bool = True,
        lit: bool = True,
    ) -> None:
        """Fill a tilted face, corners of shape (n, 3) with heights, shaded as the sun meets it unless not `lit`."""
        flat, rise = corners[:, :2], corners[:, 2:]
        seen = self.pose.apply(flat) + rise * np.array(self.canvas.lean)
        light = 1.0
        if lit:
            normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
            normal = normal / max(float(np.linalg.norm(normal)), 1e-9) * (1 if normal[2] >= 0 else -1)
            light = self.shade(float(normal[0]), float(normal[1]), float(normal[2]))
        height, owner = float(rise.mean()) + self.ground, self._drawn(seen, counts)
        self.canvas.seen_polygon(seen, tinted(colour, light), height=height, material=material, owner=owner)

    def shade(self, x: float, y: float, up: float) -> float:
        """How bright a face is whose unit normal in the object's frame is (x, y, up)."""
        cos, sin = math.cos(self.pose.heading), math.sin(self.pose.heading)
        return self.canvas.sun.shade(x * cos - y * sin, x * sin + y * cos, up)

    def extent(self) -> Points:
        """The corners, in world coordinates, of the tightest rectangle along the object's heading."""
        reached = np.concatenate(self._reached)
        (left, top), (right, bottom) = reached.min(axis=0), reached.max(axis=0)
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float64)
        return self.pose.apply(corners)
