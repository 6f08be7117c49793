"""Literals over the entities of one scene: classes, relations and comparisons as boolean arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from solvers import quantities
from solvers.fol.ast import Atom, Comparison, Formula, Not, free_variables, literal_variables
from solvers.geometry import Booleans, Indices
from solvers.limits import Budget
from solvers.ontology import Ontology
from solvers.relations import RELATION_TABLES, Measured, is_known
from solvers.tables import check_cells

Domains = Mapping[str, Indices]
Literal = Atom | Comparison

COST_OF_THREE = 16
"""A relation of three costs so many times one of two."""


@dataclass(frozen=True)
class Literals:
    """The truth of literals on one measured scene; an unknown one is false at the lower setting, true at the upper."""

    measured: Measured
    ontology: Ontology
    budget: Budget = field(default_factory=Budget)

    @cached_property
    def unknown_classes(self) -> frozenset[str]:
        """The classes, superclasses too, that this image's source could not have reported."""
        known = self.measured.scene.known_labels
        return frozenset(name for name, leaves in self.ontology.leaves_of.items() if not leaves <= known)

    def is_unknown(self, literal: Literal) -> bool:
        """Whether a literal has no value on this image."""
        if isinstance(literal, Comparison):
            return not quantities.is_known_on(literal, self.measured)
        return literal.predicate in self.unknown_classes or not is_known(literal.predicate, self.measured)

    def truth(self, literal: Literal, domains: Domains, *, lower: bool) -> tuple[tuple[str, ...], Booleans]:
        """The variables of a literal, each once, and its truth over their domains, one axis a variable.

        A class is told by the labels alone: what an unknown class makes unknown is a whole closed sub-formula.
        """
        names = tuple(dict.fromkeys(variable.name for variable in literal_variables(literal)))
        shape = tuple(len(domains[name]) for name in names)
        cells = check_cells(shape, len(names))
        self.budget.spend(cells if len(names) < 3 else COST_OF_THREE * cells)
        if isinstance(literal, Comparison):
            if self.is_unknown(literal):
                return names, np.full(shape, not lower)
            return names, quantities.compare(literal, quantities.axes_of(names, domains), self.measured)
        name = literal.predicate
        if name in self.ontology.by_name:
            return names, self._class_mask(name)[domains[names[0]]]
        if len(names) < len(literal.arguments):  # an entity and itself
            return names, np.full(shape, name == "same_class")
        if not is_known(name, self.measured):
            first, second = (domains[each] for each in names)
            return names, np.full(shape, not lower) & (first[:, None] != second[None, :])
        return names, RELATION_TABLES[name](self.measured, *(domains[each] for each in names))

    def _class_mask(self, name: str) -> Booleans:
        leaves = self.ontology.leaves_of[name]
        return np.array([label in leaves for label in self.measured.labels], dtype=np.bool_)


def only_variable(formula: Formula) -> str | None:
    """The variable of a literal, negated or not, that has just one."""
    literal = formula.body if isinstance(formula, Not) else formula
    if not isinstance(literal, (Atom, Comparison)):  # faster than a union
        return None
    names = free_variables(literal)
    return next(iter(names)) if len(names) == 1 else None
