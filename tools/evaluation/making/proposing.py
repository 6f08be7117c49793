"""Statements that are true of one scene, by the phenomenon that they are to show."""

from collections.abc import Callable, Mapping
from random import Random

from tools.evaluation.making.meaning import (
    NONE,
    SOME,
    Amount,
    AwayFromAll,
    Choice,
    Closer,
    Compared,
    Either,
    Every,
    Group,
    HavingWithin,
    Linked,
    NoneHas,
    OnlyKinds,
    PairApart,
    Place,
    Quality,
    Statement,
    TheExtreme,
    There,
    Thing,
)
from tools.evaluation.making.mining import Sight, overlapping
from tools.evaluation.making.qualities import QualityMaker

_EXTREMES = ("largest", "largest", "smallest", "longest", "leftmost", "rightmost", "topmost", "bottommost")


class Proposer:
    """Makes statements about one scene; most hold there, and a check says which."""

    def __init__(self, sight: Sight, classes: tuple[str, ...], random: Random) -> None:
        self._sight = sight
        self._qualities = QualityMaker(sight, classes, random)
        self._random = random
        self._makers: Mapping[str, Callable[[int], Statement | None]] = {
            "attribute": self._attribute,
            "comparison": self._comparison,
            "count": self._count,
            "disjunction": self._disjunction,
            "distance": self._distance,
            "group": self._group,
            "negation": self._negation,
            "nesting": self._nesting,
            "relation": self._relation,
            "superlative": self._superlative,
            "universal": self._universal,
        }

    def statement(self, phenomenon: str, extras: int) -> Statement | None:
        """A statement that shows a phenomenon, with about so many further qualities; None where the scene has none."""
        return self._makers[phenomenon](extras)

    def _pick(self, *ways: Callable[[], Statement | None]) -> Statement | None:
        return self._random.choice(ways)()

    def _attribute(self, extras: int) -> Statement | None:
        entity = self._sight.entity()
        if entity is None:
            return None
        quality: Quality | None = self._sight.place(entity)
        if self._random.random() < 0.35:
            quality = self._sight.size(entity)
        thing = self._qualities.thing(entity, quality, extras=extras)
        few = self._sight.count(thing.name)
        if few > 2 and self._random.random() < 0.3:
            return There(Amount(">=", self._random.randint(2, min(few, 5))), thing)
        return There(SOME, thing)

    def _count(self, extras: int) -> Statement | None:
        entity = self._sight.entity()
        if entity is None:
            return None
        name = self._sight.name(entity)
        if extras == 0:
            return There(self._qualities.amount(name, bare=True), Thing(name))
        thing = self._qualities.thing(entity, extras=extras)
        most = min(self._sight.count(thing.name), 6)
        if most < 2:
            return There(Amount("=", 1), thing)
        return There(Amount(">=", self._random.randint(2, most)), thing)

    def _relation(self, extras: int) -> Statement | None:
        entity = self._sight.entity()
        if entity is None:
            return None
        quality: Quality | None = self._qualities.link(entity)
        if self._random.random() < 0.35:
            quality = self._qualities.having(entity) if self._random.random() < 0.7 else self._qualities.between(entity)
        return None if quality is None else There(SOME, self._qualities.thing(entity, quality, extras=extras))

    def _nesting(self, extras: int) -> Statement | None:
        entity = self._sight.entity()
        quality = None if entity is None else self._qualities.link(entity, nested=True)
        if entity is None or quality is None or not quality.things[0].qualities:
            return None
        return There(SOME, self._qualities.thing(entity, quality, extras=max(0, extras - 1)))

    def _negation(self, extras: int) -> Statement | None:
        entity = self._sight.entity()
        if entity is None:
            return None

        def without() -> Statement | None:
            quality = self._qualities.having_none() if self._random.random() < 0.5 else self._qualities.not_linked()
            return None if quality is None else There(SOME, self._qualities.thing(entity, quality, extras=extras))

        def neither() -> Statement | None:
            names = sorted(
                {name for name in (self._qualities.other_class(), self._qualities.other_class()) if name is not None}
            )
            if len(names) < 2:
                return None
            things = tuple(Thing(name) for name in names)
            return There(SOME, self._qualities.thing(entity, Linked("near", things, denied=True), extras=extras))

        def none_has() -> Statement | None:
            quality = self._qualities.not_linked()
            thing = self._qualities.thing(entity, self._sight.place(entity) if extras else None)
            return None if quality is None else NoneHas(thing, Linked(quality.relation, quality.things))

        def none() -> Statement | None:
            name = self._qualities.other_class()
            return None if name is None else There(NONE, Thing(name))

        return self._pick(without, without, none_has, none, neither)

    def _disjunction(self, extras: int) -> Statement | None:
        entity, other = self._sight.entity(), self._sight.entity()
        if entity is None or other is None:
            return None

        def choice() -> Statement | None:
            names = [self._sight.name(entity), self._qualities.other_class()]
            if names[1] is None or names[0] == names[1]:
                return None
            one, second = (There(SOME, Thing(name)) for name in names if name is not None)
            if extras:
                one = There(self._qualities.amount(one.thing.name), one.thing)
            return Choice(one, second, exclusive=self._random.random() < 0.3)

        def places() -> Statement | None:
            one, second = self._sight.place(entity), self._sight.place(other)
            if overlapping(one.regions[0], second.regions[0]):
                return None
            thing = self._qualities.thing(entity, Place((*one.regions, *second.regions)))
            most = self._sight.count(thing.name)
            return There(Amount(">=", min(most, 2)) if extras and most > 1 else SOME, thing)

        def links() -> Statement | None:
            quality, name = self._qualities.link(entity), self._qualities.other_class()
            if quality is None or name is None or quality.things[0].name == name:
                return None
            both = Linked(quality.relation, (Thing(quality.things[0].name), Thing(name)))
            return There(SOME, self._qualities.thing(entity, both, extras=max(0, extras - 1)))

        def either() -> Statement | None:
            one, second = self._qualities.link(entity), self._sight.place(other)
            return None if one is None else There(SOME, self._qualities.thing(entity, Either(one, second)))

        return self._pick(choice, places, links, either)

    def _universal(self, extras: int) -> Statement | None:
        entity = self._sight.entity()
        if entity is None:
            return None

        def every() -> Statement | None:
            qualities = (self._qualities.link, self._qualities.having, self._sight.place, self._qualities.within)
            quality = self._random.choice(qualities)(entity)
            placed = extras > 1 and not isinstance(quality, Place)
            thing = self._qualities.thing(entity, self._sight.place(entity) if placed else None)
            return None if quality is None else Every(thing, quality, denied=self._random.random() < 0.15)

        def away() -> Statement | None:
            name = self._qualities.other_class()
            if name is None:
                return None
            value = None
            unit = "px"
            if self._random.random() < 0.5:
                value, unit = self._sight.distance(self._random.choice((50, 100, 200, 300, 400)), up=False)
            return There(SOME, self._qualities.thing(entity, AwayFromAll(Thing(name), value, unit), extras=extras))

        def apart() -> Statement | None:
            second = self._sight.entity(self._sight.labels[entity])
            if second is None or second == entity:
                return None
            value, unit = self._sight.distance(self._random.choice((10, 20, 30, 50, 100)), up=False)
            return PairApart(self._sight.labels[entity], ">=", value, unit, every=True)

        def only() -> Statement | None:
            names = tuple(sorted(self._sight.counts))
            return OnlyKinds(names) if len(names) < 3 else None

        return self._pick(every, every, every, every, away, away, apart, only)

    def _superlative(self, extras: int) -> Statement | None:
        entity = self._sight.entity()
        if entity is None:
            return None
        extreme = self._random.choice(_EXTREMES)
        name = self._sight.name(entity)

        def the() -> Statement | None:
            quality = self._qualities.quality(entity)
            return None if quality is None else TheExtreme(Thing(name, (), extreme), quality)

        def near_the() -> Statement | None:
            other = self._sight.partner(entity)
            relation = None if other is None else self._sight.relation(entity, other)
            if other is None or relation is None or self._sight.labels[other] == self._sight.labels[entity]:
                return None
            linked = Linked(relation, (Thing(self._sight.labels[other], (), extreme),))
            return There(SOME, self._qualities.thing(entity, linked, extras=max(0, extras - 1)))

        return self._pick(the, the, near_the)

    def _group(self, extras: int) -> Statement | None:
        entity = self._sight.entity()
        if entity is None:
            return None
        name = self._sight.name(entity)
        most = min(self._sight.count(name), 3 + min(extras, 2))
        if most < 3:
            return None
        word = self._random.choice(("row", "column", "aligned", "clustered", "clustered"))
        return Group(word, name, self._random.randint(3, most))

    def _distance(self, extras: int) -> Statement | None:
        entity = self._sight.entity()
        if entity is None:
            return None

        def within() -> Statement | None:
            quality = self._qualities.within(entity)
            return None if quality is None else There(SOME, self._qualities.thing(entity, quality, extras=extras))

        def having() -> Statement | None:
            other = self._sight.partner(entity)
            if other is None:
                return None
            value, unit = self._sight.distance(max(20.0, self._sight.gap(entity, other) * 1.4), up=True)
            amount = self._random.choice((SOME, Amount(">=", 2), Amount(">=", 3), NONE))
            name = self._qualities.other_class() if amount.is_none else self._sight.name(other)
            if name is None:
                return None
            return There(
                SOME, self._qualities.thing(entity, HavingWithin(amount, value, unit, Thing(name)), extras=extras)
            )

        def closer() -> Statement | None:
            one, second = self._sight.partner(entity), self._sight.partner(entity)
            labels = self._sight.labels
            if one is None or second is None or labels[one] == labels[second]:
                return None
            if self._sight.gap(entity, one) >= self._sight.gap(entity, second):
                one, second = second, one
            closer = Closer(Thing(labels[one]), Thing(labels[second]))
            return There(SOME, self._qualities.thing(entity, closer, extras=max(0, extras - 1)))

        def apart() -> Statement | None:
            second = self._sight.entity(self._sight.labels[entity])
            if second is None or second == entity:
                return None
            gap = self._sight.gap(entity, second)
            if self._random.random() < 0.5:
                return PairApart(self._sight.labels[entity], "<=", *self._sight.distance(gap, up=True))
            return PairApart(self._sight.labels[entity], ">=", *self._sight.distance(gap, up=False))

        return self._pick(within, within, having, closer, apart)

    def _comparison(self, extras: int) -> Statement | None:
        entity = self._sight.entity()
        other = None if entity is None else self._sight.partner(entity)
        if entity is None or other is None:
            return None
        thing = Thing(self._sight.labels[other])
        quality: Quality
        if self._random.random() < 0.4:
            quality = Compared(self._random.choice(("length", "width")), thing)
        else:
            larger = self._sight.holds("larger_than", entity, other)
            quality = Linked("larger_than" if larger else "smaller_than", (thing,))
        return There(SOME, self._qualities.thing(entity, quality, extras=extras))
