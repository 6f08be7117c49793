"""Where images lie on the ground: read from the files, measured in metres, and carried from pixels to coordinates."""

from tools.georeference.projecting import WGS84, ground_of, pixels_at, transform_points
from tools.georeference.reading import Placement, read_placement, sidecar_digests

__all__ = [
    "WGS84",
    "Placement",
    "ground_of",
    "pixels_at",
    "read_placement",
    "sidecar_digests",
    "transform_points",
]
