"""Confidences made probabilities: a curve for each class, fitted on labels and stored with the archive."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from pydantic import Field

from solvers.errors import InputError
from tools.archive.calibration import Calibration, Curve, Method, write_calibration
from tools.evaluation.matching import Matches, match_archives
from tools.evaluation.metrics.calibration import reliability
from tools.evaluation.results import Reliability
from tools.evaluation.summary import reported
from tools.results import Model

if TYPE_CHECKING:
    from tools.archive import Archive

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

LEAST_DETECTIONS = 50
LEAST_OF_A_KIND = 5
"""A class has a curve of its own with so many detections, and so many of them real, and false; else that of all."""
_DIGITS = 9
_SUREST = 1 - 1e-12


class ClassCalibration(Model):
    """One class on the images that were held out: expected calibration error before and after; `own` has its curve."""

    label: str
    fitted: int
    held_out: int
    own: bool
    error_before: float | None
    error_after: float | None


class CalibrationReport(Model):
    """What a calibration changed, on images that it was not fitted on; `before` and `after` over all classes."""

    archive: str
    method: Method
    images_fitted: int
    images_held_out: int
    detections_fitted: int
    detections_held_out: int
    before: Reliability | None
    after: Reliability | None
    classes: list[ClassCalibration]
    warnings: list[str] = Field(default_factory=list)


def calibrate(
    archive: "str | Path | Archive",
    truth: "str | Path | Archive",
    *,
    method: Method = "isotonic",
    share: float = 0.5,
    seed: int = 0,
) -> CalibrationReport:
    """Fit how confidences are to be read on a share of the labelled images, and store it with the archive.

    `truth` is an archive with labels of some or all of the same images; the images that are not fitted on say what the
    calibration is worth. From then on every reader of the archive sees calibrated confidences. Raises InputError where
    the two have no image in common, or nothing can be fitted.
    """
    from tools.archive import Archive

    if not 0 < share <= 1:
        raise InputError(f"the share of images to fit on is {share}; it is above 0 and at most 1")
    opened = archive if isinstance(archive, Archive) else Archive.open(archive)
    labelled = truth if isinstance(truth, Archive) else Archive.open(truth)
    stored = opened.uncalibrated()
    fitted, held_out = _split(sorted(set(stored.image_ids) & set(labelled.image_ids)), share, seed)
    if not fitted:
        raise InputError(f"{labelled.root} has labels of no image of {opened.root}: their ids differ")
    examples = match_archives(stored, labelled, fitted)
    calibration = fit(examples, method)
    tested = match_archives(stored, labelled, held_out)
    write_calibration(opened.root, calibration)
    return _report(opened.root, calibration, (fitted, held_out), examples, tested)


def fit(examples: Mapping[str, Matches], method: Method) -> Calibration:
    """The curves that the matched detections of each class ask for; raises InputError where there are too few."""
    arrays = {label: each.arrays() for label, each in examples.items()}
    confidence = np.concatenate([np.zeros(0), *(each[0] for each in arrays.values())])
    is_real = np.concatenate([np.zeros(0, np.bool_), *(each[1] for each in arrays.values())])
    if not _is_enough(is_real):
        raise InputError(
            f"there are {len(is_real):,} labelled detections, {int(is_real.sum()):,} of them real; a curve needs "
            f"{LEAST_DETECTIONS} with {LEAST_OF_A_KIND} real and {LEAST_OF_A_KIND} false ones"
        )
    curves = {label: _curve(*each, method) for label, each in arrays.items() if _is_enough(each[1])}
    return Calibration(method, curves, _curve(confidence, is_real, method))


def _split(ids: Sequence[str], share: float, seed: int) -> tuple[list[str], list[str]]:
    order = np.random.Generator(np.random.Philox(seed)).permutation(len(ids))
    count = min(len(ids), max(1, round(share * len(ids)))) if ids else 0
    return sorted(ids[place] for place in order[:count]), sorted(ids[place] for place in order[count:])


def _is_enough(is_real: Booleans) -> bool:
    real = int(np.count_nonzero(is_real))
    return len(is_real) >= LEAST_DETECTIONS and min(real, len(is_real) - real) >= LEAST_OF_A_KIND


def _curve(confidence: Floats, is_real: Booleans, method: Method) -> Curve:
    if method == "temperature":
        return Curve(temperature=round(_temperature(confidence, is_real), _DIGITS))
    from sklearn.isotonic import IsotonicRegression

    least = 1 / (len(confidence) + 2)  # what was seen n times is not certain (Laplace)
    fitted = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip").fit(confidence, is_real)
    knots = {round(float(x), _DIGITS): round(float(y), _DIGITS) for x, y in _knots(fitted)}
    return Curve(knots=tuple(sorted(knots.items())))


def _knots(fitted: object) -> Sequence[tuple[float, float]]:
    xs: Floats = getattr(fitted, "X_thresholds_")  # noqa: B009  (sklearn is not typed)
    ys: Floats = getattr(fitted, "y_thresholds_")  # noqa: B009
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def _temperature(confidence: Floats, is_real: Booleans) -> float:
    """The temperature that makes what was seen most probable (Guo et al., ICML 2017)."""
    from scipy.optimize import minimize_scalar

    clipped = np.clip(confidence, 1 - _SUREST, _SUREST)
    odds = np.log(clipped) - np.log1p(-clipped)
    signed = np.where(is_real, odds, -odds)

    def surprise(log_temperature: float) -> float:
        return float(np.mean(np.logaddexp(0.0, -signed / np.exp(log_temperature))))

    return float(np.exp(minimize_scalar(surprise, bounds=(-4.0, 4.0), method="bounded").x))


def _report(
    root: Path,
    calibration: Calibration,
    images: tuple[Sequence[str], Sequence[str]],
    examples: Mapping[str, Matches],
    tested: Mapping[str, Matches],
) -> CalibrationReport:
    before, after, real = [np.zeros(0)], [np.zeros(0)], [np.zeros(0, np.bool_)]
    classes: list[ClassCalibration] = []
    for label in sorted(examples.keys() | tested.keys()):
        confidence, is_real = tested.get(label, Matches()).arrays()
        read = calibration.read(label, confidence)
        own_before, own_after = reliability(confidence, is_real), reliability(read, is_real)
        classes.append(
            ClassCalibration(
                label=label,
                fitted=len(examples.get(label, Matches()).confidence),
                held_out=len(confidence),
                own=label in calibration.curves,
                error_before=None if own_before is None else own_before.error,
                error_after=None if own_after is None else own_after.error,
            )
        )
        before.append(confidence)
        after.append(read)
        real.append(is_real)
    every = np.concatenate(real)
    warnings = [] if len(every) else ["no detection was held out, so that nothing says what the calibration is worth"]
    return CalibrationReport(
        archive=str(root),
        method=calibration.method,
        images_fitted=len(images[0]),
        images_held_out=len(images[1]),
        detections_fitted=sum(len(each.confidence) for each in examples.values()),
        detections_held_out=len(every),
        before=reported(reliability(np.concatenate(before), every)),
        after=reported(reliability(np.concatenate(after), every)),
        classes=classes,
        warnings=warnings,
    )
