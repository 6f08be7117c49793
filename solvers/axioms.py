"""The axioms of the relations that Z3 may use in judging a formula without a scene: those of the design, no others."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import z3

from solvers.fol.ast import Atom, Formula, subformulas
from solvers.fol.signature import INVERSES, ORDERS
from solvers.theory import Theory

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


@dataclass(frozen=True, slots=True)
class Axiom:
    """What holds in every scene: in words, and for Z3."""

    statement: str
    formula: z3.BoolRef


def axioms_for(formulas: Iterable[Formula], theory: Theory) -> Iterator[Axiom]:
    """The axioms of the predicates that some formulas name, groups expanded, and of those that these imply.

    That the inverses are one relation each with the arguments exchanged, that `same_class` is told by the labels, and
    that numbers are real arithmetic, is in the encoding itself.
    """
    names = _closure(formulas)
    x, y, z = (theory.constant(name) for name in ("ax", "ay", "az"))
    yield Axiom("every entity has one leaf label", z3.ForAll([x], theory.has_leaf_label(x)))
    for name in ORDERS:
        if name in names:
            forth, back, on, far = (theory.relation(name, pair) for pair in ([x, y], [y, x], [y, z], [x, z]))
            itself = theory.relation(name, [x, x])
            yield Axiom(f"{name} is irreflexive", z3.ForAll([x], z3.Not(itself)))
            yield Axiom(f"{name} is asymmetric", z3.ForAll([x, y], z3.Not(z3.And(forth, back))))
            yield Axiom(f"{name} is transitive", z3.ForAll([x, y, z], z3.Implies(z3.And(forth, on), far)))
    for name in SYMMETRIC:
        if name in names:
            forth, back, itself = (theory.relation(name, pair) for pair in ([x, y], [y, x], [x, x]))
            yield Axiom(f"{name} is irreflexive", z3.ForAll([x], z3.Not(itself)))
            yield Axiom(f"{name} is symmetric", z3.ForAll([x, y], z3.Implies(forth, back)))
    for name, implied in IMPLIED.items():
        if name in names:
            for each in implied:
                step = z3.Implies(theory.relation(name, [x, y]), theory.relation(each, [x, y]))
                yield Axiom(f"{name} implies {each}", z3.ForAll([x, y], step))
    for name, excluded in EXCLUDED.items():
        if name in names and excluded in names:
            places = [x, y] if name == "far_from" else [x]
            both = z3.And(theory.relation(name, places), theory.relation(excluded, places))
            yield Axiom(f"{name} excludes {excluded}", z3.ForAll(places, z3.Not(both)))


def _closure(formulas: Iterable[Formula]) -> set[str]:
    atoms = (each for formula in formulas for each in subformulas(formula) if isinstance(each, Atom))
    names = {INVERSES.get(each.predicate, each.predicate) for each in atoms}
    for name, implied in reversed(tuple(IMPLIED.items())):  # the strongest first
        if name in names:
            names.update(INVERSES.get(each, each) for each in implied)
    return names
