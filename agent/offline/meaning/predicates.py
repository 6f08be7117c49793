"""What predicates say of their subject."""

from collections.abc import Callable
from dataclasses import replace

from agent.offline.meaning.atoms import add_class, compared, distinct, may_coincide, ordered, relation, within_bounds
from agent.offline.meaning.boxes import Box, Entity, Subject
from agent.offline.meaning.nouns import NounMeanings
from agent.offline.meaning.readings import PLAIN_SURROUNDINGS, affirmed, is_one, one_phrase
from agent.offline.problems import UnreadableError
from agent.offline.syntax import (
    Amount,
    AtDistance,
    Between,
    Closer,
    Combined,
    Exceeding,
    Force,
    Grouped,
    Having,
    InRegion,
    Joined,
    Link,
    Measured,
    Negated,
    NounPhrase,
    Objects,
    OfClass,
    OfQuality,
    Predicate,
    Pronoun,
    Ranked,
    Related,
    Surrounded,
)
from agent.offline.walks import mentions_grouping, mentions_pronoun, speaks_of_pair
from solvers.fol.ast import Formula, Not, Xor, conjunction, disjunction

_TOUCHING = frozenset({"near", "adjacent", "overlaps", "inside", "on"})
_CONES = ("left_of", "right_of", "above", "below")

Tie = Callable[[Entity, Entity], Formula]


class PredicateMeanings(NounMeanings):
    """Adds what predicates say to boxes."""

    def holds(self, predicate: Predicate, subject: Subject, box: Box) -> None:
        """Add that the predicate holds of the subject, of each of its members where it has several."""
        match predicate:
            case InRegion(regions):
                for entity in subject:
                    for region in regions:
                        box.add(relation(region, entity))
            case Measured(function, bounds):
                for entity in subject:
                    box.add(within_bounds(function, bounds, entity))
            case Related(relations, objects, outside):

                def related(one: Entity, other: Entity) -> Formula:
                    formula = conjunction(tuple(relation(name, one, other) for name in relations))
                    return Not(formula) if outside else formula

                objects = self._seen_as(objects, subject, box, denied=outside, touching=_TOUCHING.issuperset(relations))
                self._tie(subject, objects, box, related, irreflexive="same_class" not in relations)
            case AtDistance(bounds, objects):
                close = all(each.comparator[0] == "<" for each in bounds)
                objects = self._seen_as(objects, subject, box, denied=False, touching=close)
                self._tie(subject, objects, box, lambda one, other: within_bounds("distance", bounds, one, other))
            case Exceeding(function, sign, objects):
                self._tie(subject, objects, box, lambda one, other: compared(function, sign, (one,), (other,)))
            case Closer():
                self._closer(predicate, subject, box)
            case Between():
                self._between(predicate, subject, box)
            case Surrounded(objects):
                for entity in subject:
                    self._surrounded(objects, entity, box)
            case Having():
                self._having(predicate, subject, box)
            case Grouped(grouping, span):
                if len(subject) < 2:
                    raise UnreadableError(span, "this takes two or more things: say how many", ("two", "three"))
                box.add(ordered(grouping, subject))
            case OfClass(classes):
                for entity in subject:
                    kind = Box(box)
                    add_class(replace(entity, classes=classes), kind)
                    box.add(kind.formula())
            case OfQuality():
                for entity in subject:
                    names = self.narrowed(predicate, entity)
                    box.add(disjunction(tuple(relation(name, entity) for name in names)))
            case Ranked(rank):
                self.rank(rank, subject, box)
            case Negated(Related(("inside",), NounPhrase(force=Force.THE)) as body):
                self.holds(replace(body, denied=True), subject, box)
            case Negated(body):
                for each in _shares(predicate, subject):
                    denied = Box(box)
                    self.holds(body, each, denied)
                    box.add(Not(denied.formula()))
            case Combined(link, parts):
                self._combined(link, parts, predicate, subject, box)

    def _combined(
        self, link: Link, parts: tuple[Predicate, ...], predicate: Predicate, subject: Subject, box: Box
    ) -> None:
        if link is Link.AND:
            for part in parts:
                self.holds(part, subject, box)
            return
        for each in _shares(predicate, subject):
            options = []
            for part in parts:
                option = Box(box, site=True, positive=True)
                self.holds(part, each, option)
                options.append(option.formula())
            box.add(alternatives(options, exclusive=link is Link.XOR))

    def _tie(self, subject: Subject, objects: Objects, box: Box, tie: Tie, *, irreflexive: bool = False) -> None:
        """Tie the subject to objects; each member to objects of its own where these are counted or denied.

        An `irreflexive` relation tells things of no named class apart by itself.
        """

        def scope(found: Subject, inner: Box) -> None:
            for one in subject:
                for other in found:
                    if not (irreflexive and None in (*one.classes, *other.classes)):
                        self.tell_apart(one, other, inner)
                    inner.add(tie(one, other))

        if len(subject) > 1 and not is_one(objects):
            for entity in subject:
                self._tie((entity,), objects, box, tie, irreflexive=irreflexive)
        else:
            self.objects(objects, box, scope, against=subject)

    def _seen_as(self, objects: Objects, subject: Subject, box: Box, *, denied: bool, touching: bool) -> Objects:
        """ "outside the harbor" as outside every one, if none was spoken of; "near the ships" as near some of them."""
        if not isinstance(objects, NounPhrase) or objects.force is not Force.THE or objects.rank is not None:
            return objects
        if denied and self.spoken_of(objects, box, subject) is None:
            return replace(objects, force=Force.EVERY)
        if touching and not denied and objects.plural and objects.amount is None:
            return self.some_of(objects, box)
        return objects

    def _closer(self, closer: Closer, subject: Subject, box: Box) -> None:
        one_thing = isinstance(closer.than, NounPhrase) and closer.than.force in (Force.SOME, Force.THE)
        for entity in subject:

            def nearer(to: Subject, inner: Box, entity: Entity = entity) -> None:
                def than(others: Subject, innermost: Box) -> None:
                    for one in to:
                        for other in others:
                            if one_thing and not closer.rival:
                                self.tell_apart(entity, other, innermost)
                            rival = (other, one) if closer.rival else (entity, other)
                            innermost.add(compared("distance", closer.comparator, (entity, one), rival))

                for one in to:
                    self.tell_apart(entity, one, inner)
                self.objects(closer.than, inner, than, against=(entity, *to))

            self.objects(closer.to, box, nearer, against=(entity,))

    def _between(self, between: Between, subject: Subject, box: Box) -> None:
        for entity in subject:

            def pair(members: Subject, inner: Box, entity: Entity = entity) -> None:
                for member in members:
                    self.tell_apart(entity, member, inner)
                inner.add(relation("between", entity, *members))

            def first(one: Subject, inner: Box, entity: Entity = entity) -> None:
                def second(other: Subject, innermost: Box) -> None:
                    self.tell_apart(one[0], other[0], innermost)
                    pair((one[0], other[0]), innermost, entity)

                self.objects(between.second, inner, second, against=(entity, *one))

            if isinstance(between.first, Pronoun) and between.first is between.second:
                self._between_them(between.first, entity, box)
            elif between.first is between.second and isinstance(between.first, NounPhrase):
                two = replace(between.first, force=Force.SOME, amount=Amount(2, None, plain=True))
                self.members(two, box, pair)
            else:
                self.objects(between.first, box, first, against=(entity,))

    def _between_them(self, pronoun: Pronoun, entity: Entity, box: Box) -> None:
        def scope(pair: Subject, inner: Box) -> None:
            if len(pair) != 2:
                raise UnreadableError(pronoun.span, "between takes two things", ("between two",))
            inner.add(relation("between", entity, *pair))
            for each in pair:
                self.tell_apart(entity, each, inner)

        self.objects(pronoun, box, scope, against=(entity,))

    def _surrounded(self, objects: Objects, entity: Entity, box: Box) -> None:
        """Near ones in all four cones; where they are counted, also that many near ones."""
        phrase = one_phrase(objects)
        if phrase.force not in (Force.SOME, Force.THE) or phrase.rank or phrase.grouping:
            raise UnreadableError(phrase.span, PLAIN_SURROUNDINGS)
        if not phrase.plural and (phrase.amount is None or phrase.amount.least == 1):
            raise UnreadableError(phrase.span, "one thing alone is not on all sides of another", ("inside", "near"))
        for cone in _CONES:

            def around(found: Subject, inner: Box, cone: str = cone) -> None:
                for other in found:
                    self.tell_apart(entity, other, inner)
                    inner.add(relation("near", entity, other))
                    inner.add(relation(cone, other, entity))

            single = replace(phrase, force=Force.SOME, amount=None, other=False)
            self.objects(single, box, around, against=(entity,))
        if isinstance(objects, Joined) and objects.link is Link.AND:
            for item in objects.items:
                self._tie((entity,), item, box, lambda one, other: relation("near", one, other))
        if phrase.amount is not None:
            counted = replace(phrase, force=Force.SOME, other=False)
            self._tie((entity,), counted, box, lambda one, other: relation("near", one, other))

    def _having(self, having: Having, subject: Subject, box: Box) -> None:
        """What a pronoun ties to the subject is said of it; "without ships", and no place, is said of the image."""
        items = having.objects.items if isinstance(having.objects, Joined) else (having.objects,)
        link = having.objects.link if isinstance(having.objects, Joined) else Link.AND
        tied = all(map(mentions_pronoun, items))
        denied = having.negated or link is Link.NOR or all(map(_is_denied, items))
        if not tied and not (denied and box.positive):
            raise UnreadableError(
                having.span,
                "it does not say where these are: add a place, such as in it",
                ("in it", "on it", "near it"),
            )
        members = [(entity,) for entity in subject]
        options = []
        for item in items:
            denied_item = having.negated or link is Link.NOR
            together = link is Link.AND and not denied_item  # "a ship in it and another near it" are two
            option = box if together else Box(box, positive=not denied_item, site=link is not Link.AND)
            whole = is_one(item) and not denied_item
            for host in [subject] if whole or speaks_of_pair(item) else members:
                self.hosts.append(host)
                self.present(affirmed(item) if having.negated else item, option)
                self.hosts.pop()
                if denied_item:
                    box.add(Not(option.formula()))
                    option = Box(box)
            options.append(option)
        if link in (Link.OR, Link.XOR) and not having.negated:
            box.add(alternatives([option.formula() for option in options], exclusive=link is Link.XOR))

    def tell_apart(self, one: Entity, other: Entity, box: Box) -> None:
        """Add that two entities of one relation are two, where their classes leave that open."""
        if one.name == other.name:
            raise UnreadableError(self.span, "this would relate a thing to itself")
        if may_coincide(one, other):
            box.add(distinct(one, other))


def alternatives(options: list[Formula], *, exclusive: bool) -> Formula:
    """One of the options, or just one of two."""
    if exclusive and len(options) == 2:
        return Xor(options[0], options[1])
    return disjunction(tuple(options))


def _shares(predicate: Predicate, subject: Subject) -> list[Subject]:
    """The subject as a whole where the predicate speaks of it as a group, else each member."""
    return [subject] if mentions_grouping(predicate) else [(entity,) for entity in subject]


def _is_denied(objects: Objects) -> bool:
    return isinstance(objects, NounPhrase) and objects.force is Force.NO
