"""DOTA labelTxt: header lines, then one object a line, as 8 corner numbers, a class and a difficult flag.

Format: https://captain-whu.github.io/DOTA/dataset.html. Objects of the horizontal-box variant look the same.
"""

import re
from typing import NoReturn

from solvers.errors import InputError
from solvers.ontology import Ontology
from solvers.scene import Entity
from tools.nearest import did_you_mean
from tools.readers.faults import FaultHandler, raise_fault
from tools.readers.numbers import is_number
from tools.readers.records import MAX_PIXELS, Annotations, is_coordinate, is_gsd
from tools.readers.text_file import decode_text

_HEADER = re.compile(r"\s*'?(imagesource|gsd|acquisition dates)'?\s*:(.*)", re.IGNORECASE)
_NO_GSD = frozenset({"", "null", "none", "nan"})
_SHAPE = "a line has 8 numbers, a class and optionally a difficult flag"


def parse_dota(data: bytes, file: str, ontology: Ontology, on_fault: FaultHandler = raise_fault) -> Annotations:
    """The objects of one labelTxt file, `index` counting its lines of objects from 0, broken ones included.

    `file` names the source in errors. A line that breaks the format is an InputError with file and line, given to
    `on_fault`; a text that is not UTF-8 is raised.
    """
    gsd: float | None = None
    entities: list[Entity] = []
    seen = 0
    for number, line in enumerate(decode_text(data, file).split("\n"), start=1):
        if not line.strip():
            continue
        header = None if seen else _HEADER.fullmatch(line)
        try:
            if header is None:
                seen += 1
                entities.append(_entity(line.split(), seen - 1, f"{file}:{number}", ontology))
            elif header[1].lower() == "gsd":
                gsd = _gsd(header[2].strip(), f"{file}:{number}")
        except InputError as fault:
            on_fault(fault)
    return Annotations(tuple(entities), gsd)


def _gsd(text: str, where: str) -> float | None:
    if text.lower() in _NO_GSD:
        return None
    value = float(text) if is_number(text) else 0.0
    if not is_gsd(value):
        _fail(where, f"a ground sample distance is a positive number of metres per pixel or null, not {text!r}")
    return value


def _entity(fields: list[str], index: int, where: str, ontology: Ontology) -> Entity:
    if len(fields) not in {9, 10}:
        _fail(where, f"{_SHAPE} (9 or 10 fields), not {len(fields)} field{'s' if len(fields) > 1 else ''}")
    values = [_coordinate(field, position, where) for position, field in enumerate(fields[:8], start=1)]
    label = ontology.leaf_for(fields[8])
    if label is None:
        _fail(where, f"ontology {ontology.name} has no class {fields[8]!r}" + _known(fields[8], ontology))
    flag = fields[9] if len(fields) == 10 else "0"
    if flag not in {"0", "1"}:
        _fail(where, f"the difficult flag is 0 or 1, not {flag!r}")
    corners = ((values[0], values[1]), (values[2], values[3]), (values[4], values[5]), (values[6], values[7]))
    return Entity(index, label, 1.0, corners, difficult=flag == "1")


def _coordinate(field: str, position: int, where: str) -> float:
    if not is_number(field):
        _fail(where, f"{_SHAPE}; field {position} is {field!r}, not a number")
    value = float(field)
    if not is_coordinate(value):
        _fail(where, f"field {position} is {field}, further out than {MAX_PIXELS} pixels")
    return value


def _known(label: str, ontology: Ontology) -> str:
    if label in ontology.by_name:
        return " that is a leaf: say which of " + ", ".join(sorted(ontology.leaves_of[label]))
    hint = did_you_mean(label.replace("-", "_"), ontology.leaf_names)
    return hint or f"; it has {', '.join(ontology.leaf_names)}"


def _fail(where: str, message: str) -> NoReturn:
    raise InputError(f"{where}: {message}")
