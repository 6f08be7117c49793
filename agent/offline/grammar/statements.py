"""Statements: what a query says of an image, from its opening words to its end."""

from dataclasses import replace

from agent.offline.function_words import (
    ENDS,
    LACKS,
    NOT_BOTH,
    STOPS,
)
from agent.offline.grammar.clauses import ClauseRules, denied
from agent.offline.grammar.cursor import StuckError
from agent.offline.grammar.determiners import BARE
from agent.offline.grammar.discourse import Item, PartOf, Resumed, assemble
from agent.offline.grammar.nouns import alternatives_of
from agent.offline.problems import UnreadableError
from agent.offline.statements import Conditional, Denied, Found, Linked, Statement
from agent.offline.syntax import Force, Link
from agent.offline.vocabulary import FINITE

_JOINTS = {
    **dict.fromkeys(
        (
            "and",
            "but",
            "also",
            "plus",
            "while",
            "as well as",
            "and also",
            "but also",
            "along with",
            "together with",
            "and then",
            "such that",
        ),
        Link.AND,
    ),
    **dict.fromkeys(("or", "or else"), Link.OR),
}
_ALL_OF_THEM = (
    "both", "all", "each", "both of them", "all of them", "each of them", "both of which", "all of which",
    "each of which",
)  # fmt: skip


class StatementRules(ClauseRules):
    """Reads a query."""

    def query(self) -> Statement:
        """The whole query; raises StuckError where it cannot be read to its end."""
        sentences: list[Item] = []
        while not self.at_end:
            sentences.extend(self._items(first=not sentences))
            if not self.take(*STOPS) and not self.at_end:
                raise StuckError
            while self.take(*STOPS):
                pass
            if not self.at_end and self.take("and", "and also") and self.at_end:
                raise StuckError
        return assemble(sentences)

    def _items(self, *, first: bool, resuming: bool = True) -> list[Item]:
        """The statements of one sentence, each with the word that joins it to the one before."""
        items: list[Item] = []
        link: Link | None = Link.AND
        contrast, parted = resuming and not first, False
        while True:
            again = bool(items) or (resuming and not first)
            statement = self.require(self._item(first=first and not items, resuming=again))
            items.append(Item(statement, link, contrast, parted))
            start = self.position
            if self.take(*NOT_BOTH):
                items[-1] = self._one_of_two(items[-1], start)
            if not self.look("as well as"):
                self.take("please", "pls", "plz", ", please", ", pls", "at all", "as well", "too")
            if (conditional := self._conditioned(items[-1].statement)) is not None:
                items[-1] = replace(items[-1], statement=conditional)
            comma = self.take(",") is not None
            contrast, parted = self.look("but", "but also"), comma and self.look("and", "and also")
            link = self.lookup(_JOINTS)
            if self.at_end or self.look(*STOPS):
                if link is not None:
                    raise StuckError
                return items
            if link is None and not comma and not self.look(*_ALL_OF_THEM, "of which"):
                raise StuckError

    def _one_of_two(self, item: Item, start: int) -> Item:
        """ "ships or planes, but not both": of one phrase for two classes, or of this and what stands before."""
        found = item.statement
        options = alternatives_of(found.subject) if isinstance(found, Found) and found.predicate is None else ()
        if len(options) == 2:
            return replace(item, statement=Linked(Link.XOR, tuple(Found(each) for each in options)))
        if item.link is not Link.OR:
            raise UnreadableError(self.span_from(start), 'what is to be only one of two is joined by "or"')
        return replace(item, link=Link.XOR)

    def _item(self, *, first: bool, resuming: bool) -> Statement | None:
        searching = self.opening()
        if first and not searching and not self.look("is there", "are there"):
            self.take("is", "are")
        negative = self.image_opening(first=first)
        if first and negative is None:
            self.take("do", "does")
        if any(token.text == "but" for token in self.tokens[self.position :]):
            self.take("not only")
        if self.at_end:
            raise StuckError
        if resuming and negative is None and not searching:
            again = self.attempt(self.fronted) or self.attempt(self._some_of_them) or self.attempt(self._resumed)
            if again is not None:
                return again
        if negative is None and (refused := self.attempt(self._not_any)) is not None:
            return refused
        if negative:
            both = self.look("both") and self.word(-1) not in ("without", *LACKS)
            found = Found(self.require(self.objects(None)))
            return Denied(found) if both else denied(found)
        return self.statement(search=searching and negative is None)

    def _not_any(self) -> Statement | None:
        """ "not a ship or a harbor", which is neither."""
        if not self.look("not a", "not an", "not any") or self.look("not a single"):
            return None
        self.take("not")
        found = Found(self.require(self.objects(None)))
        return denied(found) if self.at_end or self.look(*ENDS) else None

    def _resumed(self) -> Resumed | None:
        """ "it is ...", or the verb alone."""
        start = self.position
        pronoun = self.pronoun()
        together = self.take(*_ALL_OF_THEM) if pronoun is None else None
        all_of_them = together is not None and " of " in together
        predicate = self.extent() if self.take("its", "their") else self.verb_phrases(None)
        if predicate is None and pronoun is None:
            predicate = self.modifiers(None, outermost=False)
            if self.look(*FINITE):
                return None  # "the largest of all ships is ..." is a clause of its own
        if predicate is None:
            return None
        plural = together is not None or (pronoun is not None and pronoun.plural)
        return Resumed(predicate, plural, self.span_from(start), together is not None, all_of_them)

    def _conditioned(self, consequence: Statement) -> Statement | None:
        """ "... if there is a ship", "... only if ...", after the consequence."""
        word = self.take("if", "only if", "if and only if", ", if", ", only if", "whenever", "unless", ", unless")
        if word is None or isinstance(consequence, Resumed):
            return None
        condition = self.premise()
        if word.endswith("unless"):
            return Conditional(Denied(condition), consequence)
        if word.endswith("only if") and word != "if and only if":
            return Conditional(consequence, condition)
        return Conditional(condition, consequence, both_ways=word == "if and only if")

    def sentence(self) -> Statement:
        """All statements up to the end of a sentence; the first takes up none before."""
        return assemble(self._items(first=False, resuming=False))

    def _some_of_them(self) -> Statement | None:
        """ "none of them is near a ship", "at least two of which are in a harbor", "of which two ..."."""
        start = self.position
        before = self.take("of which", "of these", "of them")
        force, amount = Force.SOME, self.amount()
        if amount is None:
            force = Force.NO if self.take("none", "not one", "not any", "neither") else force
        if amount is None and force is Force.SOME:
            return None
        alone = self.look(*FINITE) and self.tokens[start - 1].text != "but"  # "all but two are" excepts two
        if not (before or self.take("of which", "of these", "of them") or alone):
            return None
        predicate = self.verb_phrases(None) or self.modifiers(BARE, outermost=False)
        if predicate is None and not (self.at_end or self.look(*ENDS)):
            return None
        return PartOf(force, amount, predicate, self.span_from(start))
