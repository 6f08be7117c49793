"""Which entities of a domain a literal of one variable allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from solvers.columnar import selecting
from solvers.columnar.clauses import Unknowns, is_class
from solvers.columnar.kernels import Floats, Places
from solvers.columnar.unary import Entities, unary_mask
from solvers.columnar.view import Domain, View
from solvers.fol.ast import Atom, Comparison, Formula, FunctionTerm, Not
from solvers.geometry import Booleans
from solvers.ontology import Ontology
from solvers.outlines import outlines_of
from solvers.quantities import needs_gsd
from solvers.regions import BANDS, Band
from solvers.settings import RelationSettings

_EMPTY = np.zeros(0)


@dataclass(frozen=True)
class Masks:
    """Literals over the entities of a view's domains."""

    view: View
    ontology: Ontology
    settings: RelationSettings
    unknowns: Unknowns

    def mask(self, literal: Formula, domain: Domain, *, lower: bool) -> Booleans:
        """For which entities of a domain a literal of its variable alone holds, at one setting."""
        match literal:
            case Not(body):
                return ~self.mask(body, domain, lower=not lower)
            case Atom(predicate) if is_class(literal, self.ontology):
                codes = [self.view.store.code_of[label] for label in sorted(self.ontology.leaves_of[predicate])]
                return np.isin(self.view.store.geometry.label[domain.ids], codes)
            case Atom(predicate) if predicate in BANDS:
                return self._in_bands(BANDS[predicate], domain)
            case Comparison() if self.unknowns.metric and needs_gsd(literal):
                return np.full(len(domain), not lower)
            case Atom() | Comparison():
                return unary_mask(literal, self._entities(literal, domain), self.settings, lower=lower)
            case _:
                raise TypeError(f"{type(literal).__name__} is no literal")

    def counts(self, literal: Formula, domain: Domain, *, lower: bool) -> Places:
        """For how many entities of each image it does."""
        if not isinstance(literal, Atom) or len(BANDS.get(literal.predicate, ())) != 1:
            return self.view.counts(domain, self.mask(literal, domain, lower=lower))
        ((axis, low, high),) = BANDS[literal.predicate]
        found, centroid = np.empty(self.view.size, np.int64), self.view.store.geometry.centroid
        self.view.run(
            partial(
                selecting.count_in_band, domain.ids, domain.offsets, centroid, axis, self._extent(axis), low, high,
                found,
            ),
            [domain.offsets],
        )  # fmt: skip
        return found

    def _extent(self, axis: int) -> Floats:
        """The size of each image along an axis, in px."""
        images = self.view.store.images
        return (images.width, images.height)[axis][slice(None) if self.view.images is None else self.view.images]

    def _in_bands(self, bands: Sequence[Band], domain: Domain) -> Booleans:
        mask = np.ones(len(domain), np.bool_)
        centroid = self.view.store.geometry.centroid
        for axis, low, high in bands:
            extent = self._extent(axis)
            self.view.run(
                partial(selecting.in_band, domain.ids, domain.offsets, centroid, axis, extent, low, high, mask),
                [domain.offsets],
            )
        return mask

    def _entities(self, literal: Atom | Comparison, domain: Domain) -> Entities:
        """The columns of a domain's entities, those that the literal speaks of."""
        names = _functions(literal)
        if names & {"length", "width"}:
            self.view.store.need_rectangles(domain.leaves)
        geometry, images = self.view.store.geometry, self.view.store.images
        every = slice(None) if self.view.images is None else self.view.images
        counts = np.diff(domain.offsets)
        placed = isinstance(literal, Atom)
        return Entities(
            centroid=geometry.centroid[domain.ids] if placed or names & {"cx", "cy"} else np.zeros((0, 2)),
            bounds=geometry.bounds[domain.ids] if placed else np.zeros((0, 4)),
            area=geometry.area[domain.ids] if "area" in names else _EMPTY,
            length=geometry.length[domain.ids] if "length" in names else _EMPTY,
            width=geometry.width[domain.ids] if "width" in names else _EMPTY,
            image_width=np.repeat(images.width[every], counts),
            image_height=np.repeat(images.height[every], counts),
            gsd=np.repeat(images.gsd[every], counts),
            polygons=lambda rows: outlines_of(*self.view.store.rings(domain.ids[rows])),
        )


def _functions(literal: Atom | Comparison) -> frozenset[str]:
    sides = (literal.left, literal.right) if isinstance(literal, Comparison) else ()
    return frozenset(side.name for side in sides if isinstance(side, FunctionTerm))
