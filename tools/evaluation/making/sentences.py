"""Questions in English: statements as noun phrases or as clauses, joined, with or without an opening."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from tools.evaluation.making.meaning import (
    NONE,
    SOME,
    Amount,
    Choice,
    Every,
    Group,
    NoneHas,
    OnlyKinds,
    PairApart,
    Quality,
    Statement,
    TheExtreme,
    There,
    Thing,
)
from tools.evaluation.making.phrases import Phrase, PhraseWriter
from tools.evaluation.making.wording import Nouns, listed

BEFORE_THINGS = (
    "", "", "", "Find images with", "Show me images with", "Find scenes with", "Images that contain",
    "I am looking for pictures with", "Search for images that show", "Show scenes containing",
    "Give me all images with", "I want to see scenes with", "Pictures with",
)  # fmt: skip
ASKING_FOR_THINGS = ("Which images contain", "Which images show", "Are there any images with", "Do any images show")
BEFORE_CLAUSES = (
    "", "", "Find images where", "Show me images in which", "Images in which", "Find scenes where",
    "I need pictures in which", "Search for scenes in which",
)  # fmt: skip
ASKING_FOR_CLAUSES = ("Is there an image in which",)


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement in words: `things` as a noun phrase where it can be one, and `clause`; `negative` where it denies."""

    clause: str
    things: Phrase | None = None
    negative: bool = False


class SentenceWriter:
    """Words for whole questions, drawn at random."""

    def __init__(self, nouns: Nouns, random: Random) -> None:
        self._nouns = nouns
        self._random = random
        self._phrases = PhraseWriter(nouns, random)

    def question(self, statements: Sequence[Statement]) -> str:
        """One question that says all statements, those that deny something last."""
        self._phrases = PhraseWriter(self._nouns, self._random)
        pieces = sorted((self._piece(each) for each in statements), key=lambda each: each.negative)
        things = [each.things for each in pieces if each.things is not None]
        alone = len(things) == len(pieces) and not (len(pieces) > 1 and pieces[0].negative)
        if alone and self._random.random() < (0.75 if len(pieces) == 1 else 0.6):
            return self._opened(self._listed_things(things, pieces), BEFORE_THINGS, ASKING_FOR_THINGS)
        return self._opened(self._joined_clauses(pieces), BEFORE_CLAUSES, ASKING_FOR_CLAUSES)

    def _opened(self, text: str, openings: Sequence[str], asking: Sequence[str]) -> str:
        if self._random.random() < 0.12:
            return f"{self._random.choice(asking)} {text}?"
        opening = self._random.choice(openings)
        if not opening:
            plain = self._random.random() < 0.6
            return text if plain else f"{text[0].upper()}{text[1:]}."
        text = f"{opening} {text}"
        return text if self._random.random() < 0.5 else f"{text}."

    def _listed_things(self, things: Sequence[Phrase], pieces: Sequence[Piece]) -> str:
        """Noun phrases as a list in which no place of one can be taken for that of the next."""
        text = things[0].text
        loose = any(each.modified for each in things)
        for number_, (phrase, piece) in enumerate(zip(things[1:], pieces[1:], strict=True), start=1):
            turn = piece.negative and not pieces[number_ - 1].negative
            if turn:
                text += f"{',' if loose else ''} but {phrase.text}"
            elif loose or len(things) > 2:
                text += f"{self._random.choice((', and', ', as well as', ', plus'))} {phrase.text}"
            else:
                text += f"{self._random.choice((' and', ' as well as', ' and'))} {phrase.text}"
        return text

    def _joined_clauses(self, pieces: Sequence[Piece]) -> str:
        clauses = [each.clause for each in pieces]
        if len(clauses) == 1:
            return clauses[0]
        turn = pieces[-1].negative and not pieces[-2].negative
        link = self._random.choice(("but", "and", "while")) if turn else self._random.choice(("and", "and", "while"))
        if len(clauses) > 2 and (self._random.random() < 0.4 or any(each.startswith("the ") for each in clauses[1:-1])):
            return f"{'; '.join(clauses[:-1])}; and {clauses[-1]}"
        return f"{', '.join(clauses[:-1])}, {link} {clauses[-1]}"

    def _piece(self, statement: Statement) -> Piece:
        match statement:
            case There(amount, thing):
                return self._there(amount, thing)
            case Every(thing, quality, denied):
                return Piece(self._every(thing, quality, denied=denied), negative=denied)
            case NoneHas(thing, quality):
                return self._none(thing, quality)
            case OnlyKinds(names):
                return self._only(names)
            case TheExtreme(thing, quality):
                subject = self._phrases.phrase(SOME, thing).text
                return Piece(f"{subject} {self._predicate(quality, thing.name, many=False)}")
            case Group():
                phrase = self._group(statement)
                return Piece(_there_is(phrase), phrase)
            case PairApart():
                return self._pair(statement)
            case Choice():
                return self._choice(statement)

    def _predicate(self, quality: Quality, of: str, *, many: bool) -> str:
        return self._phrases.predicate([self._phrases.said(quality, of)], many=many)

    def _there(self, amount: Amount, thing: Thing) -> Piece:
        phrase = self._phrases.phrase(amount, thing)
        negative = amount.is_none
        if negative and not thing.qualities and self._random.random() < 0.5:
            phrase = replace(phrase, text=f"{phrase.text} {self._random.choice(('anywhere', 'anywhere in the image'))}")
        clause = _there_is(phrase)
        if len(thing.qualities) == 1 and self._random.random() < 0.4:
            [quality] = thing.qualities
            said = self._phrases.said(quality, thing.name)
            if said.verb == "be" and not said.denied:
                subject = self._phrases.phrase(amount, replace(thing, qualities=()))
                clause = f"{subject.text} {self._phrases.predicate([said], many=subject.plural)}"
        return Piece(clause, phrase, negative)

    def _every(self, thing: Thing, quality: Quality, *, denied: bool) -> str:
        said = self._phrases.said(quality, thing.name)
        many = said.verb == "be" and self._random.random() < 0.4
        singular, plural = self._phrases.noun(thing.name)
        after = self._phrases.modifiers(thing, many=many)
        if denied:
            head = f"not all {plural}" if many else f"not every {singular}"
        else:
            head = f"all {plural}" if many else f"{self._random.choice(('every', 'every', 'each'))} {singular}"
        subject = f"{head} {after}" if after else head
        return f"{subject} {self._phrases.predicate([said], many=many)}"

    def _none(self, thing: Thing, quality: Quality) -> Piece:
        denied = self._phrases.phrase(NONE, replace(thing, qualities=(*thing.qualities, quality)))
        if denied.plural or self._random.random() < 0.5:
            return Piece(_there_is(denied), denied, negative=True)
        subject = f"no {self._phrases.noun(thing.name)[0]} {self._phrases.modifiers(thing, many=False)}".rstrip()
        return Piece(f"{subject} {self._predicate(quality, thing.name, many=False)}", denied, negative=True)

    def _only(self, names: Sequence[str]) -> Piece:
        plurals = listed([self._phrases.noun(name)[1] for name in names], "and")
        word = self._random.choice(("only", "nothing but"))
        verb = "is" if word.startswith("nothing") else "are"
        return Piece(f"there {verb} {word} {plurals}", Phrase(f"{word} {plurals}", plural=True))

    def _group(self, group: Group) -> Phrase:
        plural = self._phrases.noun(group.name)[1]
        count = self._phrases.number(group.count)
        pick = self._random.choice
        if self._random.random() < 0.5:
            word = {
                "row": pick(("row", "horizontal row")),
                "column": pick(("column", "vertical column")),
                "aligned": pick(("line", "straight line")),
                "clustered": pick(("cluster", "group")),
            }[group.word]
            return Phrase(f"a {word} of {count} {plural}", modified=True)
        how = {
            "row": pick(("in a row", "in a row from left to right")),
            "column": pick(("in a column", "in a column from top to bottom")),
            "aligned": pick(("in a line", "lined up")),
            "clustered": pick(("in a cluster", "clustered together")),
        }[group.word]
        return Phrase(f"{count} {plural} {how}", plural=True, modified=True)

    def _pair(self, pair: PairApart) -> Piece:
        plural = self._phrases.noun(pair.name)[1]
        distance = self._phrases.quantity(pair.value, pair.unit)
        how = {
            "<=": self._random.choice((f"within {distance} of each other", f"at most {distance} apart")),
            ">=": self._random.choice((f"at least {distance} apart", f"at least {distance} from each other")),
        }[pair.comparator]
        if pair.every:
            return Piece(f"any two {plural} are {how}")
        phrase = Phrase(f"two {plural} {how}", plural=True, modified=True)
        return Piece(_there_is(phrase), phrase)

    def _choice(self, choice: Choice) -> Piece:
        one, other = self._piece(choice.one), self._piece(choice.other)
        end = ", but not both" if choice.exclusive else ""
        if one.things is not None and other.things is not None:
            both = f"{one.things.text} or {other.things.text}{end}"
            phrase = Phrase(f"either {both}", one.things.plural, modified=True)
            return Piece(f"there {'are' if one.things.plural else 'is'} either {both}", phrase)
        return Piece(f"either {one.clause} or {other.clause}{end}")


def _there_is(phrase: Phrase) -> str:
    return f"there {'are' if phrase.plural else 'is'} {phrase.text}"
