"""COCO json: images, categories and annotations in one file.

Format: https://cocodataset.org/#format-data, with an optional `gsd` of an image and `score` of an annotation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from solvers.errors import InputError
from solvers.ontology import Ontology
from solvers.scene import MIN_CORNERS, Entity, Polygon
from tools.readers.faults import FaultHandler, raise_fault
from tools.readers.json_file import JsonValue, load_json
from tools.readers.records import MAX_PIXELS, is_coordinate


@dataclass(frozen=True, slots=True)
class CocoImage:
    """One image of a COCO file; its size in pixels may be missing, `where` is its place in the file."""

    file_name: str
    where: str
    width: int | None
    height: int | None
    gsd: float | None
    entities: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class CocoFile:
    """A whole COCO file.

    `known_labels` are the leaves that its categories name, `unmapped` the categories that name none; annotations
    of those and crowds are left out, and yet counted in the `index` of the others.
    """

    images: tuple[CocoImage, ...]
    known_labels: frozenset[str]
    unmapped: tuple[str, ...]


@dataclass(slots=True)
class _Gathered:
    seen: int
    entities: list[Entity]


def read_coco(path: Path, ontology: Ontology, on_fault: FaultHandler = raise_fault) -> CocoFile:
    """The images of a COCO file in its order.

    Raises InputError with line and column or the place in the file; one of an annotation is given to `on_fault`.
    """
    document = load_json(path)
    images = document.need("images").items()
    labels, unmapped = _categories(document.need("categories").items(), ontology)
    gathered: dict[str | float, _Gathered] = {}
    for image in images:
        key = image.need("id").identifier()
        if key in gathered:
            image.need("id").fail(f"the id {key!r} belongs to an earlier image already")
        gathered[key] = _Gathered(0, [])
    for annotation in document.need("annotations").items():
        try:
            _gather(annotation, gathered, labels)
        except InputError as fault:
            on_fault(fault)
    return CocoFile(
        tuple(_image(image, gathered[image.need("id").identifier()].entities) for image in images),
        frozenset(label for label in labels.values() if label is not None),
        unmapped,
    )


def _categories(
    categories: Sequence[JsonValue], ontology: Ontology
) -> tuple[Mapping[str | float, str | None], tuple[str, ...]]:
    labels: dict[str | float, str | None] = {}
    unmapped: dict[str, None] = {}
    for category in categories:
        key = category.need("id").identifier()
        if key in labels:
            category.need("id").fail(f"the id {key!r} belongs to an earlier category already")
        name = category.need("name").text()
        labels[key] = ontology.leaf_for(name)
        if labels[key] is None:
            unmapped[name] = None
    return labels, tuple(unmapped)


def _image(image: JsonValue, entities: Sequence[Entity]) -> CocoImage:
    width, height, gsd = image.get("width"), image.get("height"), image.get("gsd")
    return CocoImage(
        image.need("file_name").text(),
        image.where,
        None if width is None else width.pixels(),
        None if height is None else height.pixels(),
        None if gsd is None else gsd.gsd(),
        tuple(entities),
    )


def _gather(
    annotation: JsonValue, gathered: Mapping[str | float, _Gathered], labels: Mapping[str | float, str | None]
) -> None:
    image_key = annotation.need("image_id")
    image = gathered.get(image_key.identifier())
    if image is None:
        image_key.fail(f"no image has the id {image_key.value!r}")
    category = annotation.need("category_id")
    if category.identifier() not in labels:
        category.fail(f"no category has the id {category.value!r}")
    index = image.seen
    image.seen += 1
    label = labels[category.identifier()]
    if label is not None and not _is_crowd(annotation):
        image.entities.append(Entity(index, label, _confidence(annotation), _polygon(annotation)))


def _is_crowd(annotation: JsonValue) -> bool:
    flag = annotation.get("iscrowd")
    if flag is None:
        return False
    if flag.value not in (0, 1):
        flag.fail("this must be 0 or 1")
    return bool(flag.value)


def _confidence(annotation: JsonValue) -> float:
    score = annotation.get("score")
    if score is None:
        return 1.0
    value = score.number()
    if not 0 < value <= 1:
        score.fail(f"a score lies above 0 and is at most 1, and {value:g} is not")
    return value


def _polygon(annotation: JsonValue) -> Polygon:
    """The largest ring of a polygon segmentation; of a run-length mask, or without a ring, the box."""
    segmentation = annotation.get("segmentation")
    if segmentation is not None and not isinstance(segmentation.value, dict):
        rings = [ring for ring in map(_ring, segmentation.items()) if len(ring) >= MIN_CORNERS]
        if rings:
            return max(rings, key=_doubled_area)
    box = annotation.get("bbox")
    if box is None:
        annotation.fail("an annotation needs a bbox [x, y, width, height] or a segmentation of polygons")
    values = box.numbers()
    if len(values) != 4 or values[2] < 0 or values[3] < 0:
        box.fail("a box is [x, y, width, height], with no negative width or height")
    x, y, width, height = values
    return _checked(((x, y), (x + width, y), (x + width, y + height), (x, y + height)), box)


def _ring(ring: JsonValue) -> Polygon:
    values = ring.numbers()
    if len(values) % 2:
        ring.fail(f"a ring is a list x, y, x, y, ... of even length, not {len(values)} numbers")
    return _checked(tuple(zip(values[0::2], values[1::2], strict=True)), ring)


def _checked(polygon: Polygon, source: JsonValue) -> Polygon:
    for corner in polygon:
        if not all(map(is_coordinate, corner)):
            source.fail(f"the corner {corner} lies further out than {MAX_PIXELS} pixels")
    return polygon


def _doubled_area(ring: Polygon) -> float:
    # Measured from the first corner: far from the origin the plain shoelace sum loses its digits.
    x0, y0 = ring[0]
    shifted = [(x - x0, y - y0) for x, y in ring]
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(shifted, [*shifted[1:], shifted[0]], strict=True)))
