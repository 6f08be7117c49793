"""GeoJSON and GeoParquet: outlines with a class, in pixels of a named image or in the coordinates of a map.

Formats: RFC 7946 with the `crs` member of its forerunner, and https://geoparquet.org. The class is in `label` (as RUNE
exports it), `class`, `class_name` or `category`; `image_id`, `image` or `file_name` tell the image; `confidence` or
`score` are optional.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from solvers.errors import InputError
from solvers.ontology import Ontology
from solvers.scene import MIN_CORNERS, Polygon
from tools.readers.faults import FaultHandler, raise_fault
from tools.readers.json_file import JsonValue, load_json

if TYPE_CHECKING:
    import shapely

CLASS_KEYS = ("label", "class", "class_name", "category")
IMAGE_KEYS = ("image_id", "image", "file_name")
CONFIDENCE_KEYS = ("confidence", "score")
KIND_KEY, FOOTPRINT = "kind", "image"
"""How RUNE's exports tell the outlines of whole images, which are no objects."""
LONGITUDE_LATITUDE = "OGC:CRS84"


@dataclass(frozen=True, slots=True)
class VectorFeature:
    """One outline in the file's coordinates; `index` counts the file's features, `image` is None where none is told."""

    index: int
    label: str
    confidence: float
    outline: Polygon
    image: str | None


@dataclass(frozen=True, slots=True)
class VectorFile:
    """All outlines of a file; `crs` is None where the file tells none, `unmapped` the classes that were left out."""

    features: tuple[VectorFeature, ...]
    crs: str | None
    unmapped: tuple[str, ...]


def read_vector_file(path: Path, ontology: Ontology, on_fault: FaultHandler = raise_fault) -> VectorFile:
    """The features of a .parquet or .geoparquet file, of any other as GeoJSON.

    Of several polygons of one feature the largest counts, holes are left out; a feature that is there twice counts
    once. Raises InputError for a file that is broken as a whole; what is wrong with one feature goes to `on_fault`.
    """
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        rows, crs = _parquet(path)
    else:
        document = load_json(path)
        rows, crs = _geojson(document), _stated_crs(document)
    features: list[VectorFeature] = []
    unmapped: dict[str, None] = {}
    seen: set[tuple[str, str | None, Polygon]] = set()
    for index, row in enumerate(rows):
        if row.properties.get(KIND_KEY) == FOOTPRINT:
            continue
        try:
            name = _text(row, CLASS_KEYS)
            if name is None:
                row.fail(f"a feature needs its class, as one of {', '.join(CLASS_KEYS)}")
            confidence, image, outline = _confidence(row), _text(row, IMAGE_KEYS), _outline(row)
        except InputError as fault:
            on_fault(fault)
            continue
        label = ontology.leaf_for(name)
        if label is None:
            unmapped[name] = None
        elif (label, image, outline) not in seen:
            seen.add((label, image, outline))
            features.append(VectorFeature(index, label, confidence, outline, image))
    return VectorFile(tuple(features), crs, tuple(unmapped))


@dataclass(frozen=True, slots=True)
class _Row:
    """One feature: its properties, a way to its geometry, and its place for errors."""

    where: str
    properties: Mapping[str, object]
    geometry: Callable[[], "shapely.Geometry | None"]

    def fail(self, message: str) -> NoReturn:
        raise InputError(f"{self.where}: {message}")


def _geojson(document: JsonValue) -> Iterator[_Row]:
    kind = document.need("type")
    if kind.value != "FeatureCollection":
        kind.fail(f"a GeoJSON file of annotations is a FeatureCollection, not {kind.value!r}")
    for feature in document.need("features").items():
        where = f"{feature.file}: {feature.where}"
        content = feature.value if isinstance(feature.value, dict) else {}
        properties = content.get("properties")
        told = properties if isinstance(properties, dict) else {}
        yield _Row(where, told, partial(_shape, content.get("geometry")))


def _shape(geometry: object) -> "shapely.Geometry | None":
    import shapely

    try:
        shape: shapely.Geometry | None = shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.ShapelyError, ValueError, TypeError):
        return None
    return shape


def _stated_crs(document: JsonValue) -> str | None:
    """The name in the `crs` member, which RFC 7946 dropped and GIS programs still write."""
    crs = document.get("crs")
    if crs is None:
        return None
    return crs.need("properties").need("name").text()


def _parquet(path: Path) -> tuple[Iterator[_Row], str | None]:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{path}: this is not Parquet that can be read: {' '.join(str(error).split())}") from error
    column, crs = _geo_metadata(path, (table.schema.metadata or {}).get(b"geo"))
    if column not in table.column_names:
        raise InputError(f"{path}: there is no column {column!r} of geometries; is this GeoParquet?")
    kept = [name for name in (*CLASS_KEYS, *IMAGE_KEYS, *CONFIDENCE_KEYS, KIND_KEY) if name in table.column_names]
    geometries = table.column(column).to_pylist()
    properties = table.select(kept).to_pylist() if kept else [{}] * len(geometries)

    def rows() -> Iterator[_Row]:
        for number, (geometry, told) in enumerate(zip(geometries, properties, strict=True)):
            yield _Row(f"{path}: row {number}", told, partial(_from_wkb, geometry))

    return rows(), crs


def _geo_metadata(path: Path, raw: bytes | None) -> tuple[str, str | None]:
    """The column of geometries and its CRS; a CRS that is left out is longitude and latitude, null is none."""
    if raw is None:
        return "geometry", None
    try:
        geo = json.loads(raw)
        column = str(geo["primary_column"])
        told = geo["columns"][column]
        if told.get("encoding", "WKB") != "WKB":
            raise InputError(f"{path}: geometries are read as WKB, not as {told['encoding']!r}")
        crs = told.get("crs", LONGITUDE_LATITUDE)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path}: the file's geo metadata are broken: {error!r}") from error
    return column, crs if crs is None or isinstance(crs, str) else json.dumps(crs)


def _from_wkb(data: object) -> "shapely.Geometry | None":
    import shapely

    try:
        shape: shapely.Geometry | None = shapely.from_wkb(data)
    except (shapely.errors.ShapelyError, TypeError):
        return None
    return shape


def _text(row: _Row, keys: tuple[str, ...]) -> str | None:
    for key in keys:
        value = row.properties.get(key)
        if value is None:
            continue
        if not isinstance(value, str | int) or isinstance(value, bool) or not str(value).strip():
            row.fail(f"{key} must be a text that is not blank, not {value!r}")
        return str(value)
    return None


def _confidence(row: _Row) -> float:
    for key in CONFIDENCE_KEYS:
        value = row.properties.get(key)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            row.fail(f"{key} lies above 0 and is at most 1, and {value!r} does not")
        return float(value)
    return 1.0


def _outline(row: _Row) -> Polygon:
    import shapely

    shape = row.geometry()
    parts = [] if shape is None else [each for each in shapely.get_parts(shape) if each.geom_type == "Polygon"]
    if not parts:
        row.fail("the geometry must be a Polygon or a MultiPolygon with coordinates")
    ring = max(parts, key=lambda each: shapely.Polygon(each.exterior).area).exterior.coords[:-1]
    outline = tuple((float(x), float(y)) for x, y, *_ in ring)
    # Infinite coordinates, and those that no map and no image has, fail both comparisons.
    if len(outline) < MIN_CORNERS or not all(abs(value) <= 1e9 for corner in outline for value in corner):
        row.fail("the polygon needs three corners whose coordinates are finite and at most 1e9")
    return outline
