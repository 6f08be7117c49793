"""Where the parser stands in the words, and how it takes them, goes back, and remembers what it has read."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar, cast

from agent.offline.lexicon import Lexicon, Noun
from agent.offline.problems import Span, UnreadableError
from agent.offline.qualities import Quality
from agent.offline.tokens import Token

MAX_NESTING = 16
LONGEST_PHRASE = 7

T = TypeVar("T")


class StuckError(Exception):
    """A rule had begun and cannot go on."""


class Cursor:
    """A position in the tokens of a query; rules are methods of the classes that build on this one.

    A rule returns None where it does not begin, and leaves the position as it was.
    """

    def __init__(self, tokens: tuple[Token, ...], lexicon: Lexicon) -> None:
        self.tokens = tokens
        self.lexicon = lexicon
        self.position = 0
        self.furthest = 0
        self._nesting = 0
        self._phrases = tuple(_phrases_at(tokens, position) for position in range(len(tokens) + 1))
        self._remembered: dict[tuple[str, int], tuple[object, int]] = {}

    @property
    def at_end(self) -> bool:
        """Whether every token was taken."""
        return self.position >= len(self.tokens)

    def word(self, ahead: int = 0) -> str:
        """The text of a token ahead, empty beyond the last."""
        place = self.position + ahead
        return self.tokens[place].text if place < len(self.tokens) else ""

    def take(self, *phrases: str) -> str | None:
        """Take the longest of the phrases that stands here."""
        return self._longest(phrases)

    def look(self, *phrases: str) -> bool:
        """Whether one of the phrases stands here."""
        start, furthest = self.position, self.furthest
        found = self.take(*phrases) is not None
        self.position, self.furthest = start, furthest
        return found

    def lookup(self, table: Mapping[str, T]) -> T | None:
        """Take the longest phrase of a table that stands here, and give what it means."""
        phrase = self._longest(table)
        return None if phrase is None else table[phrase]

    def noun(self) -> Noun | None:
        """Take a noun of the ontology."""
        noun = self.lexicon.match(self.tokens, self.position)
        if noun is not None:
            self.advance(noun.words)
        return noun

    def quality(self) -> Quality | None:
        """Take a quality that the ontology has classes for."""
        quality = self.lexicon.quality(self.tokens, self.position)
        if quality is not None:
            self.advance(len(quality.words))
        return quality

    def at_noun(self) -> bool:
        """Whether a noun of the ontology stands here."""
        return self.lexicon.match(self.tokens, self.position) is not None

    def advance(self, count: int = 1) -> None:
        """Take tokens, whatever they are."""
        self.position += count
        self.furthest = max(self.furthest, self.position)

    def attempt(self, rule: Callable[[], T | None]) -> T | None:
        """What a rule reads here; None, and the position as it was, where it cannot."""
        start = self.position
        try:
            result = rule()
        except StuckError:
            result = None
        if result is None:
            self.position = start
        return result

    def remember(self, name: str, rule: Callable[[], T | None]) -> T | None:
        """`attempt`, once for each position: what was read there before is not read again."""
        key = (name, self.position)
        if key not in self._remembered:
            result = self.attempt(rule)
            self._remembered[key] = (result, self.position)
        known, self.position = self._remembered[key]
        return cast("T | None", known)

    def require(self, result: T | None) -> T:
        """The result of a rule that has to succeed here."""
        if result is None:
            raise StuckError
        return result

    def span_from(self, position: int) -> Span:
        """The characters from the token at `position` to the last one taken."""
        last = max(self.position - 1, position)
        if not self.tokens:
            return (0, 0)
        first = self.tokens[min(position, len(self.tokens) - 1)]
        return (first.start, max(self.tokens[min(last, len(self.tokens) - 1)].end, first.end))

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One level deeper; phrases nested beyond the limit are refused before Python's stack is."""
        self._nesting += 1
        try:
            if self._nesting > MAX_NESTING:
                span = self.span_from(self.position)
                raise UnreadableError(span, "phrases are nested too deep here: say it in two sentences")
            yield
        finally:
            self._nesting -= 1

    def _longest(self, phrases: "tuple[str, ...] | Mapping[str, object]") -> str | None:
        for phrase, count in self._phrases[self.position]:
            if phrase in phrases:
                self.advance(count)
                return phrase
        return None


def _phrases_at(tokens: tuple[Token, ...], position: int) -> tuple[tuple[str, int], ...]:
    """The phrases that begin at a token, the longest first, each with its number of words."""
    words = [token.text for token in tokens[position : position + LONGEST_PHRASE]]
    return tuple((" ".join(words[:count]), count) for count in range(len(words), 0, -1))
