"""What a translation comes to: a formula, or the words that could not be read."""

from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Problem:
    """A word or phrase that no formula expresses; `start` and `end` are offsets in the query, end exclusive."""

    word: str
    start: int
    end: int
    message: str
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Translation:
    """A formula in the language of the design, or None and the problems that stand in its way."""

    formula: str | None
    problems: tuple[Problem, ...] = ()


class UnreadableError(Exception):
    """The words at `span` are read, but mean nothing that can be said in logic; `reason` says why in a sentence."""

    def __init__(self, span: Span, reason: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.span = span
        self.reason = reason
        self.suggestions = suggestions
