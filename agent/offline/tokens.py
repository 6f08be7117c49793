"""From a query to words: lower case, contractions opened, hyphens gone, every word with its place in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PATTERN = re.compile(
    r"""
    (?P<ordinal> [0-9]+ (?: st | nd | rd | th ) (?![^\W_]) )
  | (?P<number>  [0-9]{1,3} (?: ,[0-9]{3} )+ (?: \.[0-9]+ )? (?![0-9]) | [0-9]+ (?: \.[0-9]+ )? )
  | (?P<squared> (?: px | km | m ) \^ 2 (?![^\W_]) )
  | (?P<slashed> (?: w/out | w/o | w/ | b/w | and/or ) )
  | (?P<word>    [^\W\d_] [^\W_]* (?: ['’] [^\W\d_]+ )? )
  | (?P<sign>    >= | <= | [^\w\s] | _ )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DASHES = "-‐‑–—_"
_QUOTES = '"“”„«»`'
_CONTRACTED = {"s": "is", "re": "are", "m": "am", "d": "would", "ll": "will", "ve": "have"}
_CONTRACTING = frozenset({"it", "that", "there", "they", "which", "who", "what", "i", "we", "here"})
_CARELESS = {
    "dont": ("do", "not"), "doesnt": ("does", "not"), "didnt": ("did", "not"), "isnt": ("is", "not"),
    "arent": ("are", "not"), "wasnt": ("was", "not"), "werent": ("were", "not"), "hasnt": ("has", "not"),
    "havent": ("have", "not"), "cant": ("can", "not"), "theres": ("there", "is"), "thats": ("that", "is"),
    "cannot": ("can", "not"),
}  # fmt: skip
_SLASHED = {"w/out": "without", "w/o": "without", "w/": "with", "b/w": "between", "and/or": "or"}
_SIGNS = {"≥": ">=", "≤": "<=", "&": "and"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or sign: `text` as the grammar compares it, [start, end) in the query."""

    text: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        """Whether it is written in digits and no ordinal."""
        return self.text[0].isdigit() and self.text[-1].isdigit()

    @property
    def is_word(self) -> bool:
        """Whether it is written in letters."""
        return self.text[0].isalpha()


def tokenize(query: str) -> tuple[Token, ...]:
    """The words, numbers and signs of a query, in order; quotation marks and the hyphens within words are left out."""
    return tuple(_tokens(query))


def _tokens(query: str) -> Iterator[Token]:
    for match in _PATTERN.finditer(query):
        start, end = match.span()
        text = match.group().lower()
        match match.lastgroup:
            case "number":
                yield Token(text.replace(",", ""), start, end)
            case "squared":
                yield Token(text.replace("^", ""), start, end)
            case "slashed":
                yield Token(_SLASHED[text], start, end)
            case "word":
                yield from _word(text, start, end)
            case "sign" if text in _DASHES:
                yield from _dash(query, start, end)
            case "sign" if text in _QUOTES:
                continue
            case "sign" if text == "+" and query[start - 1 : start].isspace():
                yield Token("plus", start, end)
            case _:
                yield Token(_SIGNS.get(text, text), start, end)


def _word(text: str, start: int, end: int) -> Iterator[Token]:
    """The word, or the two words that a contraction stands for."""
    text = text.replace("’", "'").replace("²", "2")
    stem, apostrophe, ending = text.partition("'")
    if text in _CARELESS:
        first, second = _CARELESS[text]
        cut = start + len(first)
        yield Token(first, start, cut)
        yield Token(second, cut, end)
    elif not apostrophe:
        yield Token(text, start, end)
    elif ending == "t" and stem.endswith("n") and len(stem) > 2:
        cut = end - len("n't")
        yield Token({"ca": "can", "wo": "will"}.get(stem[:-1], stem[:-1]), start, cut)
        yield Token("not", cut, end)
    elif stem in _CONTRACTING and ending in _CONTRACTED:
        yield Token(stem, start, start + len(stem))
        yield Token(_CONTRACTED[ending], start + len(stem), end)
    else:
        yield Token(text, start, end)


def _dash(query: str, start: int, end: int) -> Iterator[Token]:
    """A dash joins two words, spans two numbers, or stands for a comma."""
    before, after = query[start - 1 : start], query[end : end + 1]
    if before.isdigit() and after.isdigit():
        yield Token("to", start, end)
    elif not (before.isalnum() and after.isalnum()):
        yield Token(",", start, end)
