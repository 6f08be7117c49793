"""Noun phrases up to their noun, and nouns that share a determiner."""

from dataclasses import replace

from agent.offline.function_words import ENDS, OBJECT_WORDS, STOPS
from agent.offline.grammar.cursor import StuckError
from agent.offline.grammar.determiners import BARE, Determiner
from agent.offline.grammar.ranks import Before, Head, RankRules
from agent.offline.lexicon import Lexicon, Noun
from agent.offline.problems import UnreadableError
from agent.offline.syntax import Amount, Force, NounPhrase
from agent.offline.tokens import Token
from agent.offline.vocabulary import FUNCTION_ADJECTIVES, GROUP_NOUNS

EXCEPT = ("but", "other than", "except", "except for", "apart from", "besides", "else than", "else but")
_INDEFINITE = {"something": Force.SOME, "anything": Force.ANY, "nothing": Force.NO, "everything": Force.EVERY}


class CoreRules(RankRules):
    """Reads a noun phrase without its modifiers."""

    def __init__(self, tokens: tuple[Token, ...], lexicon: Lexicon) -> None:
        super().__init__(tokens, lexicon)
        self.heads: list[tuple[str | None, ...]] = []
        self.hosts_are_plural: list[bool] = []

    def core(self) -> NounPhrase | None:
        """A noun phrase up to its noun, or to the end of its rank."""
        with self.nested():
            return self.remember("core", self._core)

    def _core(self) -> NounPhrase | None:
        start = self.position
        force = self.lookup(_INDEFINITE)
        if force is Force.NO and self.look(*EXCEPT):
            only = self.attempt(self._nothing_but)
            if only is None:
                raise UnreadableError(self.span_from(start), "name what else there may be, without a number", ("only",))
            return replace(only, span=self.span_from(start))
        if force is not None:
            other = self.take("else") is not None
            return NounPhrase(force, (None,), False, self.span_from(start), other=other)
        determiner = self.determiner() or BARE
        grouping = self.lookup(GROUP_NOUNS)
        if grouping is not None:
            if determiner.amount is not None and determiner.amount.least != 1:
                raise UnreadableError(self.span_from(start), "only one row, line or cluster can be asked for at a time")
            determiner = replace(determiner, amount=self.amount())
        self._refuse_measure(determiner)
        before = self.before_noun(determiner)
        head = self._head(determiner, before)
        if head is None:
            return None
        amount = self._amount_after(determiner.amount or before.amount)
        span = self.span_from(start)
        phrase = NounPhrase(
            determiner.force, head.classes, head.plural, span, amount, determiner.other or head.other,
            grouping=grouping or before.grouping, each=determiner.each, same=determiner.same, all_kinds=head.all_kinds,
            bare=head.plural and replace(determiner, other=False) == BARE,
        )  # fmt: skip
        return replace(phrase, rank=self.rank(before, head)) if before.ranked else phrase

    def _nothing_but(self) -> NounPhrase | None:
        """ "ships and planes" after "nothing but": only ships and planes."""
        start = self.position
        if not self.take(*EXCEPT):
            return None
        self.take("a", "an", "the", "some")
        before = self.before_noun(BARE)
        head = self._head(Determiner(Force.ONLY), before)
        if head is None or before.ranked or before.grouping:
            return None
        return NounPhrase(Force.ONLY, head.classes, head.plural, self.span_from(start), all_kinds=head.all_kinds)

    def _amount_after(self, amount: Amount | None) -> Amount | None:
        """ "or more" after the noun: "three planes or more"."""
        if amount is None or not amount.plain:
            return amount
        start = self.position
        at_least = self.take("or more", "and more", "or above", "minimum", "at least", "at minimum")
        at_most = at_least is None and self.take("or fewer", "or less", "maximum", "at most", "at maximum")
        measured = self.attempt(self.number_or_one) is not None
        self.position = start if measured else self.position  # "two ships at least 50 m apart"
        if at_least and not measured:
            return Amount(amount.least, None)
        if at_most and not measured:
            return Amount(None, amount.least)
        return Amount(amount.least, amount.least) if self._ends_with_only() else amount

    def _ends_with_only(self) -> bool:
        """Take "only" at the end of a phrase."""
        start = self.position
        if self.take("only", "exactly") and (self.at_end or self.look(*ENDS)):
            return True
        self.position = start
        return False

    def _refuse_measure(self, determiner: Determiner) -> None:
        """A measure before a noun: "a 200 m long ship"."""
        start, furthest = self.position, self.furthest
        if self.at_noun() or (self.number() if determiner.amount is None else determiner.amount) is None:
            self.position, self.furthest = start, furthest
            return
        unit = self.unit_of_measure()
        if unit is not None and (self.lookup(FUNCTION_ADJECTIVES) is not None or self.at_noun()):
            reason = "a measure stands after its noun, and needs a bound"
            raise UnreadableError(self.span_from(start), reason, ("at least 50 m long", "with an area above 400 m2"))
        self.position, self.furthest = start, furthest

    def _head(self, determiner: Determiner, before: Before) -> Head | None:
        """The noun, or nouns without a determiner of their own that share this one."""
        first = self._one_noun(determiner, before)
        if first is None:
            return None
        classes = list(first.classes)
        all_kinds = False
        while (further := self.attempt(lambda: self._further_nouns(determiner, before))) is not None:
            link, names = further
            classes.extend(names)
            all_kinds = link == "and"
        return Head(tuple(dict.fromkeys(classes)), first.plural, first.other, all_kinds)

    def _one_noun(self, determiner: Determiner, before: Before) -> Head | None:
        noun = self.noun()
        if noun is not None:
            return Head((noun.name,), noun.plural and not noun.singular)
        plural = self.lookup(OBJECT_WORDS)
        if plural is not None:
            return Head((None,), plural)
        if self.take("others", "rest"):
            return Head(self._classes_before(), True, other=True)
        if (qualified := self.attempt(self._qualified_one)) is not None:
            return qualified
        if self.look("one", "ones") or (before.ranked and self.look("of", "from")):
            return self._understood()
        if determiner.other and (self.at_end or self.look(*ENDS)):
            return Head(self._classes_before(), determiner.force is Force.EVERY)
        return None

    def _qualified_one(self) -> Head | None:
        """ "dry ones" after flooded roads."""
        start = self.position
        quality = self.quality()
        if quality is None or self.take("one", "ones") is None:
            return None
        plural = self.word(-1) == "ones"
        noun = self._noun_before()
        name = quality.narrowed.get(noun.wider or noun.name or "")
        if name is None:
            raise UnreadableError(self.span_from(start), quality.goes_with)
        return Head((name,), plural)

    def _understood(self) -> Head | None:
        """ "one", or nothing after a rank: the noun before, or after "of"."""
        plural = self.look("ones")
        self.take("one", "ones")
        if self.look("of"):
            start = self.position
            self.advance()
            phrase = self.noun_phrase()
            self.position = start
            return None if phrase is None else Head(phrase.classes, phrase.plural)
        return Head(self._classes_before(), plural)

    def _classes_before(self) -> tuple[str | None, ...]:
        """The class that "one" and "others" take up."""
        return (self._noun_before().name,)

    def _noun_before(self) -> Noun:
        """The noun that "one" and "others" take up: the first of those before, where these are of one class."""
        nouns: list[Noun] = []
        stops = [at for at in range(self.position) if self.tokens[at].text in STOPS]
        place = stops[-1] if stops else 0
        while place < self.position:
            noun = self.lexicon.match(self.tokens, place)
            if noun is not None:
                nouns.append(noun)
            place += noun.words if noun is not None else 1
        if len({noun.name for noun in nouns}) > 1 and self.heads:  # else the subject is meant
            raise StuckError
        if not nouns:
            start = max(self.position - 1, 0)
            raise UnreadableError(self.span_from(start), "it is not clear which things this means: name them")
        return nouns[0]

    def _further_nouns(self, determiner: Determiner, before: Before) -> tuple[str, tuple[str | None, ...]] | None:
        """ "..., ships or cars", and "... and ships" where the determiner speaks of all of them alike."""
        start = self.position
        classes: list[str | None] = []
        link: str | None = None
        while link is None:
            comma = self.take(",") is not None
            link = self.take("or", "and")
            noun = self.noun() if comma or link is not None else None
            if noun is None:
                return None
            classes.append(noun.name)
        if link == "or" and determiner is BARE and before.start and self.tokens[before.start - 1].text == "and":
            return None  # "and" binds before "or"
        if link == "and" and determiner.force in (Force.SOME, Force.THE):
            if determiner.amount is None:
                return None
            raise UnreadableError(
                self.span_from(start),
                "a number before two nouns could count them together or each: give each noun its own number",
            )
        return link, tuple(classes)
