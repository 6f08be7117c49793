"""Modifiers: what stands after a noun and is said of it, and how such phrases follow one another."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace

from agent.offline.function_words import BE, ENDS, LOCATED, NOT_BOTH, PRESENT, STANDS
from agent.offline.grammar.cursor import StuckError
from agent.offline.grammar.determiners import Determiner
from agent.offline.grammar.holdings import HoldingRules
from agent.offline.grammar.measures import each_of_any
from agent.offline.grammar.nouns import is_alike
from agent.offline.problems import UnreadableError
from agent.offline.syntax import (
    AtDistance,
    Combined,
    Having,
    InRegion,
    Joined,
    Link,
    Measured,
    Negated,
    NounPhrase,
    Objects,
    OfClass,
    Predicate,
    Pronoun,
    Ranked,
    Related,
)
from agent.offline.vocabulary import FINITE, FUNCTIONS
from agent.offline.walks import conjoined, mentions_pronoun

_AND = ("and", "but", "and also", "but also", "as well as", "and is also", "while")
_ASIDES = (", which", ", who")
Rule = Callable[[], Predicate | None]


class ModifierRules(HoldingRules):
    """Reads modifiers."""

    @abstractmethod
    def unit(self, host: Determiner | None) -> Predicate | None:
        """One predicate, negated or not."""

    @abstractmethod
    def verb_phrases(self, host: Determiner | None) -> Predicate | None:
        """One or more verbs with what belongs to them."""

    def modifiers(self, host: Determiner | None, *, outermost: bool) -> Predicate | None:
        """What is said of a noun after it; a comma ends it, but for the outermost noun of a statement."""
        return self.series(lambda: self._modifier(host), comma=outermost, adjoined=True, aside=True)

    def series(
        self, rule: Rule, *, comma: bool = False, adjoined: bool = False, aside: bool = False
    ) -> Predicate | None:
        """Predicates joined by and, but, or; "and" binds tighter. Where `adjoined` they may also just follow."""
        aside = aside and bool(self.heads)
        first = self.attempt(rule) or self.attempt(lambda: self._after_comma(rule, comma=comma, aside=aside))
        if first is None:
            return None
        alternatives = [[first]]
        settled: list[Predicate] = []
        while True:
            contrast = self.look("but", ", but", ", and")
            more = self.attempt(
                lambda: self._further(rule, alternatives[-1][-1], comma=comma, adjoined=adjoined, aside=aside)
            ) or self.attempt(lambda: self._gapped(alternatives[-1][-1]))
            if more is None:
                break
            link, predicate = more
            if link is Link.OR:
                alternatives.append([predicate])
            elif contrast and len(alternatives) > 1:  # "on the left or on the right, but not near a bridge"
                settled.append(self._one_of(alternatives))
                alternatives[:] = [[predicate]]
            else:
                alternatives[-1].append(predicate)
        return conjoined([*settled, self._one_of(alternatives)])

    def _one_of(self, alternatives: list[list[Predicate]]) -> Predicate:
        options = [part for each in alternatives if (part := conjoined(each)) is not None]
        if len(options) == 1:
            return options[0]
        return Combined(Link.XOR if self.take(*NOT_BOTH) else Link.OR, tuple(options))

    def _further(
        self, rule: Rule, before: Predicate, *, comma: bool, adjoined: bool, aside: bool
    ) -> tuple[Link, Predicate] | None:
        parted = (comma or (aside and self.look(*_ASIDES))) and self.take(",") is not None
        link = Link.OR if self.take("or") else Link.AND if self.take(*_AND) else None
        if link is None and not (adjoined or parted):
            return None
        owned = self.look("a", "an", "the", *FUNCTIONS)
        alike = link is not None and self.holding > 0 and self.look("with", "having")
        predicate = rule()
        if isinstance(predicate, Measured) and alike:
            return None  # "with a ship near it and with an area of ..." goes on with what the owner has
        if isinstance(predicate, Measured) and owned and not isinstance(before, Measured | Having):
            return None  # "with a ship near it and an area of ..." goes on with what is had
        if isinstance(predicate, Having) and link is not None and self.holding:
            return None  # "with a ship near it and no car near it" goes on with what is held
        if isinstance(predicate, Having) and link is not None and not mentions_pronoun(predicate.objects):
            return None  # "and with a bridge" speaks of the image
        if isinstance(predicate, InRegion) and link is not Link.OR and self._noun_phrase_begins():
            return None
        if isinstance(predicate, Ranked) and self.look(*FINITE):
            return None  # "and the largest of all ships is ..." is a clause of its own
        return None if predicate is None else (link or Link.AND, predicate)

    def _gapped(self, before: Predicate) -> tuple[Link, Predicate] | None:
        """ "but not a truck" after "near a car": like joins with like."""
        if not isinstance(before, Related | AtDistance) or not self.take("but not", "and not", ", not", ", but not"):
            return None
        objects = before.objects.items[-1] if isinstance(before.objects, Joined) else before.objects
        item = self.core()
        alike = isinstance(objects, NounPhrase) and item is not None and is_alike(objects, item)
        if item is None or not alike or not (self.at_end or self.look(*ENDS)):
            return None
        return Link.AND, Negated(replace(before, objects=item))

    def _after_comma(self, rule: Rule, *, comma: bool, aside: bool) -> Predicate | None:
        """What follows a comma; "which ..." belongs to the noun right before it, however deep that is."""
        if not (comma or (aside and self.look(*_ASIDES))):
            return None
        predicate = rule() if self.take(",") else None
        return None if isinstance(predicate, InRegion) and self._noun_phrase_begins() else predicate

    def _noun_phrase_begins(self) -> bool:
        """Whether something new is named here: "and on the right two ships"."""
        start, furthest = self.position, self.furthest
        found = self.attempt(self.core) is not None
        self.position, self.furthest = start, furthest
        return found

    def _modifier(self, host: Determiner | None) -> Predicate | None:
        return (
            self.attempt(lambda: self._relative(host))
            or self.attempt(self._whose)
            or self.attempt(self.with_extreme)
            or self.attempt(lambda: self.unit(host))
            or self.attempt(self.having)
            or self.attempt(self._except)
        )

    def _except(self) -> Predicate | None:
        """ "other than ships"."""
        start = self.position
        if not self.take("other than", "except", "except for", "apart from", "excluding", "besides", "but"):
            return None
        excepted = self.attempt(self._excepted)
        if excepted is None and start and self.tokens[start - 1].text == "everything":
            span = self.span_from(start - 1)
            raise UnreadableError(span, "name the kind of things that is excepted, without a number", ("except ships",))
        return Negated(self.require(excepted))

    def _excepted(self) -> Predicate | None:
        """ "ships", "the largest one": what a noun that could be such a thing is not to be."""
        bare = self.word(-1) == "but"
        ranked = self.attempt(self.ranked)
        if ranked is not None:
            return ranked
        kind = self.kind()
        head = self.heads[-1] if self.heads else (None,)
        if not isinstance(kind, OfClass) or (bare and head != (None,)):
            return None
        of_kind = frozenset[str]().union(*map(self.lexicon.leaves, kind.classes))
        return kind if any(of_kind & self.lexicon.leaves(name) for name in head) else None

    def kind(self) -> Predicate | None:
        """ "a ship", "ships and planes", as a kind of thing."""
        self.take("a", "an", "the", "any")
        if self.look("same"):
            return None
        classes: list[str | None] = []
        while (noun := self.noun()) is not None:
            classes.append(noun.name)
            if not self.attempt(lambda: self.take("or", "and", "or a", "or an") if self._noun_follows() else None):
                break
        return OfClass(tuple(classes)) if classes else None

    def _noun_follows(self) -> bool:
        return any(self.pre_noun_at(ahead) for ahead in (1, 2))

    def _relative(self, host: Determiner | None) -> Predicate | None:
        if self.take("that", "which", "who"):
            if self.agrees_further_out():
                return None
            return self._each_one(host) if self.look("each") else self.verb_phrases(host)
        return self._relative_of_place()

    def _each_one(self, host: Determiner | None) -> Predicate | None:
        """ "each have a ship near it": said of one of several at a time, which "it" and "them" mean alike."""
        if host is None or not host.plural or not self.hosts_are_plural:
            return None
        self.take("each")
        self.hosts_are_plural[-1], self.one_by_one = False, True
        try:
            return self.verb_phrases(host)
        finally:
            self.hosts_are_plural[-1], self.one_by_one = True, False

    def _relative_of_place(self) -> Predicate | None:
        """ "on which there are cars", "to the left of which a ship lies", "where there is a ship"."""
        start = self.position
        relation = "inside" if self.take("where") else self.relation_name()
        if relation is None or not (self.word(-1) == "where" or self.take("which", "whom")):
            return None
        existence = self.take("there is", "there are", "there exist", "there exists", "is", "are")
        objects = self.require(self.objects(None))
        if existence is None:
            self.require(self.take(*BE, *STANDS))
            self.take(*LOCATED, *PRESENT)
        place = Related((relation,), Pronoun(False, self.span_from(start)))
        return Having(_placed(objects, place), False, self.span_from(start))

    def _whose(self) -> Predicate | None:
        if not self.take("whose"):
            return None
        return self.attempt(self._whose_distance) or self.extent()

    def _whose_distance(self) -> Predicate | None:
        """ "distance to a bridge is less than 50 m"."""
        if not self.take("distance to", "distance from"):
            return None
        objects = self.require(self.objects(None))
        self.take(*BE)
        bounds = self.require(self.bounds())
        beyond = any(bound.comparator[0] == ">" for bound in bounds)
        return AtDistance(bounds, each_of_any(objects, generic=True) if beyond else objects)


def _placed(objects: Objects, place: Predicate) -> Objects:
    """The objects, which are at a place besides all else that is said of them."""
    match objects:
        case Joined(link, items):
            return Joined(link, tuple(_placed(item, place) for item in items))
        case NounPhrase(modifiers=modifiers):
            return replace(objects, modifiers=conjoined([place] if modifiers is None else [place, modifiers]))
        case _:
            raise StuckError
