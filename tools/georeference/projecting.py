"""Points carried between pixels, the coordinates of a CRS, and longitude and latitude."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from solvers.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import pyproj
    from numpy.typing import ArrayLike, NDArray

    from solvers.scene import Georeference

    Points = NDArray[np.float64]

WGS84 = "OGC:CRS84"
"""Longitude and latitude in degrees, in this order, as GeoJSON has them."""


def ground_of(georeference: Georeference, pixels: ArrayLike) -> Points:
    """The coordinates, in the georeference's CRS, of points in pixels; arrays of shape (n, 2), x before y."""
    import numpy as np

    a, b, c, d, e, f = georeference.transform
    points = np.asarray(pixels, np.float64).reshape(-1, 2)
    moved: Points = points @ np.array([[a, d], [b, e]]) + np.array([c, f])
    return moved


def pixels_at(georeference: Georeference, coordinates: ArrayLike) -> Points:
    """The points in pixels that lie at coordinates in the georeference's CRS; arrays of shape (n, 2)."""
    import numpy as np

    a, b, c, d, e, f = georeference.transform
    points = np.asarray(coordinates, np.float64).reshape(-1, 2) - np.array([c, f])
    solved: Points = np.linalg.solve(np.array([[a, b], [d, e]]), points.T).T
    return solved


def transform_points(points: ArrayLike, source: str, target: str) -> Points:
    """Points of one CRS in another, arrays of shape (n, 2), x (east, longitude) before y, whatever a CRS prefers.

    A point that the other CRS does not reach becomes infinite. InputError for a CRS that is not known.
    """
    import numpy as np

    given = np.asarray(points, np.float64).reshape(-1, 2)
    if source == target:
        return given
    x, y = _transformer(source, target).transform(given[:, 0], given[:, 1])
    return np.column_stack([x, y])


@lru_cache(maxsize=64)
def crs_of(text: str) -> pyproj.CRS:
    """A CRS by its authority's code ("EPSG:32631") or its WKT; InputError where it is not known."""
    import pyproj

    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        raise InputError(f"{shown!r} is not a coordinate reference system that is known") from error


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    import pyproj

    return pyproj.Transformer.from_crs(crs_of(source), crs_of(target), always_xy=True)
