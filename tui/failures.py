"""One way out for every failure: a sentence on stderr, JSON on stdout where it was asked for, an exit code."""

import json
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.exit_codes import ExitCode, exit_code_for
from tui.text import Style, clean, narrate, safe
from tui.usage import is_usage_error

if TYPE_CHECKING:
    from tools.results import DiagnosticModel, StatusName

JsonObject = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command has no answer: what became of it, in one sentence, and for a bad formula where and why."""

    code: ExitCode
    status: "StatusName"
    error: str
    formula: str | None = None
    diagnostics: "tuple[DiagnosticModel, ...]" = ()


STATUS_OF: "Mapping[ExitCode, StatusName]" = {
    ExitCode.UNREPAIRABLE: "unrepairable",
    ExitCode.PROVIDER: "provider_error",
    ExitCode.LIMIT: "limit",
}


def failure_of(error: BaseException, message: str | None = None) -> Failure:
    """The failure that an error means; `message` replaces the error's own words."""
    from solvers.fol.diagnostics import FormulaError

    code = exit_code_for(error)
    said = clean(message or str(error) or type(error).__name__)
    if not isinstance(error, FormulaError):
        return Failure(code, STATUS_OF.get(code, "error"), said)
    from tools.validate import diagnostic_model

    return Failure(code, STATUS_OF[code], said, error.text, tuple(map(diagnostic_model, error.diagnostics)))


def tell(error: BaseException, failure: Failure) -> None:
    """Say on stderr what went wrong; only a programmer's error shows its traceback."""
    from solvers.errors import RuneError
    from solvers.fol.diagnostics import FormulaError

    style = Style.of(sys.stderr)
    if failure.diagnostics and failure.formula is not None:
        from tui.diagnostics import render_diagnostics

        narrate(render_diagnostics(failure.formula, failure.diagnostics, style))
        return
    if not isinstance(error, RuneError | FormulaError) and not is_usage_error(error):
        narrate("\n".join(safe(line) for line in "".join(traceback.format_exception(error)).splitlines()))
    narrate(f"{style.red('error')}: {safe(failure.error)}")


def to_json(answer: JsonObject) -> str:
    """One JSON object; everything beyond printable ASCII is escaped, so that no terminal acts on a label."""
    text = json.dumps(answer, allow_nan=False, indent=2 if sys.stdout.isatty() else None)
    return text.replace("\x7f", "\\u007f")
