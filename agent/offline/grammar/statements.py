"""Statements: what a query says of an image, from its opening words to its end."""

from dataclasses import replace

from agent.offline.grammar.cursor import StuckError
from agent.offline.grammar.determiners import BARE
from agent.offline.grammar.discourse import Item, PartOf, Resumed, assemble
from agent.offline.grammar.nouns import alternatives_of
from agent.offline.grammar.predicates import PredicateRules
from agent.offline.problems import UnreadableError
from agent.offline.syntax import (
    AtDistance,
    Conditional,
    Denied,
    Force,
    ForEach,
    Found,
    Grouped,
    Grouping,
    InRegion,
    Joined,
    Link,
    Linked,
    Measured,
    NounPhrase,
    Objects,
    Pattern,
    Predicate,
    Related,
    Statement,
)
from agent.offline.vocabulary import (
    BARE_VERBS,
    BE,
    ENDS,
    EXISTS,
    FUNCTIONS,
    IMAGE_ADJECTIVES,
    IMAGE_NOUNS,
    LACKS,
    NOT_BOTH,
    POLITE,
    SHOWING,
    SHOWS,
    STANDS,
    STOPS,
    VERB_FILLERS,
    VERBS,
)
from agent.offline.walks import conjoined, mentions_pronoun

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
        ),
        Link.AND,
    ),
    **dict.fromkeys(("or", "or else"), Link.OR),
}
_THERE_IS = (
    "there is", "there are", "there must be", "there should be", "is there", "are there", "there exists", "there exist",
    "there have", "there has", "there has to be", "there have to be", "there can be",
)  # fmt: skip
_ALL_OF_THEM = (
    "both", "all", "each", "both of them", "all of them", "each of them", "both of which", "all of which",
    "each of which",
)  # fmt: skip
_FINITE = (*BE, *STANDS, *SHOWS, *EXISTS, *BARE_VERBS, "does not", "do not", "measures", "measure", "form", "forms")
_ALONE = frozenset({Force.NO, Force.EVERY})


class StatementRules(PredicateRules):
    """Reads a query; `_of_image` where a clause about the image, "that contain ...", was begun and may go on."""

    _of_image = False

    def query(self) -> Statement:
        """The whole query; raises StuckError where it cannot be read to its end."""
        sentences: list[Item] = []
        while not self.at_end:
            sentences.extend(self._items(first=not sentences))
            if not self.take(*STOPS) and not self.at_end:
                raise StuckError
            while self.take(*STOPS):
                pass
        return assemble(sentences)

    def _items(self, *, first: bool) -> list[Item]:
        """The statements of one sentence, each with the word that joins it to the one before."""
        items: list[Item] = []
        link: Link | None = Link.AND
        while True:
            items.append(Item(self.require(self._item(first=first and not items)), link))
            if self.take(*NOT_BOTH):
                items[-1] = _one_of_two(items[-1])
            if not self.look("as well as"):
                self.take("please", "pls", "plz", ", please", ", pls", "at all", "as well", "too")
            if (conditional := self._conditioned(items[-1].statement)) is not None:
                items[-1] = replace(items[-1], statement=conditional)
            comma = self.take(",") is not None
            link = self.lookup(_JOINTS)
            if self.at_end or self.look(*STOPS):
                if link is not None:
                    raise StuckError
                return items
            if link is None and not comma and not self.look(*_ALL_OF_THEM, "of which"):
                raise StuckError

    def _item(self, *, first: bool) -> Statement | None:
        searching = self._opening()
        if first and not searching and not self.look("is there", "are there"):
            self.take("is", "are")
        negative = self._image_opening(first=first)
        if first and negative is None:
            self.take("do", "does")
        if any(token.text == "but" for token in self.tokens[self.position :]):
            self.take("not only")
        if self.at_end:
            raise StuckError
        if not first and negative is None and not searching:
            again = self.attempt(self._fronted) or self.attempt(self._some_of_them) or self.attempt(self._resumed)
            if again is not None:
                return again
        if negative:
            both = self.look("both") and self.word(-1) not in ("without", *LACKS)
            found = Found(self.require(self.objects(None)))
            return Denied(found) if both else _denied(found)
        return self.statement(search=searching and negative is None)

    def _opening(self) -> bool:
        """Words that ask for a search and say nothing of the image; whether there were any."""
        start = self.position
        while self.take(*POLITE, ","):
            pass
        if self.take(*VERBS):
            self.take(*VERB_FILLERS)
            self.take(":")
        return self.position > start

    def _image_opening(self, *, first: bool) -> bool | None:
        """ "images with", or "with" going on from it; whether it negates, None where there is no such opening."""
        start = self.position
        if first and self.take(*SHOWS):
            return False
        if first and self.attempt(self._in_which_images):
            return False
        head = self.attempt(self._image_head)
        if self.take("in the image", "in the images", "in the scene", "in the picture"):
            self.take(",")
        begun = head is not None or self._of_image
        of_image = self.attempt(lambda: self._shown(begun=head is not None)) if begun else None
        if of_image is not None:
            self._of_image = True
            return of_image
        self.position = start if head is None else self.position
        if head is None and self.take("do not", "does not"):
            return True if self.require(self.take(*SHOWS)) else None
        if self.take("without", *LACKS) or (self.look("not") and self.word(1) in SHOWING and self.take("not")):
            self.take(*SHOWING)
            return True
        if (head is not None and self.take(*SHOWS, "where is", "where are")) or self.take(*SHOWING):
            return False
        if head is not None:
            raise StuckError
        return None

    def _in_which_images(self) -> bool | None:
        """ "in which images are there ..."."""
        if not self.take("in which", "in what", "on which", "on what"):
            return None
        while self.take(*IMAGE_ADJECTIVES):
            pass
        return True if self.take(*IMAGE_NOUNS) and self.look("is there", "are there", *BE) else None

    def _shown(self, *, begun: bool) -> bool | None:
        """ "that show", "which do not contain", "that lack": whether it negates."""
        relative = self.take("that", "which", "who")
        if relative is None and not (begun or self._of_image):
            return None
        self.take("also", "only") if self.word(1) in SHOWS else None
        if self.take("do not", "does not"):
            return None if self.take(*SHOWS) is None else True
        if self.take(*LACKS):
            return True
        if self.take("are", "is"):
            return None if self.take(*LACKS, "without") is None else True
        return None if self.take(*SHOWS) is None else False

    def _image_head(self) -> bool | None:
        self.take("only", "just")
        self.take("there is", "there are", "is there", "are there", "do", "does", "what are", "which are")
        self.take(
            "all the",
            "all of the",
            "only",
            "only the",
            "just the",
            "just",
            "all",
            "any",
            "some",
            "every",
            "the",
            "an",
            "a",
            "those",
            "which",
            "what",
        )
        start = self.position
        if self.numeral() is not None and self.take(*IMAGE_NOUNS):
            raise UnreadableError(
                self.span_from(start), "how many images are shown is an option, not a part of the question"
            )
        self.position = start
        while self.take(*IMAGE_ADJECTIVES):
            pass
        return True if self.take(*IMAGE_NOUNS) else None

    def _resumed(self) -> Resumed | None:
        """ "it is ...", or the verb alone."""
        start = self.position
        pronoun = self.pronoun()
        together = self.take(*_ALL_OF_THEM) if pronoun is None else None
        predicate = self.extent() if self.take("its", "their") else self.verb_phrases(None)
        if predicate is None and pronoun is None:
            predicate = self.modifiers(None, outermost=False)
        if predicate is None:
            return None
        plural = together is not None or (pronoun is not None and pronoun.plural)
        return Resumed(predicate, plural, self.span_from(start), together=together is not None)

    def statement(self, *, search: bool = False) -> Statement | None:
        """One statement about the image; `search` where a word like "find" stands right before it."""
        with self.nested():
            return (
                self.attempt(self._conditional)
                or self.attempt(self._for_each)
                or self.attempt(self._measurement)
                or self.attempt(self._number_of)
                or self.attempt(self._denial)
                or self.attempt(self._bracketed)
                or self.attempt(self._existence)
                or self.attempt(self._fronted)
                or self.attempt(self._clause)
                or self.attempt(lambda: self._phrase(search=search))
            )

    def _conditional(self) -> Statement | None:
        if not self.take("if", "when", "whenever", "wherever", "in case"):
            return None
        condition = self.require(self.statement())
        self.take(",")
        self.take("then")
        return Conditional(condition, self.require(self.statement()))

    def _conditioned(self, consequence: Statement) -> Statement | None:
        """ "... if there is a ship", "... only if ...", after the consequence."""
        word = self.take("if", "only if", "if and only if", ", if", ", only if", "whenever")
        if word is None or isinstance(consequence, Resumed):
            return None
        condition = self.require(self.statement())
        if word.endswith("only if") and word != "if and only if":
            return Conditional(consequence, condition)
        return Conditional(condition, consequence, both_ways=word == "if and only if")

    def _for_each(self) -> Statement | None:
        """ "for every ship there is a harbor near it"."""
        if not self.take("for"):
            return None
        phrase = self.require(self.noun_phrase())
        if phrase.force not in (Force.EVERY, Force.ANY):
            return None
        self.take(",")
        return ForEach(_universal(phrase), self.require(self.statement()))

    def _measurement(self) -> Statement | None:
        """ "the distance between a car and a plane is less than 10 m", "the area of a pool is above 50 m2"."""
        start = self.position
        self.take("the", "a", "an")
        if self.take("distance between", "gap between"):
            subject = self.require(self.objects(None, subject=True))
        elif self.take("distance from", "distance of"):
            one = self.require(self.single())
            self.require(self.take("to", "from"))
            subject = Joined(Link.AND, (one, self.require(self.single())))
        else:
            return self._extent_of()
        self.require(self.take(*BE))
        bounds = self.require(self.bounds())
        return Found(subject, Grouped(Grouping("distance", Pattern.PAIRWISE, 2, bounds), self.span_from(start)))

    def _number_of(self) -> Statement | None:
        """ "the number of ships is at least three"."""
        self.take("the")
        if not self.take("number of", "count of", "total number of", "total count of"):
            return None
        self.take("the")
        counted = self.require(self.noun_phrase())
        self.take(*BE)
        if counted.force is not Force.SOME or counted.amount is not None:
            return None
        return Found(replace(counted, amount=self.require(self.amount())))

    def _extent_of(self) -> Statement | None:
        function = self.lookup(FUNCTIONS)
        if function is None or not self.take("of"):
            return None
        subject = self.require(self.objects(None))
        self.take(*BE)
        return Found(_universal(subject), Measured(function, self.require(self.bounds())))

    def _denial(self) -> Statement | None:
        if not self.take("it is not the case that", "it is not true that"):
            return None
        return Denied(assemble(self._items(first=False)))

    def _bracketed(self) -> Statement | None:
        """ "either a ship or a plane is near a harbor", "both ... and ..."."""
        opening = self.take("either", "both")
        if opening is None:
            return None
        first = self.require(self.statement())
        parts: list[Statement] = [first]
        if opening == "either" and isinstance(first, Found):
            parts = [replace(first, subject=each) for each in alternatives_of(first.subject)]
        while self.take("or" if opening == "either" else "and"):
            parts.append(self.require(self.statement()))
        if len(parts) == 1:
            raise StuckError
        exclusive = opening == "either" and self.take(*NOT_BOTH) is not None
        return Linked(Link.XOR if exclusive else Link.OR if opening == "either" else Link.AND, tuple(parts))

    def _existence(self) -> Statement | None:
        """ "there is a ship near a harbor"."""
        if not self.take(*_THERE_IS):
            return None
        if self.take("not"):
            return _denied(Found(self.require(self.objects(None))))
        return Found(self.require(self._subject()))

    def _fronted(self) -> Statement | None:
        """ "on the left there is a ship", "near the bridge there are two ships", "on the right a plane"."""
        place = (
            self.place(None) or self.attempt(lambda: self.related(None)) or self.attempt(lambda: self.distance(None))
        )
        self.take(",")
        if isinstance(place, InRegion):
            found = self._existence() or Found(self.require(self._subject()))
        elif isinstance(place, Related | AtDistance) and not mentions_pronoun(place):
            found = self.require(self.attempt(self._existence))
            place = replace(place, objects=_each(place.objects))
        else:
            return None
        subject = found.subject if isinstance(found, Found) else None
        if not isinstance(subject, NounPhrase) or self.look(*_FINITE):
            return None
        return Found(replace(subject, modifiers=conjoined([*_parts(subject.modifiers), place])))

    def _some_of_them(self) -> Statement | None:
        """ "none of them is near a ship", "at least two of which are in a harbor", "of which two ..."."""
        start = self.position
        before = self.take("of which", "of these", "of them")
        force, amount = Force.SOME, self.amount()
        if amount is None:
            force = Force.NO if self.take("none", "not one", "not any", "neither") else force
        if (amount is None and force is Force.SOME) or not (before or self.take("of which", "of these", "of them")):
            return None
        predicate = self.verb_phrases(None) or self.modifiers(BARE, outermost=False)
        if predicate is None and not (self.at_end or self.look(*ENDS)):
            return None
        return PartOf(force, amount, predicate, self.span_from(start))

    def _clause(self) -> Statement | None:
        """ "every ship is near a harbor"."""
        pronoun = self.pronoun()
        if pronoun is not None:
            return Found(pronoun, self.require(self.verb_phrases(None)))
        joined = self.objects(None, subject=True)
        if isinstance(joined, Joined) and self._agrees(joined):
            predicate = self.verb_phrases(None)
            if predicate is not None:
                return Found(_universal(joined), predicate)
        return None

    def _agrees(self, joined: Joined) -> bool:
        """Whether a verb after joined subjects is the verb of all of them: "a ship and a plane are", not "... is"."""
        if joined.link is not Link.AND or self.look("are", "were", "have", "do", "lie", "stand", "sit"):
            return True
        return all(isinstance(item, NounPhrase) and item.force in _ALONE for item in joined.items)

    def _phrase(self, *, search: bool) -> Statement | None:
        """One noun phrase, with or without a verb."""
        start = self.position
        subject = self._subject()
        if subject is None:
            return None
        predicate = self.verb_phrases(None) if self.look(*_FINITE) else None
        if predicate is not None:
            return Found(_universal(subject), predicate)
        if (
            search
            and isinstance(subject, NounPhrase)
            and subject.force is Force.EVERY
            and subject.modifiers is not None
        ):
            word = self.tokens[start].text
            raise UnreadableError(
                (self.tokens[start].start, self.tokens[start].end),
                f'"{word}" could mean that each one must be so, or only that all such are wanted: write "images where '
                f'{word} ..." for the first, and leave "{word}" out for the second',
            )
        return Found(subject)

    def _subject(self) -> Objects | None:
        bracketed = self.objects(None) if self.look("neither") else None
        return bracketed or self.noun_phrase(outermost=True)


def _one_of_two(item: Item) -> Item:
    """ "ships or planes, but not both": of one phrase for two classes, or of this and what stands before."""
    found = item.statement
    if isinstance(found, Found) and found.predicate is None:
        options = alternatives_of(found.subject)
        if len(options) == 2:
            return replace(item, statement=Linked(Link.XOR, tuple(Found(each) for each in options)))
    return replace(item, link=Link.XOR)


def _parts(predicate: Predicate | None) -> tuple[Predicate, ...]:
    return () if predicate is None else (predicate,)


def _each(objects: Objects) -> Objects:
    """Named first, "every ship" is what the rest is said of."""
    return replace(objects, each=True) if isinstance(objects, NounPhrase) else objects


def _universal(subject: Objects) -> Objects:
    """ "any ship is ..." speaks of each."""
    match subject:
        case NounPhrase(force=Force.ANY):
            return replace(subject, force=Force.EACH)
        case Joined(link, items):
            return Joined(link, tuple(map(_universal, items)))
        case _:
            return subject


def _denied(statement: Statement) -> Statement:
    """ "without a ship and a plane" is without either."""
    match statement:
        case Found(Joined(Link.AND, items), None):
            return Linked(Link.AND, tuple(Denied(Found(item)) for item in items))
        case _:
            return Denied(statement)
