"""The stated model of a detector's noise: what is found of each class, how sure, and what is found that is not there.

It is read from TOML; `default.toml` beside this file says what it follows and what it assumes.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from solvers.errors import InputError
from solvers.ontology import Ontology
from tools.evaluation.noise.boxes import BoxNoise
from tools.nearest import did_you_mean
from tools.readers.text_file import decode_text, read_bytes

_HERE = Path(__file__).parent / "default.toml"


@dataclass(frozen=True, slots=True)
class ClassNoise:
    """One class.

    `recall` is the probability that an object is detected. The confidence of a detection that is real has log-odds of
    mean `true_mean` and standard deviation `true_spread`, that of a false one `false_mean` and `false_spread`.
    `false_per_object` is how many false detections there are for each object; the share `elsewhere` of them falls on
    any image, the others where objects of the class are; the share `confused` of them lies on an object of
    `confused_with`, where the image has one.
    """

    recall: float = 0.8
    true_mean: float = 1.2
    true_spread: float = 1.6
    false_mean: float = -1.7
    false_spread: float = 1.1
    false_per_object: float = 1.0
    elsewhere: float = 0.5
    confused: float = 0.3
    confused_with: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("recall", "elsewhere", "confused"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share between 0 and 1, not {getattr(self, name)}")
        for name in ("true_spread", "false_spread", "false_per_object"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise ValueError(f"{name} is a number of at least 0, not {getattr(self, name)}")
        for name in ("true_mean", "false_mean"):
            if not math.isfinite(getattr(self, name)):
                raise ValueError(f"{name} is a finite number, not {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class NoiseModel:
    """A whole detector; `source` says in words what it follows, `others` is for classes that are not named."""

    name: str
    source: str
    others: ClassNoise
    classes: Mapping[str, ClassNoise]
    box: BoxNoise

    def of(self, label: str) -> ClassNoise:
        """The noise of a leaf class."""
        return self.classes.get(label, self.others)


def load_noise(path: str | Path | None, ontology: Ontology) -> NoiseModel:
    """The model in a TOML file, the default one for None; raises InputError that says what is wrong in it.

    A class of the file that the ontology lacks is an error, but for the default file, which is DOTA's.
    """
    file = _HERE if path is None else Path(path)
    try:
        document = tomllib.loads(decode_text(read_bytes(file), str(file)))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file}: this is not TOML: {error}") from error
    _refuse_unknown(document, ("name", "source", "others", "classes", "box"), f"{file}")
    others = _class_noise(_table(document, "others", file), ClassNoise(), f"{file}: others")
    classes: dict[str, ClassNoise] = {}
    for label, table in _table(document, "classes", file).items():
        where = f"{file}: classes.{label}"
        if not isinstance(table, dict):
            raise InputError(f"{where}: this must be a table [classes.{label}]")
        if label not in ontology.leaf_names:
            if path is None:
                continue
            hint = did_you_mean(label, ontology.leaf_names)
            raise InputError(f"{where}: this is no leaf class of the ontology {ontology.name}{hint}")
        classes[label] = _class_noise(table, others, where)
    return NoiseModel(
        name=str(document.get("name", file.stem)),
        source=str(document.get("source", "")),
        others=others,
        classes=classes,
        box=_box_noise(_table(document, "box", file), f"{file}: box"),
    )


def _table(document: Mapping[str, object], key: str, file: Path) -> Mapping[str, object]:
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise InputError(f"{file}: {key} must be a table [{key}]")
    return value


def _class_noise(table: Mapping[str, object], base: ClassNoise, where: str) -> ClassNoise:
    names = tuple(each.name for each in fields(ClassNoise))
    _refuse_unknown(table, names, where)
    numbers = {key: _number(value, f"{where}.{key}") for key, value in table.items() if key != "confused_with"}
    others = table.get("confused_with", list(base.confused_with))
    if not isinstance(others, list) or not all(isinstance(each, str) for each in others):
        raise InputError(f"{where}.confused_with: this must be a list of class names")
    try:
        return replace(base, **numbers, confused_with=tuple(map(str, others)))
    except ValueError as error:
        raise InputError(f"{where}: {error}") from error


def _box_noise(table: Mapping[str, object], where: str) -> BoxNoise:
    _refuse_unknown(table, tuple(each.name for each in fields(BoxNoise)), where)
    try:
        return BoxNoise(**{key: _number(value, f"{where}.{key}") for key, value in table.items()})
    except ValueError as error:
        raise InputError(f"{where}: {error}") from error


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{where}: this must be a number, not {value!r}")
    return float(value)


def _refuse_unknown(table: Mapping[str, object], allowed: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in allowed:
            hint = did_you_mean(key, allowed) or f"; allowed are {', '.join(allowed)}"
            raise InputError(f"{where}: the key {key!r} means nothing here{hint}")
