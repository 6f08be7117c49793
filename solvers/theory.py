"""A formula without a scene, for Z3: entities of an unknown scene, and the axioms of the relations that it names.

The axioms are those of the design, no others. A scene may be empty, so every quantifier speaks of entities that are
there. A quantity in metres and the same in pixels are two functions, since the ground sample distance is not known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import z3

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
from solvers.fol.signature import INVERSES, ORDERS, UNITS
from solvers.ontology import Ontology
from solvers.quantities import needs_gsd

SYMMETRIC = ("near", "adjacent", "overlaps", "parallel", "perpendicular", "aligned")
IMPLIED: Mapping[str, tuple[str, ...]] = {
    "adjacent": ("near",),
    "overlaps": ("adjacent",),
    "inside": ("overlaps", "smaller_than"),
    "on": ("smaller_than",),
}
EXCLUDED: Mapping[str, str] = {
    "far_from": "near", "in_left": "in_right", "in_top": "in_bottom", "in_top_left": "in_bottom_right",
    "in_top_right": "in_bottom_left", "in_far_left": "in_far_right", "in_far_top": "in_far_bottom",
}  # fmt: skip
MAX_COUNT = 8

Bound = Mapping[str, z3.ExprRef]


class NotEncodedError(Exception):
    """The formula says something that is not judged without a scene, such as a large count."""


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
        self._fresh = 0

    def encode(self, formula: Formula, bound: Bound) -> z3.BoolRef:
        """A formula whose groups are expanded, over the constants that its free variables are bound to."""
        match formula:
            case Atom(name, arguments):
                return self._atom(name, [self._bound(each, bound) for each in arguments])
            case Comparison():
                return self._comparison(formula, bound)
            case Not(body):
                return z3.Not(self.encode(body, bound))
            case And(parts):
                return z3.And([self.encode(part, bound) for part in parts])
            case Or(parts):
                return z3.Or([self.encode(part, bound) for part in parts])
            case Xor(left, right):
                return z3.Xor(self.encode(left, bound), self.encode(right, bound))
            case Implies(left, right):
                return z3.Implies(self.encode(left, bound), self.encode(right, bound))
            case Iff(left, right):
                return self.encode(left, bound) == self.encode(right, bound)
            case Quantified(quantifier, variables, body):
                names = tuple(variable.name for variable in variables)
                constants = [self._constant(name) for name in names]
                inner = self.encode(body, {**bound, **dict(zip(names, constants, strict=True))})
                there = z3.And([self._there(each) for each in constants])
                if quantifier is Quantifier.EXISTS:
                    return z3.Exists(constants, z3.And(there, inner))
                return z3.ForAll(constants, z3.Implies(there, inner))
            case Counted():
                return self._count(formula, bound)

    def axioms(self, formulas: tuple[Formula, ...]) -> Iterator[z3.BoolRef]:
        """What holds in every scene of the predicates that the formulas name, and of those that these imply."""
        names = self._closure(formulas)
        x, y, z = (self._constant(name) for name in ("ax", "ay", "az"))
        code = self._label(x)
        yield z3.ForAll([x], z3.And(code >= 0, code < len(self._leaf_code)))
        for name in ORDERS:
            if name in names:
                order = self._function(name, 2)
                yield z3.ForAll([x], z3.Not(order(x, x)))
                yield z3.ForAll([x, y], z3.Not(z3.And(order(x, y), order(y, x))))
                yield z3.ForAll([x, y, z], z3.Implies(z3.And(order(x, y), order(y, z)), order(x, z)))
        for name in SYMMETRIC:
            if name in names:
                yield z3.ForAll([x], z3.Not(self._atom(name, [x, x])))
                yield z3.ForAll([x, y], z3.Implies(self._atom(name, [x, y]), self._atom(name, [y, x])))
        for name, implied in IMPLIED.items():
            if name in names:
                consequences = z3.And([self._atom(each, [x, y]) for each in implied])
                yield z3.ForAll([x, y], z3.Implies(self._atom(name, [x, y]), consequences))
        for name, excluded in EXCLUDED.items():
            if name in names and excluded in names:
                places = [x, y] if name == "far_from" else [x]
                yield z3.ForAll(places, z3.Not(z3.And(self._atom(name, places), self._atom(excluded, places))))

    def _closure(self, formulas: tuple[Formula, ...]) -> set[str]:
        atoms = (each for formula in formulas for each in subformulas(formula) if isinstance(each, Atom))
        names = {INVERSES.get(each.predicate, each.predicate) for each in atoms}
        for name, implied in reversed(tuple(IMPLIED.items())):  # the strongest first
            if name in names:
                names.update(INVERSES.get(each, each) for each in implied)
        return names

    def _atom(self, name: str, places: list[z3.ExprRef]) -> z3.BoolRef:
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

    def _count(self, formula: Counted, bound: Bound) -> z3.BoolRef:
        if formula.count > MAX_COUNT:
            raise NotEncodedError(f"a count of {formula.count}")
        match formula.comparator:
            case Comparator.GE:
                return self._at_least(formula, formula.count, bound)
            case Comparator.LE:
                return z3.Not(self._at_least(formula, formula.count + 1, bound))
            case _:
                enough = self._at_least(formula, formula.count, bound)
                return z3.And(enough, z3.Not(self._at_least(formula, formula.count + 1, bound)))

    def _at_least(self, formula: Counted, least: int, bound: Bound) -> z3.BoolRef:
        if least == 0:
            return z3.BoolVal(True, self.context)
        constants = [self._constant(formula.variable.name) for _ in range(least)]
        each = [
            z3.And(self._there(one), self.encode(formula.body, {**bound, formula.variable.name: one}))
            for one in constants
        ]
        apart = [z3.Distinct(*constants)] if least > 1 else []
        return z3.Exists(constants, z3.And(*each, *apart))

    def _bound(self, term: Term, bound: Bound) -> z3.ExprRef:
        if not isinstance(term, Variable):
            raise TypeError(f"{term} is no entity")
        return bound[term.name]

    def _constant(self, name: str) -> z3.ExprRef:
        self._fresh += 1
        return z3.Const(f"{name}!{self._fresh}", self._entity)

    def _function(self, name: str, arity: int) -> z3.FuncDeclRef:
        return z3.Function(name, *([self._entity] * arity), z3.BoolSort(self.context))
