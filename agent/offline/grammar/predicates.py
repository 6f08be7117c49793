"""Predicates: what is said of a noun, in its modifiers and relative clauses or by a verb."""

from collections.abc import Callable
from dataclasses import replace

from agent.offline.grammar.cursor import StuckError
from agent.offline.grammar.determiners import BARE, Determiner
from agent.offline.grammar.measures import each_of_any
from agent.offline.grammar.nouns import is_alike
from agent.offline.grammar.relations import RelationRules
from agent.offline.problems import UnreadableError
from agent.offline.syntax import (
    AtDistance,
    Combined,
    Grouped,
    Having,
    InRegion,
    Joined,
    Link,
    Measure,
    Negated,
    NounPhrase,
    Objects,
    OfClass,
    Predicate,
    Pronoun,
    Rank,
    Ranked,
    Related,
)
from agent.offline.vocabulary import (
    BARE_VERBS,
    BE,
    EACH_OTHER,
    ENDS,
    EXISTS,
    EXTREMES,
    FORMED,
    FUNCTIONS,
    LOCATED,
    NOT_BOTH,
    PRESENT,
    STANDS,
)
from agent.offline.walks import conjoined, mentions_pronoun, pronoun_numbers

_AND = ("and", "but", "and also", "but also", "as well as", "and is also", "while")
Rule = Callable[[], Predicate | None]


class PredicateRules(RelationRules):
    """Reads predicates; `_holding` says how many "with" phrases are being read."""

    _holding = 0

    def modifiers(self, host: Determiner | None, *, outermost: bool) -> Predicate | None:
        """What is said of a noun after it; a comma ends it, but for the outermost noun of a statement."""
        return self._series(lambda: self._modifier(host), comma=outermost, adjoined=True)

    def _series(self, rule: Rule, *, comma: bool = False, adjoined: bool = False) -> Predicate | None:
        """Predicates joined by and, but, or; "and" binds tighter. Where `adjoined` they may also just follow."""
        first = self.attempt(rule) or (self.attempt(lambda: self._after_comma(rule)) if comma else None)
        if first is None:
            return None
        alternatives = [[first]]
        while True:
            more = self.attempt(lambda: self._further(rule, comma=comma, adjoined=adjoined)) or self.attempt(
                lambda: self._gapped(alternatives[-1][-1])
            )
            if more is None:
                break
            link, predicate = more
            if link is Link.OR:
                alternatives.append([predicate])
            else:
                alternatives[-1].append(predicate)
        options = [part for each in alternatives if (part := conjoined(each)) is not None]
        if len(options) == 1:
            return options[0]
        return Combined(Link.XOR if self.take(*NOT_BOTH) else Link.OR, tuple(options))

    def _further(self, rule: Rule, *, comma: bool, adjoined: bool) -> tuple[Link, Predicate] | None:
        parted = comma and self.take(",") is not None
        link = Link.OR if self.take("or") else Link.AND if self.take(*_AND) else None
        if link is None and not (adjoined or parted):
            return None
        predicate = rule()
        if isinstance(predicate, Having) and link is not None and self._holding:
            return None  # "with a ship near it and no car near it" goes on with what is held
        if isinstance(predicate, InRegion) and link is not Link.OR and self._noun_phrase_begins():
            return None
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

    def _after_comma(self, rule: Rule) -> Predicate | None:
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
            or self.attempt(self._with_extreme)
            or self.attempt(lambda: self.unit(host))
            or self.attempt(self._having)
            or self.attempt(self._except)
        )

    def _except(self) -> Predicate | None:
        """ "other than ships"."""
        if not self.take("other than", "except", "except for", "apart from", "excluding", "besides", "but"):
            return None
        return Negated(self.require(self.attempt(self._excepted)))

    def _excepted(self) -> Predicate | None:
        """ "ships", "the largest one": what a noun that could be such a thing is not to be."""
        bare = self.word(-1) == "but"
        ranked = self.attempt(self.ranked)
        if ranked is not None:
            return ranked
        kind = self._kind()
        head = self.heads[-1] if self.heads else (None,)
        if not isinstance(kind, OfClass) or (bare and head != (None,)):
            return None
        of_kind = frozenset[str]().union(*map(self.lexicon.leaves, kind.classes))
        return kind if any(of_kind & self.lexicon.leaves(name) for name in head) else None

    def _kind(self) -> Predicate | None:
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
            return self.verb_phrases(host)
        return self._relative_of_place()

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

    def _with_extreme(self) -> Predicate | None:
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

    def _having(self) -> Predicate | None:
        """ "with no ship near it"."""
        start = self.position
        word = self.take("with", "without", "having")
        if word is None:
            return None
        self._holding += 1
        try:
            objects = self.require(self.held_objects())
        finally:
            self._holding -= 1
        if self._belongs_further_out(objects):
            return None
        return Having(objects, word == "without", self.span_from(start))

    def _belongs_further_out(self, objects: Objects) -> bool:
        """Whether "it" or "them" agrees with a noun further out, and not with the last one."""
        numbers = pronoun_numbers(objects)
        *outer, last = self.hosts_are_plural or (True,)
        return len(numbers) == 1 and last not in numbers and any(plural in numbers for plural in outer)

    def held_objects(self) -> Objects | None:
        """What a noun is said to have; a place at the end, "two ships and a car near it", holds for all of them."""
        opening = self.take("either", "neither") or (self.take("both") if not self.look("both of") else None)
        items = [self.require(self.single())]
        link: Link | None = None
        while True:
            start = self.position
            joint = Link.OR if self.take("or") else Link.AND if self.take(*_AND) else None
            if opening == "neither":
                joint = Link.NOR if joint is Link.OR or self.take("nor") else None
            item = None if joint is None or (link or joint) is not joint else self.single()
            pointing = any(map(mentions_pronoun, items))
            if item is None or self.look(*BE, *STANDS) or (pointing and not mentions_pronoun(item)):
                self.position = start
                break
            link = joint
            items.append(item)
        if link is None:
            return items[0] if opening is None else None
        return Joined(link, tuple(_placed_like(items[-1], item) for item in items))

    def verb_phrases(self, host: Determiner | None) -> Predicate | None:
        """One or more verbs with what belongs to them: "is left of a ship and has no car near it"."""

        def again() -> Predicate | None:
            self.take("that", "which", "who")
            return self.verb_phrase(host)

        return self._series(again)

    def verb_phrase(self, host: Determiner | None) -> Predicate | None:
        """A finite verb with what belongs to it."""
        return self.attempt(lambda: self._verb_phrase(host))

    def _verb_phrase(self, host: Determiner | None) -> Predicate | None:
        if self.take("does not", "do not"):
            return Negated(self.require(self._active(host)))
        if self.take(*BE):
            self.take("also")
            first = self.position
            return self.require(
                self._series(lambda: self._said_by_be(host, kinds=self.position == first), adjoined=True)
            )
        return self._active(host)

    def _said_by_be(self, host: Determiner | None, *, kinds: bool) -> Predicate | None:
        """What follows "is"; a kind of thing only right after it, for "and a ship" begins something new."""
        return self.unit(host) or (self.attempt(self._of_kind) if kinds else None)

    def _of_kind(self) -> Predicate | None:
        negative = self.take("not") is not None
        self.take("all", "both", "either")
        kind = self._kind() if self.look("a", "an") or self.at_noun() else None
        if kind is None:
            return None
        more = self.modifiers(BARE, outermost=False)
        kind = kind if more is None else Combined(Link.AND, (kind, more))
        return Negated(kind) if negative else kind

    def _active(self, host: Determiner | None) -> Predicate | None:
        start = self.position
        verb = self.take("has", "have", "measures", "measure")
        if verb in ("has", "have"):
            self.position = start
            extreme = self.attempt(self._with_extreme)
            if extreme is not None:
                return extreme
            self.advance()
        extent = None if verb is None else self.attempt(self.extent)
        if extent is not None:
            return extent
        if verb in ("has", "have"):
            return Having(self.require(self.held_objects()), False, self.span_from(start))
        relation = self.lookup(BARE_VERBS)
        if relation is not None:
            if self.take(*EACH_OTHER):
                return self.reciprocal(relation, start)
            objects = self.contents() if relation == "contains" else self.objects(host)
            return self.reciprocal(relation, start) if objects is None else Related((relation,), objects)
        if self.take("form", "forms", "make", "makes"):
            return Grouped(self.require(self.lookup(FORMED)), self.span_from(start))
        if self.take(*STANDS):
            return self.require(self.unit(host))
        if self.take(*EXISTS):
            return self.unit(host) or InRegion(())
        return None

    def unit(self, host: Determiner | None) -> Predicate | None:
        """One predicate, negated or not, or a bracketed pair: "either ... or ...", "neither ... nor ..."."""
        return self.attempt(lambda: self._unit(host))

    def _unit(self, host: Determiner | None) -> Predicate | None:
        with self.nested():
            if self.look("not far from", "not far away from"):
                return self.plain(host)
            if self.take("not"):
                return Negated(self.require(self.unit(host)))
            for opening, joint, link in (
                ("either", "or", Link.OR),
                ("neither", "nor", Link.NOR),
                ("both", "and", Link.AND),
            ):
                pair = self.attempt(lambda: self._pair(host, opening, joint, link))  # noqa: B023
                if pair is not None:
                    return pair
            self.take("also")
            if host is None or host.plural:
                self.take("all", "both", "each")
            if self.take(*PRESENT):
                return self.plain(host) or InRegion(())
            located = self.position
            if self.take(*LOCATED):
                return self._located(host, located)
            return self.plain(host)

    def _pair(self, host: Determiner | None, opening: str, joint: str, link: Link) -> Predicate | None:
        if not self.take(opening):
            return None

        parts = [self.require(self.unit(host) or self.attempt(self._of_kind))]
        while self.take(joint):
            parts.append(self.require(self.unit(host) or self._shortened(parts[-1])))
        if len(parts) == 1 and not _names_two(parts[0], link):
            raise StuckError
        if link is Link.NOR:
            return Combined(Link.AND, tuple(Negated(part) for part in parts))
        return Combined(Link.XOR if link is Link.OR and self.take(*NOT_BOTH) else link, tuple(parts))

    def _shortened(self, before: Predicate) -> Predicate | None:
        """ "a truck" after "neither near a car nor", or after "neither a car nor"."""
        if isinstance(before, Related | AtDistance):
            item = self.noun_phrase()
            return None if item is None else replace(before, objects=item)
        return self.attempt(self._of_kind) if isinstance(before, OfClass) else None

    def _located(self, host: Determiner | None, start: int) -> Predicate:
        place = self.plain(host)
        if place is None:
            word = self.tokens[start].text
            raise UnreadableError(
                self.span_from(start),
                f'no detector here sees that something is {word}; "{word}" needs a place after it',
            )
        return place


def _names_two(predicate: Predicate, link: Link) -> bool:
    """Whether what follows "either near" is two things: "a ship or a truck"."""
    match predicate:
        case Related(objects=NounPhrase(classes=classes)) | AtDistance(objects=NounPhrase(classes=classes)):
            return link is Link.OR and len(classes) > 1
        case Related(objects=Joined(joint)) | AtDistance(objects=Joined(joint)):
            return joint is link
        case _:
            return False


def _placed(objects: Objects, place: Predicate) -> Objects:
    """The objects, which are at a place besides all else that is said of them."""
    match objects:
        case Joined(link, items):
            return Joined(link, tuple(_placed(item, place) for item in items))
        case NounPhrase(modifiers=modifiers):
            return replace(objects, modifiers=conjoined([place] if modifiers is None else [place, modifiers]))
        case _:
            raise StuckError


def _placed_like(last: Objects, item: Objects) -> Objects:
    """The item with the last one's place, where it has none of its own."""
    if not (isinstance(last, NounPhrase) and isinstance(item, NounPhrase) and mentions_pronoun(last.modifiers)):
        return item
    return replace(item, modifiers=last.modifiers) if item.modifiers is None else item
