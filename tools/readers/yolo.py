"""YOLO txt: one object a line, a class number and coordinates as shares of the image's width and height.

Formats: https://docs.ultralytics.com/datasets/obb/ (4 corners), .../detect/ (centre, width, height), .../segment/
(a polygon); one column more is a confidence, as ultralytics writes for its own predictions.
"""

from collections.abc import Mapping
from typing import NoReturn

from solvers.errors import InputError
from solvers.ontology import Ontology
from solvers.scene import Entity, Polygon
from tools.readers.faults import FaultHandler, raise_fault
from tools.readers.numbers import is_number
from tools.readers.records import Annotations
from tools.readers.text_file import decode_text

OUTERMOST_SHARE = 4.0
"""No share lies further out: boxes reach over the edge, and numbers beyond that are pixels."""

_SHAPE = "a line has a class number and 4 numbers of a box, 8 of an oriented box, or the corners of a polygon"


def parse_yolo(
    data: bytes,
    file: str,
    names: Mapping[int, str],
    ontology: Ontology,
    on_fault: FaultHandler = raise_fault,
) -> Annotations:
    """The objects of one YOLO txt, corners in shares of width and height, `index` counting its lines from 0.

    Objects of classes that the ontology lacks are left out, their names in `unmapped`. `file` names the source in
    errors. A line that breaks the format is an InputError with file and line, given to `on_fault`.
    """
    entities: list[Entity] = []
    unmapped: set[str] = set()
    lines = (line for line in enumerate(decode_text(data, file).split("\n"), start=1) if line[1].strip())
    for index, (number, line) in enumerate(lines):
        try:
            name, confidence, polygon = _object(line.split(), f"{file}:{number}", names)
        except InputError as fault:
            on_fault(fault)
            continue
        label = ontology.leaf_for(name)
        if label is None:
            unmapped.add(name)
        else:
            entities.append(Entity(index, label, confidence, polygon))
    return Annotations(tuple(entities), unmapped=frozenset(unmapped))


def _object(fields: list[str], where: str, names: Mapping[int, str]) -> tuple[str, float, Polygon]:
    if len(fields) < 5:
        _fail(where, f"{_SHAPE}, not {len(fields)} field{'s' if len(fields) > 1 else ''}")
    name = _name(fields[0], where, names)
    numbers = [_number(field, position, where) for position, field in enumerate(fields[1:], start=2)]
    # Coordinates come in pairs, so that an odd number of them has a confidence at its end.
    confidence = _confidence(numbers.pop(), where) if len(numbers) % 2 else 1.0
    for position, value in enumerate(numbers, start=2):
        if abs(value) > OUTERMOST_SHARE:
            _fail(where, f"field {position} is {value:g}: coordinates are shares of width and height, not pixels")
    if len(numbers) == 4:
        return name, confidence, _box(numbers, where)
    return name, confidence, tuple(zip(numbers[0::2], numbers[1::2], strict=True))


def _name(field: str, where: str, names: Mapping[int, str]) -> str:
    number = float(field) if is_number(field) else -1.0
    if number < 0 or not number.is_integer():
        _fail(where, f"{_SHAPE}; field 1 is {field!r}, not a class number")
    if int(number) not in names:
        _fail(where, f"the names have no class {int(number)}; they go from {min(names)} to {max(names)}")
    return names[int(number)]


def _number(field: str, position: int, where: str) -> float:
    if not is_number(field):
        _fail(where, f"{_SHAPE}; field {position} is {field!r}, not a number")
    return float(field)


def _confidence(value: float, where: str) -> float:
    if not 0 < value <= 1:
        _fail(where, f"the last field is a confidence where coordinates come in pairs before it, and {value:g} is none")
    return value


def _box(numbers: list[float], where: str) -> Polygon:
    x, y, width, height = numbers
    if width < 0 or height < 0:
        _fail(where, "a box is x, y of its centre, width, height, with no negative width or height")
    left, right, top, bottom = x - width / 2, x + width / 2, y - height / 2, y + height / 2
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _fail(where: str, message: str) -> NoReturn:
    raise InputError(f"{where}: {message}")
