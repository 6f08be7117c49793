"""The regions of an image, and its edge: relations of one entity, over arrays of entities of one or many images."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from solvers.settings import RelationSettings

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Outlines = Callable[[npt.NDArray[np.intp]], npt.NDArray[np.object_]]


class Placed(NamedTuple):
    """Where n entities lie in pixels, and the size of the image of each: numbers, or arrays of shape (n,).

    `polygons` gives the outlines of some of them by their places.
    """

    centroid: Floats
    bounds: npt.NDArray[np.floating]
    image_width: Floats | float
    image_height: Floats | float
    polygons: Outlines


Region = Callable[[Placed, RelationSettings], Booleans]


class Band(NamedTuple):
    """The centroid lies in [low, high) sixths of the width (axis 0) or height (axis 1); both ends are open."""

    axis: int
    low: int
    high: int


def _bands() -> Mapping[str, tuple[Band, ...]]:
    left, column, right = Band(0, 0, 2), Band(0, 2, 4), Band(0, 4, 6)
    top, row, bottom = Band(1, 0, 2), Band(1, 2, 4), Band(1, 4, 6)
    return MappingProxyType(
        {
            "in_left": (left,), "in_middle_column": (column,), "in_right": (right,),
            "in_top": (top,), "in_middle_row": (row,), "in_bottom": (bottom,), "in_center": (column, row),
            "in_top_left": (top, left), "in_top_right": (top, right),
            "in_bottom_left": (bottom, left), "in_bottom_right": (bottom, right),
            "in_far_left": (Band(0, 0, 1),), "in_far_right": (Band(0, 5, 6),),
            "in_far_top": (Band(1, 0, 1),), "in_far_bottom": (Band(1, 5, 6),),
        }
    )  # fmt: skip


BANDS: Mapping[str, tuple[Band, ...]] = _bands()
"""The regions, each the meeting of one or two bands."""


def _in_bands(bands: tuple[Band, ...]) -> Region:
    def region(placed: Placed, _: RelationSettings) -> Booleans:
        held = np.ones(len(placed.centroid), dtype=np.bool_)
        for axis, low, high in bands:
            extent = placed.image_width if axis == 0 else placed.image_height
            value = placed.centroid[:, axis]
            if low > 0:
                held &= value >= low * extent / 6
            if high < 6:
                held &= value < high * extent / 6
        return held

    return region


def _at_border(placed: Placed, settings: RelationSettings) -> Booleans:
    """The polygon comes within reach of the frame that the image's edge is, from inside or outside.

    Bounds tell, but for a polygon about a corner of the image, which may pass the corner by.
    """
    reach = settings.border_pixels
    left, top, right, bottom = placed.bounds.T.astype(np.float64)
    over = right - placed.image_width, bottom - placed.image_height
    beside = (np.minimum(left, -over[0]) < 0) & (np.minimum(top, -over[1]) < 0)
    outside = np.maximum(np.maximum(left - placed.image_width, -right), np.maximum(top - placed.image_height, -bottom))
    held: Booleans = (np.minimum(np.minimum(left, top), -np.maximum(*over)) <= reach) & (outside <= reach)
    unclear = np.flatnonzero(held & beside)
    if len(unclear):
        size = (np.broadcast_to(each, held.shape)[unclear] for each in (placed.image_width, placed.image_height))
        edge = shapely.get_exterior_ring(shapely.box(0.0, 0.0, *size))
        held[unclear] = shapely.distance(placed.polygons(unclear), edge) <= reach
    return held


REGIONS: Mapping[str, Region] = MappingProxyType(
    {**{name: _in_bands(bands) for name, bands in BANDS.items()}, "at_border": _at_border}
)
