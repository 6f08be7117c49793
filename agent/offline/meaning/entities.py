"""Entities: how they come into being, what their noun phrase says of them, and their rank."""

from abc import abstractmethod
from collections.abc import Callable
from itertools import combinations

from agent.offline.lexicon import Lexicon
from agent.offline.meaning.atoms import add_class, distinct, may_coincide, ordered
from agent.offline.meaning.boxes import Box, Entity, Subject
from agent.offline.meaning.ranks import add_rank
from agent.offline.problems import Span, UnreadableError
from agent.offline.screening import REFUSED
from agent.offline.syntax import Grouping, NounPhrase, Objects, OfQuality, Predicate, Rank

MAX_ENTITIES = 150
TOO_MUCH = "too many things are related here: ask for less at a time"

Scope = Callable[[Subject, Box], None]


def nothing_more(subject: Subject, box: Box) -> None:
    """The scope of a noun phrase of which nothing is said."""
    del subject, box


class EntityMeanings:
    """Adds what noun phrases say to boxes.

    `hosts` are the nouns whose "with" phrases are being read, `topic` is what "it" means elsewhere, `span` the words
    that are being read, `said_of` tells of the words "another ..." what these are said of.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.hosts: list[Subject] = []
        self.topic: Subject | None = None
        self.topic_is_plural = False
        self.span: Span = (0, 0)
        self.said_of: dict[Span, Subject] = {}
        self._entities = 0

    @abstractmethod
    def holds(self, predicate: Predicate, subject: Subject, box: Box) -> None:
        """Add that the predicate holds of the subject."""

    def fresh(self, classes: tuple[str | None, ...]) -> Entity:
        """A new entity of one of the classes."""
        self._entities += 1
        if self._entities > MAX_ENTITIES:
            raise UnreadableError(self.span, TOO_MUCH)
        leaves = frozenset[str]().union(*map(self.lexicon.leaves, classes))
        return Entity(self._entities, classes, leaves)

    @abstractmethod
    def objects(
        self,
        objects: Objects,
        box: Box,
        scope: Scope,
        *,
        against: Subject = (),
        grouped: tuple[Grouping, ...] = (),
    ) -> None:
        """Add that the scope holds of the objects."""

    def restrict(self, phrase: NounPhrase, subject: Subject, box: Box) -> None:
        """Add what the phrase itself says of its entities."""
        for entity in subject:
            add_class(entity, box)
            if phrase.other:
                for each in reversed(self._others_than(phrase, entity, subject, box)):
                    box.add(distinct(each, entity))
        for one, other in combinations(subject, 2):
            box.add(distinct(one, other))
        if phrase.grouping is not None:
            box.add(ordered(phrase.grouping, subject))
        if phrase.rank is not None:
            self.rank(phrase.rank, subject, box)
        if phrase.modifiers is not None:
            self.holds(phrase.modifiers, subject, box)

    def _others_than(self, phrase: NounPhrase, entity: Entity, subject: Subject, box: Box) -> list[Entity]:
        """What "another" thing is not: what it is said of and those of its own noun; else all that it could be."""
        earlier = [each for each in box.visible() if each not in subject and may_coincide(each, entity)]
        hosts = self.said_of.get(phrase.span, ())
        if any(each in hosts for each in earlier):
            return [each for each in earlier if each in hosts or each.classes == entity.classes]
        return earlier

    def narrowed(self, said: OfQuality, entity: Entity) -> tuple[str, ...]:
        """The classes that an entity with a quality has, narrower ones than its noun says."""
        names = []
        for wider in entity.classes:
            name = None if wider is None else said.quality.of(wider, self.lexicon.ontology)
            if name is None or not self.lexicon.leaves(name) < self.lexicon.leaves(wider):
                words = " ".join(said.quality.words)
                instead = REFUSED[words].suggestions if words in REFUSED else ()
                raise UnreadableError(
                    said.span, said.quality.goes_with, (*instead, *self.lexicon.beginning_with(words))
                )
            names.append(name)
        return tuple(dict.fromkeys(names))

    def rank(self, rank: Rank, subject: Subject, box: Box) -> None:
        """Add that the subject has this rank among its kind."""

        def restrict(others: Subject, inner: Box) -> None:
            if rank.among is not None:
                self.holds(rank.among, others, inner)

        restrict(subject, box)
        other = self.fresh(rank.classes or subject[0].classes)

        def ranked(goal: Subject, inner: Box) -> None:
            add_rank(rank, subject, other, goal, box=inner, restrict=restrict)

        if rank.to is None:
            ranked((), box)
        else:
            self.objects(rank.to, box, ranked, against=subject)
