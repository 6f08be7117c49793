"""What every logic engine is told of one scene: the entities of each variable, and which pairs stand in a relation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solvers.fol.ast import Atom, Counted, Formula, Quantified, bound_variables, children, conjuncts_of
from solvers.ontology import Ontology
from solvers.plan import Plan
from solvers.relations import RELATION_TABLES, Measured
from solvers.scene import Scene

Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Facts:
    """The literals of one plan in one scene whose entities all count; relations are over the whole scene."""

    plan: Plan
    scene: Scene

    @cached_property
    def measured(self) -> Measured:
        """The scene with its shapes."""
        return Measured(self.scene)

    @cached_property
    def everyone(self) -> NDArray[np.intp]:
        """All entities by place."""
        return np.arange(len(self.scene.entities))

    @cached_property
    def unary(self) -> Mapping[str, Booleans]:
        """The truth of each class and region that the plan names."""
        return {each.predicate: self._truth(each) for each in self._atoms if len(each.arguments) == 1}

    @cached_property
    def binary(self) -> Mapping[str, Booleans]:
        """The truth of each relation of two that the plan names, shape (entities, entities)."""
        return {each.predicate: self._truth(each) for each in self._atoms if len(each.arguments) == 2}

    @cached_property
    def domains(self) -> Mapping[str, Booleans]:
        """For each variable of the plan the entities that the literals of it alone allow."""
        found: dict[str, Booleans] = {}
        for quantifier in _quantifiers(self.plan):
            for variable in bound_variables(quantifier):
                conditions = [each for each in conjuncts_of(quantifier.body) if is_unary(each, variable.name)]
                held = np.ones(len(self.everyone), np.bool_)
                for condition in conditions:
                    assert isinstance(condition, Atom)
                    held &= self.unary[condition.predicate]
                found[variable.name] = held
        return found

    @property
    def _atoms(self) -> Iterator[Atom]:
        for part in self.plan.parts:
            yield from _atoms(part.formula)

    def _truth(self, atom: Atom) -> Booleans:
        ontology: Ontology = self.plan.ontology
        if atom.predicate in ontology.by_name:
            leaves = ontology.leaves_of[atom.predicate]
            return np.array([label in leaves for label in self.measured.labels], np.bool_)
        places = [self.everyone] * len(atom.arguments)
        return RELATION_TABLES[atom.predicate](self.measured, *places)


def is_unary(formula: Formula, name: str) -> bool:
    """Whether a formula is an atom of this one variable."""
    return isinstance(formula, Atom) and [getattr(each, "name", None) for each in formula.arguments] == [name]


def _atoms(formula: Formula) -> Iterator[Atom]:
    if isinstance(formula, Atom):
        yield formula
    for child in children(formula):
        yield from _atoms(child)


def _quantifiers(plan: Plan) -> Iterator[Quantified | Counted]:
    waiting: list[Formula] = [part.formula for part in plan.parts]
    while waiting:
        formula = waiting.pop()
        if isinstance(formula, Quantified | Counted):
            yield formula
        waiting.extend(children(formula))
