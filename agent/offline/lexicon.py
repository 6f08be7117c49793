"""The nouns of an ontology as English writes them, and the known words that come nearest to an unknown one."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from agent.offline.qualities import Quality, Words, phrased, qualities_of
from agent.offline.tokens import Token, tokenize
from solvers.ontology import Ontology

MAX_SUGGESTIONS = 3
_ALIKE, _VERY_ALIKE = 0.65, 0.8

_SPELLINGS = (
    ("harbor", "harbour"), ("center", "centre"), ("color", "colour"), ("gray", "grey"), ("theater", "theatre"),
    ("airplane", "aeroplane"), ("meter", "metre"), ("fiber", "fibre"), ("plow", "plough"), ("armored", "armoured"),
)  # fmt: skip
_VARIANTS: Mapping[str, str] = {a: b for one, other in _SPELLINGS for a, b in ((one, other), (other, one))}


@dataclass(frozen=True, slots=True)
class Noun:
    """What a surface form means: a class, or None for any object, and the numbers that the form can have.

    `wider` is the class of its noun alone where a quality stands before or after it, as in "flooded building".
    """

    name: str | None
    singular: bool
    plural: bool
    words: int
    wider: str | None = None


class Lexicon:
    """Every word for the classes of one ontology: names, synonyms, plurals, and both ways of spelling them."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self._nouns: dict[Words, Noun] = {}
        for each in ontology.classes:
            self._add_both_numbers(each.name, each.name)
        for each in ontology.classes:
            for synonym in each.synonyms:
                self._add_both_numbers(synonym, each.name)
            for plural in each.plurals:
                self._add(_words(plural), each.name, plural=True)
        named = {words: noun.name for words, noun in self._nouns.items() if noun.name is not None and not noun.plural}
        self._qualities = qualities_of(named, ontology)
        self._add_qualified()
        self._longest = max(map(len, (*self._nouns, *self._qualities)), default=0)

    def match(self, tokens: tuple[Token, ...], position: int) -> Noun | None:
        """The noun of the most words that begins at a token, or None."""
        for count in range(min(self._longest, len(tokens) - position), 0, -1):
            noun = self._nouns.get(tuple(token.text for token in tokens[position : position + count]))
            if noun is not None:
                return noun
        return None

    def quality(self, tokens: tuple[Token, ...], position: int) -> Quality | None:
        """The quality of the most words that begins at a token, or None."""
        for count in range(min(self._longest, len(tokens) - position), 0, -1):
            quality = self._qualities.get(tuple(token.text for token in tokens[position : position + count]))
            if quality is not None:
                return quality
        return None

    def leaves(self, name: str | None) -> frozenset[str]:
        """The leaf classes that a class covers; all of them for None, any object."""
        return frozenset(self.ontology.leaf_names) if name is None else self.ontology.leaves_of[name]

    @cached_property
    def singulars(self) -> tuple[str, ...]:
        """Every noun in the singular, as the ontology spells it."""
        texts = (text for each in self.ontology.classes for text in (each.name, *each.synonyms))
        return tuple(sorted({" ".join(_words(text)) for text in texts}))

    def nearest(self, phrase: str, others: Iterable[str] = ()) -> tuple[str, ...]:
        """The known words most like a phrase: nouns that share a word with it, then whatever is spelled like it.

        `others` are words of the grammar, of which only the very alike count. Empty where nothing is like the phrase.
        """
        words = set(phrase.split())
        stems = words | {word.removesuffix("s") for word in words}
        sharing = [noun for noun in self.singulars if stems & set(noun.split())]
        nouns = difflib.get_close_matches(phrase, self.singulars, n=MAX_SUGGESTIONS, cutoff=_ALIKE)
        cutoff = _VERY_ALIKE if nouns or sharing else _ALIKE
        particles = difflib.get_close_matches(phrase, sorted(others), n=MAX_SUGGESTIONS, cutoff=cutoff)
        particles = [word for word in particles if word[0] == phrase[0] or (word in phrase and len(word) > 3)]

        def likeness(word: str) -> tuple[float, str]:
            return (-difflib.SequenceMatcher(None, word, phrase).ratio(), word)

        found = tuple(dict.fromkeys((*sorted(sharing, key=likeness), *sorted((*nouns, *particles), key=likeness))))
        return found[:MAX_SUGGESTIONS]

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """The classes of the ontology, as English writes them."""
        return tuple(" ".join(_words(each.name)) for each in self.ontology.classes)

    def beginning_with(self, word: str) -> tuple[str, ...]:
        """The nouns whose first word is this one, as "large vehicle" for "large"."""
        return tuple(noun for noun in self.singulars if noun.startswith(f"{word} "))[:MAX_SUGGESTIONS]

    def _add_qualified(self) -> None:
        """Every noun of a wider class with each quality that goes with it: "flooded structures"."""
        forms: dict[str, list[Words]] = {}
        for words, noun in self._nouns.items():
            if noun.name is not None:
                forms.setdefault(noun.name, []).append(words)
        for quality in self._qualities.values():
            for words, form, name in phrased(quality, forms):
                plain = self._nouns[form]
                known = self._nouns.get(words) or replace(plain, name=name, words=len(words))
                if known.name == name:
                    self._nouns[words] = replace(known, wider=plain.name)

    def _add_both_numbers(self, text: str, name: str) -> None:
        words = _words(text)
        if not words:
            return
        self._add(words, name, plural=False)
        for plural in _plurals(words[-1]):
            self._add((*words[:-1], plural), name, plural=True)

    def _add(self, words: Words, name: str, *, plural: bool) -> None:
        for form in _spellings(words):
            known = self._nouns.get(form)
            if known is None:
                self._nouns[form] = Noun(name, singular=not plural, plural=plural, words=len(form))
            elif known.name == name:
                self._nouns[form] = replace(known, singular=known.singular or not plural, plural=known.plural or plural)


def _words(text: str) -> Words:
    return tuple(token.text for token in tokenize(text.replace("_", " ")))


def _spellings(words: Words) -> Iterator[Words]:
    """The words in American and British spelling, and written as one."""
    forms: list[Words] = [()]
    for word in words:
        variants = [word, *_variants(word)]
        forms = [(*form, variant) for form in forms for variant in variants]
    for form in forms:
        yield form
        if len(form) > 1:
            yield ("".join(form),)


def _variants(word: str) -> Iterator[str]:
    for ending in ("", "s"):
        stem = word.removesuffix(ending)
        if word.endswith(ending) and stem in _VARIANTS:
            yield _VARIANTS[stem] + ending
            return


def _plurals(word: str) -> Iterator[str]:
    """The regular plurals of a noun, every one that people write."""
    yield word + "s"
    if word.endswith(("s", "x", "z", "ch", "sh", "o")):
        yield word + "es"
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        yield word[:-1] + "ies"
    if word.endswith("f"):
        yield word[:-1] + "ves"
    if word.endswith("fe"):
        yield word[:-2] + "ves"
    if word.endswith("man"):
        yield word[:-3] + "men"
