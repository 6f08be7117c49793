"""Deep and long input: a result or diagnostics with a place, through the tool and the command line, and soon.

What soon means is measured elsewhere; here a search that goes wrong runs into the time-out of its test.
"""

import random

import pytest

from solvers.fol.check import MAX_ERRORS
from solvers.fol.lexer import MAX_LENGTH, MAX_PARENTHESES
from solvers.fol.parser import MAX_DEPTH, parse
from solvers.fol.printer import print_formula
from tests.cli_support import Rune, caller
from tools.validate import validate_formula

pytestmark = pytest.mark.timeout(60)

MANY = 10_000
MEGABYTE = 1_000_000
OPEN_CLOSE = (("(", ")"), ("[", "]"), ("{", "}"), ("\\{", "\\}"), ("\\left(", "\\right)"), ("（", "）"))
CONNECTIVES = ("&", "|", "->", "<->", "^", "∧", "and", "=")
NEGATIONS = ("~", "!", "-", "¬", "not ", "\\neg ", "∄x ")
QUANTIFIERS = (
    "exists x. ",
    "∀x ",
    "∃≥2 x. ",
    "at least 2 x. ",
    "all x.(",
    "(exists x) ",
    "Exists(x, ",
    "(exists (x) ",
    "∃",
)


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


def nested(opening: str, closing: str, depth: int) -> str:
    return f"exists x. {opening * depth}plane(x){closing * depth}"


def deep_texts(depth: int) -> list[str]:
    """Everything that nests, so deep: brackets, negations, quantifiers, chains on either side, calls, prefix lists."""
    return [
        *(nested(opening, closing, depth) for opening, closing in OPEN_CLOSE),
        *(opening * depth for opening, _ in OPEN_CLOSE),
        *(f"exists x. plane(x) {closing * depth}" for _, closing in OPEN_CLOSE),
        *(f"exists x. {sign * depth}plane(x)" for sign in NEGATIONS),
        *(f"{sign * depth}plane(x){')' * depth * sign.count('(')}" for sign in QUANTIFIERS),
        *(f"exists x. {'(' * depth}plane(x){f' {sign} ship(x))' * depth}" for sign in CONNECTIVES),
        *(f"exists x. {f'(ship(x) {sign} ' * depth}plane(x){')' * depth}" for sign in CONNECTIVES),
        *(f" {sign} ".join(["plane(x)"] * depth) for sign in CONNECTIVES),
        nested("and(ship(x), ", ")", depth),
        f"near(x, {'f(' * depth}x{')' * depth})",
        f"{'(and ' * depth}(plane x){' (ship x))' * depth}",
        f"{'(and ' * depth}(plane x){' ship(x))' * depth}",
        f"{'(' * depth}{']' * depth}",
    ]


def assert_answered(text: str) -> None:
    """A formula whose printed text reads back, or one diagnostic with a place in the text."""
    parsed = parse(text)
    if parsed.formula is not None:
        assert parse(print_formula(parsed.formula)).formula == parsed.formula
    else:
        (error,) = parsed.diagnostics
        assert error.message
        assert 0 <= error.start <= error.end <= len(text)


@pytest.mark.parametrize("depth", [MAX_DEPTH - 5, MAX_DEPTH + 1, MAX_PARENTHESES - 1, 1_000, MANY])
def test_what_is_deep_is_answered(depth: int) -> None:
    for text in deep_texts(depth):
        assert_answered(text)


def test_depth_is_of_the_formula_and_not_of_its_brackets() -> None:
    for opening, closing in OPEN_CLOSE:
        assert parse(nested(opening, closing, MAX_PARENTHESES - 1)).formula == parse("exists x. plane(x)").formula
    for sign in ("&", "|"):
        chain = f"exists x. {'(' * 150}plane(x){f' {sign} ship(x))' * 150}"
        assert parse(chain).formula is not None


def refused_texts() -> dict[str, str]:
    """Texts beyond every limit, or of what no formula holds."""
    draw = random.Random(1)
    return {
        "a long formula": f"exists x. {' & '.join(['plane(x)'] * 100_000)}",
        "a long name": f"exists x. {'a' * MEGABYTE}(x)",
        "a long number": f"exists x. area(x) > {'9' * MEGABYTE} m2",
        "garbage": "".join(draw.choices("abx()[]{}&|~∀∃.,-> <=^\"'0123\\ ", k=MEGABYTE)),
        "a long count": f"exists>={'9' * 15_000} x. plane(x)",
        "blanks": " " * (MAX_LENGTH - 1),
        "blanks after a quantifier": f"exists{' ' * (MAX_LENGTH - 20)}x plane",
        "blanks in words": f"exists x. plane(x) if and only{' ' * (MAX_LENGTH - 100)}",
        "quotes": '"' * (MAX_LENGTH - 1),
        "one quote": '"' + "a" * (MAX_LENGTH - 2),
        "backslashes": "\\" * (MAX_LENGTH - 1),
        "unclosed commands": "\\text{" * 3_000,
        "dotted names": "p(" + "a." * 9_000,
        "hyphens": "a-" * 9_000,
        "primes": "x" + "'" * (MAX_LENGTH - 2),
        "digits and dots": "1." * 9_000,
        "subscripts": "x_{" * 6_000,
        "direction marks": "\u202e" * (MAX_LENGTH - 1),
        "a direction mark": "exists x. \u202eplane(x)",
        "a null character": "exists x. plane\x00(x)",
        "a blank of no width": "exists x. pla\u200bne(x)",
        "many unknown names": f"exists x. {' & '.join(f'p{number}(x)' for number in range(1_200))}",
        "many free variables": " & ".join(f"plane(x{number})" for number in range(1_000)),
        "a wide group": f"exists x. row({'x,' * 5_000}x)",
        "a wide block": f"exists {' '.join(f'x{number}' for number in range(3_000))}. plane(x0)",
    }


@pytest.mark.parametrize("kind", refused_texts())
def test_what_is_too_long_or_garbage_is_told(kind: str) -> None:
    text = refused_texts()[kind]
    validation = validate_formula(text)
    assert not validation.ok
    assert validation.canonical is None
    assert 0 < len(validation.diagnostics) <= MAX_ERRORS
    for each in validation.diagnostics:
        assert 0 <= each.start <= each.end <= len(text)


@pytest.mark.parametrize(
    ("start", "text"),
    [
        (10, "exists x. \u202eplane(x)"),
        (15, "exists x. plane\x00(x)"),
        (MAX_LENGTH, "exists x. " + "a" * MEGABYTE + "(x)"),
        (10 + MAX_PARENTHESES, nested("(", ")", 9_000)),
    ],
)
def test_the_place_is_where_reading_stopped(start: int, text: str) -> None:
    (error,) = validate_formula(text).diagnostics
    assert error.start == start


def test_numbers_of_twenty_thousand_digits_are_read() -> None:
    for number in ("9" * 19_000, "0." + "9" * 19_000, "1e" + "9" * 15_000):
        assert_answered(f"exists x. area(x) > {number} m2")


@pytest.mark.parametrize("seed", range(5))
def test_garbage_within_the_limit_is_answered(seed: int) -> None:
    draw = random.Random(seed)
    for size in (40, 400, MAX_LENGTH - 1):
        assert_answered("".join(draw.choices("abx()()[],.&|~∀∃ -><=^\"'03\\ ", k=size)))


@pytest.mark.parametrize(
    "text",
    [
        nested("(", ")", MANY),
        f"exists x. {'~' * MANY}plane(x)",
        "exists x. " * MANY + "plane(x)",
        "a" * MEGABYTE,
        "∀" * MEGABYTE,
    ],
)
def test_the_command_line_answers_with_exit_code_5(text: str, rune: Rune) -> None:
    outcome = rune("validate", text, "--output", "json")
    assert outcome.code == 5
    assert outcome.json["diagnostics"][0]["code"] in ("too-expensive", "syntax")
