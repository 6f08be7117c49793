"""Features as GeoJSON (RFC 7946) and as GeoParquet (1.1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tools.exports.features import COLUMNS, Feature, Features
from tools.georeference.projecting import crs_of

if TYPE_CHECKING:
    from collections.abc import Mapping

DEGREE_DIGITS = 9
"""A tenth of a millimetre; RFC 7946 warns of more."""


def as_geojson(features: Features) -> str:
    """One FeatureCollection; of features in pixels a foreign member `frame` says so."""
    frame = {"frame": "pixels, x to the right, y down"} if features.crs is None else {}
    listed = [_as_feature(each, features.crs is not None) for each in features.features]
    return json.dumps({"type": "FeatureCollection", **frame, "features": listed}, allow_nan=False) + "\n"


def _as_feature(feature: Feature, is_placed: bool) -> Mapping[str, object]:
    import shapely

    geometry = None
    if feature.geometry is not None:
        polygons = [
            [_ring(shapely.get_coordinates(part).tolist(), is_placed)] for part in shapely.get_parts(feature.geometry)
        ]
        one = feature.geometry.geom_type == "Polygon"
        geometry = {
            "type": feature.geometry.geom_type,
            "coordinates": polygons[0] if one else polygons,
        }
    return {"type": "Feature", "geometry": geometry, "properties": feature.properties}


def _ring(points: list[list[float]], is_placed: bool) -> list[list[float]]:
    return [[round(x, DEGREE_DIGITS), round(y, DEGREE_DIGITS)] for x, y in points] if is_placed else points


def as_geoparquet(features: Features) -> bytes:
    """One table: a column each of `COLUMNS`, and `geometry` in WKB; the CRS in the metadata, null where in pixels."""
    import pyarrow as pa
    import shapely
    from pyarrow import parquet

    texts = ("kind", "image_id", "verdict", "variable", "label", "path", "acquired")
    types = {
        **dict.fromkeys(texts, pa.string()),
        **dict.fromkeys(("rank", "index"), pa.int64()),
        **dict.fromkeys(("score", "confidence", "gsd"), pa.float64()),
        "pixels": pa.list_(pa.list_(pa.float64())),
    }
    geometries = [each.geometry for each in features.features]
    columns = {
        column: pa.array([each.properties[column] for each in features.features], types[column]) for column in COLUMNS
    }
    columns["geometry"] = pa.array(
        [None if each is None else shapely.to_wkb(each, byte_order=1) for each in geometries], pa.binary()
    )
    there = [each for each in geometries if each is not None]
    told: dict[str, object] = {
        "encoding": "WKB",
        "geometry_types": sorted({each.geom_type for each in there}),
        "crs": None if features.crs is None else crs_of(features.crs).to_json_dict(),
        "orientation": "counterclockwise",
    }
    if there:
        told["bbox"] = shapely.total_bounds(there).tolist()
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": told}}
    table = pa.table(columns).replace_schema_metadata({"geo": json.dumps(geo)})
    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())
