"""Qualities: the words that make a class of a wider one, as "flooded" makes flooded buildings of buildings."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from solvers.ontology import Ontology

Words = tuple[str, ...]

_LEADS = frozenset(
    ("is", "are", "was", "were", "be", "being", "not", "still", "also", "either", "neither", "nor", "or", "and", "but",
     ",", "has", "have", "having", "with", "them")
)  # fmt: skip
_HAVING = ("with", "having")


@dataclass(frozen=True, slots=True)
class Quality:
    """What words make of a class: the narrower class for each wider one that they go with."""

    words: Words
    narrowed: Mapping[str, str]

    @property
    def goes_with(self) -> str:
        """What the words go with, as a reason why they do not go with something else."""
        return f"this is only said of {' and '.join(each.replace('_', ' ') for each in self.narrowed)}"

    def of(self, name: str, ontology: Ontology) -> str | None:
        """The class of the things of a class that have the quality; None where the words do not go with it."""
        return next((self.narrowed[each] for each in ancestry(name, ontology) if each in self.narrowed), None)


def ancestry(name: str, ontology: Ontology) -> Iterator[str]:
    """A class and all that it is part of, the nearest first."""
    current: str | None = name
    while current is not None:
        yield current
        current = ontology.by_name[current].parent


def qualities_of(classes: Mapping[Words, str], ontology: Ontology) -> Mapping[Words, Quality]:
    """The qualities in the nouns of an ontology, given as words with the class that they name.

    "Flooded" of "flooded building" and "with minor damage" of "building with minor damage", as the wider class has a
    noun of its own for the rest; what follows "with" is a quality by itself, too.
    """
    narrowed: dict[Words, dict[str, str]] = {}
    for words, name in classes.items():
        wider = frozenset(ancestry(name, ontology)) - {name}
        if not wider:
            continue
        for cut in range(1, len(words)):
            for head, rest in ((words[cut:], words[:cut]), (words[:cut], words[cut:])):
                if classes.get(head) in wider:
                    narrowed.setdefault(rest, {}).setdefault(classes[head], name)
                    if rest[0] in _HAVING:
                        narrowed.setdefault(rest[1:], {}).setdefault(classes[head], name)
    return {words: Quality(words, found) for words, found in narrowed.items()}


def leads_to_quality(word: str) -> bool:
    """Whether a word may stand right before a quality that is said of something."""
    return word in _LEADS


def phrased(quality: Quality, forms: Mapping[str, Iterable[Words]]) -> Iterator[tuple[Words, Words, str]]:
    """Every noun of a wider class with the quality, the noun alone, and the narrower class.

    The quality stands before it, or after it where it begins with a preposition.
    """
    after = quality.words[0] in (*_HAVING, "without", "of")
    for wider, name in quality.narrowed.items():
        for form in forms.get(wider, ()):
            yield ((*form, *quality.words) if after else (*quality.words, *form)), form, name
