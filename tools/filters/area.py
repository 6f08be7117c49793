"""Areas of interest: a box, WKT or GeoJSON becomes one polygon and the coordinate reference system that it is in."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from solvers.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

    from tools.filters.record import Box

WGS84 = "EPSG:4326"
MAX_FILE_BYTES = 64 * 1024 * 1024

_WKT = re.compile(r"\s*(?:SRID=(\d+);)?\s*((?:MULTI)?POLYGON\b.*)", re.IGNORECASE | re.DOTALL)
_WHAT = "a box minx,miny,maxx,maxy, a polygon in WKT, or a file of GeoJSON or WKT"


@dataclass(frozen=True, slots=True)
class Area:
    """A valid polygon, or several, of some extent; `crs` is what it says of its own reference system, or None."""

    geometry: BaseGeometry
    crs: str | None


def read_area(given: str | Path | Box | BaseGeometry) -> Area:
    """The area that is meant; InputError, which names what is wrong, where it is none."""
    from shapely.geometry.base import BaseGeometry

    if isinstance(given, BaseGeometry):
        return Area(_checked(given, "the area"), None)
    if isinstance(given, tuple):
        return Area(_box([float(each) for each in given], repr(given)), None)
    text = str(given).strip()
    if not text:
        raise InputError(f"--area is blank; give {_WHAT}")
    if numbers := _numbers(text):
        return Area(_box(numbers, text), None)
    if found := _WKT.fullmatch(text):
        return _wkt(found, "--area")
    return _from_file(Path(text).expanduser())


def crs_named(name: str, where: str) -> CRS:
    """A coordinate reference system by its name; InputError where it is not one."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return CRS.from_user_input(name)
    except (CRSError, UnicodeError) as error:
        raise InputError(
            f"{where}: {name[:80]!r} is no coordinate reference system; give one such as {WGS84}"
        ) from error


def _numbers(text: str) -> list[float]:
    """The numbers of a text that is nothing but numbers; else none."""
    words = [word for word in re.split(r"[,\s]+", text.strip("[]() ")) if word]
    try:
        return [float(word) for word in words]
    except ValueError:
        return []


def _box(numbers: list[float], text: str) -> BaseGeometry:
    from shapely import box

    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise InputError(f"the area {text} is no box; it takes four numbers: minx,miny,maxx,maxy")
    left, bottom, right, top = numbers
    if left >= right or bottom >= top:
        raise InputError(f"the area {text} is empty: a box is minx,miny,maxx,maxy, with minx < maxx and miny < maxy")
    return box(left, bottom, right, top)


def _wkt(found: re.Match[str], where: str) -> Area:
    from shapely import from_wkt
    from shapely.errors import ShapelyError

    try:
        geometry = from_wkt(found[2])
    except ShapelyError as error:
        raise InputError(f"{where}: this is not WKT that can be read: {error}") from error
    return Area(_checked(geometry, where), f"EPSG:{found[1]}" if found[1] else None)


def _from_file(path: Path) -> Area:
    try:
        if not path.is_file():
            raise InputError(f"the area {str(path)!r} is no file, and neither box nor WKT; give {_WHAT}")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"{path}: the file is too large for an area ({MAX_FILE_BYTES >> 20} MB are read)")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(
            f"the area {str(path)[:200]!r} cannot be read: {error.strerror or error}; give {_WHAT}"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: this is neither GeoJSON nor WKT, it is not UTF-8 text") from error
    if found := _WKT.fullmatch(text.strip()):
        return _wkt(found, str(path))
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: this is neither GeoJSON nor WKT of a polygon") from error
    return _geojson(document, path)


def _geojson(document: object, path: Path) -> Area:
    from shapely import from_geojson, union_all
    from shapely.errors import ShapelyError

    found: list[BaseGeometry] = []
    for geometry in _geometries(document, path):
        try:
            polygon = from_geojson(json.dumps(geometry))
        except (ShapelyError, ValueError) as error:
            raise InputError(f"{path}: a geometry cannot be read: {error}") from error
        found.append(_checked(polygon, str(path)))
    if not found:
        raise InputError(f"{path}: the GeoJSON holds no polygon")
    area = found[0] if len(found) == 1 else union_all(found)
    return Area(area, _crs_member(document) or (WGS84 if _is_on_globe(area) else None))


def _geometries(value: object, path: Path) -> Iterator[object]:
    """The geometries of a GeoJSON object, of its features where it has any."""
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str):
        raise InputError(f"{path}: this is JSON, but no GeoJSON")
    match kind:
        case "FeatureCollection":
            features = value.get("features")
            for feature in features if isinstance(features, list) else ():
                yield from _geometries(feature, path)
        case "Feature":
            if value.get("geometry") is not None:
                yield from _geometries(value["geometry"], path)
        case "Polygon" | "MultiPolygon":
            yield value
        case other:
            raise InputError(f"{path}: an area is made of polygons, and this is a {other}")


def _crs_member(document: object) -> str | None:
    """The name in the crs member that GeoJSON had before RFC 7946, and that many programs still write."""
    crs = document.get("crs") if isinstance(document, dict) else None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) and name else None


def _is_on_globe(area: BaseGeometry) -> bool:
    left, bottom, right, top = area.bounds
    return bool(left >= -180 and right <= 180 and bottom >= -90 and top <= 90)


def _checked(geometry: BaseGeometry, where: str) -> BaseGeometry:
    """The geometry where it is a polygon that bounds some ground, mended where it crosses itself."""
    from shapely import force_2d, make_valid

    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise InputError(f"{where}: an area is a polygon or several, and this is a {geometry.geom_type}")
    flat = force_2d(geometry)
    if not all(map(math.isfinite, flat.bounds)) or not (flat := flat if flat.is_valid else make_valid(flat)).area > 0:
        raise InputError(f"{where}: the area is empty")
    return flat
