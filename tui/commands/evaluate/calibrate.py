"""`rune eval calibrate`: confidences made probabilities by labels, and stored with the archive."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.answers import no_answer
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.failures import Failure, JsonObject
from tui.options import ArchiveOption, OutputFormat, OutputOption, path

if TYPE_CHECKING:
    from tools.evaluation.calibrating import CalibrationReport


class MethodName(StrEnum):
    """How a curve is fitted."""

    ISOTONIC = "isotonic"
    TEMPERATURE = "temperature"


def share_number(value: object) -> float:
    """The share of images to fit on."""
    try:
        share = float(str(value))
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise typer.BadParameter(f"{str(value)!r} is not a share of the images; give a number above 0 and at most 1")
    return share


def calibrate(
    *,
    archive: ArchiveOption,
    truth: Annotated[
        Path | None,
        typer.Option("--truth", metavar="DIR", parser=path, help="An archive with labels of some of the same images."),
    ] = None,
    method: Annotated[MethodName, typer.Option("--method", help="How the curve of a class is fitted.")] = (
        MethodName.ISOTONIC
    ),
    share: Annotated[
        float,
        typer.Option("--share", metavar="P", parser=share_number, help="Of the labelled images so many are fitted on."),
    ] = 0.5,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Which images these are.")] = 0,
    remove: Annotated[bool, typer.Option("--remove", help="Read confidences as they are stored again.")] = (False),
    output: OutputOption = OutputFormat.TEXT,
) -> ExitCode:
    """Fit, class by class, how often a detection of some confidence is real, and have the archive read that way.

    From then on scores and thresholds see calibrated confidences; the archive keeps those of the detector. The images
    that are not fitted on say what it is worth.
    """
    import sys

    from solvers.errors import InputError
    from tools.archive import Archive
    from tools.archive.calibration import remove_calibration
    from tools.evaluation.calibrating import calibrate as calibrate_archive
    from tui.failures import to_json
    from tui.text import Style, emit, narrate, safe

    opened = Archive.open(archive)
    if remove:
        was_there = remove_calibration(opened.root)
        told = "its confidences are read as they are stored" + ("" if was_there else ", as before")
        emit(to_json({"archive": str(opened.root), "removed": was_there}) if output is OutputFormat.JSON else told)
        return ExitCode.DONE
    if truth is None:
        raise InputError("give the labelled archive by --truth, or --remove to undo a calibration")
    found = calibrate_archive(opened, truth, method=method.value, share=share, seed=seed)
    for warning in found.warnings:
        narrate(f"{Style.of(sys.stderr).yellow('warning')}: {safe(warning)}")
    emit(to_json(found.model_dump()) if output is OutputFormat.JSON else render_calibration(found))
    return ExitCode.DONE


def render_calibration(found: "CalibrationReport") -> str:
    """The text that people read."""
    from tui.text import pad, safe

    lines = [
        f"{safe(found.archive)}: {found.method}, fitted on {found.detections_fitted:,} detections of "
        f"{found.images_fitted:,} images, tested on {found.detections_held_out:,} of {found.images_held_out:,}"
    ]
    if found.before is not None and found.after is not None:
        before, after = found.before.expected_calibration_error, found.after.expected_calibration_error
        lines.append(f"expected calibration error {before:.4f} before, {after:.4f} after")
    for each in found.classes:
        if each.error_before is not None and each.error_after is not None:
            curve = "" if each.own else "  (the curve of all classes)"
            figures = f"{each.error_before:.4f} before, {each.error_after:.4f} after"
            lines.append(f"  {pad(safe(each.label), 20)} {each.held_out:>7,}  {figures}{curve}")
    return "\n".join(lines)


def calibrate_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """The keys of the answer where there is none."""
    from tools.evaluation.calibrating import CalibrationReport

    return no_answer(CalibrationReport, failure, arguments)


CALIBRATE = Command(
    name="calibrate",
    summary="Make confidences probabilities, by labels",
    body=calibrate,
    failed=calibrate_failed,
    examples=(
        "rune eval calibrate --archive detected --truth labelled",
        "rune eval calibrate --archive detected --truth labelled --method temperature --share 0.8",
        "rune eval calibrate --archive detected --remove",
    ),
    group="eval",
)
