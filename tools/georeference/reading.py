"""Where and when an image was taken: GeoTIFF and EXIF tags, GDAL's .aux.xml, a world file with a .prj beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from solvers.errors import InputError
from solvers.scene import Georeference
from tools.georeference.acquired import acquired_at
from tools.georeference.measuring import measure
from tools.georeference.projecting import crs_of
from tools.georeference.rasters import driver_of, open_raster
from tools.georeference.sidecars import (
    Transform,
    pam_file,
    prj_file,
    read_text,
    read_world_file,
    sidecar_digests,
    world_file,
)

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import pyproj

__all__ = ["Placement", "read_placement", "sidecar_digests"]

MOST_STRETCH = 1.1
MOST_CONVERGENCE = 10.0


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an image lies, its ground sample distance in metres per pixel, and when it was acquired.

    `problem` says what is amiss with the georeference, also where there is one.
    """

    georeference: Georeference | None = None
    gsd: float | None = None
    acquired: datetime | None = None
    problem: str | None = None


def read_placement(path: Path, width: int, height: int) -> Placement:
    """The placement of an image of `width` x `height` px; nothing is raised, what cannot be used is a `problem`.

    Transforms are those of the corners of pixels, also where the file means their centres. Images that only have
    ground control points or rational polynomials are not placed, since no affine transform is exact for them.
    """
    acquired = None
    try:
        found = _look_into(path)
        acquired = found.acquired
        georeference = _georeference(path, found)
        if georeference is None:
            return Placement(acquired=acquired)
        gsd, problem = _measured(georeference, width, height)
        return Placement(georeference, gsd, acquired, problem)
    except (InputError, OSError, ValueError) as error:
        return Placement(acquired=acquired, problem=str(error))


@dataclass(frozen=True, slots=True)
class _Found:
    """What a file itself tells; `lacking` says why there is no transform."""

    transform: Transform | None = None
    crs: pyproj.CRS | None = None
    lacking: str | None = None
    acquired: datetime | None = None


def _look_into(path: Path) -> _Found:
    driver = driver_of(path)
    if driver is None or (driver not in {"GTiff", "JPEG"} and pam_file(path) is None):
        return _Found()
    with open_raster(path, driver) as dataset:
        acquired = acquired_at(dataset.tags(), dataset.tags(ns="IMAGERY"))
        crs = None if dataset.crs is None else _from_wkt(dataset.crs.to_wkt())
        a, b, c, d, e, f = (float(value) for value in dataset.transform[:6])
        if not dataset.transform.is_identity:
            return _Found((a, b, c, d, e, f), crs, None, acquired)
        lacking = None
        if dataset.gcps[0]:
            lacking = "it has ground control points only; warp it to a grid to have it georeferenced"
        elif dataset.rpcs is not None:
            lacking = "it has rational polynomials only; orthorectify it to have it georeferenced"
        elif crs is not None:
            lacking = "it names a CRS, and no transform"
        return _Found(None, crs, lacking, acquired)


def _georeference(path: Path, found: _Found) -> Georeference | None:
    """What the file and those beside it tell, None if they claim nothing; ValueError says what a claim lacks."""
    transform, crs, beside = found.transform, found.crs, world_file(path)
    if transform is None and beside is not None:
        try:
            transform = read_world_file(beside)
        except ValueError as error:
            raise ValueError(f"{beside.name} is not a world file: {error}") from error
    if transform is None:
        if found.lacking is not None:
            raise ValueError(found.lacking)
        return None
    described = prj_file(path)
    if crs is None and described is not None:
        crs = _from_wkt(read_text(described))
        if crs is None:
            raise ValueError(f"{described.name} does not hold a CRS in WKT")
    if crs is None:
        raise ValueError("its CRS is not told; put it, as WKT, into a .prj file beside it")
    name = _name(crs)
    if name is None:
        raise ValueError(f"its CRS is not one of the ground: {crs.name}")
    return Georeference(name, transform)


def _from_wkt(text: str) -> pyproj.CRS | None:
    import pyproj

    try:
        return pyproj.CRS.from_wkt(text.strip())
    except pyproj.exceptions.CRSError:
        return None


def _name(crs: pyproj.CRS) -> str | None:
    """The authority's code of the horizontal CRS, else its WKT; None for one that has no place on the ground."""
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if len(crs.axis_info) == 3:
        crs = crs.to_2d()
    if not (crs.is_projected or crs.is_geographic):
        return None
    authority = crs.to_authority()
    return crs.to_wkt() if authority is None else ":".join(authority)


def _measured(georeference: Georeference, width: int, height: int) -> tuple[float, str | None]:
    """The ground sample distance, and what to warn of; ValueError where the georeference cannot be right."""
    directions = [axis.direction for axis in crs_of(georeference.crs).axis_info]
    if "west" in directions or ("south" in directions and len(set(directions)) > 1):
        raise ValueError(
            f"the axes of its CRS, {georeference.crs}, do not run east and north; warp it to one that does"
        )
    found = measure(georeference, width, height)
    if found is None:
        raise ValueError("it lies where its CRS does not reach; are the transform and the CRS of one kind?")
    if found.stretch > MOST_STRETCH:
        return found.gsd, f"its pixels are {found.stretch:.2g} times as long one way as the other on the ground"
    if abs(found.convergence) > MOST_CONVERGENCE:
        turned = f"{abs(found.convergence):.0f} degrees from true north"
        return found.gsd, f"north is that of its CRS's grid, {turned}"
    return found.gsd, None
