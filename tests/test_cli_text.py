"""What people read on the terminal: carets under a mistake, and nothing from outside that a terminal would act on."""

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.progress import Progress
from tools.results import DiagnosticModel
from tui.diagnostics import caret_lines, render_diagnostics
from tui.progress import SparseLines
from tui.text import Style, cells, clean, safe

PLAIN = Style()


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _diagnostic(start: int, end: int, **more: object) -> DiagnosticModel:
    fields = {"code": "unknown-predicate", "severity": "error", "message": "no class plan", "start": start, "end": end}
    return DiagnosticModel.model_validate({**fields, **more})


def test_a_diagnostic_shows_the_formula_with_carets_under_the_span() -> None:
    found = _diagnostic(10, 14, expected=["a class", "a relation"], suggestions=["plane"])
    assert render_diagnostics("exists x. plan(x)", [found], PLAIN).splitlines() == [
        "error[unknown-predicate]: no class plan",
        "  | exists x. plan(x)",
        "  |           ^^^^",
        "  expected: a class, a relation",
        "  did you mean: plane",
    ]


def test_errors_come_before_warnings() -> None:
    text = render_diagnostics("ship(x) & x", [_diagnostic(0, 1, severity="warning"), _diagnostic(10, 11)], PLAIN)
    assert [line.split("[")[0] for line in text.splitlines() if "[" in line] == ["error", "warning"]


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("exists x.", (9, 9), ("exists x.", "         ^")),
        ("", (0, 0), ("", "^")),
        ("a &\nb & & c", (8, 9), ("b & & c", "    ^")),
        ("a &\r\nb", (0, 5), (r"a &\x0d", "^^^^^^^")),
        ("∃x. 船(x)", (4, 5), ("∃x. 船(x)", "    ^^")),
        ("a\tb(x)", (2, 3), (r"a\x09b(x)", "     ^")),
    ],
)
def test_carets_stand_under_what_is_shown(text: str, span: tuple[int, int], expected: tuple[str, str]) -> None:
    assert caret_lines(text, *span) == expected


def test_a_narrow_window_still_holds_the_place() -> None:
    text = "a plane to the left of a red car"
    assert caret_lines(text, 25, 28, 18) == ("…  of a red car", "        ^^^")


def test_a_long_formula_is_cut_to_where_the_mistake_is() -> None:
    source, carets = caret_lines("a(x) & " * 5_000 + "b(x", 35_003, 35_003)
    assert source.endswith("b(x") and source.startswith("… ")
    assert len(source) < 120
    assert carets.index("^") == len(source)


@given(st.text(max_size=40), st.integers(-5, 60), st.integers(-5, 60))
def test_carets_are_there_for_any_text_and_span_and_point_into_the_line(text: str, start: int, end: int) -> None:
    source, carets = caret_lines(text, start, end)
    assert set(carets) <= {" ", "^"}
    assert carets.endswith("^")
    assert len(carets) <= cells(source) + 1


@given(st.text())
def test_no_control_or_format_character_passes(text: str) -> None:
    shown = safe(text)
    assert not [each for each in shown if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert safe(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\nb\rc", r"a\x0ab\x0dc"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\x9b2J", r"\x9b2J"),
        ("naïve ∃ 船", "naïve ∃ 船"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
    ],
)
def test_escapes_are_shown_and_not_obeyed(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_bytes_of_an_argument_that_are_no_utf_8_become_text() -> None:
    assert clean("a\udcffb") == r"a\udcffb"


@pytest.mark.parametrize(
    ("stream", "environment", "coloured"),
    [
        (_Terminal(), {"TERM": "xterm"}, True),
        (_Terminal(), {"TERM": "xterm", "NO_COLOR": ""}, True),
        (_Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (_Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"TERM": "xterm"}, False),
    ],
)
def test_colour_is_for_terminals_that_welcome_it(
    stream: io.StringIO, environment: dict[str, str], coloured: bool
) -> None:
    assert Style.of(stream, environment).enabled is coloured
    assert ("\x1b[" in Style.of(stream, environment).red("x")) is coloured


def _lines_of(progress: list[Progress], seconds_each: float, capsys: pytest.CaptureFixture[str]) -> list[str]:
    now = 0.0
    listen = SparseLines(lambda: now)
    for each in progress:
        now += seconds_each
        listen(each)
    return capsys.readouterr().err.splitlines()


def test_progress_without_a_terminal_is_a_line_for_every_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _lines_of([Progress("detect\x1b", done, 200) for done in range(201)], 1.0, capsys)
    assert lines[:2] == [
        r"detect\x1b: 20 of 200, 1 a second, 3 min left",
        r"detect\x1b: 40 of 200, 1 a second, 3 min left",
    ]
    assert lines[-2:] == [r"detect\x1b: 180 of 200, 1 a second, 20 s left", r"detect\x1b: 200 of 200, 1 a second"]
    assert len(lines) == 10


def test_progress_tells_of_failures_and_slow_rates(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [Progress("indexing", done, 1000, failed=3 * (done > 0)) for done in (0, 100, 101)]
    assert _lines_of(steps, 600.0, capsys) == [
        "indexing: 0 of 1000",
        "indexing: 100 of 1000, 10 a minute, 90 min left, 3 failed",
        "indexing: 101 of 1000, 5.05 a minute, 2 h 58 min left, 3 failed",
    ]


def test_progress_of_quick_work_says_nothing_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert _lines_of([Progress("read", done, 200) for done in range(201)], 0.001, capsys) == []


def test_progress_of_slow_work_says_a_line_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    assert _lines_of([Progress("solve", done, None) for done in range(1, 5)], 30.0, capsys) == [
        "solve: 2, 2 a minute",
        "solve: 4, 2 a minute",
    ]
