"""A formula without a scene, for Z3: entities of an unknown scene, their labels, relations and quantities.

A scene may be empty, so every quantifier speaks of entities that are there. A quantity in metres and the same in
pixels are two functions, since the ground sample distance is not known. What an image may lack, a ground sample
distance or a direction to north, makes its literals unknown: false at the lower setting, true at the upper one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

import z3

from solvers.counts import MAX_WRITTEN_OUT, Bound, LargeCounts, encoded_weight
from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    FunctionTerm,
    Iff,
    Implies,
    Not,
    Or,
    Quantified,
    Quantifier,
    Quantity,
    Term,
    Variable,
    Xor,
    subformulas,
)
from solvers.fol.signature import INVERSES, UNITS
from solvers.ontology import Ontology
from solvers.quantities import needs_gsd
from solvers.relations import COMPASS

MAX_WEIGHT = 20_000
"""A formula of more literals, counts written out, is not judged without a scene."""


class NotEncodedError(Exception):
    """The formula is too large to be judged without a scene."""


class Lack(StrEnum):
    """What an image may lack, so that some literals have no value on it."""

    GSD = "ground sample distance"
    NORTH = "direction to north"


def lacks_of(formula: Formula) -> frozenset[Lack]:
    """What an image must not lack for all literals of a formula to have a value."""
    literals = tuple(subformulas(formula))
    metric = any(isinstance(each, Comparison) and needs_gsd(each) for each in literals)
    compass = any(isinstance(each, Atom) and each.predicate in COMPASS for each in literals)
    return frozenset((*([Lack.GSD] if metric else []), *([Lack.NORTH] if compass else [])))


@dataclass
class Theory:
    """The vocabulary of one context; every function and constant is named once."""

    ontology: Ontology
    context: z3.Context = field(default_factory=z3.Context)

    def __post_init__(self) -> None:
        self._entity = z3.DeclareSort("Entity", self.context)
        self._real = z3.RealSort(self.context)
        self._there = self._function("there", 1)
        self._label = z3.Function("label", self._entity, z3.IntSort(self.context))
        self._leaf_code = {leaf: code for code, leaf in enumerate(self.ontology.leaf_names)}
        self.large_counts = LargeCounts(self.context, self._entity)

    def encode(
        self, formula: Formula, bound: Bound, *, lower: bool = True, lacking: frozenset[Lack] = frozenset()
    ) -> z3.BoolRef:
        """A formula whose groups are expanded, over the constants that its free variables are bound to.

        Constants are named by their depth, so that formulas are equal to Z3 whatever their variables are called.
        Raises NotEncodedError where it is too large.
        """
        if encoded_weight(formula) > MAX_WEIGHT:
            raise NotEncodedError("the formula is too large to be judged without a scene")
        return self._encode(formula, bound, lower, lacking)

    def _encode(self, formula: Formula, bound: Bound, lower: bool, lacking: frozenset[Lack]) -> z3.BoolRef:
        def same(each: Formula) -> z3.BoolRef:
            return self._encode(each, bound, lower, lacking)

        def denied(each: Formula) -> z3.BoolRef:
            return z3.Not(self._encode(each, bound, not lower, lacking))

        match formula:
            case Atom(name, arguments):
                places = [self._bound(each, bound) for each in arguments]
                if name in COMPASS and Lack.NORTH in lacking:
                    return self._unknown(lower) if lower else places[0] != places[1]
                return self.relation(name, places)
            case Comparison():
                if Lack.GSD in lacking and needs_gsd(formula):
                    return self._unknown(lower)
                return self._comparison(formula, bound)
            case Not(body):
                return denied(body)
            case And(parts):
                return z3.And([same(part) for part in parts])
            case Or(parts):
                return z3.Or([same(part) for part in parts])
            case Implies(left, right):
                return z3.Or(denied(left), same(right))
            case Iff(left, right):
                return z3.Or(z3.And(same(left), same(right)), z3.And(denied(left), denied(right)))
            case Xor(left, right):
                return z3.Or(z3.And(same(left), denied(right)), z3.And(denied(left), same(right)))
            case Quantified(quantifier, variables, body):
                constants = [self.constant(f"e{len(bound) + number}") for number in range(len(variables))]
                names = tuple(variable.name for variable in variables)
                inner = self._encode(body, {**bound, **dict(zip(names, constants, strict=True))}, lower, lacking)
                there = z3.And([self.there(each) for each in constants])
                if quantifier is Quantifier.EXISTS:
                    return z3.Exists(constants, z3.And(there, inner))
                return z3.ForAll(constants, z3.Implies(there, inner))
            case Counted(comparator, count):
                if comparator is Comparator.GE:
                    return self._at_least(formula, count, bound, lower, lacking)
                fewer = z3.Not(self._at_least(formula, count + 1, bound, not lower, lacking))
                if comparator is Comparator.LE:
                    return fewer
                return z3.And(self._at_least(formula, count, bound, lower, lacking), fewer)

    def constant(self, name: str) -> z3.ExprRef:
        """An entity by name; the same name is the same entity."""
        return z3.Const(name, self._entity)

    def there(self, entity: z3.ExprRef) -> z3.BoolRef:
        """That the scene has the entity."""
        return self._there(entity)

    def has_leaf_label(self, entity: z3.ExprRef) -> z3.BoolRef:
        """That the entity's label is a leaf of the ontology."""
        code = self._label(entity)
        return z3.And(code >= 0, code < len(self._leaf_code))

    def relation(self, name: str, places: Sequence[z3.ExprRef]) -> z3.BoolRef:
        """A class or a relation of entities."""
        if name in self.ontology.leaves_of:
            codes = sorted(self._leaf_code[leaf] for leaf in self.ontology.leaves_of[name])
            return z3.Or([self._label(places[0]) == code for code in codes])
        if name == "same_class":
            return self._label(places[0]) == self._label(places[1])
        if name in INVERSES:
            return self._function(INVERSES[name], 2)(places[1], places[0])
        return self._function(name, len(places))(*places)

    def _comparison(self, comparison: Comparison, bound: Bound) -> z3.BoolRef:
        if isinstance(comparison.left, Variable) and isinstance(comparison.right, Variable):
            same = self._bound(comparison.left, bound) == self._bound(comparison.right, bound)
            return same if comparison.comparator is Comparator.EQ else z3.Not(same)
        metric = needs_gsd(comparison)
        left = self._quantity(comparison.left, bound, metric=metric)
        right = self._quantity(comparison.right, bound, metric=metric)
        match comparison.comparator:
            case Comparator.LT:
                return left < right
            case Comparator.LE:
                return left <= right
            case Comparator.GT:
                return left > right
            case Comparator.GE:
                return left >= right
            case Comparator.EQ:
                return left == right
            case Comparator.NE:
                return left != right

    def _quantity(self, term: Term, bound: Bound, *, metric: bool) -> z3.ArithRef:
        match term:
            case Quantity(value, unit):
                factor = UNITS[unit].factor if unit is not None else 1.0
                return z3.RealVal(str(Fraction(value * factor)), self.context)
            case FunctionTerm(name, arguments):
                places = [self._bound(each, bound) for each in arguments]
                named = f"{name} in metres" if metric else name
                return z3.Function(named, *([self._entity] * len(places)), self._real)(*places)
            case _:
                raise TypeError(f"{term} is no quantity")

    def _at_least(
        self, formula: Counted, least: int, bound: Bound, lower: bool, lacking: frozenset[Lack]
    ) -> z3.BoolRef:
        """At least so many entities satisfy the body; a large count is known by what it implies only."""
        if least == 0:
            return z3.BoolVal(True, self.context)

        def body(entity: z3.ExprRef, around: Bound) -> z3.BoolRef:
            within = {**around, formula.variable.name: entity}
            return z3.And(self.there(entity), self._encode(formula.body, within, lower, lacking))

        if least > MAX_WRITTEN_OUT:
            return self.large_counts.at_least(formula, least, bound, body)
        constants = [self.constant(f"e{len(bound)}!{number}") for number in range(least)]
        apart = [z3.Distinct(*constants)] if least > 1 else []
        return z3.Exists(constants, z3.And(*(body(each, bound) for each in constants), *apart))

    def _unknown(self, lower: bool) -> z3.BoolRef:
        return z3.BoolVal(not lower, self.context)

    def _bound(self, term: Term, bound: Bound) -> z3.ExprRef:
        if not isinstance(term, Variable):
            raise TypeError(f"{term} is no entity")
        return bound[term.name]

    def _function(self, name: str, arity: int) -> z3.FuncDeclRef:
        return z3.Function(name, *([self._entity] * arity), z3.BoolSort(self.context))
