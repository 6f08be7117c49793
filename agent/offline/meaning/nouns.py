"""What noun phrases say: which entities they bring in, under which quantifier, and in which box."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

from agent.offline.lexicon import Lexicon
from agent.offline.meaning.atoms import add_class, distinct, may_coincide, ordered
from agent.offline.meaning.boxes import Box, Entity, Subject
from agent.offline.meaning.ranks import add_rank
from agent.offline.problems import Span, UnreadableError
from agent.offline.syntax import (
    Amount,
    Force,
    Grouped,
    Grouping,
    Joined,
    Link,
    NounPhrase,
    Objects,
    Pattern,
    Predicate,
    Pronoun,
    Rank,
    groupings_in,
)
from solvers.fol.ast import (
    Comparator,
    Counted,
    Formula,
    Implies,
    Not,
    Quantified,
    Quantifier,
    Xor,
    conjunction,
    disjunction,
)

MAX_GROUP = 12

Scope = Callable[[Subject, Box], None]


def nothing_more(subject: Subject, box: Box) -> None:
    """The scope of a noun phrase of which nothing is said."""
    del subject, box


class NounMeanings:
    """Adds what noun phrases say to boxes.

    `hosts` are the nouns whose "with" phrases are being read, `topic` is what "it" means elsewhere, `span` the words
    that are being read.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.hosts: list[Subject] = []
        self.topic: Subject | None = None
        self.span: Span = (0, 0)
        self._entities = 0

    @abstractmethod
    def holds(self, predicate: Predicate, subject: Subject, box: Box) -> None:
        """Add that the predicate holds of the subject."""

    def fresh(self, classes: tuple[str | None, ...]) -> Entity:
        """A new entity of one of the classes."""
        self._entities += 1
        leaves = frozenset[str]().union(*map(self.lexicon.leaves, classes))
        return Entity(f"e{self._entities}", classes, leaves)

    def present(self, objects: Objects, box: Box, scope: Scope = nothing_more) -> None:
        """Add that there are such objects; what modifies "every ship" is then what is said of every ship."""
        universal = (Force.EVERY, Force.NOT_EVERY)
        if isinstance(objects, NounPhrase) and objects.force in universal and objects.modifiers is not None:
            modifiers = objects.modifiers

            def also(subject: Subject, inner: Box) -> None:
                self.holds(modifiers, subject, inner)
                scope(subject, inner)

            bare = replace(objects, modifiers=None)
            self.objects(bare, box, also, grouped=groupings_in(modifiers))
        else:
            self.objects(objects, box, scope)

    def objects(
        self,
        objects: Objects,
        box: Box,
        scope: Scope,
        *,
        against: Subject = (),
        grouped: tuple[Grouping, ...] = (),
    ) -> None:
        """Add that the scope holds of the objects; `against` are entities that they are being related to."""
        match objects:
            case Pronoun():
                scope(self._resolve(objects, box, against), box)
            case NounPhrase():
                self.span = objects.span
                self._noun_phrase(objects, box, scope, against, grouped)
            case Joined(Link.AND, items) if grouped:
                self._together(items, (), box, scope, against)
            case Joined(Link.AND, items):
                for item in items:
                    self.objects(item, box, scope, against=against)
            case Joined(Link.NOR, items):
                for item in items:
                    denied = Box(box)
                    self.objects(_affirmed(item), denied, scope, against=against, grouped=grouped)
                    box.add(Not(denied.formula()))
            case Joined(link, items):
                options: list[Formula] = []
                for item in items:
                    option = Box(box, site=True, positive=True)
                    self.objects(item, option, scope, against=against, grouped=grouped)
                    options.append(option.formula())
                exclusive = link is Link.XOR and len(options) == 2
                box.add(Xor(options[0], options[1]) if exclusive else disjunction(tuple(options)))

    def _together(
        self, items: tuple[Objects, ...], before: Subject, box: Box, scope: Scope, against: Subject
    ) -> None:
        """Add that the scope holds of all the items as one group: "a ship and a plane are near each other"."""
        if not items:
            scope(before, box)
            return

        def more(subject: Subject, inner: Box) -> None:
            for one in before:
                for other in subject:
                    if may_coincide(one, other):
                        inner.add(distinct(one, other))
            self._together(items[1:], (*before, *subject), inner, scope, against)

        self.objects(items[0], box, more, against=(*against, *before))

    def _resolve(self, pronoun: Pronoun, box: Box, against: Subject) -> Subject:
        subject = self.hosts[-1] if self.hosts else self.topic
        visible = {entity.name for entity in box.visible()}
        if subject is None or not all(entity.name in visible for entity in subject) or set(subject) & set(against):
            raise UnreadableError(pronoun.span, "it is not clear which thing this means: name it")
        return subject

    def _noun_phrase(
        self, phrase: NounPhrase, box: Box, scope: Scope, against: Subject, grouped: tuple[Grouping, ...]
    ) -> None:
        if phrase.modifiers is not None:
            grouped = (*grouped, *groupings_in(phrase.modifiers))
        amount = phrase.amount
        several = amount is not None and (amount.least or 0) > 1
        match phrase.force:
            case Force.EVERY | Force.EACH | Force.NOT_EVERY if grouped or phrase.grouping:
                self._each_other(phrase, box, scope, grouped)
            case _ if grouped or phrase.grouping or (phrase.rank and several):
                self.members(phrase, box, scope, against=against, grouped=grouped)
            case Force.NO:
                self._none(phrase, box, scope)
            case _ if phrase.rank is not None and phrase.force in (Force.SOME, Force.THE):
                self._definite(phrase, box, scope, against)
            case _ if phrase.rank is not None:
                raise UnreadableError(phrase.rank.span, 'a rank goes with "the"', ("the largest",))
            case Force.EVERY | Force.EACH | Force.NOT_EVERY:
                self._universal(phrase, box, scope)
            case Force.ONLY:
                self._only(phrase, box, scope)
            case Force.THE if phrase.plural or amount is not None:
                self._universal(replace(phrase, force=Force.EVERY), box, scope)
            case Force.THE:
                self._definite(phrase, box, scope, against)
            case _ if amount is None or (amount.least == 1 and amount.most is None):
                entity = self.fresh(phrase.classes)
                box.introduce((entity,))
                self._restrict(phrase, (entity,), box)
                scope((entity,), box)
            case _:
                self._counted(phrase, amount, box, scope)

    def _restrict(self, phrase: NounPhrase, subject: Subject, box: Box) -> None:
        """Add what the phrase itself says of its entities."""
        for entity in subject:
            add_class(entity, box)
            if phrase.other:
                earlier = [each for each in box.visible() if each not in subject and may_coincide(each, entity)]
                for each in reversed(earlier):
                    box.add(distinct(each, entity))
        for one, other in combinations(subject, 2):
            box.add(distinct(one, other))
        if phrase.grouping is not None:
            box.add(ordered(phrase.grouping, subject))
        if phrase.rank is not None:
            self.rank(phrase.rank, subject, box)
        if phrase.modifiers is not None:
            self.holds(phrase.modifiers, subject, box)

    def rank(self, rank: Rank, subject: Subject, box: Box) -> None:
        """Add that the subject has this rank among its kind."""

        def restrict(others: Subject, inner: Box) -> None:
            if rank.among is not None:
                self.holds(rank.among, others, inner)

        restrict(subject, box)
        other = self.fresh(subject[0].classes)
        if rank.to is None:
            add_rank(rank, subject, other, (), box, restrict)
            return
        self.objects(rank.to, box, lambda goal, inner: add_rank(rank, subject, other, goal, inner, restrict), against=subject)

    def _definite(self, phrase: NounPhrase, box: Box, scope: Scope, against: Subject) -> None:
        """ "the ship": the one spoken of before, else one whose presence is presupposed."""
        known = self._spoken_of(phrase, box, against)
        if known is not None:
            scope((known,), box)
            return
        entity = self.fresh(phrase.classes)
        inner = Box(box, positive=True)
        inner.introduce((entity,))
        self._restrict(phrase, (entity,), inner)
        site = box.site
        (site if site.reaches(inner.free()) else box).absorb(inner)
        scope((entity,), box)

    def _spoken_of(self, phrase: NounPhrase, box: Box, against: Subject) -> Entity | None:
        if phrase.rank or phrase.modifiers or phrase.other or phrase.plural:
            return None
        visible = [each for each in box.visible() if each.classes == phrase.classes and each not in against]
        topic = [each for each in self.topic or () if each in visible and len(self.topic or ()) == 1]
        return next(iter((*topic, *visible)), None)

    def _none(self, phrase: NounPhrase, box: Box, scope: Scope) -> None:
        if phrase.rank is not None:
            raise UnreadableError(phrase.rank.span, 'a rank goes with "the"', ("the largest",))
        least = phrase.amount.least if phrase.amount is not None else None
        body, entity = self._body(phrase, box, scope, positive=False)
        if least is not None and least > 1:
            box.add(Not(Counted(Comparator.GE, least, entity.variable, body)))
        else:
            box.add(Not(Quantified(Quantifier.EXISTS, (entity.variable,), body)))

    def _body(self, phrase: NounPhrase, box: Box, scope: Scope, *, positive: bool) -> tuple[Formula, Entity]:
        entity = self.fresh(phrase.classes)
        inner = Box(box, (entity,), positive=positive)
        self._restrict(phrase, (entity,), inner)
        scope((entity,), inner)
        return inner.formula(), entity

    def _counted(self, phrase: NounPhrase, amount: Amount, box: Box, scope: Scope) -> None:
        if amount.most == 0:
            self._none(replace(phrase, amount=None), box, scope)
            return
        if not amount.least and amount.most is None:
            raise UnreadableError(phrase.span, "at least none is always so: say one or more", ("at least one",))
        body, entity = self._body(phrase, box, scope, positive=amount.most is None)
        if amount.least == amount.most:
            box.add(Counted(Comparator.EQ, amount.least or 0, entity.variable, body))
            return
        if amount.least:
            box.add(Counted(Comparator.GE, amount.least, entity.variable, body))
        if amount.most is not None:
            box.add(Counted(Comparator.LE, amount.most, entity.variable, body))

    def _universal(self, phrase: NounPhrase, box: Box, scope: Scope) -> None:
        """ "every ship ...", which presupposes a ship, "the two ships ...", which presupposes just two."""
        entity = self.fresh(phrase.classes)
        restrictor, claim = Box(box, (entity,)), Box(box, (entity,))
        self._restrict(phrase, (entity,), restrictor)
        scope((entity,), claim)
        condition = restrictor.formula()
        if phrase.force is not Force.EACH or not claim.conditions:
            site = box.site if box.site.reaches(restrictor.free() - {entity.name}) else box
            count = phrase.amount.least if phrase.amount is not None else None
            site.add(
                Quantified(Quantifier.EXISTS, (entity.variable,), condition)
                if count is None
                else Counted(Comparator.EQ, count, entity.variable, condition)
            )
        claim.conditions = [each for each in claim.conditions if each not in restrictor.conditions]
        if claim.conditions:
            every = Quantified(Quantifier.FORALL, (entity.variable,), Implies(condition, claim.formula()))
            box.add(Not(every) if phrase.force is Force.NOT_EVERY else every)

    def _only(self, phrase: NounPhrase, box: Box, scope: Scope) -> None:
        """ "only ships ...": whatever is so is a ship, and there is a ship."""
        entity = self.fresh(phrase.classes)
        anything = Entity(entity.name, (None,), self.lexicon.leaves(None))
        claim, noun = Box(box, (anything,)), Box(box, (entity,))
        scope((anything,), claim)
        bare = replace(phrase, modifiers=None) if not claim.conditions else phrase
        if not claim.conditions and phrase.modifiers is not None:
            self.holds(phrase.modifiers, (anything,), claim)
        self._restrict(bare, (entity,), noun)
        body = Implies(claim.formula(), noun.formula()) if claim.conditions else noun.formula()
        presupposed = Box(box, (entity,))
        self._restrict(phrase, (entity,), presupposed)
        site = box.site if box.site.reaches(presupposed.free() - {entity.name}) else box
        site.add(Quantified(Quantifier.EXISTS, (entity.variable,), presupposed.formula()))
        box.add(Quantified(Quantifier.FORALL, (entity.variable,), body))

    def members(
        self,
        phrase: NounPhrase,
        box: Box,
        scope: Scope,
        *,
        against: Subject = (),
        grouped: tuple[Grouping, ...] = (),
    ) -> None:
        """A group, each member an entity of its own: "three adjacent ships", "the first two ships from the left"."""
        del against
        groupings = (*((phrase.grouping,) if phrase.grouping else ()), *grouped)
        size = _size(phrase, groupings)
        subject = tuple(self.fresh(phrase.classes) for _ in range(size))
        inner = Box(box, positive=phrase.force is not Force.NO)
        inner.introduce(subject)
        self._restrict(phrase, subject, inner)
        if phrase.force is Force.NO:
            scope(subject, inner)
            box.add(Not(inner.formula()))
            return
        site = box.site if phrase.rank is not None and box.site.reaches(inner.free()) else box
        site.absorb(inner)
        scope(subject, box)

    def _each_other(self, phrase: NounPhrase, box: Box, scope: Scope, grouped: tuple[Grouping, ...]) -> None:
        """ "all ships are parallel": every two of them."""
        pairwise = len(grouped) == 1 and grouped[0].pattern is Pattern.PAIRWISE and phrase.grouping is None
        if not pairwise or phrase.amount is not None or phrase.rank is not None:
            raise UnreadableError(phrase.span, "a group has so many members: say how many", ("two", "three"))
        self._universal(phrase, box, lambda one, inner: self._others(phrase, one, inner, scope))

    def _others(self, phrase: NounPhrase, one: Subject, box: Box, scope: Scope) -> None:
        other = self.fresh(phrase.classes)
        restrictor, claim = Box(box, (other,)), Box(box, (other,))
        self._restrict(phrase, (other,), restrictor)
        restrictor.add(distinct(one[0], other))
        scope((*one, other), claim)
        box.add(Quantified(Quantifier.FORALL, (other.variable,), Implies(restrictor.formula(), claim.formula())))


def _size(phrase: NounPhrase, groupings: tuple[Grouping, ...]) -> int:
    """How many members a group has; refuses what is not one number."""
    amount = phrase.amount
    if phrase.force not in (Force.SOME, Force.ANY, Force.THE, Force.NO):
        raise UnreadableError(phrase.span, "a group has so many members: say how many", ("two", "three"))
    if amount is None:
        return max((each.unstated for each in groupings), default=2)
    if amount.least is None or amount.most is not None or amount.least < 2:
        raise UnreadableError(phrase.span, "a group takes a plain number of two or more", ("two", "three"))
    if amount.least > MAX_GROUP:
        raise UnreadableError(phrase.span, f"groups are checked up to {MAX_GROUP} members", ())
    return amount.least


def _affirmed(objects: Objects) -> Objects:
    """ "nor no ship" is nor a ship."""
    if isinstance(objects, NounPhrase) and objects.force is Force.NO:
        return replace(objects, force=Force.SOME)
    return objects
