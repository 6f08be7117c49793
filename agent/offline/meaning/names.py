"""The names that variables get in the end: x, y, z and so on, each for one quantifier, in the order of the text."""

from collections.abc import Iterator, Mapping
from itertools import count

from solvers.fol.ast import (
    And,
    Atom,
    Comparison,
    Counted,
    Formula,
    FunctionTerm,
    Iff,
    Implies,
    Not,
    Or,
    Quantified,
    Term,
    Variable,
    Xor,
)

_LETTERS = ("x", "y", "z", "w", "v", "u")


def name_variables(formula: Formula) -> Formula:
    """The formula with every quantifier's variables named anew; no name is used twice."""
    return _renamed(formula, {}, _names())


def _names() -> Iterator[str]:
    yield from _LETTERS
    for number in count(1):
        for letter in _LETTERS[:3]:
            yield f"{letter}{number}"


def _renamed(formula: Formula, names: Mapping[str, str], fresh: Iterator[str]) -> Formula:
    def inner(body: Formula, more: Mapping[str, str] | None = None) -> Formula:
        return _renamed(body, {**names, **(more or {})}, fresh)

    match formula:
        case Atom(predicate, arguments):
            return Atom(predicate, tuple(_term(each, names) for each in arguments))
        case Comparison(left, comparator, right):
            return Comparison(_term(left, names), comparator, _term(right, names))
        case Not(body):
            return Not(inner(body))
        case And(parts):
            return And(tuple(map(inner, parts)))
        case Or(parts):
            return Or(tuple(map(inner, parts)))
        case Xor(left, right):
            return Xor(inner(left), inner(right))
        case Implies(left, right):
            return Implies(inner(left), inner(right))
        case Iff(left, right):
            return Iff(inner(left), inner(right))
        case Quantified(quantifier, variables, body):
            bound = {variable.name: next(fresh) for variable in variables}
            return Quantified(quantifier, tuple(map(Variable, bound.values())), inner(body, bound))
        case Counted(comparator, number, variable, body):
            name = next(fresh)
            return Counted(comparator, number, Variable(name), inner(body, {variable.name: name}))


def _term(term: Term, names: Mapping[str, str]) -> Term:
    match term:
        case Variable(name):
            return Variable(names[name])
        case FunctionTerm(name, arguments):
            return FunctionTerm(name, tuple(_term(each, names) for each in arguments))
        case _:
            return term
