"""Bare land and water: textures from noise, organic outlines, crop rows, ripples and shores."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from tools.sample.geometry import Points
from tools.sample.light import Colour
from tools.sample.noise import Field, blurred, fractal, pseudo_distance, resized, smoothstep
from tools.sample.palette import Biome, pick

WATER_LEVEL = -2.0

Window = tuple[slice, slice]
Surface = Callable[[Window], Field]
"""The light of a kind of ground in a window of the picture, shape (h, w, 3)."""

ALL: Window = (slice(None), slice(None))


class NoiseBank:
    """A few noise fields that a scene uses again and again, turned and mirrored so that no two uses look alike."""

    def __init__(self, rng: np.random.Generator, size: int, gsd: float) -> None:
        self._rng = rng
        self._fields = {
            "fine": fractal(rng, size, max(2.0, 1.2 / gsd), gain=0.8),
            "medium": fractal(rng, size, 12 / gsd, finest=2.0, gain=0.65),
            "coarse": fractal(rng, size, 60 / gsd, finest=4.0, gain=0.6),
            "broad": fractal(rng, size, 240 / gsd, finest=12.0, gain=0.5),
        }

    def take(self, name: str) -> Field:
        """The named field ("fine", "medium", "coarse" or "broad") in one of its eight turns."""
        field = np.rot90(self._fields[name], int(self._rng.integers(4)))
        return np.ascontiguousarray(field.T if self._rng.random() < 0.5 else field)


class Ground:
    """The light of bare land, shape (h, w, 3) on a scale of 0 to 255, and where there is water."""

    def __init__(self, rng: np.random.Generator, size: int, gsd: float, biome: Biome) -> None:
        self.rng, self.size, self.gsd, self.biome = rng, size, gsd, biome
        self.bank = NoiseBank(rng, size, gsd)
        self.water: Field = np.zeros((size, size), dtype=np.float32)
        self._shallows: Field = np.zeros((size, size), dtype=np.float32)
        self.water_colour = pick(rng, biome.water)
        first, second = biome.grass[int(rng.integers(len(biome.grass)))]
        self.light = self.blend(first, second, 0.09, 0.07)
        bare = smoothstep(self.bank.take("coarse"), float(rng.uniform(0.7, 1.6)), 2.4)
        self.cover(bare * np.float32(0.8), self.earth(pick(rng, biome.soil)))

    def blend(self, first: Colour, second: Colour, fine: float, medium: float, window: Window = ALL) -> Field:
        """A ground that drifts between two colours, with the given strengths of fine and medium texture."""
        bank = self.bank
        share = np.float32(0.32) * bank.take("coarse")[window] + np.float32(0.25) * bank.take("broad")[window]
        share = np.clip(share + np.float32(0.5), 0, 1)
        gain = np.float32(fine) * bank.take("fine")[window] + np.float32(medium) * bank.take("medium")[window]
        gain = np.clip(gain + 1, 0.4, 1.7)
        channels = [
            (np.float32(start) + np.float32(stop - start) * share) * gain
            for start, stop in zip(first, second, strict=True)
        ]
        return np.stack(channels, axis=2).astype(np.float32, copy=False)

    def earth(self, colour: Colour) -> Surface:
        """Bare soil of about the given colour."""
        darker = (colour[0] * 0.84, colour[1] * 0.83, colour[2] * 0.8)
        return lambda window: self.blend(colour, darker, 0.07, 0.06, window)

    def grass(self) -> Surface:
        """One of the biome's grasslands."""
        first, second = self.biome.grass[int(self.rng.integers(len(self.biome.grass)))]
        return lambda window: self.blend(first, second, 0.08, 0.06, window)

    def cover(self, mask: Field, surface: Surface) -> None:
        """Lay a surface over the land where the mask (0 to 1) says so."""
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not len(rows):
            return
        window = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
        beneath = self.light[window]
        beneath += (surface(window) - beneath) * mask[window][..., None]

    def mask(self, outline: Points) -> Field:
        """How much of each pixel lies in an outline given in px, 0 to 1."""
        drawn = Image.new("L", (self.size * 2, self.size * 2))
        ImageDraw.Draw(drawn).polygon([(x, y) for x, y in (outline * 2 - 0.5).tolist()], fill=255)
        return np.array(drawn.reduce(2), dtype=np.float32) / np.float32(255)

    def organic(self, outlines: Sequence[Points], roughness: float, softness: float = 1.0) -> tuple[Field, Field]:
        """Outlines in px with edges that wander by about `roughness` metres.

        Returns the mask (0 to 1) and the field beneath it, 0 on the edge and about 0.5 at `roughness` inside.
        """
        side = max(64, self.size // 3)
        shrink = side / self.size
        drawn = Image.new("L", (side, side))
        draw = ImageDraw.Draw(drawn)
        for outline in outlines:
            draw.polygon([(x, y) for x, y in (outline * shrink).tolist()], fill=255)
        radius = max(1.0, roughness / self.gsd * shrink)
        flat = np.array(drawn, dtype=np.float32) / np.float32(255)
        field = resized(blurred(flat, radius), self.size, self.size) - np.float32(0.5)
        field += np.float32(0.11) * self.bank.take("coarse") + np.float32(0.035) * self.bank.take("medium")
        edge = 0.4 * softness * shrink / radius
        return smoothstep(field, -edge, edge), field

    def rows(self, mask: Field, colours: tuple[Colour, Colour], heading: float, spacing: float) -> None:
        """Lay a crop field: rows `spacing` metres apart along `heading`, and wider wheel tracks."""
        spacing = max(spacing, 2.6 * self.gsd)
        strength = float(self.rng.uniform(0.03, 0.12))
        whole = np.arange(self.size, dtype=np.float32) * np.float32(self.gsd)

        def furrowed(window: Window) -> Field:
            light = self.blend(colours[0], colours[1], 0.06, 0.05, window)
            y, x = whole[window[0], None], whole[None, window[1]]
            across = y * np.float32(math.cos(heading)) - x * np.float32(math.sin(heading))
            across += self.bank.take("coarse")[window] * np.float32(0.15)
            gain = 1 + np.float32(strength) * np.sin(across * np.float32(2 * math.pi / spacing))
            wheels = np.abs((across % np.float32(18.0)) - 9.0) < max(0.5, 0.6 * self.gsd)
            light *= (gain * np.where(wheels, np.float32(0.93), np.float32(1)))[..., None]
            return light

        self.cover(mask, furrowed)

    def flood(self, mask: Field, shore: Field | None = None) -> None:
        """Put water where the mask says so; `shore` is the field of a natural edge, None for a built one."""
        if shore is not None:
            breadth = np.clip(0.10 + 0.05 * self.bank.take("coarse") + 0.02 * self.bank.take("medium"), 0.01, 0.3)
            sand = np.clip(1 - np.abs(shore + breadth * np.float32(0.4)) / breadth, 0, 1).astype(np.float32)
            colour = pick(self.rng, self.biome.soil)
            self.cover(
                sand * np.float32(self.rng.uniform(0.35, 0.85)),
                self.earth((colour[0] * 1.08, colour[1] * 1.08, colour[2] * 1.06)),
            )
            wet = np.clip(1 - np.abs(shore - np.float32(0.01)) / np.float32(0.04), 0, 1)
            self.light *= (1 - np.float32(0.3) * wet)[..., None]
            shallow = np.clip(1 - shore / np.float32(0.42), 0, 1) * mask
            self._shallows = np.maximum(self._shallows, shallow)
        self.water = np.maximum(self.water, mask)

    def seen(self, foam: Field) -> Field:
        """The land with its water: depth, ripples across the wind, glitter, white water."""
        if not self.water.any():
            return self.light
        rng, size = self.rng, self.size
        turn = int(rng.integers(1, 4))
        stretch = fractal(rng, size, 26 / self.gsd, finest=1.5, gain=0.72)
        ripples = resized(np.ascontiguousarray(stretch[: size // turn]), size, size)
        if rng.random() < 0.5:
            ripples = np.ascontiguousarray(ripples.T)
        deep = np.array(self.water_colour, dtype=np.float32)
        shallow_colour = deep * np.float32(1.25) + np.array((16, 24, 16), dtype=np.float32)
        share = self._shallows[..., None] * np.float32(0.75)
        colour = deep * (1 - share) + shallow_colour * share
        patches = self.bank.take("broad") * np.float32(0.05) + self.bank.take("coarse") * np.float32(0.025)
        roughness = float(rng.uniform(1.2, 4.2))
        light = colour * (1 + patches)[..., None] + (ripples * np.float32(roughness))[..., None]
        if rng.random() < 0.2:
            glitter = np.clip(ripples + self.bank.take("fine") * np.float32(0.8) - 1.6, 0, None) * np.float32(14)
            light += glitter[..., None]
        lap = pseudo_distance(self.water, 3 / self.gsd)
        rim = np.clip(1 - lap * 2.5, 0, 1) * np.clip(self.bank.take("medium") * 0.6 + 0.1, 0, 1)
        white = np.clip(blurred(foam, 1.4) * (0.75 + 0.45 * self.bank.take("fine")), 0, 1)
        white = np.maximum(white, (rim * np.float32(0.25)).astype(np.float32))
        light += (np.array((206, 212, 210), dtype=np.float32) - light) * (white * np.float32(0.8))[..., None]
        seen: Field = self.light + (light - self.light) * self.water[..., None]
        return seen
