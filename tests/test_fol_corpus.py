"""First-order logic as people and language models wrote it: what is well-formed is read, the rest told in its place.

The rule of what is well-formed shares nothing with the parser: a text is written as one letter a symbol, and rules
rewrite it until it is one formula or no rule fits. Which connective binds tighter does not matter for that.

- A name is a run of letters, digits and underscores, also with a dot, hyphen or apostrophe inside (8pm, l-2021,
  mr.smith, 42.3billion, Joe'sPlate) or plus or dollar signs after it (c++, 2000$), or anything in double quotes.
- A term is a name, or a name applied to terms, or to none, in round brackets; so is an atom, which needs its brackets.
- A formula is an atom, True, False, two terms compared, or made of formulas by a negation, a connective, round
  brackets, or a quantifier with one name and perhaps a dot; `Exists(y, (formula))` is a quantifier as well.
- So a name alone is no formula, and two names side by side, a comma or `...` between formulas, a list or a negation as
  an argument and a bracket without its partner are malformed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from solvers.fol.ast import (
    And,
    Atom,
    Comparison,
    Constant,
    Counted,
    Formula,
    FunctionTerm,
    Iff,
    Implies,
    Not,
    Or,
    Quantified,
    Quantity,
    Term,
    Variable,
    Xor,
    children,
)
from solvers.fol.diagnostics import Code
from solvers.fol.parser import parse
from solvers.fol.printer import print_formula

FILES = {
    "F": "folio_v0_human.txt",
    "L": "linc_nltk_folio_gpt-3.5-turbo-16k-0613.txt",
    "G": "logicllm_folio_gpt-3.5-turbo.txt",
}
MALFORMED = {
    "F": {514, 575, 576, 577, 578, 666, 709, 754, 1029, 1246, 1248, 1267, 1657, 1894, 1962, 1965},
    "L": {68, 72, 73, 77, 234, 332, 511, 517, 521, 527, 534, 545, 926, 965, 971, 973, 1270, 1778, 2112, 2319, 2322,
          2325, 2333, 2391},
    "G": {187, 436, 443, 447, 511, 513, 611, 680, 1045},
}  # fmt: skip
"""The malformed lines, found by reading them."""

_SYMBOL = re.compile(
    r"""\s*(?:(?P<N>"[^"]*"|(?!(?:not)\b)\w+(?:[.'’-]\w+)*[+$]*)|(?P<c><=|>=|!=|[≠≤≥=]|<(?!-)|>)
    |(?P<o><->|->|[↔⟷→⊕∧∨&|^])|(?P<n>¬|-(?!>)|not\b)|(?P<p>[(),.])|(?P<other>.))""",
    re.VERBOSE,
)
_QUANTIFIER = re.compile(r"\s*(?:(?P<Q>∀|∃|(?:all|forall|[Ee]xists)\b(?=\s))\s*\w+|(?P<X>Exists\(\w+,)(?=\s*\())")
_RULES = [
    (re.compile(rule), result)
    for rule, result in (
        (r"N\((?:[NTA](?:,[NTA])*)?\)", "A"),
        (r"[NTA]c[NTA]", "F"),
        (r"n[TAF]", "F"),
        (r"\([TAF]\)", "F"),
        (r"Q\.?[TAF](?!c)", "F"),
        (r"[TAF]o[TAF](?!c)", "F"),
    )
]
_ENDINGS = ("", "A", "N", "(N)", "cN", ".A")


def symbols(text: str) -> list[tuple[str, int]]:
    """One letter a symbol and where it starts: Q with its name, N a name, T a truth word, c a comparison, o, n."""
    found: list[tuple[str, int]] = []
    place = 0
    while place < len(text.rstrip()):
        match = _QUANTIFIER.match(text, place) or _SYMBOL.match(text, place)
        assert match is not None
        kind = match.lastgroup or ""
        letter = {"p": match[kind], "Q": "Q", "X": "Q(", "other": "!"}.get(kind, kind)
        found.append(("T" if match[kind] in ("True", "False") else letter, match.start(kind)))
        place = match.end()
    return found


def is_well_formed(letters: str) -> bool:
    letters = letters.removesuffix(".")
    while True:
        shorter = next((new for rule, result in _RULES if (new := rule.sub(result, letters)) != letters), letters)
        if shorter == letters:
            return letters in ("A", "F", "T")
        letters = shorter


def can_be_completed(letters: str) -> bool:
    """Whether some text that begins so is well-formed."""
    closing = ")" * (letters.count("(") - letters.count(")"))
    return any(is_well_formed(letters + ending + closing) for ending in _ENDINGS)


@dataclass(frozen=True)
class Line:
    file: str
    number: int
    text: str


@pytest.fixture(scope="module")
def lines(shared_data: Path) -> list[Line]:
    return [
        Line(file, number, text)
        for file, name in FILES.items()
        for number, text in enumerate((shared_data / "fol" / name).read_text(encoding="utf-8").splitlines(), start=1)
    ]


def test_the_rule_finds_the_lines_that_were_found_by_reading(lines: list[Line]) -> None:
    found: dict[str, set[int]] = {file: set() for file in FILES}
    for line in lines:
        if not is_well_formed("".join(letter for letter, _ in symbols(line.text))):
            found[line.file].add(line.number)
    assert found == MALFORMED
    assert len(lines) > 6_000


def test_what_is_well_formed_is_read_and_prints_and_reads_back_the_same(lines: list[Line]) -> None:
    well_formed = {line.text for line in lines if line.number not in MALFORMED[line.file]}
    for text in sorted(well_formed):
        formula = parse(text).formula
        assert formula is not None, text
        printed = print_formula(formula)
        again = parse(printed).formula
        assert again == formula, text
        assert print_formula(again) == printed


def test_what_is_malformed_is_told_at_the_first_symbol_that_nothing_completes(lines: list[Line]) -> None:
    for line in lines:
        if line.number not in MALFORMED[line.file]:
            continue
        parsed = parse(line.text)
        assert parsed.formula is None, line
        (error,) = parsed.diagnostics
        assert error.code is Code.SYNTAX, line
        assert error.expected
        read = symbols(line.text)
        starts = [start for _, start in read]
        letters = [letter for letter, _ in read]
        if error.start == len(line.text.rstrip()):
            assert can_be_completed("".join(letters)), line
        else:
            place = starts.index(error.start)
            assert can_be_completed("".join(letters[:place])), line
            assert not can_be_completed("".join(letters[: place + 1])), line


def structures() -> Iterator[tuple[str, int, str]]:
    for line in (Path(__file__).parent / "notations_shared.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("# "):
            file, number, structure = line.split(" ", 2)
            yield file, int(number), structure


def test_the_structure_is_the_one_read_by_hand(lines: list[Line]) -> None:
    texts = {(line.file, line.number): line.text for line in lines}
    checked = list(structures())
    assert len(checked) >= 50
    for file, number, structure in checked:
        formula = parse(texts[file, number]).formula
        assert formula is not None
        assert Structure().of(formula) == structure, (file, number)


class Structure:
    """A formula as lists, its names numbered in the order of the text."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], str] = {}

    def of(self, formula: Formula, bound: frozenset[str] = frozenset()) -> str:
        match formula:
            case Atom("true" | "false" as word, ()):
                return word
            case Atom(predicate, arguments):
                return self._list(self._name("P", predicate), *(self._term(each, bound) for each in arguments))
            case Comparison(left, comparator, right):
                return self._list(comparator.value, self._term(left, bound), self._term(right, bound))
            case Quantified(quantifier, (Variable(name=name),), body):
                return self._list(quantifier.value, name, self.of(body, bound | {name}))
            case Quantified() | Counted():
                raise AssertionError("no line that was checked by hand binds several names or counts")
        operator = {Not: "not", And: "and", Or: "or", Xor: "xor", Implies: "->", Iff: "iff"}[type(formula)]
        return self._list(operator, *(self.of(child, bound) for child in children(formula)))

    def _term(self, term: Term, bound: frozenset[str]) -> str:
        match term:
            case Variable(name=name):
                return name if name in bound else self._name("c", name)
            case Constant(text=text):
                return self._name("c", text)
            case Quantity():
                return "#"
            case FunctionTerm(name=name, arguments=arguments):
                return self._list(self._name("f", name), *(self._term(each, bound) for each in arguments))

    def _name(self, kind: str, name: str) -> str:
        number = 1 + sum(each[0] == kind for each in self._numbers)
        return self._numbers.setdefault((kind, name), f"{kind}{number}")

    @staticmethod
    def _list(*items: str) -> str:
        return f"({' '.join(items)})"
