"""An evaluation as Markdown."""

from collections.abc import Iterator, Sequence

from tools.evaluation.report.numbers import COLUMNS, interval, value
from tools.evaluation.results import Evaluation, LevelResult


def markdown(evaluation: Evaluation) -> str:
    """The figures as tables; what comes from outside is escaped."""
    return "\n".join(_lines(evaluation)) + "\n"


def _lines(evaluation: Evaluation) -> Iterator[str]:
    yield "# Evaluation"
    yield ""
    yield summary_line(evaluation)
    for warning in evaluation.warnings:
        yield from ("", f"**Warning:** {_safe(warning)}.")
    yield from ("", "## Systems", "")
    yield from _table(
        ["system", *(column.name for column in COLUMNS), "refused"],
        [
            [system.name, *(interval(column.of(system)) for column in COLUMNS), str(system.refused)]
            for system in evaluation.systems
        ],
    )
    yield from ("", *(f"- **{column.name}**: {column.meaning}" for column in COLUMNS))
    yield from ("", "## Mean average precision by level of complexity", "")
    levels = sorted({each.level for system in evaluation.systems for each in system.levels})
    yield from _table(
        ["system", *(f"level {level}" for level in levels)],
        [[system.name, *(_at_level(system.levels, level) for level in levels)] for system in evaluation.systems],
    )
    kinds = sorted({each.kind for system in evaluation.systems for each in system.kinds})
    if kinds:
        yield from ("", "## Mean average precision by phenomenon", "")
        yield from _table(
            ["phenomenon", "queries", *(system.name for system in evaluation.systems)],
            [_of_kind(evaluation, kind) for kind in kinds],
        )
    if evaluation.translation is not None:
        found = evaluation.translation
        errors = ", ".join(f"{_safe(kind)} {count}" for kind, count in found.errors.items()) or "none"
        yield from ("", "## Translation", "")
        yield f"{_safe(found.translator)}, of {found.questions:,} questions with a gold formula:"
        yield ""
        yield f"- executable: {interval(found.executable)}"
        yield f"- logically equivalent to gold (Z3): {interval(found.equivalent)}, undecided {found.undecided:,}"
        yield f"- kinds of error: {errors}"
    if evaluation.detections is not None:
        found_objects = evaluation.detections
        yield from ("", "## Detections", "")
        yield (
            f"{found_objects.matched:,} real, {found_objects.false:,} false, {found_objects.missed:,} objects missed; "
            f"recall at the threshold {value(found_objects.recall)}"
        )
        if found_objects.reliability is not None:
            error = found_objects.reliability.expected_calibration_error
            yield f"Expected calibration error of the confidences: {value(error)}"
    if evaluation.curves:
        yield from ("", "## Perturbed detections", "")
        strengths = [point.strength for point in evaluation.curves[0].points]
        yield from _table(
            ["system", *(f"{strength:g}" for strength in strengths), "area under P(e) / P(0)"],
            [
                [curve.system, *(value(point.mean_ap.value) for point in curve.points), interval(curve.area)]
                for curve in evaluation.curves
            ],
        )


def summary_line(evaluation: Evaluation) -> str:
    """What was evaluated, in one sentence."""
    calibrated = "calibrated" if evaluation.calibrated else "as stored"
    without = (
        f", {evaluation.without_relevant:,} of them without a relevant image" if evaluation.without_relevant else ""
    )
    threshold = evaluation.threshold if isinstance(evaluation.threshold, float) else "set by class"
    return (
        f"{evaluation.queries:,} queries{without}, on {evaluation.archive.images:,} images with "
        f"{evaluation.archive.entities:,} entities; confidences {calibrated}, operating threshold {threshold}. "
        f"Intervals: 95 % bootstrap over queries, {evaluation.resamples:,} draws, seed {evaluation.seed}."
    )


def _at_level(levels: Sequence[LevelResult], level: int) -> str:
    found = [each for each in levels if each.level == level]
    return f"{interval(found[0].mean_ap)} ({found[0].queries:,})" if found else "-"


def _of_kind(evaluation: Evaluation, kind: str) -> list[str]:
    of_systems = [next((each for each in system.kinds if each.kind == kind), None) for system in evaluation.systems]
    queries = next((each.queries for each in of_systems if each is not None), 0)
    return [_safe(kind), str(queries), *("-" if each is None else value(each.mean_ap.value) for each in of_systems)]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _safe(text: str) -> str:
    """Text from outside, without anything that Markdown or HTML would act on."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{each}" if each in "\\`*_{}[]()#+!|~" else each for each in " ".join(escaped.split()))
