"""A recursive-descent parser of the canonical form (design 4)."""

import re
from functools import lru_cache

from tools.evaluation.brute_force.syntax import (
    Atom,
    Binary,
    Comparison,
    Constant,
    Measure,
    Node,
    Not,
    Quantified,
    Same,
    Term,
)

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign><->|->|<=|>=|!=|[<>=~&|^().,]))"
)
_FUNCTIONS = {"distance": 2, "area": 1, "length": 1, "width": 1, "cx": 1, "cy": 1}
_UNITS = {"px", "m", "km", "px2", "m2", "ha", "km2"}
_COMPARISONS = {"<", "<=", ">", ">=", "=", "!="}
_LOOSE_TO_TIGHT = ("<->", "->", "|", "^", "&")


class ReferenceSyntaxError(ValueError):
    """The text is not in the canonical form."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of a formula in canonical form; ReferenceSyntaxError says at which token it is not one."""
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ReferenceSyntaxError(f"cannot read {text[at : at + 20]!r} at {at}")
        tokens.append(found.group().strip())
        at = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def whole(self) -> Node:
        node = self._binary(0)
        if self._at != len(self._tokens):
            raise self._error("the end")
        return node

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        if self._peek() != token:
            raise self._error(repr(token))
        self._at += 1

    def _error(self, wanted: str) -> ReferenceSyntaxError:
        return ReferenceSyntaxError(f"token {self._at} is {self._peek()!r}, wanted {wanted}: {self._tokens}")

    def _name(self) -> str:
        token = self._next()
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", token):
            self._at -= 1
            raise self._error("a name")
        return token

    def _binary(self, level: int) -> Node:
        if level == len(_LOOSE_TO_TIGHT):
            return self._prefix()
        sign = _LOOSE_TO_TIGHT[level]
        left = self._binary(level + 1)
        if sign == "->":
            if self._peek() == sign:
                self._next()
                return Binary(sign, left, self._binary(level))
            return left
        while self._peek() == sign:
            self._next()
            left = Binary(sign, left, self._binary(level + 1))
        return left

    def _prefix(self) -> Node:
        sign = self._peek()
        if sign == "~":
            self._next()
            return Not(self._prefix())
        if sign in {"exists", "forall"}:
            return self._quantified()
        if sign == "(":
            self._next()
            node = self._binary(0)
            self._expect(")")
            return node
        return self._atom()

    def _quantified(self) -> Node:
        kind = self._next()
        count = 0
        if kind == "exists" and self._peek() in {">=", "<=", "="}:
            kind = self._next()
            count = int(self._next())
        variables = [self._name()]
        while re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", self._peek()) and self._peek() not in {"exists", "forall"}:
            variables.append(self._name())
        if self._peek() == ".":
            self._next()
            return _bind(kind, count, variables, self._binary(0))
        # Without the dot the last names read may already be the body's first.
        for taken in range(len(variables), 0, -1):
            after_names = self._at
            self._at -= len(variables) - taken
            try:
                return _bind(kind, count, variables[:taken], self._binary(0))
            except ReferenceSyntaxError:
                self._at = after_names
        raise self._error("a formula")

    def _atom(self) -> Node:
        if self._peek() in _FUNCTIONS or self._peek()[:1].isdigit():
            left = self._term()
            operator = self._next()
            if operator not in _COMPARISONS:
                self._at -= 1
                raise self._error("a comparison")
            return Comparison(operator, left, self._term())
        name = self._name()
        if self._peek() == "(":
            return Atom(name, self._arguments())
        operator = self._next()
        if operator not in {"=", "!="}:
            self._at -= 1
            raise self._error("= or !=")
        same = Same(name, self._name())
        return same if operator == "=" else Not(same)

    def _arguments(self) -> tuple[str, ...]:
        self._expect("(")
        names = [self._name()]
        while self._peek() == ",":
            self._next()
            names.append(self._name())
        self._expect(")")
        return tuple(names)

    def _term(self) -> Term:
        token = self._next()
        if token in _FUNCTIONS:
            arguments = self._arguments()
            if len(arguments) != _FUNCTIONS[token]:
                raise self._error(f"{_FUNCTIONS[token]} arguments of {token}")
            return Measure(token, arguments)
        if not token[:1].isdigit():
            self._at -= 1
            raise self._error("a function or a number")
        unit = self._next()
        if unit not in _UNITS:
            self._at -= 1
            raise self._error("a unit")
        return Constant(float(token), unit)


def _bind(kind: str, count: int, variables: list[str], body: Node) -> Node:
    if kind in {">=", "<=", "="} and len(variables) != 1:
        raise ReferenceSyntaxError(f"a counting quantifier binds one variable, not {variables}")
    for variable in reversed(variables):
        body = Quantified(kind, count, variable, body)
    return body
