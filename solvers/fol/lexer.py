"""From text to tokens: every notation that people and models write comes out as one alphabet of tokens.

The kinds of a token are the terminals of `grammar.lark`. What needs context is decided here, so that the grammar
stays small: `prefix.py` brings prefix notations into order, `roles.py` tells a variable from a predicate.
A character that begins no token becomes an ERROR token, the last one, which the grammar refuses in its place.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

from solvers.fol.prefix import infix
from solvers.fol.roles import with_dotted_names, with_roles
from solvers.fol.signature import KEYWORDS
from solvers.fol.signs import (
    ARROWS,
    BRACKETS,
    COMPARATORS,
    COUNT_WORDS,
    IMPLIED,
    NUMBER_WORDS,
    SIGNS,
    UNIT_WORDS,
    WORDS,
    alternatives,
)
from solvers.fol.token import Token

MAX_LENGTH = 20_000
MAX_PARENTHESES = 200
MAX_COUNT_DIGITS = 6


class TextTooLargeError(Exception):
    """A text beyond what is read; the span is where the limit was passed."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


_PLAIN = re.compile(r"[^\W\d](?:\w|\\_)*['’′]*")


@cache
def _pattern() -> re.Pattern[str]:
    comparators = alternatives(COMPARATORS)
    exists = r"(?:∃|\\exists(?![A-Za-z])|(?i:there\s+exists?|exists?)(?![A-Za-z_]))"
    bound = rf"(?P<count_sign>{comparators})\s*+(?P<count>\d+)"
    numbers = "|".join(NUMBER_WORDS)
    number = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
    units = alternatives(UNIT_WORDS)
    counts = alternatives(COUNT_WORDS).replace(r"\ ", r"\s+")
    piece = r"(?:_\{\w+\}|\w|\\_)+"
    groups = [
        ("SKIP", r"[\s\ufeff]+|\\[,;:! ]|\\q?quad(?![A-Za-z])|\\(?:left|right|[bB]igg?[lrm]?)(?![A-Za-z])|\$"),
        ("COUNT", rf"{exists}\s*+[_^]?\s*+[\[{{(]?\s*+{bound}(?:\s*+[\]}})])?(?![\d.])"),
        (
            "COUNT_WORDS",
            rf"(?:{exists}\s+)?(?i:(?P<count_words>{counts})\s+(?P<words_count>\d+|{numbers}))(?![\w.])",
        ),
        ("COUNT_ONE", rf"{exists}\s*+!(?!=)"),
        ("WORDS", "|".join(rf"(?i:{words})(?!\w)" for words in WORDS) + r"|s\.\s?t\."),
        (
            "QUANTITY",
            rf"(?P<number>{number})(?:(?:\s|\\[,;: ])*(?P<unit>{units})(?![A-Za-z0-9_²]))?"
            r"(?!\w|\.\d|[-'’]\w|[+%]+(?!\w))",
        ),
        ("TEXT", r"\\(?:text|math(?:rm|it|sf|bf|tt)|operatorname|text(?:it|tt|rm|sf))\s*\{(?P<text>[\w\\ -]*)\}"),
        ("NAME", rf"(?:\d+\.\d+)?{piece}(?:[-'’]{piece})*(?:['’′]+|[+%]+(?!\w))?"),
        ("STRING", r"\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`|“[^”\"\n]*”|‘[^’\"\n]*’"),
        *((kind, alternatives(signs)) for kind, signs in ARROWS.items()),
        ("IMPLIED", IMPLIED),
        ("CMP", comparators),
        *((kind, alternatives(signs)) for kind, signs in SIGNS.items()),
        ("LPAR", alternatives(BRACKETS)),
        ("RPAR", alternatives(BRACKETS.values())),
        ("COMMA", r"[,，]"),
        ("DOT", r"[.:;：]|\\colon(?![A-Za-z])"),
    ]
    return re.compile("|".join(f"(?P<{name}>{expression})" for name, expression in groups))


def tokenize(text: str) -> list[Token]:
    """The tokens of a text in order, as the grammar takes them; raises TextTooLargeError."""
    if len(text) > MAX_LENGTH:
        message = f"the formula has {len(text):,} characters; at most {MAX_LENGTH:,} are read"
        raise TextTooLargeError(message, MAX_LENGTH, len(text))
    tokens = list(_matched(_raw_tokens(text), text))
    if tokens and tokens[-1].kind == "DOT":  # Prover9 ends a formula with a full stop
        tokens.pop()
    return list(with_roles(infix(with_dotted_names(tokens, text))))


def _raw_tokens(text: str) -> Iterator[Token]:
    position = 0
    pattern = _pattern()
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:
            yield Token("ERROR", f"the character {text[position]!r} has no meaning here", position, position + 1)
            return
        position = match.end()
        kind = _OUTER_KIND.get(match.lastgroup or "", match.lastgroup or "")
        for token in _READERS.get(kind, _as_it_is)(match, kind):
            yield token
            if token.kind == "ERROR":
                return


_OUTER_KIND = {
    "count_sign": "COUNT", "count": "COUNT", "count_words": "COUNT_WORDS", "words_count": "COUNT_WORDS",
    "number": "QUANTITY", "unit": "QUANTITY", "text": "TEXT",
}  # fmt: skip
"""The top-level alternative that matched, where an inner group was the last to match."""

_Reader = Callable[[re.Match[str], str], list[Token]]


def _as_it_is(match: re.Match[str], kind: str) -> list[Token]:
    return [Token(kind, match.group(), *match.span())]


def _skipped(match: re.Match[str], kind: str) -> list[Token]:
    del match, kind
    return []


def _counted(match: re.Match[str], kind: str) -> list[Token]:
    if kind == "COUNT_ONE":
        return [_count("=", "1", *match.span())]
    if kind == "COUNT":
        return [_count(COMPARATORS[match["count_sign"]], match["count"], *match.span())]
    sign = COUNT_WORDS[re.sub(r"\s+", " ", match["count_words"].lower())]
    word = match["words_count"].lower()
    return [_count(sign, str(NUMBER_WORDS.index(word)) if word in NUMBER_WORDS else word, *match.span())]


def _words(match: re.Match[str], kind: str) -> list[Token]:
    text = match.group()
    kind = next((kind for words, kind in WORDS.items() if re.fullmatch(words, text, re.IGNORECASE)), "DOT")
    return [Token(kind, text, *match.span())]


def _not_exists(match: re.Match[str], kind: str) -> list[Token]:
    del kind
    return [Token(each, match.group(), *match.span()) for each in ("NOT", "EXISTS")]


def _quantity(match: re.Match[str], kind: str) -> list[Token]:
    unit = match["unit"]
    return [Token(kind, match["number"] + (f" {UNIT_WORDS[unit]}" if unit else ""), *match.span())]


def _latex_text(match: re.Match[str], kind: str) -> list[Token]:
    del kind
    name = re.sub(r"[\\ -]+", "_", match["text"].strip().replace("\\_", "_"))
    if not _PLAIN.fullmatch(name):
        return [Token("ODD", name, *match.span())]
    return [Token(KEYWORDS.get(name.lower(), "NAME"), name, *match.span())]


def _name(match: re.Match[str], kind: str) -> list[Token]:
    """A name, a word of the language, or (as ODD) what can only name a constant or a predicate, such as 8pm."""
    name = re.sub(r"_\{(\w+)\}", r"_\1", match.group()).replace("\\_", "_")
    plain = _PLAIN.fullmatch(name) is not None
    return [Token(KEYWORDS.get(name.lower(), kind) if plain else "ODD", name, *match.span())]


def _comparator(match: re.Match[str], kind: str) -> list[Token]:
    return [Token(kind, COMPARATORS[match.group()], *match.span())]


def _quoted(match: re.Match[str], kind: str) -> list[Token]:
    return [Token(kind, match.group()[1:-1], *match.span())]


_READERS: dict[str, _Reader] = {
    "SKIP": _skipped, "COUNT": _counted, "COUNT_WORDS": _counted, "COUNT_ONE": _counted, "WORDS": _words,
    "NOT_EXISTS": _not_exists, "QUANTITY": _quantity, "TEXT": _latex_text, "NAME": _name, "CMP": _comparator,
    "STRING": _quoted,
}  # fmt: skip


def _count(sign: str, digits: str, start: int, end: int) -> Token:
    """A counting quantifier; strict bounds become inclusive ones."""
    if len(digits) > MAX_COUNT_DIGITS:
        raise TextTooLargeError(f"a count of more than {MAX_COUNT_DIGITS} digits", start, end)
    count = int(digits)
    match sign:
        case ">":
            return Token("COUNT", f">={count + 1}", start, end)
        case "<" if count == 0:
            message = "a count below 0 can never hold; write exists>=1, exists<=2 or exists=3"
            return Token("ERROR", message, start, end)
        case "<":
            return Token("COUNT", f"<={count - 1}", start, end)
        case "!=":
            return Token("ERROR", "a count can be >=, <=, =, > or <, not !=", start, end)
        case _:
            return Token("COUNT", f"{sign}{count}", start, end)


def _matched(tokens: Iterator[Token], text: str) -> Iterator[Token]:
    """The tokens up to a bracket that closes one of another kind, which becomes an error."""
    opened: list[Token] = []
    for token in tokens:
        if token.kind == "LPAR":
            opened.append(token)
            if len(opened) > MAX_PARENTHESES:
                message = f"parentheses are nested more than {MAX_PARENTHESES} deep"
                raise TextTooLargeError(message, token.start, token.end)
        elif token.kind == "RPAR" and opened:
            opening = opened.pop()
            if BRACKETS[opening.value] != token.value:
                message = f"{token.value!r} closes the {text[opening.start : opening.end]!r} at {opening.start}"
                yield Token("ERROR", message, token.start, token.end)
                return
        yield token
