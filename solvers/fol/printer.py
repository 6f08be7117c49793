"""The canonical text of a formula: the fewest parentheses that read back to the same tree."""

import math

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
)

_IFF, _IMPLIES, _OR, _XOR, _AND, _UNARY = range(6)
_QUOTES = ('"', "'", "`")
"""What the reader takes as quotes; a quoted text never holds all three."""


def print_formula(formula: Formula) -> str:
    """The formula in the language of the design, on one line."""
    return _print(formula, _IFF, last=True)


def print_term(term: Term) -> str:
    """The term as the language writes it."""
    match term:
        case Variable(name=name):
            return name
        case Constant(text=text):
            quote = next(each for each in _QUOTES if each not in text)
            return f"{quote}{text}{quote}"
        case Quantity(value=value, unit=unit):
            number = _number(value)
            return number if unit is None else f"{number} {unit}"
        case FunctionTerm(name=name, arguments=arguments):
            return f"{name}({', '.join(map(print_term, arguments))})"


def _number(value: float) -> str:
    """The shortest text that reads back as the number; what no float holds is written as such a number."""
    if math.isinf(value):
        return "-1e999" if value < 0 else "1e999"
    return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _print(formula: Formula, level: int, *, last: bool) -> str:
    """The text where at least `level` of binding is needed; `last` where nothing follows to the right.

    A quantifier's body reaches as far right as it can, so one that something follows needs parentheses.
    """
    match formula:
        case Atom(predicate, arguments):
            return f"{predicate}({', '.join(map(print_term, arguments))})"
        case Comparison(left, comparator, right):
            return f"{print_term(left)} {comparator} {print_term(right)}"
        case Not(body):
            return "~" + _print(body, _UNARY, last=last)
        case Quantified(quantifier, variables, body):
            names = " ".join(variable.name for variable in variables)
            text = f"{quantifier} {names}. {_print(body, _IFF, last=True)}"
            return text if last else f"({text})"
        case Counted(comparator, count, variable, body):
            text = f"exists{comparator}{count} {variable.name}. {_print(body, _IFF, last=True)}"
            return text if last else f"({text})"
        case And(parts):
            return _chain(" & ", parts, _AND, _UNARY, level, last=last)
        case Xor(left, right):
            return _pair(" ^ ", left, right, (_XOR, _XOR, _AND), level, last=last)
        case Or(parts):
            return _chain(" | ", parts, _OR, _XOR, level, last=last)
        case Implies(left, right):
            return _pair(" -> ", left, right, (_IMPLIES, _OR, _IMPLIES), level, last=last)
        case Iff(left, right):
            return _pair(" <-> ", left, right, (_IFF, _IFF, _IMPLIES), level, last=last)


def _chain(sign: str, parts: tuple[Formula, ...], own: int, inner: int, level: int, *, last: bool) -> str:
    wrapped = own < level
    ends = last or wrapped
    texts = [_print(part, inner, last=ends and place == len(parts) - 1) for place, part in enumerate(parts)]
    text = sign.join(texts)
    return f"({text})" if wrapped else text


def _pair(sign: str, left: Formula, right: Formula, levels: tuple[int, int, int], level: int, *, last: bool) -> str:
    own, left_level, right_level = levels
    wrapped = own < level
    ends = last or wrapped
    text = _print(left, left_level, last=False) + sign + _print(right, right_level, last=ends)
    return f"({text})" if wrapped else text
