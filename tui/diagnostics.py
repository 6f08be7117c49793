"""Diagnostics as a good compiler prints them: the text, carets under the span, and what would be right."""

from collections.abc import Sequence

from tools.results import DiagnosticModel
from tui.text import Style, cells, safe

SEVERITIES = ("error", "warning", "hint")
WINDOW = 100
MARGIN = 20
MANY_NAMES = 12


def render_diagnostics(text: str, diagnostics: Sequence[DiagnosticModel], style: Style, window: int = WINDOW) -> str:
    """The diagnostics of a formula, errors first, one block each; empty without any.

    Of a line that is longer than `window` characters only those about the place are shown.
    """
    ordered = sorted(diagnostics, key=lambda each: (SEVERITIES.index(each.severity), each.start, each.end))
    return "\n".join(_block(text, each, style, window) for each in ordered)


def _block(text: str, diagnostic: DiagnosticModel, style: Style, window: int) -> str:
    paint = {"error": style.red, "warning": style.yellow, "hint": style.dim}[diagnostic.severity]
    source, carets = caret_lines(text, diagnostic.start, diagnostic.end, window)
    lines = [
        f"{paint(f'{diagnostic.severity}[{safe(diagnostic.code)}]')}: {safe(diagnostic.message)}",
        f"  | {source}",
        f"  | {paint(carets)}",
    ]
    if _untold(diagnostic.expected, diagnostic.message):
        lines.append(f"  expected: {_names(diagnostic.expected)}")
    if _untold(diagnostic.suggestions, diagnostic.message):
        lines.append(f"  did you mean: {_names(diagnostic.suggestions)}")
    return "\n".join(lines)


def _untold(names: Sequence[str], message: str) -> bool:
    return any(each not in message for each in names)


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(safe(each) for each in names[:MANY_NAMES])
    more = len(names) - MANY_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def caret_lines(text: str, start: int, end: int, window: int = WINDOW) -> tuple[str, str]:
    """The line that holds `start`, cut to a window and escaped, and carets under text[start:end] within it.

    An empty span, and one at the end of the text, still gets one caret.
    """
    start = min(max(start, 0), len(text))
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    end = min(max(end, start), line_end)

    first = max(line_start, start - min(MARGIN, window // 3)) if line_end - line_start > window else line_start
    last = min(line_end, first + window)
    before = "… " if first > line_start else ""
    after = " …" if last < line_end else ""
    lead = before + safe(text[first:start])
    marked = safe(text[start : min(end, last)])
    rest = safe(text[min(end, last) : last])
    source = lead + marked + rest + after
    return source, " " * cells(lead) + "^" * max(1, cells(marked))
