"""From text to tokens: every notation that people and models write comes out as one alphabet of tokens.

The kinds of a token are the terminals of `grammar.lark`. What needs context is decided here, so that the grammar
stays small: whether a name is a variable or a predicate, and whether a number belongs to a count.
"""

import re
from collections.abc import Iterator
from functools import cache

from solvers.fol.prefix import infix
from solvers.fol.signature import KEYWORDS
from solvers.fol.token import Token

MAX_LENGTH = 20_000
MAX_PARENTHESES = 200


class LexError(Exception):
    """A character that begins no token, or a text beyond the limits."""

    def __init__(self, message: str, start: int, end: int, *, too_large: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.too_large = too_large


_COMPARATORS = {
    "<": "<", "<=": "<=", "=<": "<=", "≤": "<=", "⩽": "<=", "\\le": "<=", "\\leq": "<=",
    ">": ">", ">=": ">=", "≥": ">=", "⩾": ">=", "\\ge": ">=", "\\geq": ">=",
    "=": "=", "==": "=", "!=": "!=", "≠": "!=", "<>": "!=", "/=": "!=", "~=": "!=", "\\ne": "!=", "\\neq": "!=",
}  # fmt: skip

_SIGNS = {
    "IFF": (
        "<->",
        "<=>",
        "<-->",
        "<==>",
        "↔",
        "⇔",
        "⟷",
        "⟺",
        "≡",
        "\\leftrightarrow",
        "\\Leftrightarrow",
        "\\iff",
        "\\equiv",
    ),
    "IMPLIES": (
        "->",
        "=>",
        "-->",
        "==>",
        "→",
        "⇒",
        "⟶",
        "⟹",
        "⊃",
        "\\to",
        "\\rightarrow",
        "\\Rightarrow",
        "\\implies",
        "\\supset",
    ),
    "AND": ("&", "&&", "∧", "⋀", "/\\", "\\land", "\\wedge", "\\&"),
    "OR": ("|", "||", "∨", "⋁", "\\/", "\\lor", "\\vee"),
    "XOR": ("^", "⊕", "⊻", "\\oplus", "\\veebar"),
    "NOT": ("~", "∼", "!", "¬", "-", "\\neg", "\\lnot", "\\sim"),
    "FORALL": ("∀", "\\forall"),
    "EXISTS": ("∃", "\\exists"),
    "NOT_EXISTS": ("∄", "\\nexists"),
}

_UNITS = {"px": "px", "px2": "px2", "px²": "px2", "m": "m", "m2": "m2", "m²": "m2", "ha": "ha",
          "km": "km", "km2": "km2", "km²": "km2",
          "px^2": "px2", "m^2": "m2", "km^2": "km2", "pixel": "px", "pixels": "px", "metre": "m", "metres": "m",
          "meter": "m", "meters": "m", "kilometre": "km", "kilometres": "km", "kilometer": "km", "kilometers": "km",
          "hectare": "ha", "hectares": "ha"}  # fmt: skip

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNT_WORDS = {"at least": ">=", "atleast": ">=", "at most": "<=", "atmost": "<=", "exactly": "="}


def _alternatives(words: Iterator[str] | tuple[str, ...]) -> str:
    """A regular expression for any of the words, the longest first; LaTeX commands end where their letters end."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(
        re.escape(word) + (r"(?![A-Za-z])" if re.fullmatch(r"\\[A-Za-z]+", word) else "") for word in ordered
    )


@cache
def _pattern() -> re.Pattern[str]:
    comparators = _alternatives(tuple(_COMPARATORS))
    exists = r"(?:∃|\\exists(?![A-Za-z])|(?i:there\s+exists?|exists?)(?![A-Za-z_]))"
    bound = rf"(?P<count_sign>{comparators})\s*(?P<count>\d+)"
    numbers = "|".join(_NUMBERS)
    number = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
    units = _alternatives(tuple(_UNITS))
    groups = [
        ("SKIP", r"\s+|\\[,;:! ]|\\q?quad(?![A-Za-z])|\\(?:left|right|big|Big)(?![A-Za-z])|\$"),
        ("COUNT", rf"{exists}\s*[_^]?\s*[\[{{(]?\s*{bound}(?:\s*[\]}})])?(?![\d.])"),
        (
            "COUNT_WORDS",
            rf"(?:{exists}\s+)?(?i:(?P<count_words>at\s*least|at\s*most|exactly)\s+(?P<words_count>\d+|{numbers}))(?![\w.])",
        ),
        ("COUNT_ONE", rf"{exists}\s*!(?!=)"),
        ("THERE", r"(?i:there\s+exists?|for\s+(?:all|every|each))(?![A-Za-z0-9_])"),
        ("QUANTITY", rf"(?P<number>{number})(?:(?:\s|\\[,;: ])*(?P<unit>{units})(?![A-Za-z0-9_²]))?(?![A-Za-z0-9_])"),
        (
            "TEXT",
            r"\\(?:text|mathrm|mathit|mathsf|operatorname|textit|texttt)\s*\{(?P<text>[A-Za-z_][A-Za-z0-9_\\ -]*)\}",
        ),
        ("HYPHENATED", r"[^\W\d]\w*(?:-[^\W\d]\w*)+(?=\s*\()"),
        ("WORD", r"[^\W\d](?:\w|\\_)*'*"),
        ("STRING", r"\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`"),
        *((kind, _alternatives(signs)) for kind, signs in list(_SIGNS.items())[:2]),
        ("CMP", comparators),
        *((kind, _alternatives(signs)) for kind, signs in list(_SIGNS.items())[2:]),
        ("LPAR", r"[(\[{]|\\\{"),
        ("RPAR", r"[)\]}]|\\\}"),
        ("COMMA", r","),
        ("DOT", r"[.:;]"),
    ]
    return re.compile("|".join(f"(?P<{name}>{expression})" for name, expression in groups))


def tokenize(text: str) -> list[Token]:
    """The tokens of a text in order; raises LexError."""
    if len(text) > MAX_LENGTH:
        message = f"the formula has {len(text):,} characters; at most {MAX_LENGTH:,} are read"
        raise LexError(message, MAX_LENGTH, len(text), too_large=True)
    tokens = list(_raw_tokens(text))
    _check_parentheses(tokens)
    if tokens and tokens[-1].kind == "DOT":  # Prover9 ends a formula with a full stop
        tokens.pop()
    return list(_with_roles(infix(tokens)))


def _raw_tokens(text: str) -> Iterator[Token]:
    position = 0
    pattern = _pattern()
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:
            character = text[position]
            raise LexError(f"the character {character!r} has no meaning here", position, position + 1)
        start, position = match.span()
        kind = match.lastgroup or ""
        yield from _normalised(_outer_kind(match, kind), match, start, position)


def _outer_kind(match: re.Match[str], kind: str) -> str:
    """The name of the top-level alternative that matched (an inner group may have been the last to match)."""
    inner = {"count_sign": "COUNT", "count": "COUNT", "count_words": "COUNT_WORDS", "words_count": "COUNT_WORDS",
             "number": "QUANTITY", "unit": "QUANTITY", "text": "TEXT"}  # fmt: skip
    return inner.get(kind, kind)


def _normalised(kind: str, match: re.Match[str], start: int, end: int) -> Iterator[Token]:
    text = match.group()
    match kind:
        case "SKIP":
            return
        case "COUNT":
            yield from _count(_COMPARATORS[match["count_sign"]], match["count"], start, end)
        case "COUNT_WORDS":
            sign = _COUNT_WORDS[re.sub(r"\s+", " ", match["count_words"].lower())]
            word = match["words_count"].lower()
            yield from _count(sign, str(_NUMBERS.index(word)) if word in _NUMBERS else word, start, end)
        case "COUNT_ONE":
            yield from _count("=", "1", start, end)
        case "THERE":
            yield Token("EXISTS" if text[0] in "tT" else "FORALL", text, start, end)
        case "NOT_EXISTS":
            yield Token("NOT", text, start, end)
            yield Token("EXISTS", text, start, end)
        case "QUANTITY":
            unit = match["unit"]
            yield Token("QUANTITY", match["number"] + (f" {_UNITS[unit]}" if unit else ""), start, end)
        case "TEXT":
            yield Token("NAME", re.sub(r"[\\ -]+", "_", match["text"].strip().replace("\\_", "_")), start, end)
        case "WORD":
            word = text.replace("\\_", "_")
            yield Token(KEYWORDS.get(word.lower(), "NAME"), word, start, end)
        case "HYPHENATED":
            yield Token("NAME", text.replace("-", "_"), start, end)
        case "CMP":
            yield Token("CMP", _COMPARATORS[text], start, end)
        case "STRING":
            yield Token("STRING", text[1:-1], start, end)
        case _:
            yield Token(kind, text, start, end)


def _count(sign: str, digits: str, start: int, end: int) -> Iterator[Token]:
    """A counting quantifier; strict bounds become inclusive ones."""
    if len(digits) > 6:
        raise LexError("a count of more than six digits", start, end, too_large=True)
    count = int(digits)
    match sign:
        case ">":
            yield Token("COUNT", f">={count + 1}", start, end)
        case "<" if count == 0:
            raise LexError("a count below 0 can never hold; write exists>=1, exists<=2 or exists=3", start, end)
        case "<":
            yield Token("COUNT", f"<={count - 1}", start, end)
        case "!=":
            raise LexError("a count can be >=, <=, =, > or <, not !=", start, end)
        case _:
            yield Token("COUNT", f"{sign}{count}", start, end)


def _check_parentheses(tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        depth += (token.kind == "LPAR") - (token.kind == "RPAR")
        if depth > MAX_PARENTHESES:
            raise LexError(
                f"parentheses are nested more than {MAX_PARENTHESES} deep", token.start, token.end, too_large=True
            )


def _with_roles(tokens: list[Token]) -> Iterator[Token]:
    """The tokens with every name's role: BOUND after a quantifier, CALL before its arguments, else NAME."""
    binding = False  # within the list of names after a quantifier
    bound = 0
    for place, token in enumerate(tokens):
        if token.kind in ("EXISTS", "FORALL", "COUNT"):
            binding, bound = True, 0
        elif binding and token.kind == "NAME":
            if bound and _opens_arguments(tokens, place):
                binding = False
            else:
                bound += 1
                yield Token("BOUND", token.value, token.start, token.end)
                continue
        elif binding and token.kind == "COMMA":
            continue
        else:
            binding = False
        if token.kind == "NAME" and place + 1 < len(tokens) and tokens[place + 1].kind == "LPAR":
            yield Token("CALL", token.value, token.start, token.end)
        else:
            yield token


def _opens_arguments(tokens: list[Token], place: int) -> bool:
    """Whether the name at `place` is a predicate with arguments, not a last variable before a parenthesised body."""
    after = tokens[place + 1 : place + 4]
    if not after or after[0].kind != "LPAR":
        return bool(after) and after[0].kind == "CMP"
    match [token.kind for token in after[1:]]:
        case [("NAME" | "STRING" | "QUANTITY"), ("COMMA" | "RPAR")]:
            return True
        case _:
            return False
