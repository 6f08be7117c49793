"""The images of a ranking and the objects that prove them, as polygons with what is known of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.georeference import WGS84, ground_of, transform_points

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import shapely

    from solvers.scene import Georeference, Point
    from tools.archive import Archive
    from tools.results import EntityModel, ImageResult, Ranking, RunResult

COLUMNS = (
    "kind", "image_id", "rank", "verdict", "score", "variable", "index", "label", "confidence", "path", "gsd",
    "acquired", "pixels",
)  # fmt: skip
"""What is told of each feature; `kind` is image or object, `pixels` the corners in the image's own pixels."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A polygon, None for an image that is not placed among others that are, and its properties by column."""

    geometry: shapely.Geometry | None
    properties: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Features:
    """Features in one frame: a CRS, or, where `crs` is None, the pixels of each image, x to the right and y down."""

    crs: str | None
    features: Sequence[Feature]


@dataclass(frozen=True, slots=True)
class _Image:
    width: int
    height: int
    gsd: float | None
    acquired: datetime | None
    georeference: Georeference | None


def features_of(result: Ranking | RunResult, archive: Archive | None, *, lonlat: bool) -> Features:
    """A ranking's footprints and proving objects, best image first.

    On the ground where the archive has placed any of its images: in longitude and latitude (WGS 84), or without
    `lonlat` in the CRS of the images if they share one. Else, and without an archive, in pixels; footprints take one.
    """
    images = _images(result, archive)
    systems = {each.georeference.crs for each in images.values() if each.georeference is not None}
    crs = None if not systems else WGS84 if lonlat or len(systems) > 1 else systems.pop()
    return Features(crs, [feature for each in result.results for feature in _of_image(each, images, crs)])


def _images(result: Ranking | RunResult, archive: Archive | None) -> dict[str, _Image]:
    if archive is None:
        return {}
    found = {}
    for image_id in sorted(each.image_id for each in result.results):  # in the archive's order each part is read once
        scene = archive.scene(image_id)
        found[image_id] = _Image(scene.width, scene.height, scene.gsd, scene.acquired, scene.georeference)
    return found


def _of_image(result: ImageResult, images: Mapping[str, _Image], crs: str | None) -> Iterator[Feature]:
    image = images.get(result.image_id)
    known = {
        "image_id": result.image_id,
        "rank": result.rank,
        "verdict": result.verdict,
        "score": result.score,
        "path": result.path,
        "gsd": None if image is None else image.gsd,
        "acquired": None if image is None or image.acquired is None else image.acquired.isoformat(),
    }
    if image is not None:
        corners = [(0.0, 0.0), (0.0, image.height), (image.width, image.height), (image.width, 0.0)]
        yield _feature(corners, image, crs, {**known, "kind": "image"})
    by_index = {each.index: each for each in result.entities}
    for variable, value in result.witness.items():
        for index in value if isinstance(value, list) else [value]:
            entity = by_index[index]
            own = {"kind": "object", "variable": variable, **_of_entity(entity)}
            yield _feature(entity.polygon, image, crs, {**known, **own})


def _of_entity(entity: EntityModel) -> dict[str, object]:
    return {"index": entity.index, "label": entity.label, "confidence": entity.confidence}


def _feature(corners: Sequence[Point], image: _Image | None, crs: str | None, known: Mapping[str, object]) -> Feature:
    geometry = _geometry(corners, None if image is None else image.georeference, crs)
    pixels = None if crs is None else [[x, y] for x, y in corners]
    told = {**known, "pixels": pixels}
    return Feature(geometry, {column: told.get(column) for column in COLUMNS})


def _geometry(corners: Sequence[Point], georeference: Georeference | None, crs: str | None) -> shapely.Geometry | None:
    import numpy as np
    import shapely

    if crs is None:
        return _oriented(shapely.Polygon(corners))
    if georeference is None:
        return None
    points = transform_points(ground_of(georeference, corners), georeference.crs, crs)
    if not np.all(np.isfinite(points)):
        return None
    if crs == WGS84 and (np.ptp(points[:, 0]) > 180 or np.abs(points[:, 0]).max() > 180):
        return _cut_at_antimeridian(shapely.Polygon([(x % 360, y) for x, y in points]))
    return _oriented(shapely.Polygon(points))


def _cut_at_antimeridian(polygon: shapely.Polygon) -> shapely.Geometry:
    """A polygon with longitudes from 0 to 360 degrees as one on each side, as GeoJSON asks for."""
    import shapely

    west = shapely.intersection(polygon, shapely.box(0, -90, 180, 90))
    east = shapely.intersection(polygon, shapely.box(180, -90, 360, 90))
    east = shapely.transform(east, lambda points: points - (360, 0))
    halves = [each for each in (west, east) if each.geom_type == "Polygon" and not each.is_empty]
    return _oriented(halves[0]) if len(halves) == 1 else shapely.MultiPolygon(list(map(_oriented, halves)))


def _oriented(polygon: shapely.Polygon) -> shapely.Geometry:
    """The polygon, its corners counter-clockwise where y points up."""
    from shapely.geometry.polygon import orient

    return orient(polygon) if math.isfinite(polygon.area) else polygon
