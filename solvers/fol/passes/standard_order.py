"""`exists y x. ship(y) & plane(x) & near(y, x)` -> `exists v0 v1. near(v0, v1) & plane(v1) & ship(v0)`: one order.

Formulas that differ in nothing but the names of their variables, and the order of parts, of variables under one
quantifier and of arguments whose order means nothing, become one formula in nearly all cases.
"""

from collections.abc import Mapping

from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    FunctionTerm,
    Iff,
    Or,
    Quantified,
    Term,
    Variable,
    Xor,
    children,
    rebuild,
)
from solvers.fol.printer import print_formula, print_term
from solvers.fol.signature import INVERSES, SYMMETRIC

_TURNED = {
    Comparator.LT: Comparator.GT,
    Comparator.LE: Comparator.GE,
    Comparator.GT: Comparator.LT,
    Comparator.GE: Comparator.LE,
    Comparator.EQ: Comparator.EQ,
    Comparator.NE: Comparator.NE,
}

Names = Mapping[str, str]


def standard_order(formula: Formula) -> Formula:
    """Sort what may stand in any order, and name the variables by their depth; names may come again side by side."""
    return _ordered(formula, {}, 0)


def _ordered(formula: Formula, names: Names, depth: int) -> Formula:
    match formula:
        case Atom():
            return _atom(formula, names)
        case Comparison():
            return _comparison(formula, names)
        case Quantified(quantifier, variables, body):
            sorted_variables = sorted(variables, key=lambda each: _role(body, each, names))
            new = tuple(Variable(f"v{depth + place}") for place in range(len(variables)))
            inner = {**names, **{old.name: name.name for old, name in zip(sorted_variables, new, strict=True)}}
            return Quantified(quantifier, new, _ordered(body, inner, depth + len(variables)))
        case Counted(comparator, count, variable, body):
            inner = {**names, variable.name: f"v{depth}"}
            return Counted(comparator, count, Variable(f"v{depth}"), _ordered(body, inner, depth + 1))
        case And() | Or() | Xor() | Iff():
            parts = (_ordered(each, names, depth) for each in children(formula))
            return rebuild(formula, tuple(sorted(parts, key=print_formula)))
        case _:
            return rebuild(formula, tuple(_ordered(each, names, depth) for each in children(formula)))


def _role(body: Formula, variable: Variable, names: Names) -> str:
    """What the body says of a variable, whatever the others that are bound with it are called."""
    masked = {**names, variable.name: "v"}

    def said(given: Formula) -> str:
        match given:
            case Atom() | Comparison():
                return print_formula(_masked(given, masked))
            case Quantified(quantifier, variables):
                return f"{quantifier}{len(variables)}({said(given.body)})"
            case Counted(comparator, count):
                return f"{comparator}{count}({said(given.body)})"
            case And() | Or() | Xor() | Iff():
                return f"{type(given).__name__}({','.join(sorted(map(said, children(given))))})"
            case _:
                return f"{type(given).__name__}({','.join(map(said, children(given)))})"

    return said(body)


def _masked(literal: Atom | Comparison, names: Names) -> Formula:
    def mask(term: Term) -> Term:
        match term:
            case Variable(name):
                return Variable(names.get(name, "u"))
            case FunctionTerm(name, arguments):
                return FunctionTerm(name, tuple(map(mask, arguments)))
            case _:
                return term

    if isinstance(literal, Atom):
        return _atom(Atom(literal.predicate, tuple(map(mask, literal.arguments))), {})
    return _comparison(Comparison(mask(literal.left), literal.comparator, mask(literal.right)), {})


def _atom(atom: Atom, names: Names) -> Atom:
    predicate, arguments = atom.predicate, tuple(_term(each, names) for each in atom.arguments)
    if predicate in INVERSES:
        predicate, arguments = INVERSES[predicate], arguments[::-1]
    if len(arguments) == 2 and predicate in SYMMETRIC:
        arguments = tuple(sorted(arguments, key=print_term))
    return Atom(predicate, arguments)


def _comparison(comparison: Comparison, names: Names) -> Comparison:
    left, right = _term(comparison.left, names), _term(comparison.right, names)
    if print_term(left) <= print_term(right):
        return Comparison(left, comparison.comparator, right)
    return Comparison(right, _TURNED[comparison.comparator], left)


def _term(term: Term, names: Names) -> Term:
    match term:
        case Variable(name):
            return Variable(names.get(name, name))
        case FunctionTerm(name, arguments):
            renamed = tuple(_term(each, names) for each in arguments)
            return FunctionTerm(name, tuple(sorted(renamed, key=print_term)) if name == "distance" else renamed)
        case _:
            return term
