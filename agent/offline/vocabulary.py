"""The closed word classes of the fragment: what each word or phrase of the grammar means."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.offline.function_words import BE, EXISTS, SHOWS, STANDS
from agent.offline.syntax import Grouping, Measure, Pattern


@dataclass(frozen=True, slots=True)
class Side:
    """A side or corner: the regions of the image that it is, the outer one, and the relation to another object.

    `middle` completes "the center of the left" to a region.
    """

    regions: tuple[str, ...] = ()
    far: str | None = None
    relation: str | None = None
    middle: str | None = None
    measure: Measure | None = None


_LEFT = Side(("in_left",), "in_far_left", "left_of", "in_middle_row", Measure(function="cx"))
_RIGHT = Side(("in_right",), "in_far_right", "right_of", "in_middle_row", Measure(function="cx", least_first=False))
_TOP = Side(("in_top",), "in_far_top", "above", "in_middle_column", Measure(function="cy"))
_BOTTOM = Side(("in_bottom",), "in_far_bottom", "below", "in_middle_column", Measure(function="cy", least_first=False))


def _corner(region: str, relation: str) -> Side:
    return Side((region,), relation=relation, measure=Measure(corner=relation))


_CORNERS = {
    ("top", "left"): _corner("in_top_left", "upper_left_of"),
    ("top", "right"): _corner("in_top_right", "upper_right_of"),
    ("bottom", "left"): _corner("in_bottom_left", "lower_left_of"),
    ("bottom", "right"): _corner("in_bottom_right", "lower_right_of"),
}
_EDGES = {"left": _LEFT, "right": _RIGHT, "top": _TOP, "bottom": _BOTTOM}
BORDERS = ("border", "edge", "boundary")
OUTERMOST = ("far", "extreme", "very")
CENTER_WORDS = ("center", "centre", "middle", "central")


def _sides() -> Mapping[str, Side]:
    sides = dict(_EDGES)
    for word, edge in (("top", "top"), ("upper", "top"), ("bottom", "bottom"), ("lower", "bottom")):
        sides[word] = _EDGES[edge]
        for across in ("left", "right"):
            sides[f"{word} {across}"] = sides[f"{across} {word}"] = _CORNERS[edge, across]
    for word, side in tuple(sides.items()):
        for center in CENTER_WORDS if side.middle is not None else ():
            sides[f"{word} {center}"] = sides[f"{center} {word}"] = Side((*side.regions, side.middle or ""))
    for center in CENTER_WORDS:
        sides[center] = Side(("in_center",))
        sides[f"{center} row"] = Side(("in_middle_row",))
        sides[f"{center} column"] = Side(("in_middle_column",))
    return sides


SIDES = _sides()
CORNERS = tuple(_CORNERS.values())
SIDE_NOUNS = (
    "part", "side", "corner", "portion", "area", "region", "section", "third", "zone",
    "hand side", "hand corner", "hand part", "parts", "sides", "corners", "areas", "thirds",
)  # fmt: skip
COMPASS = {"north": "north_of", "south": "south_of", "east": "east_of", "west": "west_of"}

RELATIONS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "near", "near to", "next to", "right next to", "close to", "close by", "beside", "right beside", "by",
            "alongside", "in the vicinity of", "in proximity to", "in close proximity to", "in the proximity of",
            "in the neighborhood of", "in the neighbourhood of", "in the surroundings of", "side by side with",
            "alongside of",
        ),
        "near",
    ),
    **dict.fromkeys(
        (
            "adjacent to", "touching", "adjoining", "abutting", "bordering", "in contact with", "neighbouring",
            "neighboring",
            "directly adjacent to", "immediately adjacent to",
        ),
        "adjacent",
    ),
    **dict.fromkeys(
        (
            "overlapping", "overlapping with", "partly overlapping", "partially overlapping", "intersecting",
            "intersecting with",
        ),
        "overlaps",
    ),
    **dict.fromkeys(
        ("in", "inside", "inside of", "within", "enclosed by", "contained in", "contained by", "enclosed in"), "inside"
    ),
    **dict.fromkeys(("containing", "enclosing"), "contains"),
    **dict.fromkeys(("on", "upon", "onto"), "on"),
    **dict.fromkeys(("above", "on top of"), "above"),
    **dict.fromkeys(("below", "under", "underneath", "beneath"), "below"),
    **dict.fromkeys(("parallel to", "parallel with", "running parallel to", "running parallel with"), "parallel"),
    "up and to the left of": "upper_left_of", "up and to the right of": "upper_right_of",
    "down and to the left of": "lower_left_of", "down and to the right of": "lower_right_of",
    **dict.fromkeys(("perpendicular to", "at right angles to", "at a right angle to"), "perpendicular"),
    **dict.fromkeys(("aligned with", "in line with", "lined up with"), "aligned"),
    **dict.fromkeys(("not far from", "not far away from"), "near"),
    **dict.fromkeys(("far from", "far away from", "distant from"), "far_from"),
    **dict.fromkeys(("of the same class as", "of the same type as", "of the same kind as"), "same_class"),
}  # fmt: skip
SURROUNDED = (
    "surrounded by", "surrounded on all sides by", "encircled by", "ringed by", "completely surrounded by",
    "surrounded with",
)  # fmt: skip
BARE_VERBS: Mapping[str, str] = {
    "contain": "contains", "contains": "contains", "enclose": "contains", "encloses": "contains",
    "overlap": "overlaps", "overlaps": "overlaps", "intersect": "overlaps", "intersects": "overlaps",
    "touch": "adjacent", "touches": "adjacent", "adjoin": "adjacent", "adjoins": "adjacent",
    "border": "adjacent", "borders": "adjacent",
}  # fmt: skip
FINITE = (*BE, *STANDS, *SHOWS, *EXISTS, *BARE_VERBS, "does not", "do not", "measures", "measure", "form", "forms")
COMPARED: Mapping[str, str] = {
    "larger than": "larger_than", "bigger than": "larger_than", "greater than": "larger_than",
    "smaller than": "smaller_than",
}  # fmt: skip
COMPARED_BY: Mapping[str, tuple[str, str]] = {
    "longer than": ("length", ">"), "shorter than": ("length", "<"),
    "wider than": ("width", ">"), "broader than": ("width", ">"), "narrower than": ("width", "<"),
}  # fmt: skip
FUNCTIONS: Mapping[str, str] = {
    "area": "area", "areas": "area", "size": "area", "length": "length", "lengths": "length", "width": "width",
    "widths": "width",
}  # fmt: skip
COMPARED_SIZES: Mapping[str, str] = {"large": "area", "big": "area", "long": "length", "wide": "width"}
FUNCTION_ADJECTIVES: Mapping[str, str] = {"long": "length", "wide": "width", "broad": "width"}

_ROW = Grouping("row", Pattern.TOGETHER, 3)
_COLUMN = Grouping("column", Pattern.TOGETHER, 3)
_ALIGNED = Grouping("aligned", Pattern.TOGETHER, 3)
_CLUSTERED = Grouping("clustered", Pattern.TOGETHER, 3)
_ADJACENT = Grouping("adjacent", Pattern.CHAIN, 2)
GROUP_ADJECTIVES: Mapping[str, Grouping] = {
    **dict.fromkeys(("adjacent", "neighbouring", "neighboring", "adjoining", "touching"), _ADJACENT),
    **dict.fromkeys(("aligned", "collinear"), _ALIGNED),
    **dict.fromkeys(("clustered",), _CLUSTERED),
    "parallel": Grouping("parallel", Pattern.PAIRWISE, 2),
    "perpendicular": Grouping("perpendicular", Pattern.PAIRWISE, 2),
    "overlapping": Grouping("overlaps", Pattern.CHAIN, 2),
}
GROUP_PHRASES: Mapping[str, Grouping] = {
    **GROUP_ADJECTIVES,
    **dict.fromkeys(
        (
            "in a row",
            "in a horizontal row",
            "in a horizontal line",
            "in one row",
            "in a single row",
            "in the same row",
            "in a row from left to right",
        ),
        _ROW,
    ),
    **dict.fromkeys(
        (
            "in a column",
            "in a vertical line",
            "in a vertical column",
            "in a column from top to bottom",
            "in one column",
            "in a single column",
            "in the same column",
        ),
        _COLUMN,
    ),
    **dict.fromkeys(
        (
            "in a line",
            "in line",
            "in a straight line",
            "lined up",
            "aligned in a line",
            "on a line",
            "on one line",
            "on a straight line",
            "on the same line",
            "in one line",
            "in a single line",
            "along a line",
            "along a straight line",
            "lined up in a line",
        ),
        _ALIGNED,
    ),
    **dict.fromkeys(
        ("clustered together", "in a cluster", "in a group", "grouped together", "close together"), _CLUSTERED
    ),
    **dict.fromkeys(("side by side",), Grouping("near", Pattern.CHAIN, 2)),
}
FORMED: Mapping[str, Grouping] = {
    **dict.fromkeys(("a row", "one row", "a single row"), _ROW),
    **dict.fromkeys(("a column", "one column", "a single column"), _COLUMN),
    **dict.fromkeys(("a line", "one line", "a single line", "a straight line"), _ALIGNED),
    **dict.fromkeys(("a cluster", "one cluster", "a group"), _CLUSTERED),
    "a chain": _ADJACENT,
}
GROUP_NOUNS: Mapping[str, Grouping] = {
    "row of": _ROW, "column of": _COLUMN, "line of": _ALIGNED, "cluster of": _CLUSTERED, "group of": _CLUSTERED,
    "chain of": _ADJACENT,
    **dict.fromkeys(("horizontal row of", "horizontal line of"), _ROW),
    **dict.fromkeys(("vertical column of", "vertical line of", "vertical row of"), _COLUMN),
    "straight line of": _ALIGNED,
}  # fmt: skip
EACH_OTHER = ("each other", "one another")

SUPERLATIVES: Mapping[str, Measure] = {
    **dict.fromkeys(("largest", "biggest", "greatest"), Measure(relation="larger_than")),
    **dict.fromkeys(("smallest", "tiniest"), Measure(relation="smaller_than")),
    "longest": Measure(function="length", least_first=False),
    "shortest": Measure(function="length"),
    **dict.fromkeys(("widest", "broadest"), Measure(function="width", least_first=False)),
    "narrowest": Measure(function="width"),
    **dict.fromkeys(("leftmost", "left most", "furthest left", "farthest left"), Measure(function="cx")),
    **dict.fromkeys(
        ("rightmost", "right most", "furthest right", "farthest right"), Measure(function="cx", least_first=False)
    ),
    **dict.fromkeys(("topmost", "top most", "uppermost", "upper most", "highest"), Measure(function="cy")),
    **dict.fromkeys(
        ("bottommost", "bottom most", "lowermost", "lower most", "lowest"), Measure(function="cy", least_first=False)
    ),
}
EXTREMES: Mapping[str, bool] = {
    **dict.fromkeys(("largest", "biggest", "greatest", "longest", "widest", "maximum", "highest"), True),
    **dict.fromkeys(("smallest", "shortest", "narrowest", "least", "minimum", "lowest"), False),
}
NEAREST: Mapping[str, Measure] = {
    **dict.fromkeys(("closest", "nearest"), Measure(function="distance")),
    **dict.fromkeys(("farthest", "furthest"), Measure(function="distance", least_first=False)),
}

LAST = -1
ORDINALS: Mapping[str, int] = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "last": -1,
}  # fmt: skip
