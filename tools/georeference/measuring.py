"""How large an image's pixels are on the ground, in metres, and how its north lies to true north."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.georeference.projecting import crs_of, ground_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyproj

    from solvers.scene import Georeference

TRUE_TO_SCALE = 0.001
"""A projection that stretches lengths by less (UTM, national grids) is taken at its word."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The scale and the north of an image.

    `gsd` in metres per pixel; `stretch`, how many times longer a pixel is one way than the other; `convergence`, the
    angle in degrees from true north to the north of the CRS's grid, clockwise.
    """

    gsd: float
    stretch: float
    convergence: float


def measure(georeference: Georeference, width: int, height: int) -> Measure | None:
    """The scale at the middle of an image of `width` x `height` px; None where its CRS does not reach there.

    On the ellipsoid of the CRS, by geodesics; the ground sample distance is the side of a square that covers what a
    pixel covers. In a projected CRS that is true to scale it is the pixel's side in the CRS, turned into metres.
    """
    crs = crs_of(georeference.crs)
    x, y = width / 2, height / 2
    pixels = [(x - 0.5, y), (x + 0.5, y), (x, y - 0.5), (x, y + 0.5)]
    a, b, _, d, e, _ = georeference.transform
    middle = ground_of(georeference, [(x, y)])[0]
    step = math.hypot(a, d)
    ground = [tuple(each) for each in ground_of(georeference, pixels)]
    degrees = _in_degrees([*ground, tuple(middle), (middle[0], middle[1] + step)], crs)
    if degrees is None:
        return None
    geod = crs.get_geod()
    if geod is None:
        return None
    across, down = _between(geod, degrees[0], degrees[1]), _between(geod, degrees[2], degrees[3])
    to_north = _between(geod, degrees[4], degrees[5])
    area = abs(across[0] * down[1] - across[1] * down[0])
    if not (math.isfinite(area) and area > 0):
        return None
    gsd = math.sqrt(area)
    if crs.is_projected:
        stated = math.sqrt(abs(a * e - b * d)) * float(crs.axis_info[0].unit_conversion_factor)
        gsd = stated if abs(gsd / stated - 1) <= TRUE_TO_SCALE else gsd
    return Measure(gsd, _stretch(across, down), math.degrees(math.atan2(to_north[0], to_north[1])))


Vector = tuple[float, float]


def _between(geod: pyproj.Geod, start: Vector, end: Vector) -> Vector:
    """How far east, and how far north, in metres, one point lies of another near it."""
    azimuth, _, distance = geod.inv(*start, *end)
    return distance * math.sin(math.radians(azimuth)), distance * math.cos(math.radians(azimuth))


def _stretch(across: Vector, down: Vector) -> float:
    """The ratio of the singular values of a pixel's two sides."""
    total = across[0] ** 2 + across[1] ** 2 + down[0] ** 2 + down[1] ** 2
    area = abs(across[0] * down[1] - across[1] * down[0])
    return (total + math.sqrt(max(0.0, total**2 - 4 * area**2))) / (2 * area)


def _in_degrees(points: Sequence[tuple[float, ...]], crs: pyproj.CRS) -> list[Vector] | None:
    """Longitude and latitude on the CRS's own datum; None where a point has none."""
    import pyproj

    geodetic = crs.geodetic_crs
    if geodetic is None:
        return None
    transformer = pyproj.Transformer.from_crs(crs, geodetic, always_xy=True)
    turn = math.degrees(float(geodetic.axis_info[0].unit_conversion_factor))
    found = [transformer.transform(x, y) for x, y in points]
    degrees = [(float(x) * turn, float(y) * turn) for x, y in found]
    valid = all(math.isfinite(x) and math.isfinite(y) and abs(y) <= 90 for x, y in degrees)
    return degrees if valid else None
