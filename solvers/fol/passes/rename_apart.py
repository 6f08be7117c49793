"""`(exists x. p(x)) & exists x. q(x)` -> `(exists x. p(x)) & exists x1. q(x1)`: no two quantifiers bind one name."""

import re
from collections.abc import Mapping

from solvers.fol.ast import (
    Atom,
    Comparison,
    Counted,
    Formula,
    FunctionTerm,
    Quantified,
    Term,
    Variable,
    bound_variables,
    children,
    literal_variables,
    rebuild,
    subformulas,
)


def rename_apart(formula: Formula) -> Formula:
    """Give every quantified variable a name of its own; the first one in the text keeps it."""
    taken = _names(formula)
    seen: set[str] = set()

    def fresh(variable: Variable) -> Variable:
        if variable.name not in seen:
            seen.add(variable.name)
            return variable
        base = re.sub(r"\d+$", "", variable.name) or variable.name
        number = 1
        while f"{base}{number}" in taken:
            number += 1
        taken.add(f"{base}{number}")
        seen.add(f"{base}{number}")
        return Variable(f"{base}{number}", variable.span)

    def walk(given: Formula, names: Mapping[str, str]) -> Formula:
        match given:
            case Atom(predicate, arguments, span):
                return Atom(predicate, tuple(rename_term(each, names) for each in arguments), span)
            case Comparison(left, comparator, right, span):
                return Comparison(rename_term(left, names), comparator, rename_term(right, names), span)
            case Quantified(quantifier, variables, body, span):
                renamed = tuple(map(fresh, variables))
                inner = {**names, **{old.name: new.name for old, new in zip(variables, renamed, strict=True)}}
                return Quantified(quantifier, renamed, walk(body, inner), span)
            case Counted(comparator, count, variable, body, span):
                new = fresh(variable)
                return Counted(comparator, count, new, walk(body, {**names, variable.name: new.name}), span)
            case _:
                return rebuild(given, tuple(walk(child, names) for child in children(given)))

    return walk(formula, {})


def rename_term(term: Term, names: Mapping[str, str]) -> Term:
    """The term with its variables renamed; names that the mapping lacks stay."""
    match term:
        case Variable(name, span):
            return Variable(names.get(name, name), span)
        case FunctionTerm(name, arguments, span):
            return FunctionTerm(name, tuple(rename_term(each, names) for each in arguments), span)
        case _:
            return term


def _names(formula: Formula) -> set[str]:
    names: set[str] = set()
    for each in subformulas(formula):
        names.update(variable.name for variable in bound_variables(each))
        if isinstance(each, Atom | Comparison):
            names.update(variable.name for variable in literal_variables(each))
    return names
