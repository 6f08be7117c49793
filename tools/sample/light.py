"""The sun and the camera: shading of faces, cast shadows, haze, blur, noise and colour."""

import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.sample.noise import Field, blurred, fractal

Colour = tuple[float, float, float]

SKY_SHARE = 0.46
SHADOW_TINT = (0.36, 0.41, 0.52)


def tinted(colour: Colour, factor: float) -> Colour:
    """The colour made lighter or darker."""
    return (colour[0] * factor, colour[1] * factor, colour[2] * factor)


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two, `share` of the way from the first."""
    return (
        first[0] + (second[0] - first[0]) * share,
        first[1] + (second[1] - first[1]) * share,
        first[2] + (second[2] - first[2]) * share,
    )


def varied(rng: np.random.Generator, colour: Colour, amount: float = 0.08) -> Colour:
    """The colour with a random change of lightness, and a smaller one of each channel."""
    light = 1 + amount * float(rng.uniform(-1, 1))
    red, green, blue = (1 + amount * 0.35 * float(each) for each in rng.uniform(-1, 1, 3))
    return (colour[0] * light * red, colour[1] * light * green, colour[2] * light * blue)


@dataclass(frozen=True, slots=True)
class Sun:
    """Where the light comes from: `azimuth` on the picture and `elevation` above the ground, in radians."""

    azimuth: float
    elevation: float

    def shade(self, x: float, y: float, up: float) -> float:
        """How bright a face of unit normal (x, y, up) is, beside flat ground (1)."""
        direct = (x * math.cos(self.azimuth) + y * math.sin(self.azimuth)) * math.cos(self.elevation)
        direct += up * math.sin(self.elevation)
        return min(1.5, SKY_SHARE + (1 - SKY_SHARE) * max(0.0, direct) / math.sin(self.elevation))


def _shifted(field: Field, x: float, y: float) -> Field:
    """The field read at a distance of (x, y) px from every place; the edge repeats."""
    height, width = field.shape
    step_x, step_y = math.floor(x), math.floor(y)
    share_x, share_y = np.float32(x - step_x), np.float32(y - step_y)
    rows = np.clip(np.arange(height + 1) + step_y, 0, height - 1)
    columns = np.clip(np.arange(width + 1) + step_x, 0, width - 1)
    moved = field[rows][:, columns]
    moved = moved[:-1] * (1 - share_y) + moved[1:] * share_y
    read: Field = moved[:, :-1] * (1 - share_x) + moved[:, 1:] * share_x
    return read


def cast_shadows(height: Field, sun: Sun, gsd: float) -> Field:
    """How much of the direct light each place loses, 0 to 1, from a height map in metres.

    The highest obstacle towards the sun is found by doubling the distance looked at, log2(reach) steps in all.
    """
    fall = gsd * math.tan(sun.elevation)
    toward_x, toward_y = math.cos(sun.azimuth), math.sin(sun.azimuth)
    reach = (float(height.max()) - float(height.min())) / fall
    obstacle = _shifted(height, toward_x, toward_y) - np.float32(fall)
    step = 1
    while step < reach:
        obstacle = np.maximum(obstacle, _shifted(obstacle, toward_x * step, toward_y * step) - np.float32(fall * step))
        step *= 2
    soft = max(0.35, 0.8 * fall)
    return blurred(np.clip((obstacle - height - np.float32(0.25)) / np.float32(soft), 0, 1), 0.55)


@dataclass(frozen=True, slots=True)
class Camera:
    """What the sensor and the air do to a scene; all amounts are small and differ from scene to scene."""

    haze: float
    haze_colour: Colour
    blur: float
    noise: float
    contrast: float
    exposure: float
    saturation: float
    cast: Colour
    sharpen: float
    jpeg_quality: int

    @classmethod
    def sample(cls, rng: np.random.Generator) -> "Camera":
        """A camera at random; about one in twenty is panchromatic."""
        panchromatic = rng.random() < 0.05
        warm = float(rng.normal(0, 0.022))
        green = float(rng.normal(0, 0.012))
        return cls(
            haze=float(rng.choice([rng.uniform(0.0, 0.06), rng.uniform(0.06, 0.2)], p=[0.65, 0.35])),
            haze_colour=(196.0, 202.0, 208.0),
            blur=float(rng.uniform(0.35, 0.8)),
            noise=float(rng.uniform(1.0, 3.2)),
            contrast=float(rng.uniform(0.92, 1.16)),
            exposure=float(rng.uniform(0.86, 1.14)),
            saturation=0.0 if panchromatic else float(rng.uniform(0.66, 1.0)),
            cast=(1 + warm, 1 + green, 1 - warm),
            sharpen=float(rng.choice([0.0, rng.uniform(0.3, 0.9)])),
            jpeg_quality=int(rng.integers(78, 96)),
        )

    def expose(self, light: Field, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Turn a scene's light, shape (h, w, 3) on a scale of 0 to 255, into the picture of this camera."""
        picture: Field = light * (np.array(self.cast, dtype=np.float32) * np.float32(self.exposure))
        picture = np.float32(112) + (picture - np.float32(112)) * np.float32(self.contrast)
        grey = picture @ np.array([0.30, 0.59, 0.11], dtype=np.float32)
        picture = grey[..., None] + (picture - grey[..., None]) * np.float32(self.saturation)
        if self.haze > 0.01:
            side = picture.shape[0]
            thickness = np.float32(self.haze) * (1 + np.float32(0.18) * fractal(rng, side, side / 2, side / 8))
            picture += (np.array(self.haze_colour, dtype=np.float32) - picture) * thickness[..., None]
        picture = blurred(picture.astype(np.float32), self.blur)
        if self.sharpen:
            picture += (picture - blurred(picture, 1.1)) * np.float32(self.sharpen)
        grain = rng.standard_normal(picture.shape[:2], dtype=np.float32) * np.float32(self.noise)
        colour_grain = rng.standard_normal(picture.shape, dtype=np.float32) * np.float32(self.noise * 0.45)
        if not self.saturation:
            colour_grain[...] = 0
        shot = np.sqrt(np.clip(picture, 8, 255) / np.float32(110))
        picture += (grain[..., None] + colour_grain) * shot
        exact = np.clip(picture + np.float32(0.5), 0, 255).astype(np.uint8)
        stored = io.BytesIO()
        Image.fromarray(exact).save(stored, format="JPEG", quality=self.jpeg_quality)
        with Image.open(stored) as compressed:
            return np.array(compressed.convert("RGB"), dtype=np.uint8)
