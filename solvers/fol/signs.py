"""The signs and words of every notation, and what each is read as."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

IMPLIED = r"<-{1,2}(?![->\d])|<==(?!>)|[←⟵⇐⟸]|\\(?:[lL]eft|longleft)arrow(?![A-Za-z])"
"""A regular expression for the signs of an implication from right to left; `x <-5` is a comparison."""

COMPARATORS: Mapping[str, str] = MappingProxyType({
    "<": "<", "<=": "<=", "=<": "<=", "≤": "<=", "⩽": "<=", "\\le": "<=", "\\leq": "<=",
    ">": ">", ">=": ">=", "≥": ">=", "⩾": ">=", "\\ge": ">=", "\\geq": ">=",
    "=": "=", "==": "=", "!=": "!=", "≠": "!=", "<>": "!=", "/=": "!=", "~=": "!=", "\\ne": "!=", "\\neq": "!=",
})  # fmt: skip

ARROWS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "IFF": (
        "<->", "<=>", "<-->", "<==>", "↔", "⇔", "⟷", "⟺", "≡", "\\leftrightarrow", "\\Leftrightarrow", "\\iff",
        "\\equiv",
    ),
    "IMPLIES": (
        "->", "=>", "-->", "==>", "→", "⇒", "⟶", "⟹", "⊃", "\\to", "\\rightarrow", "\\Rightarrow", "\\implies",
        "\\supset",
    ),
})  # fmt: skip
"""The connectives whose signs hold those of a comparison or a negation, and are looked for before them."""

SIGNS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "AND": ("&", "&&", "∧", "⋀", "/\\", "\\land", "\\wedge", "\\&"),
    "OR": ("|", "||", "∨", "⋁", "\\/", "\\lor", "\\vee"),
    "XOR": ("^", "⊕", "⊻", "\\oplus", "\\veebar"),
    "NOT": ("~", "∼", "!", "¬", "-", "\\neg", "\\lnot", "\\sim"),
    "FORALL": ("∀", "\\forall"),
    "EXISTS": ("∃", "\\exists", "?"),
    "NOT_EXISTS": ("∄", "\\nexists"),
    "TRUE": ("⊤", "\\top"),
    "FALSE": ("⊥", "\\bot"),
})  # fmt: skip

WORDS: Mapping[str, str] = MappingProxyType({
    r"there\s+exists?": "EXISTS",
    r"for\s+(?:all|every|each)": "FORALL",
    r"if\s+and\s+only\s+if": "IFF",
    r"only\s+if": "IMPLIES",
    r"(?:such|so)\s+that": "DOT",
})  # fmt: skip
"""Words of several words, as regular expressions that know no letter case."""

TRUTH_WORDS: Mapping[str, str] = MappingProxyType({"true": "TRUE", "false": "FALSE"})

UNIT_WORDS: Mapping[str, str] = MappingProxyType({
    "px": "px", "px2": "px2", "px²": "px2", "m": "m", "m2": "m2", "m²": "m2", "ha": "ha",
    "km": "km", "km2": "km2", "km²": "km2",
    "px^2": "px2", "m^2": "m2", "km^2": "km2", "pixel": "px", "pixels": "px", "metre": "m", "metres": "m",
    "meter": "m", "meters": "m", "kilometre": "km", "kilometres": "km", "kilometer": "km", "kilometers": "km",
    "hectare": "ha", "hectares": "ha",
})  # fmt: skip

NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

COUNT_WORDS: Mapping[str, str] = MappingProxyType({
    "at least": ">=", "atleast": ">=", "no fewer than": ">=", "no less than": ">=", "more than": ">",
    "at most": "<=", "atmost": "<=", "no more than": "<=", "fewer than": "<", "less than": "<", "exactly": "=",
})  # fmt: skip

BRACKETS: Mapping[str, str] = MappingProxyType({"(": ")", "[": "]", "{": "}", "\\{": "\\}", "（": "）"})


def alternatives(words: Iterable[str]) -> str:
    """A regular expression for any of the words, the longest first; LaTeX commands end where their letters end."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(
        re.escape(word) + (r"(?![A-Za-z])" if re.fullmatch(r"\\[A-Za-z]+", word) else "") for word in ordered
    )
