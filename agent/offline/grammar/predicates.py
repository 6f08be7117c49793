"""Predicates: what a verb says of its subject, and the units that predicates are made of."""

from dataclasses import replace

from agent.offline.function_words import BE, EXISTS, LOCATED, NOT_BOTH, PRESENT, STANDS
from agent.offline.grammar.cursor import StuckError
from agent.offline.grammar.determiners import BARE, Determiner
from agent.offline.grammar.modifiers import ModifierRules
from agent.offline.problems import UnreadableError
from agent.offline.screening import REFUSED
from agent.offline.syntax import (
    AtDistance,
    Combined,
    Grouped,
    Having,
    InRegion,
    Joined,
    Link,
    Negated,
    NounPhrase,
    OfClass,
    Predicate,
    Ranked,
    Related,
)
from agent.offline.vocabulary import BARE_VERBS, EACH_OTHER, FINITE, FORMED, FUNCTIONS
from agent.offline.walks import conjoined, mentions_pronoun


class PredicateRules(ModifierRules):
    """Reads predicates."""

    def verb_phrases(self, host: Determiner | None) -> Predicate | None:
        """One or more verbs with what belongs to them: "is left of a ship and has no car near it"."""

        def again() -> Predicate | None:
            self.take("that", "which", "who")
            return self.verb_phrase(host)

        return self.series(again)

    def verb_phrase(self, host: Determiner | None) -> Predicate | None:
        """A finite verb with what belongs to it."""
        return self.attempt(lambda: self._verb_phrase(host))

    def _verb_phrase(self, host: Determiner | None) -> Predicate | None:
        if self.take("does not", "do not"):
            return Negated(self.require(self._active(host)))
        if self.take(*BE):
            self.take("also")
            first = self.position
            return self.require(
                self.series(lambda: self._said_by_be(host, kinds=self.position == first), adjoined=True)
            )
        return self._active(host)

    def _said_by_be(self, host: Determiner | None, *, kinds: bool) -> Predicate | None:
        """What follows "is"; a kind of thing only right after it, for "and a ship" begins something new."""
        if kinds and (rank := self.attempt(self._the_largest_of_kind)) is not None:
            return rank
        said = self.unit(host)
        if said is None and kinds:
            said = self.attempt(lambda: self._either_kind(host)) or self.attempt(self._of_kind)
        return said

    def _the_largest_of_kind(self) -> Predicate | None:
        """ "(not) the largest ship"."""
        negative = self.take("not") is not None
        start = self.position
        phrase = self.core() if self.take("the") else None
        self.position = start
        phrase = None if phrase is None or phrase.rank is None else self.core()
        if phrase is None or phrase.rank is None or phrase.amount is not None or phrase.grouping is not None:
            return None
        rank = replace(phrase.rank, classes=phrase.classes)
        predicate = Combined(Link.AND, (OfClass(phrase.classes), Ranked(rank)))
        return Negated(predicate) if negative else predicate

    def _either_kind(self, host: Determiner | None) -> Predicate | None:
        """ "either a car or a truck", "neither a car nor near a ship"."""
        opening = self.take("either", "neither")
        parts = [self.require(self._of_kind())] if opening is not None else []
        while parts and self.take("or" if opening == "either" else "nor"):
            parts.append(self.require(self.attempt(self._of_kind) or self.unit(host)))
        if len(parts) < 2:
            return None
        if opening == "neither":
            return Combined(Link.AND, tuple(map(Negated, parts)))
        return Combined(Link.OR, tuple(parts))

    def _of_kind(self) -> Predicate | None:
        negative = self.take("not") is not None
        self.take("all", "both", "either")
        kind = self.kind() if self.look("a", "an") or self.at_noun() else None
        if kind is None:
            return None
        more = self.modifiers(BARE, outermost=False)
        kind = kind if more is None else Combined(Link.AND, (kind, more))
        return Negated(kind) if negative else kind

    def _active(self, host: Determiner | None) -> Predicate | None:
        start = self.position
        verb = self.take("has", "have", "measures", "measure")
        if verb in ("has", "have"):
            self.position = start
            extreme = self.attempt(self.with_extreme)
            if extreme is not None:
                return extreme
            self.advance()
        if verb in ("has", "have"):
            return self._possessions(start)
        if verb is not None and (extent := self.attempt(self.extent)) is not None:
            return extent
        relation = self.lookup(BARE_VERBS)
        if relation is not None:
            if self.take(*EACH_OTHER):
                return self.reciprocal(relation, start)
            objects = self.contents() if relation == "contains" else self.objects(host)
            return self.reciprocal(relation, start) if objects is None else Related((relation,), objects)
        if self.take("form", "forms", "make", "makes"):
            return Grouped(self.require(self.lookup(FORMED)), self.span_from(start))
        if self.take(*STANDS):
            return self.require(self.unit(host))
        if self.take(*EXISTS):
            return self.unit(host) or InRegion(())
        return None

    def _possessions(self, start: int) -> Predicate | None:
        """ "an area of at least 400 m2 and a ship near it": what "has" is followed by, sizes among it."""
        quality = self.attempt(self.of_quality)
        if quality is not None:
            return quality
        parts = [self.attempt(self.extent) or Having(self.require(self.held_objects()), False, self.span_from(start))]
        while (further := self.attempt(lambda: self._further_possession(start))) is not None:
            parts.append(further)
        return conjoined(parts)

    def _further_possession(self, start: int) -> Predicate | None:
        comma = self.take(",") is not None
        if self.take("and", "but", "as well as") is None and not comma:
            return None
        sized = self.extent() if self.look("a", "an", *FUNCTIONS) else None
        objects = self.held_objects() if sized is None else None
        if self.look(*FINITE) or (objects is not None and not mentions_pronoun(objects)):
            return None  # a clause of its own
        return Having(objects, False, self.span_from(start)) if objects is not None else sized

    def unit(self, host: Determiner | None) -> Predicate | None:
        """One predicate, negated or not, or a bracketed pair: "either ... or ...", "neither ... nor ..."."""
        return self.attempt(lambda: self._unit(host))

    def _unit(self, host: Determiner | None) -> Predicate | None:
        with self.nested():
            if self.look("not far from", "not far away from"):
                return self.plain(host)
            if self.take("not"):
                return Negated(self.require(self.unit(host)))
            for opening, joint, link in (
                ("either", "or", Link.OR),
                ("neither", "nor", Link.NOR),
                ("both", "and", Link.AND),
            ):
                pair = self.attempt(lambda: self._pair(host, opening, joint, link))  # noqa: B023
                if pair is not None:
                    return pair
            self.take("also", "still")
            if host is None or host.plural:
                self.take("all", "both", "each")
            if self.take(*PRESENT):
                return self.plain(host) or InRegion(())
            located = self.position
            if self.take(*LOCATED):
                return self._located(host, located)
            return self.plain(host)

    def _pair(self, host: Determiner | None, opening: str, joint: str, link: Link) -> Predicate | None:
        if not self.take(opening):
            return None

        parts = [self.require(self.unit(host))]
        while self.take(joint):
            parts.append(self.require(self.unit(host) or self._shortened(parts[-1])))
        if len(parts) == 1 and not _names_two(parts[0], link):
            raise StuckError
        if link is Link.NOR:
            return Combined(Link.AND, tuple(Negated(part) for part in parts))
        return Combined(Link.XOR if link is Link.OR and self.take(*NOT_BOTH) else link, tuple(parts))

    def _shortened(self, before: Predicate) -> Predicate | None:
        """ "a truck" after "neither near a car nor"."""
        item = self.noun_phrase() if isinstance(before, Related | AtDistance) else None
        return None if item is None or not isinstance(before, Related | AtDistance) else replace(before, objects=item)

    def _located(self, host: Determiner | None, start: int) -> Predicate:
        place = self.plain(host)
        if place is None:
            if not self.at_end and self.tokens[self.position].text in REFUSED:
                raise StuckError  # the word after it is the one that is named
            word = self.tokens[start].text
            raise UnreadableError(
                self.span_from(start),
                f'no detector here sees that something is {word}; "{word}" needs a place after it',
            )
        return place


def _names_two(predicate: Predicate, link: Link) -> bool:
    """Whether what follows "either near" is two things: "a ship or a truck"."""
    match predicate:
        case Related(objects=NounPhrase(classes=classes)) | AtDistance(objects=NounPhrase(classes=classes)):
            return link is Link.OR and len(classes) > 1
        case Related(objects=Joined(joint)) | AtDistance(objects=Joined(joint)):
            return joint is link
        case _:
            return False
