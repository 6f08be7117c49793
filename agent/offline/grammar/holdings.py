"""What a noun has: "with no ship near it", "with the largest area", and to which noun that belongs."""

from agent.offline.function_words import BE, STANDS
from agent.offline.grammar.nouns import placed_like
from agent.offline.grammar.relations import RelationRules
from agent.offline.syntax import Having, Joined, Link, Measure, Objects, Predicate, Rank, Ranked
from agent.offline.vocabulary import EXTREMES, FUNCTIONS
from agent.offline.walks import mentions_pronoun, pronoun_numbers

_AND = ("and", "but", "and also", "but also", "as well as", "and is also", "while")


class HoldingRules(RelationRules):
    """Reads "with" phrases; `holding` says how many of them are being read."""

    holding = 0

    def with_extreme(self) -> Predicate | None:
        """ "with the largest area"."""
        start = self.position
        if not self.take("with", "having", "has", "have"):
            return None
        self.take("the")
        extreme = self.lookup(EXTREMES)
        function = self.lookup(FUNCTIONS)
        if extreme is None or function is None:
            return None
        measure = Measure(function=function, least_first=not extreme)
        if function == "area":
            measure = Measure(relation="larger_than" if extreme else "smaller_than")
        return Ranked(Rank(measure, 1, self.span_from(start)))

    def having(self) -> Predicate | None:
        """ "with no ship near it"."""
        start = self.position
        word = self.take("with", "without", "having")
        if word is None:
            return None
        if word != "without" and (quality := self.attempt(self.of_quality)) is not None:
            return quality
        self.holding += 1
        try:
            objects = self.require(self.held_objects())
        finally:
            self.holding -= 1
        if self._belongs_further_out(objects):
            return None
        return Having(objects, word == "without", self.span_from(start))

    def _belongs_further_out(self, objects: Objects) -> bool:
        """Whether "it" or "them" agrees with a noun further out, and not with the last one."""
        numbers = pronoun_numbers(objects)
        *outer, last = self.hosts_are_plural or (True,)
        return len(numbers) == 1 and last not in numbers and any(plural in numbers for plural in outer)

    def agrees_further_out(self) -> bool:
        """Whether the verb agrees in number with a noun further out only: "ships near a harbor that are ..."."""
        plural = self.look("are", "were", "have", "do", "lie", "stand", "sit")
        singular = self.look("is", "was", "has", "does", "lies", "stands", "sits")
        *outer, last = self.hosts_are_plural or (True,)
        return (plural or singular) and last is not plural and any(each is plural for each in outer)

    def held_objects(self) -> Objects | None:
        """What a noun is said to have; a place at the end, "two ships and a car near it", holds for all of them."""
        opening = self.take("either", "neither") or (self.take("both") if not self.look("both of") else None)
        items = [self.require(self.single())]
        link: Link | None = None
        before_list = self.position
        while True:
            start = self.position
            comma = self.take(",") is not None
            joint = Link.OR if self.take("or") else Link.AND if self.take(*_AND) else None
            if opening == "neither":
                joint = Link.NOR if joint is Link.OR or self.take("nor") else None
            going_on = joint is not None or comma
            item = None if not going_on or (link or joint) is not joint else self.single()
            pointing = any(map(mentions_pronoun, items))
            if item is None or self.look(*BE, *STANDS) or (pointing and not mentions_pronoun(item)):
                self.position = start
                break
            link = joint
            items.append(item)
        if link is None:  # also a list without a joining word before its last
            self.position = before_list
            return items[0] if opening is None else None
        if mentions_pronoun(items[-1]):
            items = [placed_like(items[-1], item) for item in items]
        return Joined(link, tuple(items))
