"""The thresholds of the relations, with the design's values."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RelationSettings:
    """What the relations measure against."""

    near_sizes: float = 2.0
    """near: the gap is at most this many sizes of the larger entity."""
    adjacent_sizes: float = 0.25
    """adjacent: likewise; it may not exceed `near_sizes`, since adjacent implies near."""
    overlap_area: float = 1e-6
    """overlaps: the shared area in px2 is above this."""
    inside_share: float = 0.9
    """inside: at least this share of the area lies in the other entity."""
    parallel_degrees: float = 10.0
    """parallel and aligned: directions differ by at most this; perpendicular: by at least 90 less this."""
    square_ratio: float = 1.2
    """An entity shorter than this many widths has no major axis to speak of."""
    collinear_degrees: float = 165.0
    """collinear: the angle at the middle entity is at least this."""
    between_share: float = 0.25
    """between: the distance from the segment is at most this share of its length."""
    border_pixels: float = 1.0
    """at_border: the polygon comes within this many px of the image's edge."""

    def __post_init__(self) -> None:
        if self.adjacent_sizes > self.near_sizes:
            raise ValueError(
                f"adjacent ({self.adjacent_sizes} sizes) may not reach further than near ({self.near_sizes})"
            )

    @property
    def collinear_direction(self) -> tuple[float, float]:
        """Cosine and sine of `collinear_degrees`."""
        radians = math.radians(self.collinear_degrees)
        return math.cos(radians), math.sin(radians)
