"""Flood water over a finished scene: how deep it stands, and how it looks from above."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.sample.ground import NoiseBank
from tools.sample.light import Colour
from tools.sample.noise import Field, blurred, fractal, resized, smoothstep

SEEN_DEPTH = 0.30
"""Metres of flood water after which two thirds of the ground no longer show."""
WET_DEPTH = 0.05
_SKY: Colour = (150.0, 158.0, 164.0)
_SOAKED = 0.35


@dataclass(frozen=True, slots=True)
class Inundation:
    """A flood: `depth` in metres of water above the land, shape (h, w), negative where the land lies higher.

    `colour` is that of the silt; `streaks` a field of mean 0 and deviation 1 that runs along the current; `bank` gives
    the noise.
    """

    depth: Field
    colour: Colour
    streaks: Field
    bank: NoiseBank

    def over(self, light: Field, heights: Field) -> tuple[Field, Field, NDArray[np.bool_]]:
        """The scene under water: its light (h, w, 3), its heights in metres, and where water is what shows.

        What stands higher than the water, such as a roof or a crown, stays as it is.
        """
        column = self.depth - heights
        cover = smoothstep(column, 0.0, 0.08)
        opacity = cover * (1 - np.exp(-np.clip(column, 0, None) / np.float32(SEEN_DEPTH))) * np.float32(0.97)
        soaked = self._soaked(light, heights)
        seen: Field = soaked + (self._water() - soaked) * opacity[..., None]
        level = np.where(cover > 0.5, np.maximum(heights, self.depth), heights)
        wet = blurred((column > WET_DEPTH).astype(np.float32), 1.2) > 0.5
        return seen.astype(np.float32), level.astype(np.float32), wet

    def _water(self) -> Field:
        """Silt that drifts in streaks and patches, and the sky on it."""
        bank = self.bank
        drift = np.float32(0.07) * bank.take("broad") + np.float32(0.03) * bank.take("coarse")
        drift += np.float32(0.055) * self.streaks
        colour = np.array(self.colour, dtype=np.float32) * (1 + drift)[..., None]
        calm = np.clip(np.float32(0.12) + np.float32(0.09) * bank.take("broad"), 0, 0.4)
        colour += (np.array(_SKY, dtype=np.float32) - colour) * calm[..., None]
        ripples = np.float32(1.3) * bank.take("fine") + np.float32(0.9) * bank.take("medium")
        water: Field = colour + ripples[..., None]
        return water

    def _soaked(self, light: Field, heights: Field) -> Field:
        """The land at the water's edge: dark with wet, silted, and with a line of what the water has left."""
        low = heights < _SOAKED
        near = smoothstep(self.depth, -_SOAKED, 0.02) * low
        soaked = light * (1 - np.float32(0.20) * near)[..., None]
        silt = near * np.clip(np.float32(0.26) + np.float32(0.18) * self.bank.take("medium"), 0, 0.7)
        soaked += (np.array(self.colour, dtype=np.float32) * np.float32(0.86) - soaked) * silt[..., None]
        line = np.exp(-(((self.depth + np.float32(0.03)) / np.float32(0.05)) ** 2)) * low
        debris = line * np.clip(self.bank.take("fine") + np.float32(0.5) * self.bank.take("coarse") - 1.1, 0, 1)
        wrack = np.array((86, 74, 56), dtype=np.float32)
        left: Field = soaked + (wrack - soaked) * (debris * np.float32(0.8))[..., None]
        return left


def current(rng: np.random.Generator, size: int, heading: float, gsd: float) -> Field:
    """A noise field of shape (size, size) whose grain runs along a heading in radians."""
    side = int(size * 1.5)
    grain = fractal(rng, side, 30 / gsd, finest=2.0, gain=0.7)
    stretched = resized(np.ascontiguousarray(grain[:, : max(8, side // 6)]), side, side)
    turned = np.array(Image.fromarray(stretched).rotate(-float(np.degrees(heading)), Image.Resampling.BICUBIC))
    start = (side - size) // 2
    field = turned[start : start + size, start : start + size]
    field = field - field.mean()
    flow: Field = (field / max(float(field.std()), 1e-6)).astype(np.float32)
    return flow
