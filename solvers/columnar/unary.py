"""Literals about one entity over the columns of an archive, classes apart."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solvers.fol.ast import Atom, Comparator, Comparison, FunctionTerm, Quantity
from solvers.quantities import COLUMNS, COMPARE, Scale, base_value, quantity_last, scale_of
from solvers.regions import REGIONS, Outlines, Placed
from solvers.settings import RelationSettings

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


class Entities(NamedTuple):
    """The columns of n entities in pixels, and of the images that they lie in; `gsd` is NaN where not known.

    A column that the literal does not speak of may be empty, `gsd` and the image's size apart. `polygons` gives the
    outlines of some entities by their places; at_border asks for those that lie about a corner of the image.
    """

    centroid: Floats
    bounds: npt.NDArray[np.floating]
    area: Floats
    length: Floats
    width: Floats
    image_width: Floats
    image_height: Floats
    gsd: Floats
    polygons: Outlines


def unary_mask(literal: Atom | Comparison, entities: Entities, settings: RelationSettings, *, lower: bool) -> Booleans:
    """Of which entities a literal of one variable holds; an unknown one is false at the lower setting, else true.

    Regions, comparisons, and relations of an entity and itself; a class is told by the labels, not here.
    """
    if isinstance(literal, Comparison):
        return _compared(quantity_last(literal), entities, lower=lower)
    if literal.predicate in REGIONS:
        placed = Placed(
            entities.centroid, entities.bounds, entities.image_width, entities.image_height, entities.polygons
        )
        return REGIONS[literal.predicate](placed, settings)
    return np.full(len(entities.gsd), literal.predicate == "same_class")


def _compared(comparison: Comparison, entities: Entities, *, lower: bool) -> Booleans:
    left, comparator, right = comparison.left, comparison.comparator, comparison.right
    compare = COMPARE[comparator]
    match left, right:
        case FunctionTerm(), Quantity():
            factor = _factors(scale_of(right), entities)
            held = compare(_values(left, entities) * factor, np.array(base_value(right)))
            return np.where(np.isnan(factor), not lower, held)
        case FunctionTerm(), FunctionTerm():
            return np.asarray(compare(_values(left, entities), _values(right, entities)))
        case _:  # an entity and itself
            return np.full(len(entities.gsd), comparator is Comparator.EQ)


def _factors(scale: Scale, entities: Entities) -> Floats:
    if scale is Scale.PIXELS:
        return np.ones(len(entities.gsd))
    return entities.gsd if scale is Scale.GSD else entities.gsd * entities.gsd


def _values(term: FunctionTerm, entities: Entities) -> Floats:
    """A function's values in pixels; the distance of an entity from itself is 0."""
    return np.zeros(len(entities.gsd)) if term.name == "distance" else COLUMNS[term.name](entities)
