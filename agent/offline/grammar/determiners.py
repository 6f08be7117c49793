"""Determiners: how a noun phrase speaks of its noun, and of how many."""

from dataclasses import dataclass

from agent.offline.grammar.numbers import NumberRules
from agent.offline.syntax import Amount, Force

_PARTS = ("of the", "of these", "of those", "of all the", "of all")


@dataclass(frozen=True, slots=True)
class Determiner:
    """What stands before a noun; a bare noun has force SOME and no amount."""

    force: Force
    amount: Amount | None = None
    other: bool = False
    each: bool = False
    same: bool = False
    plural: bool = False

    @property
    def bounded(self) -> bool:
        """Whether it bounds a count in so many words, as "at least three" and "no" do."""
        return self.force is Force.NO or (self.amount is not None and not self.amount.plain)

    @property
    def counted(self) -> bool:
        """Whether it holds a number, or "no"."""
        return self.force is Force.NO or self.amount is not None


BARE = Determiner(Force.SOME)


class DeterminerRules(NumberRules):
    """Reads determiners."""

    def determiner(self) -> Determiner | None:
        """The words before a noun, or None where there are none."""
        return self.attempt(self._amounts) or self.attempt(self._negative) or self.attempt(self._positive)

    def _amounts(self) -> Determiner | None:
        """ "at least three", "two of the", "a pair of"."""
        if self.take("a pair of", "one pair of", "pair of"):
            return Determiner(Force.SOME, Amount(2, None, plain=True), self._other())
        start = self.position
        amount = self.amount()
        if amount is None or (self.word(-1) == "one" and self.position == start + 1 and self._one_is_noun()):
            return None
        self.take(*_PARTS)
        return Determiner(Force.SOME, amount, self._other())

    def _one_is_noun(self) -> bool:
        return self.position >= 2 and self.word(-2) in ("another", "other", "the", "no", "any", "every", "each")

    def _negative(self) -> Determiner | None:
        if self.take("not every", "not all", "not each"):
            self.take(*_PARTS, "the")
            return Determiner(Force.NOT_EVERY, other=self._other())
        if self.look("not") and self.pre_noun_at(1):
            self.advance()
            return Determiner(Force.NO)
        if not self.take("no", "not a", "not an", "not any", "not a single", "not one", "none", "no single", "no any"):
            return None
        if self.word(-1) in ("none", "any", "one") and not self.take(*_PARTS) and self.word(-1) == "none":
            return None
        other = self._other()
        return Determiner(Force.NO, None if self._pro_form() else self.numeral_amount(), other)

    def _positive(self) -> Determiner | None:
        if self.look("both") and self._both():
            return Determiner(Force.THE, Amount(2, None, plain=True))
        if self.take("every", "each", "all"):
            each = self.word(-1) == "each"
            self.take("single")
            self.take("one of the", "one of these", "one of those", *_PARTS, "the", "these", "those")
            other = self._other()
            return Determiner(Force.EVERY, None if self._pro_form() else self.numeral_amount(), other, each=each)
        if self.take("the only"):
            return Determiner(Force.THE, self.numeral_amount() or Amount(1, None, plain=True))
        if self.take("only", "just", "solely", "exclusively", "merely"):
            self.take("the")
            return Determiner(Force.ONLY)
        if self.take("another"):
            return Determiner(Force.SOME, None if self._pro_form() else self.amount(), other=True)
        if self.take("some", "any", "a", "an", "other"):
            force = Force.ANY if self.word(-1) == "any" else Force.SOME
            other = self.word(-1) == "other"
            partitive = not other and self.word(-1) in ("some", "any") and self.take(*_PARTS)
            other = other or self._other()
            amount = None if partitive or self._pro_form() or self.word(-1) in ("a", "an") else self.amount()
            return Determiner(force, amount, other)
        if self.take("the same", "the very same", "one and the same"):
            return Determiner(Force.SOME, same=True)
        if self.take("the", "these", "those"):
            other = self._other()
            return Determiner(Force.THE, None if self._pro_form() else self.numeral_amount(), other)
        return None

    def numeral_amount(self) -> Amount | None:
        """A numeral alone, as an amount."""
        count = self.numeral()
        return None if count is None else Amount(count, None, plain=True)

    def _other(self) -> bool:
        return self.take("other") is not None

    def _both(self) -> bool:
        """Take "both", where it stands before the one noun that it counts."""
        start = self.position
        self.take("both of the", "both of these", "both of those", "both the", "both these", "both")
        noun = self.lexicon.match(self.tokens, self.position)
        if noun is not None and noun.plural:
            after = self.position + noun.words
            if after >= len(self.tokens) or self.tokens[after].text not in ("and", ","):
                return True
        self.position = start
        return False

    def _pro_form(self) -> bool:
        """Whether "one" or "ones" stands here for a noun, as in "another one"."""
        return self.look("ones") or (self.look("one") and not self.pre_noun_at(1))

    def pre_noun_at(self, ahead: int) -> bool:
        """Whether a noun or a word that can stand before one begins some words ahead."""
        return self.lexicon.match(self.tokens, self.position + ahead) is not None
