"""How `ask` and `rank` hand over what they found: pictures, then one answer on stdout, then the exit code."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from tools.results import AttemptModel, RunResult, StatusName
from tui.exit_codes import ExitCode
from tui.failures import JsonObject, to_json
from tui.options import OutputFormat, Thresholds
from tui.render import head_lines, render_run
from tui.text import Style, emit, narrate, safe

if TYPE_CHECKING:
    from tools.archive import Archive

CODES: dict[StatusName, ExitCode] = {
    "ok": ExitCode.DONE,
    "unrepairable": ExitCode.UNREPAIRABLE,
    "provider_error": ExitCode.PROVIDER,
    "limit": ExitCode.LIMIT,
    "error": ExitCode.FAILED,
}


def deliver(
    result: RunResult,
    output: OutputFormat,
    overlays_into: Path | None,
    thresholds: Thresholds,
    *,
    exports: Sequence[Path] = (),
    archive: "Archive | None" = None,
    beside: JsonObject = MappingProxyType({}),
) -> ExitCode:
    """Draw and write what was asked for, print the answer, and say with which code the run ends.

    `exports` are the files to write the ranking into, placed on the ground by the `archive` that was asked.
    `beside` are keys that stand in the JSON beside those of the result.
    """
    overlays: Sequence[Path] = ()
    if overlays_into is not None and result.results:
        from tui.overlays import save_overlays

        overlays = save_overlays(result.results, overlays_into, result.query or result.formula)
    if exports and result.counts is not None:
        from tools.exporting import export

        narrate("\n".join(["exported:", *(safe(str(export(result, each, archive=archive))) for each in exports)]))
    if output is OutputFormat.JSON:
        if overlays:
            narrate("\n".join(["overlays:", *(safe(str(each)) for each in overlays)]))
        emit(to_json({**result.model_dump(), **beside}))
    elif result.status in {"ok", "limit"} and result.counts is not None:
        emit(render_run(result, Style.of(sys.stdout), threshold=str(thresholds), overlays=overlays))
    if result.status != "ok":
        tell_why(result)
    return CODES[result.status]


def export_targets(files: Sequence[Path] | None) -> Sequence[Path]:
    """The files to export into; InputError, before any work, for an ending that names no format."""
    from tools.exporting import format_of

    for each in files or ():
        format_of(each)
    return files or ()


def tell_why(result: RunResult) -> None:
    """Say on stderr why a run has no answer, with the diagnostics of the best formula that was tried."""
    from tui.diagnostics import render_diagnostics

    style = Style.of(sys.stderr)
    lines = head_lines(result, style)
    if result.attempts:
        best = best_attempt(result.attempts)
        # A question that no formula can express has no text of its own: its offsets are in the question.
        lines.append(render_diagnostics(best.formula or result.query or "", best.diagnostics, style))
    if not _is_refused(result):
        sentence = result.error or f"the run ended with status {result.status}"
        lines.append(f"{style.red('error')}: {safe(sentence)}")
    narrate("\n".join(filter(None, lines)))


def _is_refused(result: RunResult) -> bool:
    """Whether the diagnostics are of the question itself; then they say all that there is to say."""
    return bool(result.attempts and not result.attempts[-1].formula and result.attempts[-1].diagnostics)


def best_attempt(attempts: Sequence[AttemptModel]) -> AttemptModel:
    """The one with the fewest errors, the earliest of equals; a refusal has no formula, comes last and stands."""
    last = attempts[-1]
    if not last.formula:
        return last
    return min(attempts, key=lambda each: sum(found.severity == "error" for found in each.diagnostics))
