"""From text to a syntax tree, or to diagnostics that say where reading stopped and what could have stood there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args
from lark.lexer import Lexer, LexerState

from solvers.fol import token as tokens
from solvers.fol.ast import (
    And,
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
    Or,
    Quantified,
    Quantifier,
    Quantity,
    Span,
    Term,
    Variable,
    Xor,
    conjunction,
    disjunction,
)
from solvers.fol.diagnostics import Code, Diagnostic, Severity
from solvers.fol.lexer import TextTooLargeError, tokenize

MAX_DEPTH = 60

_WORDS_FOR = {
    "IFF": "<->", "IMPLIES": "->", "OR": "|", "XOR": "^", "AND": "&", "NOT": "~", "LPAR": "(", "RPAR": ")",
    "COMMA": ",", "DOT": ".", "FORALL": "forall", "EXISTS": "exists", "COUNT": "exists>=n", "BOUND": "a variable",
    "NAME": "a variable", "CALL": "a predicate", "QUANTITY": "a number with its unit", "STRING": "",
    "TRUE": "", "FALSE": "", "IMPLIED": "",
    "CMP": "<, <=, >, >=, = or !=", "$END": "the end",
}  # fmt: skip
_CONNECTIVES = frozenset({"AND", "XOR", "OR", "IMPLIES", "IFF"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """What reading gave: a formula, or the errors that stopped it."""

    text: str
    formula: Formula | None
    diagnostics: tuple[Diagnostic, ...] = ()


class _RejectedError(Exception):
    """The grammar takes it, the language does not."""

    def __init__(self, code: Code, span: Span, message: str, expected: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, Severity.ERROR, *span, message, expected)


def parse(text: str) -> Parsed:
    """Read a formula in any of the notations; never raises for what the text holds.

    The result is the tree as written, with conjunctions and disjunctions flat; whether its names mean something
    is the signature check's question.
    """
    try:
        formula = cast(Formula, _lark().parse(text))
    except TextTooLargeError as error:
        beyond = Diagnostic(Code.TOO_EXPENSIVE, Severity.ERROR, error.start, error.end, error.message)
        return Parsed(text, None, (beyond,))
    except UnexpectedInput as error:
        return Parsed(text, None, (_unexpected(text, error),))
    except _RejectedError as error:
        return Parsed(text, None, (error.diagnostic,))
    return Parsed(text, formula)


def _unexpected(text: str, error: UnexpectedInput) -> Diagnostic:
    """Where the parser stopped, what it found, and what it would have taken."""
    if not isinstance(error, UnexpectedToken):
        raise error
    interactive = error.interactive_parser
    accepted: frozenset[str] = frozenset(interactive.accepts()) if interactive is not None else frozenset()  # type: ignore[no-untyped-call]
    if "IFF" in accepted:  # the parser has reduced past the tighter connectives, which could stand here as well
        accepted = accepted | _CONNECTIVES
    order = list(_WORDS_FOR)
    expected = tuple(dict.fromkeys(_WORDS_FOR[kind] for kind in sorted(accepted, key=order.index) if _WORDS_FOR[kind]))
    token = error.token
    if token.type == "$END":
        start = end = len(text.rstrip())
        found = "the formula ends too early" if text.strip() else "there is no formula"
        if unclosed := _unclosed(text):
            found += f": the {text[unclosed.start : unclosed.end]!r} at {unclosed.start} is not closed"
    else:
        start, end = token.start_pos or 0, token.end_pos or 0
        found = _misplaced(text, token, accepted)
    message = f"{found}; expected {_or_list(expected)}"
    return Diagnostic(Code.SYNTAX, Severity.ERROR, start, end, message, expected)


def _misplaced(text: str, token: Token, accepted: frozenset[str]) -> str:
    """What is wrong with a token that cannot stand where it does."""
    start, end = token.start_pos or 0, token.end_pos or 0
    if token.type == "ERROR":
        return str(token.value)
    if token.type == "RPAR" and "RPAR" not in accepted and "$END" in accepted:
        return "this closing parenthesis has no opening one"
    before = text[:start].rstrip()
    if token.type == "NAME" and start and before[-1:].isdigit():
        return f"{text[start:end]!r} is not a unit; the units are px, m, km, px2, m2, ha and km2"
    if accepted == {"CMP"} and token.type != "RPAR" and (name := re.search(r"\w+$", before)):
        return f"{text[start:end]!r} cannot stand here: {name[0]} alone is no formula, {name[0]}(x) is"
    return f"{text[start:end]!r} cannot stand here"


def _unclosed(text: str) -> tokens.Token | None:
    """The innermost bracket that nothing closes."""
    opened = []
    for token in tokenize(text):
        if token.kind == "LPAR":
            opened.append(token)
        elif token.kind == "RPAR" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _or_list(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1] if words else "nothing more"


class _Lexer(Lexer):
    """Our tokens in lark's clothes."""

    def __init__(self, lexer_conf: object) -> None:
        del lexer_conf

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Token]:
        del parser_state
        for token in tokenize(str(lexer_state.text.text)):
            yield Token(token.kind, token.value, token.start, end_pos=token.end)

    __future_interface__ = 1


@dataclass(frozen=True, slots=True)
class _Node:
    """A formula in the making, with its depth, so that no later pass meets a tree too deep to recurse into."""

    formula: Formula
    depth: int
    span: Span


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    arguments: tuple[Term, ...]
    span: Span


def _span(token: Token) -> Span:
    return token.start_pos or 0, token.end_pos or 0


def _too_deep(span: Span) -> _RejectedError:
    return _RejectedError(Code.TOO_EXPENSIVE, span, f"the formula is nested more than {MAX_DEPTH} deep")


def _node(formula: Formula, span: Span, *below: _Node) -> _Node:
    depth = 1 + max((each.depth for each in below), default=0)
    if depth > MAX_DEPTH:
        raise _too_deep(span)
    return _Node(formula, depth, span)


@v_args(inline=True)
class _Builder(Transformer[Token, Formula]):
    """Builds the tree while the parser reduces, so that no recursion follows the text's nesting."""

    def start(self, node: _Node) -> Formula:
        return node.formula

    def group(self, left: Token, node: _Node, right: Token) -> _Node:
        return _Node(node.formula, node.depth, (_span(left)[0], _span(right)[1]))

    def iff(self, left: _Node, _: Token, right: _Node) -> _Node:
        span = (left.span[0], right.span[1])
        return _node(Iff(left.formula, right.formula, span), span, left, right)

    def implies(self, left: _Node, _: Token, right: _Node) -> _Node:
        span = (left.span[0], right.span[1])
        return _node(Implies(left.formula, right.formula, span), span, left, right)

    def implied(self, left: _Node, _: Token, right: _Node) -> _Node:
        span = (left.span[0], right.span[1])
        return _node(Implies(right.formula, left.formula, span), span, left, right)

    def xor(self, left: _Node, _: Token, right: _Node) -> _Node:
        span = (left.span[0], right.span[1])
        return _node(Xor(left.formula, right.formula, span), span, left, right)

    def or_(self, left: _Node, _: Token, right: _Node) -> _Node:
        span = (left.span[0], right.span[1])
        return _chained(disjunction((left.formula, right.formula), span), Or, left, right)

    def and_(self, left: _Node, _: Token, right: _Node) -> _Node:
        span = (left.span[0], right.span[1])
        return _chained(conjunction((left.formula, right.formula), span), And, left, right)

    def not_(self, sign: Token, node: _Node) -> _Node:
        span = (_span(sign)[0], node.span[1])
        return _node(Not(node.formula, span), span, node)

    def forall(self, sign: Token, *rest: Token | _Node) -> _Node:
        return _quantified(Quantifier.FORALL, sign, rest)

    def exists(self, sign: Token, *rest: Token | _Node) -> _Node:
        return _quantified(Quantifier.EXISTS, sign, rest)

    def counted(self, sign: Token, *rest: Token | _Node) -> _Node:
        variables, body = _binding(rest)
        if len(variables) > 1:
            message = "a counting quantifier binds one variable; give the second one a quantifier of its own"
            raise _RejectedError(Code.SYNTAX, variables[1].span, message, (".",))
        comparator = Comparator(sign.value.rstrip("0123456789"))
        count = int(sign.value[len(comparator) :])
        span = (_span(sign)[0], body.span[1])
        return _node(Counted(comparator, count, variables[0], body.formula, span), span, body)

    def comparison(self, left: Term, sign: Token, right: Term) -> _Node:
        span = (left.span[0], right.span[1])
        return _node(Comparison(left, Comparator(sign.value), right, span), span)

    def atom(self, call: _Call) -> _Node:
        return _node(Atom(call.name, call.arguments, call.span), call.span)

    def call(self, name: Token, _: Token, *rest: Term | Token | None) -> _Call:
        arguments = tuple(each for each in rest if each is not None and not isinstance(each, Token))
        closing = rest[-1]
        end = _span(closing)[1] if isinstance(closing, Token) else _span(name)[1]
        return _Call(name.value, arguments, (_span(name)[0], end))

    def truth(self, sign: Token) -> _Node:
        span = _span(sign)
        return _node(Atom(sign.type.lower(), (), span), span)

    def variable(self, name: Token) -> Term:
        return Variable(name.value, _span(name))

    def constant(self, text: Token) -> Term:
        return Constant(text.value, _span(text))

    def quantity(self, text: Token) -> Term:
        number, _, unit = text.value.partition(" ")
        return Quantity(float(number), unit or None, _span(text))

    def function(self, call: _Call) -> Term:
        return FunctionTerm(call.name, call.arguments, call.span)


def _chained(formula: Formula, kind: type[And] | type[Or], left: _Node, right: _Node) -> _Node:
    """A longer chain of one connective is no deeper than its deepest link."""
    span = (left.span[0], right.span[1])
    depth = max(each.depth + (0 if isinstance(each.formula, kind) else 1) for each in (left, right))
    if depth > MAX_DEPTH:
        raise _too_deep(span)
    return _Node(formula, depth, span)


def _binding(rest: tuple[Token | _Node, ...]) -> tuple[tuple[Variable, ...], _Node]:
    variables = tuple(
        Variable(each.value, _span(each)) for each in rest if isinstance(each, Token) and each.type == "BOUND"
    )
    body = rest[-1]
    if not isinstance(body, _Node):
        raise TypeError("a quantifier's last child is its body")
    return variables, body


def _quantified(quantifier: Quantifier, sign: Token, rest: tuple[Token | _Node, ...]) -> _Node:
    variables, body = _binding(rest)
    span = (_span(sign)[0], body.span[1])
    return _node(Quantified(quantifier, variables, body.formula, span), span, body)


@cache
def _lark() -> Lark:
    grammar = files("solvers.fol").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=_Lexer, transformer=_Builder(), maybe_placeholders=False)
