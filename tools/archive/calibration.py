"""How an archive's stored confidences are read: a curve a class, fitted on labels, in a file beside the parts.

What detectors call confidence is seldom a probability. With a calibration every reader of the archive, and so every
score and threshold, sees calibrated confidences; the parts keep those of the detector, and without the file they are
what is read again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from solvers.errors import InputError, RuneError
from tools.archive.files import write_atomically, writing
from tools.readers.json_file import load_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from tools.readers.json_file import JsonValue

CALIBRATION_FILE = "calibration.json"
SCHEMA_VERSION = 1
LEAST = 1e-6
"""A confidence is above 0: what a curve takes lower is read as this."""

_FORMAT = "rune-calibration"

Method = Literal["temperature", "isotonic"]


@dataclass(frozen=True, slots=True)
class Curve:
    """What a stored confidence is read as: linear between the `knots` (stored, read), flat beyond the outer ones.

    With a `temperature` it is instead the stored log-odds divided by it.
    """

    temperature: float | None = None
    knots: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if (self.temperature is None) == (not self.knots):
            raise ValueError("a curve has either a temperature or knots")
        if self.temperature is not None and not 0 < self.temperature < float("inf"):
            raise ValueError(f"the temperature is {self.temperature}; it is a number above 0")
        if not all(0 <= value <= 1 for knot in self.knots for value in knot):
            raise ValueError("the knots of a curve lie between 0 and 1")
        if not all(before[0] < after[0] and before[1] <= after[1] for before, after in pairwise(self.knots)):
            raise ValueError("the knots of a curve rise")

    def read(self, confidence: NDArray[np.float64]) -> NDArray[np.float64]:
        """The calibrated confidences, in the same order of size."""
        import numpy as np

        if self.temperature is None:
            found = np.interp(confidence, [knot[0] for knot in self.knots], [knot[1] for knot in self.knots])
        else:
            with np.errstate(divide="ignore", over="ignore"):
                odds = np.log(confidence) - np.log1p(-confidence)
                found = 1.0 / (1.0 + np.exp(-odds / self.temperature))
        clipped: NDArray[np.float64] = np.clip(found, LEAST, 1.0)
        return clipped


@dataclass(frozen=True, slots=True)
class Calibration:
    """The curve of each leaf class, and that of the `others`."""

    method: Method
    curves: Mapping[str, Curve]
    others: Curve

    def read(self, label: str, confidence: NDArray[np.float64]) -> NDArray[np.float64]:
        """The calibrated confidences of a class."""
        return self.curves.get(label, self.others).read(confidence)

    def read_labelled(
        self, codes: NDArray[np.integer], labels: Sequence[str], confidence: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The calibrated confidences of entities whose label codes are given."""
        import numpy as np

        found = np.empty(len(confidence))
        for code in np.unique(codes).tolist():
            own = codes == code
            found[own] = self.read(labels[code], confidence[own])
        return found


def read_calibration(root: Path) -> Calibration | None:
    """The calibration of the archive in a folder, None where it has none; raises InputError for a broken file."""
    path = root / CALIBRATION_FILE
    if not path.is_file():
        return None
    document = load_json(path)
    kind, version = document.get("format"), document.need("schema_version")
    if kind is None or kind.value != _FORMAT:
        raise InputError(f"{path}: this is no calibration of an archive; remove it, or calibrate anew")
    if version.value != SCHEMA_VERSION:
        version.fail(f"this version of RUNE reads schema version {SCHEMA_VERSION}, not {version.value!r}; update it")
    method = document.need("method")
    if method.value not in ("temperature", "isotonic"):
        method.fail("the method is temperature or isotonic")
    entries = document.need("curves").items()
    curves = {each.need("label").text(): _curve(each) for each in entries}
    return Calibration(
        "temperature" if method.value == "temperature" else "isotonic", curves, _curve(document.need("others"))
    )


def write_calibration(root: Path, calibration: Calibration) -> None:
    """Have an archive read with a calibration from now on; raises RuneError where it cannot be written."""
    document = {
        "format": _FORMAT,
        "schema_version": SCHEMA_VERSION,
        "method": calibration.method,
        "curves": [{"label": label, **_stored(curve)} for label, curve in sorted(calibration.curves.items())],
        "others": _stored(calibration.others),
    }
    with writing(root):
        write_atomically(root / CALIBRATION_FILE, (json.dumps(document, indent=1) + "\n").encode())


def remove_calibration(root: Path) -> bool:
    """Have an archive read as it is stored; whether there was a calibration."""
    path = root / CALIBRATION_FILE
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise RuneError(f"{path} cannot be removed: {error.strerror or error}") from error
    return True


def _stored(curve: Curve) -> dict[str, object]:
    if curve.temperature is not None:
        return {"temperature": curve.temperature}
    return {"knots": [{"stored": knot[0], "read": knot[1]} for knot in curve.knots]}


def _curve(value: JsonValue) -> Curve:
    temperature, knots = value.get("temperature"), value.get("knots")
    try:
        return Curve(
            None if temperature is None else temperature.number(),
            ()
            if knots is None
            else tuple((each.need("stored").number(), each.need("read").number()) for each in knots.items()),
        )
    except ValueError as error:
        value.fail(str(error))
