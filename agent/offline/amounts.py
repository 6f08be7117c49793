"""Words and signs for numbers, bounds and units."""

from collections.abc import Mapping

NUMERALS: Mapping[str, int] = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS: Mapping[str, int] = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES: Mapping[str, int] = {"hundred": 100, "thousand": 1000}

_METRES, _PIXELS = ("metre", "metres", "meter", "meters"), ("pixel", "pixels")
_SQUARE_METRES = tuple(f"{square} {unit}" for square in ("square", "sq") for unit in ("m", *_METRES))
UNITS: Mapping[str, str] = {
    **dict.fromkeys(("px", *_PIXELS), "px"),
    **dict.fromkeys(("m", *_METRES), "m"),
    **dict.fromkeys(("km", "kms", *(f"kilo{unit}" for unit in _METRES)), "km"),
    **dict.fromkeys(("px2", *(f"square {unit}" for unit in ("px", *_PIXELS)), "pixels squared"), "px2"),
    **dict.fromkeys(("m2", "sqm", *_SQUARE_METRES, *(f"{unit} squared" for unit in _METRES)), "m2"),
    **dict.fromkeys(("ha", "hectare", "hectares"), "ha"),
    **dict.fromkeys(("km2", "sq km", "square km", *(f"square kilo{unit}" for unit in _METRES)), "km2"),
}
AREA_UNITS = frozenset({"px2", "m2", "ha", "km2"})

MORE: Mapping[str, str] = {
    **dict.fromkeys(
        ("at least", "no fewer than", "no less than", "not fewer than", "not less than", "a minimum of", "minimum of",
         "minimum", "min", "at minimum", "at a minimum", ">="),
        ">=",
    ),
    **dict.fromkeys(
        ("at most", "no more than", "not more than", "up to", "a maximum of", "maximum of", "maximum", "max",
         "at maximum", "at a maximum", "<="),
        "<=",
    ),
    **dict.fromkeys(("more than", "over", "greater than", "above", "in excess of", ">"), ">"),
    **dict.fromkeys(("exceeding", "exceeds", "exceed"), ">"),
    **dict.fromkeys(("fewer than", "less than", "under", "below", "<"), "<"),
    **dict.fromkeys(("exactly", "precisely", "just", "="), "="),
}  # fmt: skip
BEYOND: Mapping[str, str] = {
    **dict.fromkeys(
        ("or more", "and more", "or longer", "or larger", "or bigger", "or wider", "or above", "or over", "or farther",
         "or further"),
        ">=",
    ),
    **dict.fromkeys(
        ("or less", "or shorter", "or smaller", "or narrower", "or below", "or under", "or closer", "or nearer"), "<="
    ),
}  # fmt: skip
DISTANCES: Mapping[str, str] = {
    **MORE,
    **dict.fromkeys(("within", "no farther than", "no further than", "not farther than", "not further than"), "<="),
    **dict.fromkeys(("closer than", "nearer than"), "<"),
    **dict.fromkeys(("farther than", "further than", "beyond"), ">"),
    **dict.fromkeys(("no closer than", "not closer than", "no nearer than"), ">="),
}
