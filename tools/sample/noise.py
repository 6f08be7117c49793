"""Seeded noise fields, built from coarse to fine so that a field costs little more than its last octave."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.float32]


def resized(field: Field, height: int, width: int) -> Field:
    """A field stretched to another size by cubic interpolation."""
    stretched = Image.fromarray(field).resize((width, height), Image.Resampling.BICUBIC)
    return np.array(stretched, dtype=np.float32)


def fractal(rng: np.random.Generator, size: int, coarsest: float, finest: float = 1.0, gain: float = 0.55) -> Field:
    """Multi-octave noise of shape (size, size), mean 0 and deviation 1; `coarsest` and `finest` are periods in px.

    Every octave halves the period and multiplies the amplitude by `gain`.
    """
    period, amplitude = max(coarsest, finest), 1.0
    side = int(size / period) + 2
    field = rng.standard_normal((side, side), dtype=np.float32)
    while period / 2 >= finest:
        period, amplitude = period / 2, amplitude * gain
        side = int(size / period) + 2
        field = resized(field, side, side)
        field += np.float32(amplitude) * rng.standard_normal((side, side), dtype=np.float32)
    if field.shape[0] != size:
        margin = min(1, (field.shape[0] - 1) // 2) if period > 1 else 0
        field = resized(field, size + 2 * margin, size + 2 * margin)[:size, :size]
    field -= field.mean()
    field /= max(float(field.std()), 1e-6)
    return np.ascontiguousarray(field)


def smoothstep(field: Field, low: float, high: float) -> Field:
    """0 below `low`, 1 above `high`, a smooth ramp between."""
    t = np.clip((field - np.float32(low)) / np.float32(high - low), 0, 1)
    ramp: Field = (t * t * (3 - 2 * t)).astype(np.float32)
    return ramp


def blurred(field: Field, radius: float) -> Field:
    """A Gaussian blur of the given radius in px, for (h, w) or (h, w, channels)."""
    reach = max(1, int(2.5 * radius + 0.5))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / radius) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        padding = [(reach, reach) if axis == each else (0, 0) for each in range(field.ndim)]
        padded = np.pad(field, padding, mode="edge")
        length = field.shape[axis]
        total = np.zeros_like(field)
        for step, weight in enumerate(weights):
            window = padded[step : step + length] if axis == 0 else padded[:, step : step + length]
            total += window * np.float32(weight)
        field = total
    return field


def pseudo_distance(mask: Field, reach: float) -> Field:
    """How deep inside a mask each place lies, 0 at its edge and 1 from about `reach` px inwards (wide blur)."""
    shrink = max(1, int(reach / 4))
    side = max(8, mask.shape[0] // shrink)
    small = np.array(Image.fromarray(mask).resize((side, side), Image.Resampling.BOX), dtype=np.float32)
    wide = blurred(small, max(1.0, reach / (2.0 * mask.shape[0] / side)))
    depth: Field = np.clip((resized(wide, *mask.shape) - 0.5) * 2, 0, 1).astype(np.float32)
    return depth
