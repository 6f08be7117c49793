"""What a query says: one formula for its statements."""

from dataclasses import replace

from agent.offline.meaning.boxes import Box, NothingSaidError, Subject, TooMuchSaidError
from agent.offline.meaning.entities import TOO_MUCH
from agent.offline.meaning.predicates import PredicateMeanings, alternatives
from agent.offline.meaning.readings import affirmed, is_one, widest_in
from agent.offline.problems import UnreadableError
from agent.offline.statements import Conditional, Denied, ForEach, Found, Linked, Statement
from agent.offline.syntax import INDIVIDUALS, Amount, Force, Link, NounPhrase, Objects
from agent.offline.walks import conjoined, groupings_in, mentions_pronoun, speaks_of_pair
from solvers.fol.ast import Formula, Implies, Not, Quantified, Quantifier, conjunction


class StatementMeanings(PredicateMeanings):
    """Adds what statements say to boxes."""

    def formula(self, statement: Statement) -> Formula:
        """The formula of a whole query; its variables have working names."""
        box = Box()
        try:
            self._state(statement, box)
            return box.formula()
        except NothingSaidError:
            raise UnreadableError(self.span, "nothing is said of this that could be true or false") from None
        except TooMuchSaidError:
            raise UnreadableError(self.span, TOO_MUCH) from None

    def _state(self, statement: Statement, box: Box) -> None:
        match statement:
            case Found():
                self._found(statement, box)
            case Denied(body):
                denied = Box(box)
                if isinstance(body, Found) and body.predicate is None:
                    body = replace(body, subject=affirmed(body.subject))
                self._state(body, denied)
                self.topic = None
                box.add(Not(denied.formula()))
            case Linked(Link.AND, parts):
                for part, following in zip(parts, (*parts[1:], None), strict=True):
                    self._state(_individual(part) if mentions_pronoun(following) else part, box)
            case Linked(link, parts):
                options = []
                for part in parts:
                    option = Box(box, site=True, positive=True)
                    self._state(part, option)
                    options.append(option.formula())
                self.topic = None
                box.add(alternatives(options, exclusive=link is Link.XOR))
            case Conditional(condition, consequence, both_ways):
                self._conditional(condition, consequence, box)
                if both_ways:
                    self._conditional(consequence, condition, box)
            case ForEach(objects, body):
                self._for_each(objects, body, box)

    def _conditional(self, condition: Statement, consequence: Statement, box: Box) -> None:
        """If ... then ...; what the condition brings in, the consequence may speak of."""
        premise = Box(box, site=True)
        self._state(condition, premise)
        conclusion = Box(premise, site=True)
        self._state(consequence, conclusion)
        self.topic = None
        shared = [entity for group in premise.introduced for entity in group if entity.name in conclusion.free()]
        if not shared:
            box.add(Implies(premise.formula(), conclusion.formula()))
            return
        variables = tuple(entity.variable for group in premise.introduced for entity in group)
        claim = Implies(conjunction(tuple(premise.conditions)), conclusion.formula())
        box.add(Quantified(Quantifier.FORALL, variables, claim))

    def _for_each(self, objects: Objects, body: Statement, box: Box) -> None:
        def scope(subject: Subject, inner: Box) -> None:
            self.topic = subject
            self._state(body, inner)

        self.objects(objects, box, scope)
        self.topic = None

    def _found(self, found: Found, box: Box) -> None:
        predicates = [*((found.predicate,) if found.predicate is not None else ()), *found.resumed]
        subject = found.subject
        if found.resumed and isinstance(subject, NounPhrase):
            if subject.force is Force.NO:
                raise UnreadableError(found.pronoun or subject.span, "there is nothing that this could mean")
            if subject.amount is not None and subject.amount.most is not None:
                self._found(replace(found, resumed=()), box)
                every = replace(subject, force=Force.EACH, amount=None)
                self._found(Found(every, found.resumed[0], found.resumed[1:]), box)
                return
        said_of = found.predicate
        if isinstance(subject, NounPhrase) and said_of is not None and widest_in(said_of, subject) is not None:
            said = [each for each in (subject.modifiers, predicates[0]) if each is not None]
            subject, predicates = replace(subject, modifiers=conjoined(said)), predicates[1:]
        topics: list[Subject] = []

        def scope(entities: Subject, inner: Box) -> None:
            if inner is box:
                topics.append(entities)
            for predicate in predicates:
                self.holds(predicate, entities, inner)

        members = self.topic or ()
        each = not (is_one(subject) or speaks_of_pair(subject))
        if len(members) > 1 and mentions_pronoun(subject) and each:
            for member in members:
                self.topic = (member,)
                self.present(subject, box, scope)
            self.topic = None
            return
        grouped = tuple(grouping for predicate in predicates for grouping in groupings_in(predicate))
        if predicates:
            self.objects(subject, box, scope, grouped=grouped)
        else:
            self.present(subject, box, scope)
        if not (self.topic and mentions_pronoun(subject)):  # else what "it" means goes on
            self.topic = topics[-1] if topics else None
            self.topic_is_plural = isinstance(subject, NounPhrase) and subject.plural


def _individual(statement: Statement) -> Statement:
    """The statement with its counted things as so many entities, so that "them" can mean these."""
    match statement:
        case Found(NounPhrase(Force.SOME, amount=Amount(least, None), grouping=None) as subject) if (least or 0) > 1:
            return replace(statement, subject=replace(subject, grouping=INDIVIDUALS))
        case _:
            return statement
