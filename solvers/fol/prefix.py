"""`(exists ((x Entity)) (and (plane x) (ship x)))` -> `exists x. (plane(x) & ship(x))`: SMT-LIB-like prefix notation.

Works on tokens, which keep their places in the text. What is no whole prefix expression is left alone, so that the
grammar can say what is wrong with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from solvers.fol.token import Token

_JOINING = frozenset({"AND", "OR", "XOR", "IMPLIES", "IFF"})
_BINDING = frozenset({"EXISTS", "FORALL", "COUNT"})
_TERMS = frozenset({"NAME", "QUANTITY", "STRING"})


@dataclass(frozen=True, slots=True)
class _List:
    """A parenthesised list of tokens and lists."""

    items: tuple["_Item", ...]
    opening: Token
    closing: Token


_Item: TypeAlias = Token | _List


class _NotPrefixError(Exception):
    """The tokens are no prefix expression."""


def infix(tokens: Sequence[Token]) -> list[Token]:
    """The tokens of the same formula in infix notation; what is no prefix expression stays as it is."""
    try:
        return _rewritten(_lists(tokens))
    except _NotPrefixError:
        return list(tokens)


def _rewritten(items: Sequence[_Item]) -> list[Token]:
    """Every list that is a prefix expression in infix notation, and `and(p, q)` as `(p and q)`."""
    written: list[Token] = []
    waiting = list(items)
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, _List):
            written += _list(item)
        elif item.kind in _JOINING and waiting and isinstance(waiting[0], _List) and len(_arguments(waiting[0])) > 1:
            applied = waiting[0]
            written += _around(applied, _joined([_rewritten(each) for each in _arguments(applied)], item))
            waiting.pop(0)
        else:
            written.append(item)
    return written


def _list(item: _List) -> list[Token]:
    try:
        return _formula(item)
    except _NotPrefixError:
        return _around(item, _rewritten(item.items))


def _arguments(item: _List) -> list[list[_Item]]:
    """What stands between the commas of a list."""
    groups: list[list[_Item]] = [[]]
    for each in item.items:
        if isinstance(each, Token) and each.kind == "COMMA":
            groups.append([])
        else:
            groups[-1].append(each)
    return groups


def _lists(tokens: Sequence[Token]) -> tuple[_Item, ...]:
    open_lists: list[tuple[Token | None, list[_Item]]] = [(None, [])]
    for token in tokens:
        if token.kind == "LPAR":
            open_lists.append((token, []))
        elif token.kind == "RPAR":
            opening, items = open_lists.pop()
            if opening is None:
                raise _NotPrefixError
            open_lists[-1][1].append(_List(tuple(items), opening, token))
        else:
            open_lists[-1][1].append(token)
    if len(open_lists) > 1:
        raise _NotPrefixError
    return tuple(open_lists[0][1])


def _formula(item: _Item) -> list[Token]:
    if not isinstance(item, _List):
        raise _NotPrefixError
    head, rest = _head(item)
    match head.kind:
        case kind if kind in _JOINING and len(rest) >= 2:
            return _around(item, _joined([_formula(each) for each in rest], head))
        case "NOT" if len(rest) == 1:
            return _around(item, [head, *_formula(rest[0])])
        case kind if kind in _BINDING and len(rest) == 2:
            return _around(item, [head, *_variables(rest[0]), *_formula(rest[1])])
        case "CMP" if len(rest) == 2:
            return _around(item, [*_term(rest[0]), head, *_term(rest[1])])
        case "NAME" if head.value == "distinct" and len(rest) == 2:
            differs = Token("CMP", "!=", head.start, head.end)
            return _around(item, [*_term(rest[0]), differs, *_term(rest[1])])
        case "NAME" if rest:
            return _call(item, head, rest)
        case _:
            raise _NotPrefixError


def _head(item: _List) -> tuple[Token, tuple[_Item, ...]]:
    """The operator of a list, and what it is applied to."""
    first = item.items[0] if item.items else None
    if not isinstance(first, Token):
        raise _NotPrefixError
    return first, item.items[1:]


def _around(item: _List, tokens: list[Token]) -> list[Token]:
    return [item.opening, *tokens, item.closing]


def _joined(parts: list[list[Token]], sign: Token) -> list[Token]:
    joined = list(parts[0])
    for part in parts[1:]:
        joined += [sign, *part]
    return joined


def _variables(item: _Item) -> list[Token]:
    """The names of `(x y)` or `((x Entity) (y Entity))`; what follows a name in its own list is its sort."""
    names: list[Token] = []
    for each in item.items if isinstance(item, _List) else (item,):
        named = each.items[0] if isinstance(each, _List) and len(each.items) == 2 else each
        if not isinstance(named, Token) or named.kind != "NAME":
            raise _NotPrefixError
        names.append(named)
    return names


def _term(item: _Item) -> list[Token]:
    if isinstance(item, Token):
        if item.kind not in _TERMS:
            raise _NotPrefixError
        return [item]
    head, rest = _head(item)
    if head.kind != "NAME" or not rest:
        raise _NotPrefixError
    return _call(item, head, rest)


def _call(item: _List, head: Token, arguments: Sequence[_Item]) -> list[Token]:
    comma = Token("COMMA", ",", head.end, head.end)
    return [head, item.opening, *_joined([_term(each) for each in arguments], comma), item.closing]
