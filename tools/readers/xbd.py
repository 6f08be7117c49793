"""xBD / xView2 json: the buildings of one image before or after a disaster, as WKT polygons with a damage class.

Format: https://xview2.org (Gupta et al., xBD, CVPR workshops 2019): `features.xy[]` with `properties` and `wkt` in
pixels, `metadata` with `width`, `height`, `gsd` and `capture_date`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from solvers.errors import InputError
from solvers.ontology import Ontology
from solvers.scene import Entity, Polygon
from tools.readers.faults import FaultHandler, raise_fault
from tools.readers.json_file import JsonValue, parse_json
from tools.readers.records import MAX_PIXELS, Annotations, is_coordinate

CLASS_OF_DAMAGE: Mapping[str, str] = {
    "no-damage": "no_damage_building",
    "minor-damage": "minor_damage_building",
    "major-damage": "major_damage_building",
    "destroyed": "destroyed_building",
    "un-classified": "unclassified_building",
}
"""The class of each damage subtype; a file from before the disaster has none, and its buildings are unclassified."""
_UNTOLD = "un-classified"


def parse_xbd(data: bytes, file: str, ontology: Ontology, on_fault: FaultHandler = raise_fault) -> Annotations:
    """The buildings of one file, `index` counting `features.xy` from 0.

    A polygon's holes are left out. `file` names the source in errors. A feature that breaks the format is an
    InputError with its place, given to `on_fault`; what breaks the whole file is raised.
    """
    document = parse_json(data, file)
    metadata = document.get("metadata")
    entities: list[Entity] = []
    for index, feature in enumerate(document.need("features").need("xy").items()):
        try:
            entities.append(Entity(index, _label(feature, ontology), 1.0, _polygon(feature.need("wkt"))))
        except InputError as fault:
            on_fault(fault)
    width, height, gsd = (None if metadata is None else metadata.get(key) for key in ("width", "height", "gsd"))
    return Annotations(
        tuple(entities),
        None if gsd is None else gsd.gsd(),
        None if width is None else width.pixels(),
        None if height is None else height.pixels(),
        acquired=None if metadata is None else _acquired(metadata.get("capture_date")),
    )


def is_xbd(data: bytes) -> bool:
    """Whether a file is json with xBD's features; False for what is no json at all."""
    if b'"xy"' not in data:
        return False  # a large COCO file need not be parsed twice
    try:
        document: object = json.loads(data)
    except (ValueError, RecursionError):
        return False
    features = document.get("features") if isinstance(document, dict) else None
    return isinstance(features, dict) and "xy" in features


def _acquired(date: JsonValue | None) -> datetime | None:
    """A time without its zone is in UTC, as xBD's are."""
    if date is None:
        return None
    try:
        taken = datetime.fromisoformat(date.text())
    except ValueError:
        date.fail(f"a capture date looks like 2018-09-20T16:04:41.000Z, not {date.value!r}")
    return taken if taken.tzinfo is not None else taken.replace(tzinfo=UTC)


def _label(feature: JsonValue, ontology: Ontology) -> str:
    properties = feature.need("properties")
    kind = properties.get("feature_type")
    if kind is not None and kind.text() != "building":
        kind.fail(f"only buildings are annotated in xBD, not {kind.value!r}")
    damage = properties.get("subtype")
    subtype = _UNTOLD if damage is None else damage.text()
    if subtype not in CLASS_OF_DAMAGE:
        properties.need("subtype").fail(f"there is no damage {subtype!r}; there are {', '.join(CLASS_OF_DAMAGE)}")
    label = ontology.leaf_for(CLASS_OF_DAMAGE[subtype])
    if label is None:
        feature.fail(f"ontology {ontology.name} has no class {CLASS_OF_DAMAGE[subtype]!r}; index with --ontology xbd")
    return label


def _polygon(wkt: JsonValue) -> Polygon:
    import shapely

    try:
        shape = shapely.from_wkt(wkt.text())
    except shapely.errors.ShapelyError:
        shape = None
    if shape is None or shape.geom_type != "Polygon" or shape.is_empty:
        wkt.fail("this must be a POLYGON ((x y, ...)) in well-known text")
    ring: Polygon = tuple((float(x), float(y)) for x, y, *_ in shape.exterior.coords[:-1])
    if not all(is_coordinate(value) for corner in ring for value in corner):
        wkt.fail(f"a corner lies further out than {MAX_PIXELS} pixels, or is no number")
    return ring
