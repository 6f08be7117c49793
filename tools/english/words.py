"""The words of a back-translation: nouns of an ontology, numbers, and a phrase for every relation and function."""

from collections.abc import Mapping, Sequence

from solvers.fol.ast import Comparator, Quantity
from solvers.fol.printer import print_term
from solvers.ontology import Ontology

_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_HISSING = ("s", "x", "z", "ch", "sh")

REGIONS: Mapping[str, str] = {
    "in_left": "in the left third of the image",
    "in_middle_column": "in the middle column of the image",
    "in_right": "in the right third of the image",
    "in_top": "in the top third of the image",
    "in_middle_row": "in the middle row of the image",
    "in_bottom": "in the bottom third of the image",
    "in_center": "in the center of the image",
    "in_top_left": "in the top left of the image",
    "in_top_right": "in the top right of the image",
    "in_bottom_left": "in the bottom left of the image",
    "in_bottom_right": "in the bottom right of the image",
    "in_far_left": "on the far left of the image",
    "in_far_right": "on the far right of the image",
    "in_far_top": "on the far top of the image",
    "in_far_bottom": "on the far bottom of the image",
    "at_border": "at the border of the image",
}
RELATIONS: Mapping[str, str] = {
    "left_of": "left of",
    "right_of": "right of",
    "above": "above",
    "below": "below",
    "upper_left_of": "to the upper left of",
    "upper_right_of": "to the upper right of",
    "lower_left_of": "to the lower left of",
    "lower_right_of": "to the lower right of",
    "north_of": "north of",
    "south_of": "south of",
    "east_of": "east of",
    "west_of": "west of",
    "near": "near",
    "far_from": "far from",
    "adjacent": "adjacent to",
    "overlaps": "overlapping",
    "inside": "inside",
    "contains": "containing",
    "on": "on",
    "larger_than": "larger than",
    "smaller_than": "smaller than",
    "parallel": "parallel to",
    "perpendicular": "perpendicular to",
    "aligned": "aligned with",
    "same_class": "of the same class as",
}
SYMMETRIC = frozenset(
    {"near", "far_from", "adjacent", "overlaps", "parallel", "perpendicular", "aligned", "same_class"}
)
GROUPS: Mapping[str, str] = {
    "row": "in a row",
    "column": "in a column",
    "aligned": "in a line",
    "clustered": "in a cluster",
}
"""What is said of things of one kind; the order of the members does not matter then."""
ORDERED_GROUPS: Mapping[str, str] = {
    "row": "stand in a row from left to right",
    "column": "stand in a column from top to bottom",
    "aligned": "are aligned in this order on one line",
    "clustered": "are clustered, each near the next",
    "collinear": "are collinear in this order on one line",
}
"""What is said of named things in their order."""
SUPERLATIVES: Mapping[tuple[str, str], str] = {
    ("larger_than", ""): "largest",
    ("smaller_than", ""): "smallest",
    ("length", ">"): "longest",
    ("length", "<"): "shortest",
    ("width", ">"): "widest",
    ("width", "<"): "narrowest",
    ("cx", "<"): "leftmost",
    ("cx", ">"): "rightmost",
    ("cy", "<"): "topmost",
    ("cy", ">"): "bottommost",
}
"""By a relation, or by a function and how it compares with that of all others."""
COMPARATIVES: Mapping[tuple[str, str], str] = {
    ("length", ">"): "longer than",
    ("length", "<"): "shorter than",
    ("width", ">"): "wider than",
    ("width", "<"): "narrower than",
    ("cx", "<"): "centred further left than",
    ("cx", ">"): "centred further right than",
    ("cy", "<"): "centred higher up than",
    ("cy", ">"): "centred lower down than",
}
ADJECTIVES: Mapping[str, str] = {"length": "long", "width": "wide"}
OF_EACH = frozenset({"far from", "larger than", "smaller than", *COMPARATIVES.values()})
"""What "any" after it means each: "larger than any plane"."""
BOUNDS: Mapping[Comparator, str] = {
    Comparator.LT: "less than",
    Comparator.LE: "at most",
    Comparator.GT: "more than",
    Comparator.GE: "at least",
    Comparator.EQ: "exactly",
    Comparator.NE: "anything but",
}
MIRRORED: Mapping[Comparator, Comparator] = {
    Comparator.LT: Comparator.GT,
    Comparator.LE: Comparator.GE,
    Comparator.GT: Comparator.LT,
    Comparator.GE: Comparator.LE,
    Comparator.EQ: Comparator.EQ,
    Comparator.NE: Comparator.NE,
}
COUNTS: Mapping[Comparator, str] = {
    Comparator.GE: "at least",
    Comparator.LE: "at most",
    Comparator.EQ: "exactly",
}


class Nouns:
    """The classes of one ontology as nouns; None is any object."""

    def __init__(self, ontology: Ontology) -> None:
        self._ontology = ontology

    def singular(self, name: str) -> str:
        """`storage_tank` -> "storage tank"."""
        return name.replace("_", " ")

    def plural(self, name: str) -> str:
        """`storage_tank` -> "storage tanks"; an irregular plural is the ontology's own."""
        noun = self.singular(name)
        known = self._ontology.by_name.get(name)
        for irregular in known.plurals if known is not None else ():
            if irregular.startswith(noun[:-1]):
                return irregular
        if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
            return noun[:-1] + "ies"
        return noun + ("es" if noun.endswith(_HISSING) else "s")

    def may_coincide(self, one: Sequence[str], other: Sequence[str]) -> bool:
        """Whether an entity can be of both kinds; no classes at all are any object."""
        return not one or not other or not self._leaves(one).isdisjoint(self._leaves(other))

    def _leaves(self, names: Sequence[str]) -> frozenset[str]:
        return frozenset[str]().union(*(self._ontology.leaves_of.get(name, frozenset({name})) for name in names))


def number_word(count: int) -> str:
    """Small numbers in letters."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def with_article(noun: str) -> str:
    """ "a plane", "an airport"."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def quantity(given: Quantity) -> str:
    """A number with its unit, as the language writes it."""
    return print_term(given)


def enumerated(texts: Sequence[str], word: str) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(texts) == 1:
        return texts[0]
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}"
