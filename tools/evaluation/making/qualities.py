"""Qualities of the things of one scene: what is true of them, and what others may be free of."""

from random import Random

from tools.evaluation.making.meaning import (
    NONE,
    SOME,
    Amount,
    AwayFromAll,
    Between,
    Closer,
    Either,
    Having,
    HavingWithin,
    Linked,
    Quality,
    Thing,
    Within,
)
from tools.evaluation.making.mining import HOLDERS, Sight
from tools.evaluation.making.phenomena import things_in
from tools.evaluation.making.wording import HELD

MOST_IN_WORDS = 15


class QualityMaker:
    """Says true things of the entities of one scene; `classes` are those of the whole archive."""

    def __init__(self, sight: Sight, classes: tuple[str, ...], random: Random) -> None:
        self._sight = sight
        self._classes = classes
        self._random = random

    def thing(self, entity: int, *qualities: Quality | None, extras: int = 0) -> Thing:
        """The entity as a thing with these qualities and some more of its own, no two of a kind."""
        name = self._sight.name(entity)
        kept: list[Quality] = [each for each in qualities if each is not None]
        for _ in range(extras):
            more = self.quality(entity)
            if more is not None and _fits(more, kept):
                kept.append(more)
        return Thing(name, tuple(kept))

    def quality(self, entity: int, *, simple: bool = False) -> Quality | None:
        """Something true of an entity."""
        chance = self._random.random()
        if chance < 0.25:
            return self._sight.place(entity)
        if chance < 0.33:
            return self._sight.size(entity)
        if chance < 0.62 or simple:
            return self.link(entity)
        if chance < 0.78:
            return self.having(entity)
        if chance < 0.88:
            return self.within(entity)
        if chance < 0.96:
            return self.not_linked()
        return self.between(entity)

    def link(self, entity: int, *, nested: bool = False) -> Linked | None:
        other = self._sight.partner(entity)
        relation = None if other is None else self._sight.relation(entity, other)
        if other is None or relation is None:
            return None
        return Linked(relation, (self.thing(other, self.quality(other, simple=True) if nested else None),))

    def having(self, entity: int) -> Having | None:
        other = self._sight.partner(entity)
        relation = None if other is None else self._sight.relation(other, entity, allowed=tuple(HELD))
        if other is None or relation is None:
            return None
        thing = Thing(self._sight.name(other))
        count = self._random.randint(2, 5) if self._random.random() < 0.4 else 1
        return Having(relation, Amount(">=", count), thing)

    def having_none(self) -> Having | None:
        name = self.other_class()
        relation = self._random.choice(("near", "near", "near", "left_of", "right_of", "adjacent"))
        return None if name is None else Having(relation, NONE, Thing(name))

    def not_linked(self) -> Linked | None:
        name = self.other_class()
        if name is None:
            return None
        relations = ("near", "near", "adjacent", *(("inside",) if name in HOLDERS else ()))
        return Linked(self._random.choice(relations), (Thing(name),), denied=True)

    def within(self, entity: int) -> Within | None:
        other = self._sight.partner(entity)
        if other is None:
            return None
        gap = self._sight.gap(entity, other)
        value, unit = self._sight.distance(gap * self._random.uniform(1.0, 1.8), up=True)
        least = None
        if gap > 30 and self._random.random() < 0.2:
            low, _ = self._sight.distance(gap * 0.6, up=False)
            least = low if low < value else None
        comparator = "<=" if least is not None or self._random.random() < 0.7 else "<"
        return Within("<" if comparator == "<" else "<=", value, unit, self.thing(other), least)

    def between(self, entity: int) -> Between | None:
        one, other = self._sight.partner(entity), self._sight.partner(entity)
        if one is None or other is None or one == other or not self._sight.holds("between", entity, one, other):
            return None
        return Between(Thing(self._sight.labels[one]), Thing(self._sight.labels[other]))

    def other_class(self) -> str | None:
        """A class that others may be free of: one of the archive, here or not."""
        if self._classes and self._random.random() < 0.6:
            return self._random.choice(self._classes)
        other = self._sight.entity()
        return None if other is None else self._sight.name(other)

    def amount(self, name: str, *, bare: bool = False) -> Amount:
        """A true amount of a class in the scene."""
        count = self._sight.count(name)
        chance = self._random.random()
        if bare and count <= MOST_IN_WORDS and chance < 0.2:
            return Amount("=", count)
        if bare and count > 2 and chance < 0.4:
            low = max(2, count - self._random.randint(1, 4))
            return Amount(">=", low, min(count + self._random.randint(0, 8), low + 12))
        if count < 2:
            return SOME
        return Amount(">=", self._random.randint(2, min(count, MOST_IN_WORDS)))


def _fits(more: Quality, kept: list[Quality]) -> bool:
    """Whether a quality can be said beside others: in other words than they, and one long one at most."""
    if is_long(more) and any(map(is_long, kept)):
        return False
    denied = {thing.name for each in kept if _denies(each) for thing in things_in(each)}
    if _denies(more) and denied & {thing.name for thing in things_in(more)}:
        return False
    return all(_unlike(more, each) for each in kept)


def _denies(quality: Quality) -> bool:
    match quality:
        case Linked(denied=denied):
            return denied
        case Having(amount=amount) | HavingWithin(amount=amount):
            return amount.is_none
        case _:
            return isinstance(quality, AwayFromAll)


def _unlike(one: Quality, other: Quality) -> bool:
    if isinstance(one, Linked) and isinstance(other, Linked):
        return one.relation != other.relation
    if isinstance(one, Having) and isinstance(other, Having):
        return one.thing != other.thing
    return type(one) is not type(other)


def is_long(quality: Quality) -> bool:
    """Whether nothing should follow a quality: it names several things, or things of which more is said."""
    if isinstance(quality, Linked) and len(quality.things) > 1:
        return True
    return isinstance(quality, Either | Closer | Between) or any(each.qualities for each in things_in(quality))
