"""Clauses: one thing that is said of an image, in each of the ways in which English says it."""

from abc import abstractmethod
from dataclasses import replace

from agent.offline.function_words import BE, NOT_BOTH, SHOWS
from agent.offline.grammar.cursor import StuckError
from agent.offline.grammar.nouns import alternatives_of
from agent.offline.grammar.openings import OpeningRules
from agent.offline.problems import UnreadableError
from agent.offline.statements import Conditional, Denied, ForEach, Found, Linked, Statement
from agent.offline.syntax import (
    AtDistance,
    Force,
    Grouped,
    Grouping,
    InRegion,
    Joined,
    Link,
    Measured,
    NounPhrase,
    Objects,
    Pattern,
    Predicate,
    Related,
)
from agent.offline.vocabulary import FINITE, FUNCTIONS
from agent.offline.walks import conjoined, mentions_pronoun

_THERE_IS = (
    "there is", "there are", "there must be", "there should be", "is there", "are there", "there exists", "there exist",
    "there have", "there has", "there has to be", "there have to be", "there can be",
)  # fmt: skip  # fmt: skip
_ALONE = frozenset({Force.NO, Force.EVERY})


class ClauseRules(OpeningRules):
    """Reads clauses."""

    @abstractmethod
    def sentence(self) -> Statement:
        """All statements up to the end of a sentence."""

    def _denial(self) -> Statement | None:
        """ "it is not the case that there is a ship"."""
        return Denied(self.sentence()) if self.take("it is not the case that", "it is not true that") else None

    def statement(self, *, search: bool = False) -> Statement | None:
        """One statement about the image; `search` where a word like "find" stands right before it."""
        with self.nested():
            return (
                self.attempt(self._conditional)
                or self.attempt(self._for_each)
                or self.attempt(self._measurement)
                or self.attempt(self._number_of)
                or self.attempt(self._denial)
                or self.attempt(self._bracketed)
                or self.attempt(self._part_of_image)
                or self.attempt(self.existence)
                or self.attempt(self.fronted)
                or self.attempt(self._clause)
                or self.attempt(lambda: self._phrase(search=search))
            )

    def _conditional(self) -> Statement | None:
        word = self.take("if", "when", "whenever", "wherever", "in case", "unless")
        if word is None:
            return None
        condition = self.premise()
        self.take(",")
        self.take("then")
        return Conditional(Denied(condition) if word == "unless" else condition, self.sentence())

    def premise(self) -> Statement:
        """What stands after "if": statements with one joining word between them."""
        parts = [self.require(self.statement())]
        links: set[Link] = set()
        while (joint := self.take("and", "but", "or")) is not None:
            links.add(Link.OR if joint == "or" else Link.AND)
            parts.append(self.require(self.statement()))
        if len(links) > 1:
            raise StuckError
        return Linked(links.pop(), tuple(parts)) if links else parts[0]

    def _for_each(self) -> Statement | None:
        """ "for every ship there is a harbor near it"."""
        if not self.take("for"):
            return None
        phrase = self.require(self.noun_phrase())
        if phrase.force not in (Force.EVERY, Force.ANY):
            return None
        self.take(",")
        return ForEach(_universal(phrase), self.require(self.statement()))

    def _measurement(self) -> Statement | None:
        """ "the distance between a car and a plane is less than 10 m", "the area of a pool is above 50 m2"."""
        start = self.position
        self.take("the", "a", "an")
        if self.take("distance between", "gap between"):
            subject = self.require(self.objects(None, subject=True))
        elif self.take("distance from", "distance of"):
            one = self.require(self.single())
            self.require(self.take("to", "from"))
            subject = Joined(Link.AND, (one, self.require(self.single())))
        else:
            return self._extent_of()
        self.require(self.take(*BE))
        bounds = self.require(self.bounds())
        return Found(subject, Grouped(Grouping("distance", Pattern.PAIRWISE, 2, bounds), self.span_from(start)))

    def _part_of_image(self) -> Statement | None:
        """ "the left side of the image contains a ship"."""
        place = self.place(None) if self.word() == "the" else None
        denies = self.take("does not") is not None
        if not isinstance(place, InRegion) or not self.take(*SHOWS):
            return None
        subject = self.require(self.noun_phrase())
        found = Found(replace(subject, modifiers=conjoined([*_parts(subject.modifiers), place])))
        return denied(found) if denies else found

    def _number_of(self) -> Statement | None:
        """ "the number of ships is at least three"."""
        self.take("the")
        if not self.take("number of", "count of", "total number of", "total count of"):
            return None
        self.take("the")
        counted = self.require(self.noun_phrase())
        self.take(*BE)
        if counted.force is not Force.SOME or counted.amount is not None:
            return None
        return Found(replace(counted, amount=self.require(self.amount())))

    def _extent_of(self) -> Statement | None:
        function = self.lookup(FUNCTIONS)
        if function is None or not self.take("of"):
            return None
        subject = self.require(self.objects(None))
        self.take(*BE)
        return Found(_universal(subject), Measured(function, self.require(self.bounds())))

    def _bracketed(self) -> Statement | None:
        """ "either a ship or a plane is near a harbor", "both ... and ..."."""
        opening = self.take("either", "both")
        if opening is None:
            return None
        first = self.require(self.statement())
        parts: list[Statement] = [first]
        if opening == "either" and isinstance(first, Found):
            parts = [replace(first, subject=each) for each in alternatives_of(first.subject)]
        while self.take("or" if opening == "either" else "and"):
            parts.append(self.require(self.statement()))
        if len(parts) == 1:
            raise StuckError
        exclusive = opening == "either" and self.take(*NOT_BOTH) is not None
        return Linked(Link.XOR if exclusive else Link.OR if opening == "either" else Link.AND, tuple(parts))

    def existence(self) -> Statement | None:
        """ "there is a ship near a harbor"."""
        if not self.take(*_THERE_IS):
            return None
        if self.look("either"):
            return self._bracketed()
        if self.take("not"):
            return denied(Found(self.require(self.objects(None))))
        return Found(self.require(self._subject()))

    def fronted(self) -> Statement | None:
        """ "on the left there is a ship", "near the bridge there are two ships", "on the right a plane"."""
        place = (
            self.place(None) or self.attempt(lambda: self.related(None)) or self.attempt(lambda: self.distance(None))
        )
        self.take(",")
        if isinstance(place, InRegion):
            found = self.existence() or Found(self.require(self._subject()))
        elif isinstance(place, Related | AtDistance) and mentions_pronoun(place):
            found = self.attempt(self.existence) or Found(self.require(self._subject()))
        elif isinstance(place, Related | AtDistance):
            found = self.require(self.attempt(self.existence))
            place = replace(place, objects=_each(place.objects))
        else:
            return None
        subject = found.subject if isinstance(found, Found) else None
        if not isinstance(subject, NounPhrase) or self.look(*FINITE):
            return None
        return Found(replace(subject, modifiers=conjoined([*_parts(subject.modifiers), place])))

    def _clause(self) -> Statement | None:
        """ "every ship is near a harbor"."""
        pronoun = self.pronoun()
        if pronoun is not None:
            return Found(pronoun, self.require(self.verb_phrases(None)))
        joined = self.objects(None, subject=True)
        if isinstance(joined, Joined) and self._agrees(joined):
            predicate = self.verb_phrases(None)
            if predicate is not None:
                return Found(_universal(joined), predicate)
        return None

    def _agrees(self, joined: Joined) -> bool:
        """Whether a verb after joined subjects is the verb of all of them: "a ship and a plane are", not "... is"."""
        if joined.link is not Link.AND or self.look("are", "were", "have", "do", "lie", "stand", "sit"):
            return True
        return all(isinstance(item, NounPhrase) and item.force in _ALONE for item in joined.items)

    def _phrase(self, *, search: bool) -> Statement | None:
        """One noun phrase, with or without a verb."""
        start = self.position
        subject = self._subject()
        if subject is None:
            return None
        predicate = self.verb_phrases(None) if self.look(*FINITE) else None
        if predicate is not None:
            return Found(_universal(subject), predicate)
        if (
            search
            and isinstance(subject, NounPhrase)
            and subject.force is Force.EVERY
            and subject.modifiers is not None
        ):
            word = self.tokens[start].text
            raise UnreadableError(
                (self.tokens[start].start, self.tokens[start].end),
                f'"{word}" could mean that each one must be so, or only that all such are wanted: write "images where '
                f'{word} ..." for the first, and leave "{word}" out for the second',
            )
        return Found(subject)

    def _subject(self) -> Objects | None:
        bracketed = self.objects(None) if self.look("neither") else None
        return bracketed or self.noun_phrase(outermost=True)


def _parts(predicate: Predicate | None) -> tuple[Predicate, ...]:
    return () if predicate is None else (predicate,)


def _each(objects: Objects) -> Objects:
    """Named first, "every ship" is what the rest is said of."""
    return replace(objects, each=True) if isinstance(objects, NounPhrase) else objects


def _universal(subject: Objects) -> Objects:
    """ "any ship is ..." speaks of each."""
    match subject:
        case NounPhrase(force=Force.ANY):
            return replace(subject, force=Force.EACH)
        case Joined(link, items):
            return Joined(link, tuple(map(_universal, items)))
        case _:
            return subject


def denied(statement: Statement) -> Statement:
    """ "without a ship and a plane" is without either."""
    match statement:
        case Found(Joined(Link.AND, items), None):
            return Linked(Link.AND, tuple(Denied(Found(item)) for item in items))
        case _:
            return Denied(statement)
