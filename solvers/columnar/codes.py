"""Relations and comparisons of two or three entities as numbers, for kernels that know no formulas."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from types import MappingProxyType

from solvers.fol.ast import (
    Atom,
    Comparator,
    Comparison,
    Formula,
    FunctionTerm,
    Not,
    Quantity,
    Variable,
    literal_variables,
)
from solvers.fol.signature import RELATIONS
from solvers.quantities import Scale, base_value, quantity_last, scale_of


class Code(IntEnum):
    """What holds of two entities, or from COLLINEAR on of three.

    `GAP_*` compare the gap with the value; `LESS`, `AT_MOST` and `EQUAL` compare a column of a with one of b, told by
    the value: `len(Column) * left + right`.
    """

    SAME = 0
    SAME_CLASS = 1
    LEFT_OF = 2
    RIGHT_OF = 3
    ABOVE = 4
    BELOW = 5
    UPPER_LEFT_OF = 6
    UPPER_RIGHT_OF = 7
    LOWER_LEFT_OF = 8
    LOWER_RIGHT_OF = 9
    NORTH_OF = 10
    SOUTH_OF = 11
    EAST_OF = 12
    WEST_OF = 13
    LARGER_THAN = 14
    SMALLER_THAN = 15
    PARALLEL = 16
    PERPENDICULAR = 17
    ALIGNED = 18
    NEAR = 19
    FAR_FROM = 20
    ADJACENT = 21
    OVERLAPS = 22
    INSIDE = 23
    CONTAINS = 24
    ON = 25
    GAP_BELOW = 26
    GAP_AT_MOST = 27
    GAP_EQUAL = 28
    LESS = 29
    AT_MOST = 30
    EQUAL = 31
    COLLINEAR = 32
    BETWEEN = 33


class Column(IntEnum):
    """The functions of one entity that two entities are compared by."""

    AREA = 0
    LENGTH = 1
    WIDTH = 2
    CX = 3
    CY = 4


@dataclass(frozen=True, slots=True)
class Encoded:
    """One literal for the kernels; `arguments` are variables in the order that the code takes them.

    The literal holds where the code does, or where it does not if `negated`.
    """

    code: Code
    negated: bool
    arguments: tuple[str, ...]
    value: float = 0.0
    scale: Scale = Scale.PIXELS


COMPASS = frozenset({Code.NORTH_OF, Code.SOUTH_OF, Code.EAST_OF, Code.WEST_OF})
"""The codes that have a value on georeferenced images only."""

_RELATIONS: Mapping[str, Code] = MappingProxyType(
    {code.name.lower(): code for code in Code if code.name.lower() in RELATIONS}
)
_GAPS: Mapping[Comparator, tuple[Code, bool]] = MappingProxyType(
    {
        Comparator.LT: (Code.GAP_BELOW, False),
        Comparator.GE: (Code.GAP_BELOW, True),
        Comparator.LE: (Code.GAP_AT_MOST, False),
        Comparator.GT: (Code.GAP_AT_MOST, True),
        Comparator.EQ: (Code.GAP_EQUAL, False),
        Comparator.NE: (Code.GAP_EQUAL, True),
    }
)
_COLUMNS: Mapping[Comparator, tuple[Code, bool]] = MappingProxyType(
    {
        Comparator.LT: (Code.LESS, False),
        Comparator.GE: (Code.LESS, True),
        Comparator.LE: (Code.AT_MOST, False),
        Comparator.GT: (Code.AT_MOST, True),
        Comparator.EQ: (Code.EQUAL, False),
        Comparator.NE: (Code.EQUAL, True),
    }
)


def encode(literal: Formula) -> Encoded | None:
    """An atom or a comparison, perhaps negated, of two or three entities; None for all else.

    None means classes, regions, comparisons of one entity with a number, and those that compare a gap with a function.
    """
    match literal:
        case Not(body):
            encoded = encode(body)
            return None if encoded is None else replace(encoded, negated=not encoded.negated)
        case Atom(predicate, arguments):
            relation = _RELATIONS.get(predicate)
            if relation is None or len(arguments) != arity(relation):
                return None
            return Encoded(relation, False, tuple(variable.name for variable in literal_variables(literal)))
        case Comparison(Variable(left), Comparator.EQ | Comparator.NE as comparator, Variable(right)):
            return Encoded(Code.SAME, comparator is Comparator.NE, (left, right))
        case Comparison():
            return _encode_quantities(quantity_last(literal))
        case _:
            return None


def arity(code: Code) -> int:
    """How many entities a code is about."""
    return 3 if code in {Code.COLLINEAR, Code.BETWEEN} else 2


def _encode_quantities(comparison: Comparison) -> Encoded | None:
    match comparison:
        case Comparison(FunctionTerm("distance", (Variable(a), Variable(b))), comparator, Quantity() as limit):
            code, negated = _GAPS[comparator]
            return Encoded(code, negated, (a, b), base_value(limit), scale_of(limit))
        case Comparison(FunctionTerm(left, (Variable(a),)), comparator, FunctionTerm(right, (Variable(b),))):
            code, negated = _COLUMNS[comparator]
            packed = len(Column) * Column[left.upper()] + Column[right.upper()]
            return Encoded(code, negated, (a, b), float(packed))
        case _:
            return None


_POLYGON = frozenset({"bounds", "plain", "centroid", "area", "ring_start", "corners"})


def needs(encoded: Encoded) -> frozenset[str]:
    """The columns, by their names in `predicates.Geometry`, that deciding a literal reads."""
    code = encoded.code
    if code is Code.SAME:
        return frozenset()
    if code is Code.SAME_CLASS:
        return frozenset({"label"})
    if code in {Code.LARGER_THAN, Code.SMALLER_THAN}:
        return frozenset({"area"})
    if code in {Code.PARALLEL, Code.PERPENDICULAR}:
        return frozenset({"axis", "length", "width"})
    if code is Code.ALIGNED:
        return frozenset({"axis", "length", "width", "centroid"})
    if Code.NEAR <= code <= Code.GAP_EQUAL:
        return _POLYGON
    if Code.LESS <= code <= Code.EQUAL:
        return frozenset(_FIELDS[Column(each)] for each in divmod(int(encoded.value), len(Column)))
    return frozenset({"centroid"})


_FIELDS: Mapping[Column, str] = MappingProxyType(
    {
        Column.AREA: "area",
        Column.LENGTH: "length",
        Column.WIDTH: "width",
        Column.CX: "centroid",
        Column.CY: "centroid",
    }
)
