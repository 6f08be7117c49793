"""The entities that the literals of one variable alone leave it, and the chances that it finds any, or enough."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from solvers.chances import leaves_allowed
from solvers.columnar import chance_loops
from solvers.columnar.clauses import Unknowns, is_class, without_names
from solvers.columnar.kernels import Places
from solvers.columnar.masks import Masks
from solvers.columnar.view import Domain, View
from solvers.fol.ast import Counted, Formula, Quantified, bound_variables, conjuncts_of, subformulas
from solvers.geometry import Booleans, Floats
from solvers.literals import only_variable
from solvers.ontology import Ontology
from solvers.settings import RelationSettings


@dataclass(frozen=True)
class Conditions:
    """The conditions that blocks set to each of their variables, over a view."""

    view: View
    ontology: Ontology
    settings: RelationSettings
    unknowns: Unknowns
    _chances: dict[tuple[int, ...], tuple[Domain, Floats]] = field(default_factory=dict)
    """Chances by what they are asked of; the domain is kept beside, so that its arrays stay the ones that are meant."""

    def conditioned(self, formula: Quantified | Counted, name: str, *, lower: bool) -> Domain:
        """The entities that the literals of one of a block's variables alone leave it, always there."""
        domain = self.view.entities(leaves_allowed(formula.body, name, self.ontology))
        for literal in self.literals(formula, name):
            domain = self.view.kept(domain, self.mask(literal, domain, lower=lower))
        return domain

    def counts(self, formula: Quantified | Counted, name: str, *, lower: bool) -> Places:
        """How many entities these are in each image, without a list of them."""
        domain = self.view.entities(leaves_allowed(formula.body, name, self.ontology))
        literals = self.literals(formula, name)
        for literal in literals[:-1]:
            domain = self.view.kept(domain, self.mask(literal, domain, lower=lower))
        if not literals:
            return np.diff(domain.offsets)
        return self._masks.counts(literals[-1], domain, lower=lower)

    def chance_by_class(self, formula: Quantified | Counted, name: str, least: int) -> Floats:
        """The chance that a variable finds at least so many entities of its classes, in every image of the store."""
        store, leaves = self.view.store, leaves_allowed(formula.body, name, self.ontology)
        if least <= 0:
            return np.ones(len(store.images))
        if least == 1:
            return store.chance_of_any(leaves, self.view.thresholds)
        return store.chance_of_enough(leaves, self.view.thresholds, least)

    def chance_of(self, formula: Quantified | Counted, name: str, least: int, *, lower: bool) -> Floats:
        """The chance that a variable finds at least so many of its conditioned entities, one value an image."""
        if least <= 0:
            return np.ones(self.view.size)
        leaves = leaves_allowed(formula.body, name, self.ontology)
        if least == 1 and len(leaves) == 1 and not self.literals(formula, name):
            found = self.view.store.chance_of_any(leaves, self.view.thresholds)
            return found if self.view.images is None else found[self.view.images]
        domain = self.conditioned(formula, name, lower=lower)
        key = (least, *map(id, (domain.ids, domain.offsets)))
        if key not in self._chances:
            self._chances[key] = (domain, self._chance_in(domain, least))
        return self._chances[key][1]

    def _chance_in(self, domain: Domain, least: int) -> Floats:
        confidence, found = self.view.store.confidence, np.zeros(self.view.size)
        if least == 1:
            self.view.run(
                lambda first, last: chance_loops.chances_of_any(
                    first, last, domain.ids, domain.offsets, confidence, found
                ),
                [domain.offsets],
            )
            return found
        chance_loops.chances_of_enough(domain.ids, domain.offsets, confidence, least, found)
        return found

    def mask(self, literal: Formula, domain: Domain, *, lower: bool) -> Booleans:
        """For which entities of a domain a literal of its variable alone holds, at one setting."""
        return self._masks.mask(literal, domain, lower=lower)

    @property
    def _masks(self) -> Masks:
        return Masks(self.view, self.ontology, self.settings, self.unknowns)

    def relevant_leaves(self, formulas: Sequence[Formula]) -> frozenset[str] | None:
        """The leaves that any quantifier of some formulas ranges over; None where any variable has literals beside."""
        found: frozenset[str] = frozenset()
        for formula in (each for part in formulas for each in subformulas(part)):
            if isinstance(formula, Quantified | Counted):
                for variable in bound_variables(formula):
                    if self.literals(formula, variable.name):
                        return None
                    found |= leaves_allowed(formula.body, variable.name, self.ontology)
        return found

    def relevant(self, formulas: Sequence[Formula]) -> list[Domain]:
        """The entities that any quantifier of some formulas ranges over; equal domains once."""
        found: dict[tuple[frozenset[str], frozenset[str]], Domain] = {}
        for formula in (each for part in formulas for each in subformulas(part)):
            if isinstance(formula, Quantified | Counted):
                for variable in bound_variables(formula):
                    leaves = leaves_allowed(formula.body, variable.name, self.ontology)
                    literals = self.literals(formula, variable.name)
                    key = (leaves, frozenset(without_names(each) for each in literals))
                    if key not in found:
                        found[key] = self.conditioned(formula, variable.name, lower=False)
        return list(found.values())

    def literals(self, formula: Quantified | Counted, name: str) -> list[Formula]:
        """A variable's own literals beside its classes."""
        own = (each for each in conjuncts_of(formula.body) if only_variable(each) == name)
        return [each for each in own if not is_class(each, self.ontology)]
