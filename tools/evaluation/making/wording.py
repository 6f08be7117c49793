"""The words of made questions: several for every relation, region and amount, all of one meaning in the language."""

from collections.abc import Mapping, Sequence
from random import Random

from solvers.ontology import Ontology

SYNONYMS = 2
"""How many synonyms of a class are used: an ontology names the closest ones first."""
_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_HISSING = ("s", "x", "z", "ch", "sh")
_MOORED, _PARKED = ("moored", "lying", "anchored"), ("parked", "standing")

STANDING: Mapping[str, Sequence[str]] = {
    "ship": _MOORED,
    "plane": _PARKED,
    "aircraft": _PARKED,
    "helicopter": _PARKED,
    "small_vehicle": _PARKED,
    "large_vehicle": _PARKED,
    "vehicle": _PARKED,
}
"""Participles that may stand before a place and add nothing to it."""

REGIONS: Mapping[str, Sequence[str]] = {
    "in_left": ("on the left", "on the left side of the image", "in the left part of the image", "in the left third"),
    "in_right": ("on the right", "on the right-hand side", "in the right part of the image", "in the right third"),
    "in_top": ("at the top", "in the upper part of the image", "at the top of the image", "in the top third"),
    "in_bottom": ("at the bottom", "in the lower part of the image", "in the bottom third of the image"),
    "in_center": ("in the center", "in the middle of the image", "in the centre of the picture"),
    "in_top_left": ("in the upper left", "in the top left corner", "in the upper left corner of the image"),
    "in_top_right": ("in the upper right", "in the top right corner", "in the upper right corner of the image"),
    "in_bottom_left": ("in the lower left", "in the bottom left corner", "in the lower left corner of the image"),
    "in_bottom_right": ("in the lower right", "in the bottom right corner", "in the lower right corner of the image"),
    "in_far_left": ("on the far left", "on the far left side of the image"),
    "in_far_right": ("on the far right", "on the far right side of the image"),
    "in_far_top": ("at the far top of the image", "at the very top of the image"),
    "in_far_bottom": ("at the far bottom of the image", "at the very bottom of the image"),
    "at_border": ("at the border of the image", "at the edge of the image", "touching the image border"),
}  # fmt: skip

RELATIONS: Mapping[str, Sequence[str]] = {
    "near": ("near", "close to", "next to", "beside", "in the vicinity of", "near"),
    "adjacent": ("touching", "adjacent to", "adjoining", "bordering"),
    "left_of": ("to the left of", "left of", "on the left of", "on the left-hand side of"),
    "right_of": ("to the right of", "right of", "on the right of", "on the right-hand side of"),
    "above": ("above",),
    "below": ("below",),
    "upper_left_of": ("to the upper left of", "up and to the left of"),
    "upper_right_of": ("to the upper right of", "up and to the right of"),
    "lower_left_of": ("to the lower left of", "down and to the left of"),
    "lower_right_of": ("to the lower right of", "down and to the right of"),
    "overlaps": ("overlapping", "partly overlapping", "intersecting"),
    "inside": ("inside", "in", "within"),
    "on": ("on",),
    "larger_than": ("larger than", "bigger than"),
    "smaller_than": ("smaller than",),
    "parallel": ("parallel to", "running parallel to"),
    "perpendicular": ("perpendicular to", "at right angles to"),
    "north_of": ("north of", "to the north of"),
    "south_of": ("south of", "to the south of"),
    "east_of": ("east of", "to the east of"),
    "west_of": ("west of", "to the west of"),
}
"""After a noun, or after "is"."""

HELD: Mapping[str, Sequence[str]] = {
    "near": ("near it", "close to it", "next to it", "nearby", "beside it"),
    "adjacent": ("touching it", "adjacent to it"),
    "left_of": ("to its left", "on its left", "to the left of it"),
    "right_of": ("to its right", "on its right", "to the right of it"),
    "above": ("above it",),
    "below": ("below it",),
    "inside": ("inside it", "in it", "inside"),
    "on": ("on it",),
    "overlaps": ("overlapping it",),
}
"""Where what a thing has lies: "with a ship near it"."""

EXTREMES: Mapping[str, Sequence[str]] = {
    "largest": ("largest", "biggest"),
    "smallest": ("smallest",),
    "longest": ("longest",),
    "leftmost": ("leftmost",),
    "rightmost": ("rightmost",),
    "topmost": ("topmost", "uppermost"),
    "bottommost": ("bottommost",),
}
ADJECTIVES: Mapping[str, str] = {"length": "long", "width": "wide"}
COMPARATIVES: Mapping[str, str] = {"length": "longer", "width": "wider"}
UNITS: Mapping[str, Sequence[str]] = {
    "px": ("px", "pixels"),
    "m": ("m", "metres", "meters"),
    "px2": ("px2", "square pixels"),
    "m2": ("m2", "square metres", "square meters"),
}


class Nouns:
    """The classes of an ontology as nouns, by name and by the closest synonyms."""

    def __init__(self, ontology: Ontology) -> None:
        self._leaves_of = ontology.leaves_of
        self._forms = {
            each.name: [
                (word, plural_of(word, each.plurals))
                for word in (each.name.replace("_", " "), *each.synonyms[:SYNONYMS])
            ]
            for each in ontology.classes
        }

    def is_a(self, name: str, other: str) -> bool:
        """Whether everything of a class is of the other one too."""
        return self._leaves_of[name] <= self._leaves_of[other]

    def chosen(self, random: Random) -> Mapping[str, tuple[str, str]]:
        """For every class a noun and its plural, for one question; the class's own name half of the time."""
        return {
            name: forms[0] if len(forms) == 1 or random.random() < 0.5 else random.choice(forms[1:])
            for name, forms in self._forms.items()
        }


def plural_of(noun: str, irregular: Sequence[str]) -> str:
    """The plural of a noun, which is one of the irregular ones where it begins like it."""
    known = next((each for each in irregular if each.startswith(noun[:-1])), None)
    if known is not None:
        return known
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(_HISSING) else "s")


def number(count: int) -> str:
    """A number, in letters where it is small."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def quantity(value: float, unit: str) -> str:
    """A value with its unit in words, thousands parted."""
    text = f"{value:,.0f}" if value == int(value) else f"{value:,g}"
    return f"{text} {unit}"


def listed(texts: Sequence[str], word: str) -> str:
    """ "a", "a and b", "a, b and c"."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {word} {texts[-1]}"
