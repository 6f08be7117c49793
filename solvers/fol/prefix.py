"""Prefix and functional notations, brought into infix order: works on tokens, which keep their places in the text.

    (exists ((x Entity)) (and (plane x) (ship x)))   -> exists x. (plane(x) & ship(x))     SMT-LIB
    Exists([x], And(plane(x), ship(x)))              -> exists x. (plane(x) & ship(x))     Z3's Python
    ! [X] : ? [Y] : near(X, Y)                       -> forall X. exists Y. near(X, Y)     TPTP
    (exists x)(exists y) near(x, y)                  -> exists x. exists y. near(x, y)     textbooks

A sort other than the plain ones is a class: `(exists ((x Ship)) (big x))` -> `exists x. (Ship(x) & big(x))`. What is
no whole prefix expression is left alone, so that the grammar can say what is wrong with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from solvers.fol.signs import TRUTH_WORDS
from solvers.fol.token import Token

_JOINING = frozenset({"AND", "OR", "XOR", "IMPLIES", "IFF"})
_BINDING = frozenset({"EXISTS", "FORALL", "COUNT"})
_TERMS = frozenset({"NAME", "ODD", "QUANTITY", "STRING"})
_NAMES = frozenset({"NAME", "ODD"})
_PLAIN_SORTS = frozenset({"entity", "object", "obj", "thing", "element", "item", "detection", "int", "real", "u"})


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


def _rewritten(items: Sequence[_Item]) -> list[Token]:
    """Every list that is a prefix or functional expression in infix notation; the rest as it is."""
    written: list[Token] = []
    binding = False  # within the list of names after a quantifier
    place = 0
    while place < len(items):
        item = items[place]
        following = items[place + 1] if place + 1 < len(items) else None
        if isinstance(item, _List):
            called = place > 0 and not binding and _kind(items[place - 1]) in _NAMES
            written += _around(item, _rewritten(item.items)) if called else _list(item, followed=following is not None)
            binding = False
        elif isinstance(following, _List) and item.kind in _JOINING and _joins_ahead(items, place, binding=binding):
            written += _around(following, _joined([_rewritten(each) for each in _arguments(following)], item))
            place += 1
        elif isinstance(following, _List) and _is_tptp(item, following, items[place + 2 : place + 3]):
            written += _bound(Token("FORALL", item.value, item.start, item.end), following.items, [])
            place += 2
        elif isinstance(following, _List) and item.kind in _BINDING:
            written += _applied(item, following, items[place + 2] if place + 2 < len(items) else None)
            place += 1
        else:
            binding = item.kind in _BINDING or (binding and item.kind in ("NAME", "COMMA"))
            written.append(item)
        place += 1
    return written


def _is_tptp(item: Token, names: _List, after: Sequence[_Item]) -> bool:
    """Whether `! [X] :` is a quantifier and no negation."""
    colon = after[0] if after else None
    universal = item.kind == "NOT" and item.value == "!" and names.opening.value == "["
    return universal and _only_names(names.items) and isinstance(colon, Token) and colon.value == ":"


def _joins_ahead(items: Sequence[_Item], place: int, *, binding: bool) -> bool:
    """Whether a connective stands where no formula is before it, with its formulas in the list after it."""
    ahead = place == 0 or binding or _kind(items[place - 1]) in (*_JOINING, "NOT", "COMMA", "DOT")
    following = items[place + 1]
    return ahead and isinstance(following, _List) and len(_arguments(following)) > 1


def _kind(item: _Item) -> str:
    return item.kind if isinstance(item, Token) else "LIST"


def _applied(quantifier: Token, item: _List, following: _Item | None) -> list[Token]:
    """A quantifier directly before a list: `Exists(x, p(x))`, `exists (x y) p(x, y)`, or a predicate `Exist(x)`."""
    arguments = _arguments(item)
    names = arguments[0][0].items if len(arguments[0]) == 1 and isinstance(arguments[0][0], _List) else arguments[0]
    if len(arguments) == 2 and _only_names(names) and any(isinstance(each, _List) for each in arguments[1]):
        return _around(item, _bound(quantifier, names, _rewritten(arguments[1])))
    ends = following is None or _kind(following) in (*_JOINING, "COMMA")
    if ends and quantifier.value.isalpha() and all(len(each) == 1 and _kind(each[0]) in _TERMS for each in arguments):
        return [Token("NAME", quantifier.value, quantifier.start, quantifier.end), *_around(item, _flat(item.items))]
    if not ends and _only_names(item.items):
        dotted = following is not None and _kind(following) == "DOT"
        return _bound(quantifier, item.items, [])[: -1 if dotted else None]
    return [quantifier, *_around(item, _rewritten(item.items))]


def _only_names(items: Sequence[_Item]) -> bool:
    return any(_kind(each) == "NAME" for each in items) and all(_kind(each) in ("NAME", "COMMA") for each in items)


def _flat(items: Sequence[_Item]) -> list[Token]:
    return [each for each in items if isinstance(each, Token)]


def _bound(quantifier: Token, names: Sequence[_Item], body: list[Token]) -> list[Token]:
    """The quantifier, its names and its body, with the dot that keeps the body's first name from being bound."""
    variables = [each for each in _flat(names) if each.kind == "NAME"]
    end = variables[-1].end
    return [quantifier, *variables, Token("DOT", ".", end, end), *body]


def _list(item: _List, *, followed: bool = False) -> list[Token]:
    first, *rest = item.items or (None,)
    if followed and isinstance(first, Token) and first.kind in _BINDING and _only_names(rest):
        return _bound(first, rest, [])
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


def _formula(item: _Item) -> list[Token]:
    if isinstance(item, Token):
        if item.kind == "NAME" and item.value.lower() in TRUTH_WORDS:
            return [item]
        raise _NotPrefixError
    head, rest = _head(item)
    match head.kind:
        case kind if kind in _JOINING and len(rest) >= 2:
            return _around(item, _joined([_formula(each) for each in rest], head))
        case "NOT" if len(rest) == 1:
            return _around(item, [head, *_formula(rest[0])])
        case kind if kind in _BINDING and len(rest) == 2:
            return _around(item, _sorted(head, rest[0], rest[1]))
        case "CMP" if len(rest) == 2:
            return _around(item, [*_term(rest[0]), head, *_term(rest[1])])
        case "NAME" if head.value == "distinct" and len(rest) == 2:
            differs = Token("CMP", "!=", head.start, head.end)
            return _around(item, [*_term(rest[0]), differs, *_term(rest[1])])
        case "NAME" if head.value == "assert" and len(rest) == 1 and isinstance(rest[0], _List):
            return _formula(rest[0])
        case kind if kind in _NAMES and rest:
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


def _sorted(quantifier: Token, variables: _Item, body: _Item) -> list[Token]:
    """The quantifier over `(x y)` or `((x Entity) (y Ship))`; what follows a name in its own list is its sort."""
    names: list[Token] = []
    guards: list[list[Token]] = []
    for each in variables.items if isinstance(variables, _List) else (variables,):
        named, *sorts = each.items if isinstance(each, _List) and len(each.items) == 2 else (each,)
        if not isinstance(named, Token) or named.kind != "NAME":
            raise _NotPrefixError
        names.append(named)
        for sort in sorts:
            if not isinstance(sort, Token) or sort.kind not in _NAMES:
                raise _NotPrefixError
            if sort.value.lower() not in _PLAIN_SORTS and isinstance(each, _List):
                guards.append([sort, each.opening, named, each.closing])
    if not names:
        raise _NotPrefixError
    written = _formula(body)
    if guards:
        place = quantifier.start
        connective = Token("IMPLIES" if quantifier.kind == "FORALL" else "AND", quantifier.value, place, place)
        written = [*_joined(guards, Token("AND", quantifier.value, place, place)), connective, *written]
    return _bound(quantifier, names, written)


def _term(item: _Item) -> list[Token]:
    if isinstance(item, Token):
        if item.kind not in _TERMS:
            raise _NotPrefixError
        return [item]
    head, rest = _head(item)
    if head.kind not in _NAMES or not rest:
        raise _NotPrefixError
    return _call(item, head, rest)


def _call(item: _List, head: Token, arguments: Sequence[_Item]) -> list[Token]:
    first = arguments[0]
    if isinstance(first, _List) and first.opening.start == head.end:  # `f(x y)` is a call without its comma
        raise _NotPrefixError
    comma = Token("COMMA", ",", head.end, head.end)
    return [head, item.opening, *_joined([_term(each) for each in arguments], comma), item.closing]
