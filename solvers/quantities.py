"""The functions of the design as arrays, and comparisons of them; a metric quantity needs the image's gsd."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from types import MappingProxyType
from typing import Protocol

import numpy as np
import numpy.typing as npt

from solvers.fol.ast import Comparator, Comparison, FunctionTerm, Quantity, Variable
from solvers.fol.signature import UNITS, Dimension
from solvers.geometry import Booleans, Floats, Indices
from solvers.relations import Measured

COMPARE: Mapping[Comparator, Callable[[Floats, Floats], npt.NDArray[np.bool_]]] = {
    Comparator.LT: np.less,
    Comparator.LE: np.less_equal,
    Comparator.GT: np.greater,
    Comparator.GE: np.greater_equal,
    Comparator.EQ: np.equal,
    Comparator.NE: np.not_equal,
}
_MIRRORED = {
    Comparator.LT: Comparator.GT,
    Comparator.LE: Comparator.GE,
    Comparator.GT: Comparator.LT,
    Comparator.GE: Comparator.LE,
    Comparator.EQ: Comparator.EQ,
    Comparator.NE: Comparator.NE,
}


class Columns(Protocol):
    """What functions of one entity read, in pixels: arrays of n rows."""

    @property
    def area(self) -> Floats: ...
    @property
    def length(self) -> Floats: ...
    @property
    def width(self) -> Floats: ...
    @property
    def centroid(self) -> Floats: ...


COLUMNS: Mapping[str, Callable[[Columns], Floats]] = MappingProxyType(
    {
        "area": lambda columns: columns.area,
        "length": lambda columns: columns.length,
        "width": lambda columns: columns.width,
        "cx": lambda columns: columns.centroid[:, 0],
        "cy": lambda columns: columns.centroid[:, 1],
    }
)


class Scale(IntEnum):
    """What turns a measure in pixels into a value's unit: nothing, the gsd, or its square."""

    PIXELS = 0
    GSD = 1
    GSD_SQUARED = 2


@dataclass(frozen=True, slots=True)
class Axes:
    """The variables of a table, one an axis, and the entities along each."""

    names: tuple[str, ...]
    entities: tuple[Indices, ...]


def axes_of(names: tuple[str, ...], domains: Mapping[str, Indices]) -> Axes:
    """The axes for some variables over their domains."""
    return Axes(names, tuple(domains[name] for name in names))


def needs_gsd(comparison: Comparison) -> bool:
    """Whether a comparison is metric."""
    sides = (comparison.left, comparison.right)
    return any(isinstance(side, Quantity) and side.unit is not None and UNITS[side.unit].metric for side in sides)


def is_known_on(comparison: Comparison, measured: Measured) -> bool:
    """Whether a comparison has a value on this image."""
    return measured.scene.gsd is not None or not needs_gsd(comparison)


def compare(comparison: Comparison, axes: Axes, measured: Measured) -> Booleans:
    """The truth of a comparison over all tuples of its variables, one axis a variable; it must be known."""
    comparison = quantity_last(comparison)
    left, comparator, right = comparison.left, comparison.comparator, comparison.right
    if isinstance(left, Variable) and isinstance(right, Variable):
        held = COMPARE[comparator](_entities(left, axes), _entities(right, axes))
        return _broadcast(held, axes)
    match left, right:
        case FunctionTerm("distance"), Quantity() if len(axes.names) == 2:
            return _compare_gap(comparator, axes, measured, base_value(right), _factor(right, measured))
        case FunctionTerm(), Quantity():
            values = function_values(left, axes, measured) * _factor(right, measured)
            return _broadcast(COMPARE[comparator](values, np.array(base_value(right))), axes)
        case FunctionTerm(), FunctionTerm():
            held = COMPARE[comparator](function_values(left, axes, measured), function_values(right, axes, measured))
            return _broadcast(held, axes)
        case _:
            raise TypeError(f"the signature check lets no {left} {comparator} {right} through")


def function_values(term: FunctionTerm, axes: Axes, measured: Measured) -> Floats:
    """The values of a function in pixels, broadcastable to the axes."""
    shapes = measured.shapes
    places = [axes.names.index(argument.name) for argument in term.arguments if isinstance(argument, Variable)]
    if term.name == "distance":
        first, second = places
        if first == second:
            return np.zeros((1,) * len(axes.names))
        gaps = shapes.gaps(axes.entities[first], axes.entities[second])
        return _spread(gaps if first < second else gaps.T, tuple(sorted((first, second))), axes)
    (place,) = places
    return _spread(COLUMNS[term.name](shapes)[axes.entities[place]], (place,), axes)


def in_unit(value: float, unit: str, gsd: float | None) -> float:
    """A value in pixels or square pixels, expressed in a unit."""
    known = UNITS[unit]
    if not known.metric:
        return value
    if gsd is None:
        raise ValueError(f"{unit} needs the image's gsd")
    return value * (gsd if known.dimension is Dimension.LENGTH else gsd * gsd) / known.factor


def quantity_last(comparison: Comparison) -> Comparison:
    """The same comparison with a number, if it has one, on the right."""
    if not isinstance(comparison.left, Quantity):
        return comparison
    comparator = _MIRRORED[comparison.comparator]
    return replace(comparison, left=comparison.right, comparator=comparator, right=comparison.left)


def base_value(quantity: Quantity) -> float:
    """The value in the unit's base: px, px2, m or m2."""
    return quantity.value * UNITS[quantity.unit or "px"].factor


def scale_of(quantity: Quantity) -> Scale:
    """What turns pixels into the base of the quantity's unit."""
    unit = UNITS[quantity.unit or "px"]
    if not unit.metric:
        return Scale.PIXELS
    return Scale.GSD if unit.dimension is Dimension.LENGTH else Scale.GSD_SQUARED


def _factor(quantity: Quantity, measured: Measured) -> float:
    scale, gsd = scale_of(quantity), measured.scene.gsd
    if scale is Scale.PIXELS:
        return 1.0
    if gsd is None:
        raise ValueError("a metric comparison on an image without gsd is unknown")
    return gsd if scale is Scale.GSD else gsd * gsd


def _compare_gap(comparator: Comparator, axes: Axes, measured: Measured, value: float, scale: float) -> Booleans:
    rows, columns = axes.entities
    shapes = measured.shapes
    if comparator in (Comparator.EQ, Comparator.NE):
        return COMPARE[comparator](shapes.gaps(rows, columns) * scale, np.array(value))
    strict = comparator in (Comparator.LT, Comparator.GE)
    below = shapes.gaps_within(rows, columns, np.array(value), strict=strict, scale=scale)
    return below if comparator in (Comparator.LT, Comparator.LE) else ~below


def _entities(variable: Variable, axes: Axes) -> Floats:
    place = axes.names.index(variable.name)
    return _spread(axes.entities[place].astype(np.float64), (place,), axes)


def _spread(values: Floats, places: tuple[int, ...], axes: Axes) -> Floats:
    shape = [1] * len(axes.names)
    for place in places:
        shape[place] = len(axes.entities[place])
    return values.reshape(shape)


def _broadcast(held: npt.NDArray[np.bool_], axes: Axes) -> Booleans:
    return np.broadcast_to(held, tuple(len(each) for each in axes.entities))
