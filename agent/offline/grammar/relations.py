"""Relations to other objects: near, between, surrounded by, in a row, the closest to."""

from dataclasses import replace

from agent.offline.function_words import ENDS
from agent.offline.grammar.cursor import StuckError
from agent.offline.grammar.determiners import Determiner
from agent.offline.grammar.measures import MeasureRules, each_of_any
from agent.offline.problems import UnreadableError
from agent.offline.syntax import (
    Between,
    Combined,
    Force,
    Grouped,
    Grouping,
    Link,
    Negated,
    NounPhrase,
    OfQuality,
    Pattern,
    Predicate,
    Pronoun,
    Ranked,
    Related,
    Surrounded,
)
from agent.offline.vocabulary import BORDERS, EACH_OTHER, FORMED, GROUP_PHRASES, RELATIONS, SIDES, SURROUNDED

SYMMETRIC = frozenset(
    {"near", "adjacent", "overlaps", "parallel", "perpendicular", "aligned", "far_from", "same_class"}
)
_OPPOSITE = (("left_of", "right_of"), ("above", "below"))


class RelationRules(MeasureRules):
    """Reads relations."""

    def plain(self, host: Determiner | None) -> Predicate | None:
        """One relation, place or measurement."""
        return (
            self.attempt(self.of_quality)
            or self.attempt(lambda: self._shared(host))
            or self.measurement(host)
            or self.place(host)
            or self.attempt(self._between)
            or self.attempt(lambda: self._surrounded(host))
            or self.attempt(lambda: self.related(host))
            or self.attempt(self._grouped)
            or self.attempt(self._nearby)
            or self.attempt(self.ranked)
            or self.attempt(lambda: self._outside(host))
            or self.attempt(self._refuse_both_sides)
            or self.attempt(self._refuse_at)
        )

    def _outside(self, host: Determiner | None) -> Predicate | None:
        """Outside of a harbor is in none."""
        if not self.take("outside", "outside of"):
            return None
        objects = self.require(self.objects(host))
        if isinstance(objects, NounPhrase) and objects.force is Force.SOME and objects.amount is None:
            objects = replace(objects, force=Force.EACH)
        return Related(("inside",), each_of_any(objects), denied=True)

    def of_quality(self) -> Predicate | None:
        """ "flooded", said of a building, and not before a noun."""
        start = self.position
        quality = None if self.at_noun() else self.quality()
        if quality is None or self.at_noun() or self.look("one", "ones"):
            return None
        return OfQuality(quality, self.span_from(start))

    def _refuse_both_sides(self) -> None:
        start = self.position
        if self.take(
            "on both sides of", "on either side of", "on each side of", "at both sides of", "on opposite sides of"
        ):
            reason = "it does not say which sides: name them"
            raise UnreadableError(self.span_from(start), reason, ("to the left of", "to the right of"))

    def _refuse_at(self) -> None:
        start = self.position
        if self.take("at"):
            span = self.span_from(start)
            if self.single() is not None:
                raise UnreadableError(span, "this could mean near, in or on: say which", ("near", "in", "on"))

    def _shared(self, host: Determiner | None) -> Predicate | None:
        """ "above and to the left of a ship", "in or near a harbor", "near but not in a harbor"."""
        start = self.position
        neither = self.take("neither", "either", "both") == "neither"
        named = [(self.require(self.attempt(self._side_alone) or self.relation_name()), neither)]
        words: list[str | None] = []
        while (further := self.attempt(self._further_relation)) is not None:
            word, name = further
            words.append(word)
            named.append((name, neither or (word is not None and word.endswith("not"))))
        links = {Link.OR if word == "or" else Link.AND for word in words if word is not None}
        if not words or words[-1] is None or len(links) > 1:
            return None
        names = [name for name, _ in named]
        if neither is not ("nor" in words):
            return None
        if Link.AND in links and not neither and any({one, other} <= set(names) for one, other in _OPPOSITE):
            raise UnreadableError(
                self.span_from(start), "nothing is on both of two opposite sides", ("left of", "right of")
            )
        objects = self.require(self.objects(host))
        if Link.AND in links and not any(denied for _, denied in named):
            return Related(tuple(names), objects)
        parts = [Related((name,), objects) for name in names]
        return Combined(
            links.pop(),
            tuple(Negated(part) if denied else part for part, (_, denied) in zip(parts, named, strict=True)),
        )

    def _further_relation(self) -> tuple[str | None, str] | None:
        """A joining word, or None for a comma, and a relation without its objects."""
        comma = self.take(",") is not None
        word = self.take("and", "or", "nor", "and also", "but also", "but not", "and not", "but")
        if word is None and not comma:
            return None
        name = self.require(self.relation_name())
        self.take(",")
        return word, name

    def _side_alone(self) -> str | None:
        """ "left" in "left and above a ship", "to the left" in "to the left and to the right of a ship"."""
        if self.take("to"):
            self.take("the")
        side = self.side()
        return side.relation if side is not None and self.look("and", "or", ",") else None

    def relation_name(self) -> str | None:
        """A relation without its objects."""
        side = self.attempt(self.side_of)
        return self.lookup(RELATIONS) if side is None else side

    def _between(self) -> Predicate | None:
        """Between two things of a kind, or one and another."""
        if not self.take("between", "in between"):
            return None
        first = self.require(self.single())
        two = isinstance(first, NounPhrase) and first.amount is not None and first.amount.least == 2
        second = None if two else self.attempt(lambda: self.single() if self.take("and") else None)
        if second is None:
            plural = isinstance(first, NounPhrase) and (two or (first.plural and first.amount is None))
            if not plural and not (isinstance(first, Pronoun) and first.plural):
                raise StuckError
        return Between(first, second or first)

    def _surrounded(self, host: Determiner | None) -> Predicate | None:
        if not self.take(*SURROUNDED):
            return None
        objects = self.require(self.objects(host))
        self.take("on all sides", "on every side", "from all sides")
        return Surrounded(objects)

    def related(self, host: Determiner | None) -> Predicate | None:
        start = self.position
        relation = self.lookup(RELATIONS)
        if relation is None:
            return None
        if self.take(*EACH_OTHER):
            return self.reciprocal(relation, start)
        self._refuse_part_of_image()
        objects = self.require(self.contents() if relation == "contains" else self.objects(host))
        return Related((relation,), each_of_any(objects, generic=True) if relation == "far_from" else objects)

    def _refuse_part_of_image(self) -> None:
        """ "near the center of the image"."""
        start, furthest = self.position, self.furthest
        self.take("the")
        part = None if self.at_noun() else self.take(*SIDES, *BORDERS)
        if part is not None and (self.at_end or self.look(*ENDS) or (self.take("of") and self.image())):
            place = "at the border" if part in BORDERS else f"in the {part}"
            reason = "that something is near a part of the image is not checked: say that it is there"
            raise UnreadableError(self.span_from(start), reason, (place,))
        self.position, self.furthest = start, furthest

    def reciprocal(self, relation: str, start: int) -> Predicate:
        """ "near each other": what holds between every two of a group."""
        if relation not in SYMMETRIC:
            raise UnreadableError(self.span_from(start), "two things cannot both stand in this relation to each other")
        return Grouped(Grouping(relation, Pattern.PAIRWISE, 2), self.span_from(start))

    def _grouped(self) -> Predicate | None:
        start = self.position
        grouping = self.lookup(FORMED) if self.take("forming", "making") else self.lookup(GROUP_PHRASES)
        return None if grouping is None else Grouped(grouping, self.span_from(start))

    def _nearby(self) -> Predicate | None:
        start = self.position
        found = self.take("nearby", "close by", "around", "in the vicinity", "in its vicinity", "in the neighborhood")
        if found is None or (found == "around" and not (self.at_end or self.look(*ENDS))):
            return None
        return Related(("near",), Pronoun(False, self.span_from(start), implied=True))

    def ranked(self) -> Predicate | None:
        """ "the largest", "the second from the left", "closest to the bridge"."""
        self.take("the")
        before = self.before_noun(Determiner(Force.THE))
        if not before.ranked or before.grouping or before.amount or self.at_noun():
            return None
        self.take("one")
        return Ranked(self.rank(before, None))
