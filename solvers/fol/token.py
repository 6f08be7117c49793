"""One token of a formula's text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, the normalised value, and the characters [start, end) that it came from.

    The kinds are the terminals of `grammar.lark`.
    """

    kind: str
    value: str
    start: int
    end: int
