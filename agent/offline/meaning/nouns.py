"""What noun phrases say: which entities they bring in, under which quantifier, and in which box."""

from dataclasses import replace

from agent.offline.meaning.boxes import Box, Entity, Subject
from agent.offline.meaning.entities import Scope, nothing_more
from agent.offline.meaning.groups import GroupMeanings
from agent.offline.meaning.readings import Met, affirmed, opposed, widest_in
from agent.offline.problems import UnreadableError
from agent.offline.syntax import (
    INDIVIDUALS,
    Amount,
    AtDistance,
    Combined,
    Force,
    Grouping,
    Joined,
    Link,
    NounPhrase,
    Objects,
    Predicate,
    Pronoun,
    Related,
)
from agent.offline.walks import conjoined, groupings_in, holds_for_them
from solvers.fol.ast import (
    Comparator,
    Counted,
    Formula,
    Implies,
    Not,
    Quantified,
    Quantifier,
    Xor,
    disjunction,
    free_variables,
)


class NounMeanings(GroupMeanings):
    """Adds what noun phrases say to boxes."""

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
            case Met(subject):
                scope(subject, box)
            case Pronoun():
                scope(self._resolve(objects, box, against), box)
            case NounPhrase():
                self.span = objects.span
                self._noun_phrase(objects, box, scope, against, grouped)
            case Joined(Link.AND, items) if grouped:
                self.together(items, (), box, scope, against)
            case Joined(Link.AND, items):
                for item in items:
                    self.objects(item, box, scope, against=against)
            case Joined(Link.NOR, items):
                for item in items:
                    denied = Box(box)
                    self.objects(affirmed(item), denied, scope, against=against, grouped=grouped)
                    box.add(Not(denied.formula()))
            case Joined(link, items):
                options: list[Formula] = []
                for item in items:
                    option = Box(box, site=True, positive=True)
                    self.objects(item, option, scope, against=against, grouped=grouped)
                    options.append(option.formula())
                exclusive = link is Link.XOR and len(options) == 2
                box.add(Xor(options[0], options[1]) if exclusive else disjunction(tuple(options)))

    def _resolve(self, pronoun: Pronoun, box: Box, against: Subject) -> Subject:
        subject = self.hosts[-1] if self.hosts else self.topic
        if not self.hosts and self.topic_is_plural and not pronoun.plural:
            against, subject = (*against, *(subject or ())), None
        visible = {entity.name: entity for entity in box.visible()}
        if not pronoun.plural and (subject is None or (len(subject) == 1 and set(subject) & set(against))):
            rest = [entity for entity in visible.values() if entity not in against]
            subject = tuple(rest) if len(rest) == 1 else None
        if subject is None or not all(entity.name in visible for entity in subject) or set(subject) & set(against):
            raise UnreadableError(pronoun.span, "it is not clear which thing this means: name it")
        return subject

    def _noun_phrase(
        self, phrase: NounPhrase, box: Box, scope: Scope, against: Subject, grouped: tuple[Grouping, ...]
    ) -> None:
        if phrase.other:
            self.said_of[phrase.span] = against or (self.hosts[-1] if self.hosts else ())
        said_of_all = bool(grouped) and phrase.grouping is None and phrase.rank is None and phrase.force is Force.THE
        if phrase.modifiers is not None:
            grouped = (*grouped, *groupings_in(phrase.modifiers))
        widest = None if phrase.modifiers is None else widest_in(phrase.modifiers, phrase)
        if widest is not None:
            self._widest(phrase, widest, box, scope, against)
            return
        places = () if phrase.modifiers is None else opposed(phrase.modifiers)
        if places:
            self._at_each_place(phrase, places, box, scope, against)
            return
        amount = phrase.amount
        several = amount is not None and (amount.least or 0) > 1
        if several and phrase.force is Force.SOME and holds_for_them(phrase.modifiers):
            grouped = (*grouped, INDIVIDUALS)
        match phrase.force:
            case Force.THE if said_of_all and phrase.plural and amount is None:
                self.each_other(phrase, box, scope, grouped)
            case Force.EVERY | Force.EACH | Force.NOT_EVERY if grouped or phrase.grouping:
                self.each_other(phrase, box, scope, grouped)
            case _ if grouped or phrase.grouping or (phrase.rank and several):
                if said_of_all and amount is not None and INDIVIDUALS not in grouped:
                    self.universal(replace(phrase, force=Force.EVERY), box, nothing_more)
                self.members(phrase, box, scope, grouped=grouped)
            case Force.NO:
                self._none(phrase, box, scope)
            case _ if phrase.rank is not None and phrase.force in (Force.SOME, Force.THE):
                self._definite(phrase, box, scope, against)
            case _ if phrase.rank is not None:
                raise UnreadableError(phrase.rank.span, 'a rank goes with "the"', ("the largest",))
            case Force.EVERY | Force.EACH | Force.NOT_EVERY:
                self.universal(phrase, box, scope)
            case Force.ONLY:
                self._only(phrase, box, scope)
            case Force.THE if phrase.plural or amount is not None:
                self.universal(replace(phrase, force=Force.EVERY), box, scope)
            case Force.THE:
                self._definite(phrase, box, scope, against)
            case _ if amount is None or (amount.least == 1 and amount.most is None):
                entity = self.fresh(phrase.classes)
                box.introduce((entity,))
                self.restrict(phrase, (entity,), box)
                scope((entity,), box)
            case _:
                self._counted(phrase, amount, box, scope)

    def _widest(
        self, phrase: NounPhrase, widest: "Related | AtDistance", box: Box, scope: Scope, against: Subject
    ) -> None:
        """ "a ship in every harbor": for every harbor a ship."""
        said = phrase.modifiers.parts if isinstance(phrase.modifiers, Combined) else (widest,)

        def of_each(subject: Subject, inner: Box) -> None:
            parts = [replace(widest, objects=Met(subject)) if each is widest else each for each in said]
            self.objects(replace(phrase, modifiers=conjoined(parts)), inner, scope, against=against)

        self.objects(widest.objects, box, of_each)

    def _at_each_place(
        self, phrase: NounPhrase, places: tuple[Predicate, ...], box: Box, scope: Scope, against: Subject
    ) -> None:
        """ "ships on the left and on the right": ships at each of the places, for none is at both."""
        if phrase.force is not Force.SOME or phrase.amount is not None or not phrase.plural:
            raise UnreadableError(phrase.span, "nothing is on two opposite sides at once: say what is on each")
        said = phrase.modifiers.parts if isinstance(phrase.modifiers, Combined) else ()
        for place in places:
            there = conjoined([part for part in said if part is place or part not in places])
            self.objects(replace(phrase, modifiers=there), box, scope, against=against)

    def some_of(self, phrase: NounPhrase, box: Box) -> NounPhrase:
        """ "near the ships" as near one of them; that there are any is presupposed."""
        for presupposed in self._presupposed(phrase, box) if not box.positive else ():
            if box.site.reaches(free_variables(presupposed)):
                box.site.add(presupposed)
        return replace(phrase, force=Force.SOME)

    def _definite(self, phrase: NounPhrase, box: Box, scope: Scope, against: Subject) -> None:
        """ "the ship": the one spoken of before, else one whose presence is presupposed."""
        known = self.spoken_of(phrase, box, against)
        if known is not None:
            scope((known,), box)
            return
        entity = self.fresh(phrase.classes)
        inner = Box(box, positive=True)
        inner.introduce((entity,))
        self.restrict(phrase, (entity,), inner)
        site = box.site
        (site if site.reaches(inner.free()) else box).absorb(inner)
        scope((entity,), box)

    def spoken_of(self, phrase: NounPhrase, box: Box, against: Subject) -> Entity | None:
        """The thing that "the ship" takes up, if one was spoken of."""
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
        self.restrict(phrase, (entity,), inner)
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

    def universal(self, phrase: NounPhrase, box: Box, scope: Scope) -> None:
        """ "every ship ...", which presupposes a ship, "the two ships ...", which presupposes just two."""
        entity = self.fresh(phrase.classes)
        restrictor, claim = Box(box, (entity,)), Box(box, (entity,))
        self.restrict(phrase, (entity,), restrictor)
        scope((entity,), claim)
        condition = restrictor.formula()
        if phrase.force is not Force.EACH or not claim.conditions:
            site = box.site if box.site.reaches(restrictor.free() - {entity.name}) else box
            count = phrase.amount.least if phrase.amount is not None else None
            if count is not None:
                site.add(Counted(Comparator.EQ, count, entity.variable, condition))
            elif phrase.all_kinds:
                for presupposed in self._presupposed(phrase, box):
                    site.add(presupposed)
            else:
                site.add(Quantified(Quantifier.EXISTS, (entity.variable,), condition))
        claim.conditions = [each for each in claim.conditions if each not in restrictor.conditions]
        if claim.conditions:
            every = Quantified(Quantifier.FORALL, (entity.variable,), Implies(condition, claim.formula()))
            box.add(Not(every) if phrase.force is Force.NOT_EVERY else every)

    def _presupposed(self, phrase: NounPhrase, box: Box) -> tuple[Formula, ...]:
        """That there are such things; of every kind where these are joined by "and"."""
        kinds = [(name,) for name in phrase.classes] if phrase.all_kinds else [phrase.classes]
        formulas = []
        for classes in kinds:
            entity = self.fresh(classes)
            inner = Box(box, (entity,))
            self.restrict(phrase, (entity,), inner)
            formulas.append(Quantified(Quantifier.EXISTS, (entity.variable,), inner.formula()))
        return tuple(formulas)

    def _only(self, phrase: NounPhrase, box: Box, scope: Scope) -> None:
        """ "only ships ...": whatever is so is a ship, and there is a ship."""
        entity = self.fresh(phrase.classes)
        anything = Entity(entity.number, (None,), self.lexicon.leaves(None))
        claim, noun = Box(box, (anything,)), Box(box, (entity,))
        scope((anything,), claim)
        bare = replace(phrase, modifiers=None) if not claim.conditions else phrase
        if not claim.conditions and phrase.modifiers is not None:
            self.holds(phrase.modifiers, (anything,), claim)
        self.restrict(bare, (entity,), noun)
        body = Implies(claim.formula(), noun.formula()) if claim.conditions else noun.formula()
        for presupposed in self._presupposed(phrase, box):
            site = box.site if box.site.reaches(free_variables(presupposed)) else box
            site.add(presupposed)
        box.add(Quantified(Quantifier.FORALL, (entity.variable,), body))
