"""The names of the language beside the classes: relations, group words, functions and units, each with its meaning."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Dimension(StrEnum):
    """What a quantity measures."""

    LENGTH = "length"
    AREA = "area"


@dataclass(frozen=True, slots=True)
class RelationSignature:
    """One relation: `arity` is the least number of entities where it is variadic.

    `irreflexive` where it is false of an entity and itself, so that it keeps two variables apart.
    """

    name: str
    arity: int
    meaning: str
    variadic: bool = False
    irreflexive: bool = True


@dataclass(frozen=True, slots=True)
class FunctionSignature:
    """One function of entities and what it measures."""

    name: str
    arity: int
    dimension: Dimension
    meaning: str


def _relations() -> Mapping[str, RelationSignature]:
    unary = {
        "in_left": "x is in the left third of the image",
        "in_middle_column": "x is in the middle third, left to right",
        "in_right": "x is in the right third of the image",
        "in_top": "x is in the top third of the image",
        "in_middle_row": "x is in the middle third, top to bottom",
        "in_bottom": "x is in the bottom third of the image",
        "in_center": "x is in the middle third both ways",
        "in_top_left": "x is in the top and the left third",
        "in_top_right": "x is in the top and the right third",
        "in_bottom_left": "x is in the bottom and the left third",
        "in_bottom_right": "x is in the bottom and the right third",
        "in_far_left": "x is in the outer sixth on the left",
        "in_far_right": "x is in the outer sixth on the right",
        "in_far_top": "x is in the outer sixth at the top",
        "in_far_bottom": "x is in the outer sixth at the bottom",
        "at_border": "x comes within 1 px of the image's edge",
    }
    binary = {
        "left_of": "x is left of y: y lies in the cone of 45 degrees to the right of x",
        "right_of": "x is right of y",
        "above": "x is above y in the image",
        "below": "x is below y in the image",
        "upper_left_of": "x is further left and further up than y",
        "upper_right_of": "x is further right and further up than y",
        "lower_left_of": "x is further left and further down than y",
        "lower_right_of": "x is further right and further down than y",
        "north_of": "x is north of y; needs a georeferenced image",
        "south_of": "x is south of y; needs a georeferenced image",
        "east_of": "x is east of y; needs a georeferenced image",
        "west_of": "x is west of y; needs a georeferenced image",
        "near": "the gap between x and y is at most twice the size (root of the area) of the larger one",
        "far_from": "x and y are two entities that are not near",
        "adjacent": "the gap between x and y is at most a quarter of the size (root of the area) of the larger one",
        "overlaps": "x and y share ground",
        "inside": "at least nine tenths of x lie in the larger y",
        "contains": "y is inside x",
        "on": "the centre of x lies in the larger y",
        "larger_than": "x covers more ground than y",
        "smaller_than": "x covers less ground than y",
        "parallel": "the long axes of x and y differ by at most 10 degrees",
        "perpendicular": "the long axes of x and y differ by at least 80 degrees",
        "same_class": "x and y have the same label",
    }
    ternary = {
        "collinear": "x, y and z lie on a line, y in the middle: the angle at y is at least 165 degrees",
        "between": "x lies between y and z, within a quarter of their distance from the line",
    }
    groups = {
        "aligned": (2, "two entities are parallel and in line; three or more lie on one line"),
        "row": (2, "each next one is right of the one before, on one line"),
        "column": (2, "each next one is below the one before, on one line"),
        "clustered": (2, "each is near the next"),
    }
    signatures = [
        *(RelationSignature(name, 1, meaning) for name, meaning in unary.items()),
        *(RelationSignature(name, 2, meaning, irreflexive=name != "same_class") for name, meaning in binary.items()),
        *(RelationSignature(name, 3, meaning) for name, meaning in ternary.items()),
        *(RelationSignature(name, least, meaning, variadic=True) for name, (least, meaning) in groups.items()),
    ]
    return MappingProxyType({signature.name: signature for signature in signatures})


RELATIONS: Mapping[str, RelationSignature] = _relations()

FUNCTIONS: Mapping[str, FunctionSignature] = MappingProxyType(
    {
        signature.name: signature
        for signature in (
            FunctionSignature("distance", 2, Dimension.LENGTH, "the gap between two polygons, 0 where they meet"),
            FunctionSignature("area", 1, Dimension.AREA, "the area of the polygon"),
            FunctionSignature("length", 1, Dimension.LENGTH, "the longer side of the minimum-area rectangle"),
            FunctionSignature("width", 1, Dimension.LENGTH, "the shorter side of the minimum-area rectangle"),
            FunctionSignature("cx", 1, Dimension.LENGTH, "the centroid's distance from the image's left edge"),
            FunctionSignature("cy", 1, Dimension.LENGTH, "the centroid's distance from the image's top edge"),
        )
    }
)


ORDERS = ("left_of", "above", "upper_left_of", "upper_right_of", "north_of", "east_of", "larger_than")
"""The relations that are strict orders: irreflexive, asymmetric, transitive."""

INVERSES: Mapping[str, str] = MappingProxyType(
    {
        "right_of": "left_of", "below": "above", "lower_right_of": "upper_left_of", "lower_left_of": "upper_right_of",
        "south_of": "north_of", "west_of": "east_of", "contains": "inside", "smaller_than": "larger_than",
    }
)  # fmt: skip
"""For some relations the one that holds with the arguments exchanged."""

SYMMETRIC = frozenset(
    {"near", "far_from", "adjacent", "overlaps", "parallel", "perpendicular", "aligned", "same_class"}
)
"""The relations of two entities that hold with the arguments exchanged as well."""

OTHER_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "next_to": "near", "close_to": "near", "beside": "near", "nearby": "near", "by": "near",
        "distant_from": "far_from", "touching": "adjacent", "touches": "adjacent", "adjacent_to": "adjacent",
        "intersects": "overlaps", "overlapping": "overlaps", "within": "inside", "in": "inside",
        "contained_in": "inside", "containing": "contains", "on_top_of": "on", "left": "left_of", "right": "right_of",
        "over": "above", "under": "below", "beneath": "below", "top_of": "above", "bottom_of": "below",
        "north": "north_of", "south": "south_of", "east": "east_of", "west": "west_of",
        "bigger_than": "larger_than", "greater_than": "larger_than", "same_type": "same_class",
        "in_line": "aligned", "in_a_row": "row", "cluster": "clustered", "in_middle": "in_center",
    }
)  # fmt: skip
"""What others call a relation; never read, only suggested."""

KEYWORDS: Mapping[str, str] = MappingProxyType(
    {
        "and": "AND", "or": "OR", "xor": "XOR", "not": "NOT", "implies": "IMPLIES", "iff": "IFF",
        "forall": "FORALL", "all": "FORALL", "exists": "EXISTS", "exist": "EXISTS", "some": "EXISTS",
    }
)  # fmt: skip
"""Words that are connectives or quantifiers in any letter case, and the token that each is read as."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: what it measures, and how many base units it is.

    The base unit is the metre or square metre where `metric`, else the pixel or square pixel.
    """

    name: str
    dimension: Dimension
    factor: float
    metric: bool


UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        unit.name: unit
        for unit in (
            Unit("px", Dimension.LENGTH, 1.0, metric=False),
            Unit("m", Dimension.LENGTH, 1.0, metric=True),
            Unit("km", Dimension.LENGTH, 1_000.0, metric=True),
            Unit("px2", Dimension.AREA, 1.0, metric=False),
            Unit("m2", Dimension.AREA, 1.0, metric=True),
            Unit("ha", Dimension.AREA, 10_000.0, metric=True),
            Unit("km2", Dimension.AREA, 1_000_000.0, metric=True),
        )
    }
)
