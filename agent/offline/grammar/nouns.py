"""Noun phrases with their modifiers, pronouns, and what joins them."""

from abc import abstractmethod
from dataclasses import replace

from agent.offline.function_words import BE, ENDS, NOT_BOTH, PRONOUNS, STANDS
from agent.offline.grammar.core import EXCEPT, CoreRules
from agent.offline.grammar.cursor import StuckError
from agent.offline.grammar.determiners import BARE, Determiner
from agent.offline.problems import UnreadableError
from agent.offline.syntax import Combined, Force, Joined, Link, NounPhrase, Objects, Predicate, Pronoun, Ranked
from agent.offline.vocabulary import BARE_VERBS
from agent.offline.walks import conjoined

_AND = ("and", "as well as", "along with", "together with", "plus", "and also")
_STRONG = frozenset({Force.NO, Force.EVERY, Force.NOT_EVERY, Force.ONLY})


class NounRules(CoreRules):
    """Reads noun phrases; `one_by_one` where several things are spoken of each by itself."""

    one_by_one = False

    @abstractmethod
    def modifiers(self, host: Determiner | None, *, outermost: bool) -> Predicate | None:
        """What is said of a noun after it."""

    def objects(self, host: Determiner | None, *, subject: bool = False) -> Objects | None:
        """One noun phrase or pronoun, or several joined.

        `host` is the determiner of the noun that they are said of; the `subject` of a verb takes all that is joined.
        """
        return self.attempt(lambda: self._objects(host, subject=subject))

    def contents(self) -> Objects | None:
        """What is contained: "ten ships but no crane" are of one list, whatever is counted or denied."""
        return self.attempt(self._contents)

    def _contents(self) -> Objects | None:
        first = self.require(self.objects(None))
        items = [first]
        start, linked = self.position, True
        while (further := self.attempt(self._further_content)) is not None:
            item, linked = further
            items.append(item)
        if not linked:  # a list without a joining word before its last
            self.position = start
            return first
        return first if len(items) == 1 else Joined(Link.AND, tuple(items))

    def _further_content(self) -> tuple[Objects, bool] | None:
        comma = self.take(",") is not None
        linked = self.take(*_AND, "but", "but also") is not None
        item = self.core() if comma or linked else None
        return (item, linked) if item is not None and (self.at_end or self.look(*ENDS)) else None

    def _objects(self, host: Determiner | None, *, subject: bool) -> Objects | None:
        opening = self.take("either", "neither") or self.attempt(self._both_of_two)
        first = self.single()
        if first is None:
            return None
        alternatives: list[list[Objects]] = [[each] for each in (alternatives_of(first) if opening else (first,))]
        negative = opening == "neither"
        while True:
            start = self.position
            listed = None if opening or subject else self.attempt(lambda: self._listed(first))
            if listed is not None:
                list_link, items = listed
                if list_link is Link.OR:
                    alternatives.extend([item] for item in items)
                else:
                    alternatives[-1].extend(items)
                break
            link = self._coordinator(negative=negative) or (Link.AND if subject and self.take("but") else None)
            if link is None or not (opening or subject or self._joins(alternatives[-1][-1], host, link)):
                self.position = start
                break
            item = self.noun_phrase() if subject else self.single()
            if item is None or (self.look(*BE, *STANDS, *BARE_VERBS) and not (opening or subject)):
                self.position = start
                break
            if link is Link.OR:
                alternatives.append([item])
            else:
                alternatives[-1].append(item)
        joined = len(alternatives) > 1 or len(alternatives[0]) > 1
        if opening and not joined:
            raise StuckError
        if negative:
            denied = [item for each in alternatives for item in each]
            return Joined(Link.NOR, tuple(placed_like(denied[-1], item) for item in denied))
        options = tuple(each[0] if len(each) == 1 else Joined(Link.AND, tuple(each)) for each in alternatives)
        if len(options) == 1:
            return options[0]
        return Joined(Link.XOR if self.take(*NOT_BOTH) else Link.OR, options)

    def _listed(self, first: Objects) -> tuple[Link, tuple[Objects, ...]] | None:
        """ ", a truck and a bus" after "near a plane": plain things of which the last has a joining word."""
        if not isinstance(first, NounPhrase) or first.modifiers is not None:
            return None
        items: list[Objects] = []
        link: Link | None = None
        while link is None:
            comma = self.take(",") is not None
            link = self._coordinator(negative=False) if items or comma else None
            item = self.core() if comma or link is not None else None
            if item is None or item.rank or not is_alike(first, item):
                return None
            items.append(item)
        return (link, tuple(items)) if len(items) > 1 and (self.at_end or self.look(*ENDS)) else None

    def _coordinator(self, *, negative: bool) -> Link | None:
        if negative:
            return Link.AND if self.take("nor", "or", ", nor") else None
        if self.take("or"):
            return Link.OR
        return Link.AND if self.take(*_AND) else None

    def _both_of_two(self) -> str | None:
        """ "both" before two things, not before the one noun that it counts."""
        return None if self.attempt(lambda: self.determiner() if self.look("both") else None) else self.take("both")

    def _joins(self, last: Objects, host: Determiner | None, link: Link) -> bool:
        """Whether the phrase that begins here goes on with the objects: like joins with like.

        Where it has modifiers and the object before has none, it is like the noun that the objects are said of.
        """
        start = self.position
        item = self.core()
        ends = self.at_end or self.look(*ENDS)
        self.position = start
        if item is None:
            return True
        known = last if isinstance(last, NounPhrase) else None
        before = BARE if known is None else Determiner(known.force, known.amount)
        after = Determiner(item.force, item.amount)
        if after.force in _STRONG and after.force is not before.force:
            return False
        if after.bounded and not before.bounded:
            return False
        if link is Link.AND and (before.force is Force.ANY) is not (after.force is Force.ANY):
            return False
        if host is None:
            return True
        if not ends and (known is None or known.modifiers is None):
            return False
        return not (after.counted and not before.counted and host.counted)

    def _anywhere(self) -> None:
        """ "no ship anywhere"."""
        start = self.position
        if self.take("anywhere") and self.take(*EXCEPT):
            raise UnreadableError(self.span_from(start), "say where it is not", ("not in the center",))

    def single(self) -> Objects | None:
        """A pronoun or one noun phrase."""
        return self.pronoun() or self.noun_phrase()

    def pronoun(self) -> Pronoun | None:
        """ "it", "them" and their like."""
        start = self.position
        plural = self.lookup(PRONOUNS)
        return None if plural is None else Pronoun(plural and not self.one_by_one, self.span_from(start))

    def noun_phrase(self, *, outermost: bool = False) -> NounPhrase | None:
        """A noun with all that belongs to it; after a comma too where it is `outermost`."""
        name = "outermost noun phrase" if outermost else "noun phrase"
        return self.remember(name, lambda: self._noun_phrase(outermost=outermost))

    def _noun_phrase(self, *, outermost: bool) -> NounPhrase | None:
        phrase = self.core()
        if phrase is None:
            return None
        if phrase.force is Force.SOME and phrase.amount is None and phrase.rank is None and self._ends_with_only():
            phrase = replace(phrase, force=Force.ONLY)
        self.take("at all", "whatsoever")
        self._anywhere()
        several = phrase.plural or (phrase.amount is not None and phrase.amount.least != 1)
        host = Determiner(phrase.force, phrase.amount, phrase.other, plural=several)
        with self.nested():
            self.heads.append(phrase.classes)
            self.hosts_are_plural.append(several)
            try:
                return _ranked(replace(phrase, modifiers=self.modifiers(host, outermost=outermost)))
            finally:
                self.heads.pop()
                self.hosts_are_plural.pop()


def placed_like(last: Objects, item: Objects) -> Objects:
    """The item with what is said of the last one, where nothing is said of it."""
    if not (isinstance(last, NounPhrase) and isinstance(item, NounPhrase)) or item.modifiers is not None:
        return item
    return replace(item, modifiers=last.modifiers)


def is_alike(one: NounPhrase, other: NounPhrase) -> bool:
    """Whether two things are named in the same way: with a number or without, with "the" or without."""
    counted = (one.amount is None) is (other.amount is None)
    return one.force is other.force and counted and one.bare is other.bare and not other.grouping


def _ranked(phrase: NounPhrase) -> NounPhrase:
    """ "the two ships closest to the bridge" like "the two closest ships to the bridge"."""
    said = phrase.modifiers
    parts = said.parts if isinstance(said, Combined) and said.link is Link.AND else (said,)
    ranks = [part for part in parts if isinstance(part, Ranked)]
    if len(ranks) != 1 or phrase.rank is not None or phrase.force is not Force.THE:
        return phrase
    rest = [part for part in parts if part is not None and part is not ranks[0]]
    return replace(phrase, rank=ranks[0].rank, modifiers=conjoined(rest))


def alternatives_of(objects: Objects) -> tuple[Objects, ...]:
    """ "ships or planes" as one phrase for each class."""
    if not isinstance(objects, NounPhrase) or len(objects.classes) == 1:
        return (objects,)
    return tuple(replace(objects, classes=(name,)) for name in objects.classes)
