"""Ranks: superlatives, ordinals and group words before a noun, and what belongs to them after it."""

from abc import abstractmethod
from dataclasses import dataclass, replace

from agent.offline.function_words import ENDS, IMAGE_NOUNS
from agent.offline.grammar.determiners import Determiner, DeterminerRules
from agent.offline.problems import UnreadableError
from agent.offline.syntax import Amount, Grouping, Measure, NounPhrase, Objects, Rank
from agent.offline.vocabulary import (
    GROUP_ADJECTIVES,
    LAST,
    NEAREST,
    ORDINALS,
    SIDE_NOUNS,
    SIDES,
    SUPERLATIVES,
)

MAX_ORDINAL_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Head:
    """The noun or nouns of a phrase."""

    classes: tuple[str | None, ...]
    plural: bool
    other: bool = False
    all_kinds: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """What stands between determiner and noun."""

    ordinal: int | None
    measure: Measure | None
    amount: Amount | None
    grouping: Grouping | None
    start: int
    end: int

    @property
    def ranked(self) -> bool:
        """Whether there is an ordinal or a superlative."""
        return self.ordinal is not None or self.measure is not None


class RankRules(DeterminerRules):
    """Reads ranks."""

    @abstractmethod
    def noun_phrase(self, *, outermost: bool = False) -> NounPhrase | None:
        """A noun with all that belongs to it."""

    @abstractmethod
    def objects(self, host: Determiner | None, *, subject: bool = False) -> Objects | None:
        """One noun phrase or pronoun, or several joined."""

    def before_noun(self, determiner: Determiner) -> Before:
        """The rank, number and group word between a determiner and its noun."""
        start = self.position
        ordinal: int | None = None
        measure: Measure | None = None
        amount: Amount | None = None
        grouping: Grouping | None = None
        while True:
            if ordinal is None and (ordinal := self._ordinal()) is not None:
                continue
            if measure is None and (measure := self.lookup({**SUPERLATIVES, **NEAREST})) is not None:
                continue
            ranked = ordinal is not None or measure is not None
            if amount is None and determiner.amount is None and ranked and not self.look("one", "ones"):
                amount = self.numeral_amount()
                if amount is not None:
                    continue
            self._refuse_side()
            if grouping is None and not self.at_noun() and (grouping := self.lookup(GROUP_ADJECTIVES)) is not None:
                continue
            return Before(ordinal, measure, amount, grouping, start, self.position)

    def _refuse_side(self) -> None:
        start, furthest = self.position, self.furthest
        if not self.at_noun() and self.lookup(SIDES) is not None and self.at_noun():
            reason = "before a noun this could mean a place or a rank: say which"
            raise UnreadableError(self.span_from(start), reason, ("in the upper left", "leftmost"))
        self.position, self.furthest = start, furthest

    def _ordinal(self) -> int | None:
        word = self.word()
        if word[:1].isdigit() and word[-1:].isalpha():
            start = self.position
            self.advance()
            digits = word.rstrip("stndrh")
            if len(digits) > MAX_ORDINAL_DIGITS or not int(digits):
                raise UnreadableError(self.span_from(start), "this is no place in an order")
            return int(digits)
        return self.lookup(ORDINALS)

    def rank(self, before: Before, head: Head | None) -> Rank:
        """The rank that the words before a noun begin, with what belongs to it after the noun."""
        span = (self.tokens[before.start].start, self.tokens[before.end - 1].end)
        ordinal, measure = before.ordinal or 1, before.measure
        to: Objects | None = None
        if measure is None:
            measure = self.direction()
            if measure is None and (measure := self.lookup(NEAREST)) is None:
                word = self.tokens[before.start].text
                raise UnreadableError(span, "it has to say from where", (f"{word} ... from the left",))
        if measure.function == "distance":
            if self.take("to", "from") is None and (head is not None or self.at_end or self.look(*ENDS)):
                raise UnreadableError(span, "it has to say to what", ("closest to",))
            outermost = self.attempt(self._outermost)
            if outermost is not None:
                measure = outermost
            else:
                to = self.require(self.objects(None))
        others = self._others(head)
        among = None if others is None else others.modifiers
        classes = None if others is None or head is not None else others.classes
        if ordinal == LAST:
            if measure.function is None or before.measure is not None:
                raise UnreadableError(
                    span, "this order has no last one that could be checked", ("the last from the left",)
                )
            ordinal, measure = 1, replace(measure, least_first=not measure.least_first)
        return Rank(measure, ordinal, span, among, to, classes)

    def _outermost(self) -> Measure | None:
        """ "the left", after "furthest to" and "closest to"."""
        self.take("the")
        side = self.lookup(SIDES) if not self.at_noun() else None
        if side is None or side.measure is None or side.measure.function is None:
            return None
        self.take("edge", "border", *SIDE_NOUNS)
        return None if self.take("of") and not self.image() else side.measure

    def direction(self) -> Measure | None:
        """ "from the left": the measure that goes by."""
        return self.attempt(self._direction)

    def _direction(self) -> Measure | None:
        if not self.take("from"):
            return None
        self.take("the")
        side = self.require(self.lookup(SIDES))
        self.take(*SIDE_NOUNS)
        if self.take("to"):
            self.take("the")
            self.require(self.lookup(SIDES))
        return side.measure

    def _others(self, head: Head | None) -> NounPhrase | None:
        """ "of some ships that are on the left": what the others, too, have to be."""
        start = self.position
        if not self.take("of", "among", "amongst"):
            return None
        if self.image():
            return None
        phrase = self.require(self.noun_phrase())
        wrong_kind = head is not None and phrase.classes != head.classes
        if wrong_kind or phrase.rank or phrase.grouping or phrase.amount or phrase.other:
            raise UnreadableError(
                self.span_from(start),
                "a rank goes by all things of one kind: after it, name the same kind without a number",
            )
        return phrase

    def image(self) -> bool:
        """Take "the image" or another word for it."""

        def rule() -> bool | None:
            self.take("the same", "the", "this", "an", "each", "one", "a", "same")
            self.take("whole", "entire")
            return True if self.take(*IMAGE_NOUNS) else None

        return self.attempt(rule) is True
