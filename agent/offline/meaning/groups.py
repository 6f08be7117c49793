"""Groups: several entities that a group word or a rank takes together."""

from abc import abstractmethod
from dataclasses import replace

from agent.offline.meaning.atoms import distinct, may_coincide
from agent.offline.meaning.boxes import Box, Subject
from agent.offline.meaning.entities import EntityMeanings, Scope
from agent.offline.problems import UnreadableError
from agent.offline.syntax import INDIVIDUALS, Force, Grouping, NounPhrase, Objects, Pattern
from solvers.fol.ast import Implies, Not, Quantified, Quantifier

MAX_GROUP = 12


class GroupMeanings(EntityMeanings):
    """Adds what is said of groups to boxes."""

    @abstractmethod
    def universal(self, phrase: NounPhrase, box: Box, scope: Scope) -> None:
        """Add that the scope holds of every such thing."""

    def members(
        self,
        phrase: NounPhrase,
        box: Box,
        scope: Scope,
        *,
        grouped: tuple[Grouping, ...] = (),
    ) -> None:
        """A group, each member an entity of its own: "three adjacent ships", "the first two ships from the left"."""
        groupings = (*((phrase.grouping,) if phrase.grouping else ()), *grouped)
        size = _size(phrase, groupings)
        subject = tuple(self.fresh(phrase.classes) for _ in range(size))
        inner = Box(box, positive=phrase.force is not Force.NO)
        inner.introduce(subject)
        self.restrict(phrase, subject, inner)
        if phrase.force is Force.NO:
            scope(subject, inner)
            box.add(Not(inner.formula()))
            return
        site = box.site if phrase.rank is not None and box.site.reaches(inner.free()) else box
        site.absorb(inner)
        scope(subject, box)

    def each_other(self, phrase: NounPhrase, box: Box, scope: Scope, grouped: tuple[Grouping, ...]) -> None:
        """ "all ships are parallel": every two of them."""
        pairwise = len(grouped) == 1 and grouped[0].pattern is Pattern.PAIRWISE and phrase.grouping is None
        two = phrase.amount is not None and phrase.amount.plain and phrase.amount.least == 2
        if not pairwise or not (phrase.amount is None or two) or phrase.rank is not None:
            raise UnreadableError(phrase.span, "a group has so many members: say how many", ("two", "three"))
        one_of_them = replace(phrase, amount=None)
        self.universal(one_of_them, box, lambda one, inner: self._others(one_of_them, one, inner, scope))

    def _others(self, phrase: NounPhrase, one: Subject, box: Box, scope: Scope) -> None:
        other = self.fresh(phrase.classes)
        restrictor, claim = Box(box, (other,)), Box(box, (other,))
        self.restrict(phrase, (other,), restrictor)
        restrictor.add(distinct(one[0], other))
        scope((*one, other), claim)
        box.add(Quantified(Quantifier.FORALL, (other.variable,), Implies(restrictor.formula(), claim.formula())))

    def together(self, items: tuple[Objects, ...], before: Subject, box: Box, scope: Scope, against: Subject) -> None:
        """Add that the scope holds of all the items as one group: "a ship and a plane are near each other"."""
        if not items:
            scope(before, box)
            return

        def more(subject: Subject, inner: Box) -> None:
            for one in before:
                for other in subject:
                    if may_coincide(one, other):
                        inner.add(distinct(one, other))
            self.together(items[1:], (*before, *subject), inner, scope, against)

        counted = isinstance(items[0], NounPhrase) and items[0].amount is not None and (items[0].amount.least or 0) > 1
        grouped = (INDIVIDUALS,) if counted else ()
        self.objects(items[0], box, more, against=(*against, *before), grouped=grouped)


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
