"""Printing and reading again changes nothing, for any tree; and no text at all makes the reader raise."""

from itertools import chain

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvers.fol.ast import (
    Atom,
    Comparator,
    Comparison,
    Constant,
    Counted,
    Formula,
    FunctionTerm,
    Iff,
    Implies,
    Not,
    Quantified,
    Quantifier,
    Quantity,
    Term,
    Variable,
    Xor,
    conjunction,
    disjunction,
)
from solvers.fol.parser import parse
from solvers.fol.printer import print_formula
from solvers.fol.signature import KEYWORDS, UNITS
from solvers.fol.signs import ARROWS, BRACKETS, COMPARATORS, SIGNS, TRUTH_WORDS

PROPERTY = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
QUOTES = frozenset("\"'`")

names = st.from_regex(r"[A-Za-zé_][A-Za-z0-9_]{0,5}'?", fullmatch=True).filter(
    lambda name: name.lower() not in {**KEYWORDS, **TRUTH_WORDS}
)
variables = names.map(Variable)
constants = st.one_of(
    st.sampled_from(("8pm", "l-2021", "mr.smith", "c++", "Joe'sPlate", "42.3billion", "", "a b", "∀x p(x)", "-5")),
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=8),
).map(Constant)
quantities = st.builds(
    lambda value, unit: Quantity(float(value), unit),
    st.one_of(
        st.integers(0, 10**20), st.floats(min_value=0.0, allow_nan=False, allow_infinity=True), st.just(float("inf"))
    ),
    st.sampled_from((None, *UNITS)),
)


def terms() -> st.SearchStrategy[Term]:
    leaves: st.SearchStrategy[Term] = st.one_of(
        variables, variables, quantities, constants.filter(lambda constant: not set(constant.text) >= QUOTES)
    )
    return st.recursive(leaves, lambda inner: st.builds(function, names, st.lists(inner, max_size=3)), max_leaves=4)


def function(name: str, arguments: list[Term]) -> Term:
    return FunctionTerm(name, tuple(arguments))


def formulas() -> st.SearchStrategy[Formula]:
    literals: st.SearchStrategy[Formula] = st.one_of(
        st.builds(lambda name, arguments: Atom(name, tuple(arguments)), names, st.lists(terms(), max_size=3)),
        st.builds(Comparison, terms(), st.sampled_from(Comparator), terms()),
    )
    return st.recursive(literals, composed, max_leaves=10)


def composed(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    counts = st.sampled_from((Comparator.GE, Comparator.LE, Comparator.EQ))
    return st.one_of(
        st.builds(Not, inner),
        several.map(conjunction),
        several.map(disjunction),
        st.builds(Xor, inner, inner),
        st.builds(Implies, inner, inner),
        st.builds(Iff, inner, inner),
        st.builds(
            Quantified, st.sampled_from(Quantifier), st.lists(variables, min_size=1, max_size=3).map(tuple), inner
        ),
        st.builds(Counted, counts, st.integers(0, 999_999), variables, inner),
    )


@PROPERTY
@given(formulas())
def test_any_tree_prints_and_reads_back(formula: Formula) -> None:
    printed = print_formula(formula)
    parsed = parse(printed)
    assert parsed.formula == formula, (printed, parsed.diagnostics)


WORDS = (
    "there exists", "for all", "such that", "if and only if", "at least 3", "exactly two", "exists>=2", "∃!", "∃≤1",
    "distinct", "assert", "\\text{near}", "\\quad", "<-", "! [x] :", "more than 2",
)  # fmt: skip
OTHERS = (
    " ", " ", ",", ".", ":", "x", "y", "plane(x)", "near(x, y)", "(x)", "(x Ship)", "((x Ship))", "5", "5 m", "0.5px",
    "-5", "1e999", "8pm", "l-2021", "'a b'", '"', "’", "x_{1}", "$", "§", "\u202e", "\\", "{", "_", "%", "+",
)  # fmt: skip
pieces = st.sampled_from(
    (
        *chain(COMPARATORS, *ARROWS.values(), *SIGNS.values(), BRACKETS, BRACKETS.values(), KEYWORDS, TRUTH_WORDS),
        *WORDS,
        *OTHERS,
    )
)


@settings(PROPERTY, max_examples=600)
@given(st.lists(pieces, max_size=14).map("".join))
def test_any_mixture_of_notations_is_read_or_told(text: str) -> None:
    parsed = parse(text)
    if parsed.formula is None:
        (error,) = parsed.diagnostics
        assert 0 <= error.start <= error.end <= len(text)
        assert error.message
    else:
        printed = print_formula(parsed.formula)
        again = parse(printed)
        assert again.formula == parsed.formula, (printed, again.diagnostics)


@PROPERTY
@given(st.text(max_size=40))
def test_any_characters_are_read_or_told(text: str) -> None:
    parsed = parse(text)
    assert (parsed.formula is None) == bool(parsed.diagnostics)
