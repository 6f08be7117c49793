"""Z3 as a first attempt would use it, on one whole scene: with quantifiers, or with every quantifier written out."""

from collections.abc import Callable, Mapping
from itertools import combinations, product

import z3

from bench.peers.facts import Facts
from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    Not,
    Or,
    Quantified,
    Quantifier,
    Variable,
)

MOST_TERMS = 400_000


class TooManyTermsError(Exception):
    """Writing the quantifiers out would take more terms than anybody would wait for."""


def decide_quantified(facts: Facts, timeout_ms: int) -> bool | None:
    """Entities as an enumeration, all truths asserted, and the formula with its quantifiers; None at the time-out."""
    context = z3.Context()
    size = len(facts.scene.entities)
    if not size:
        return decide_grounded(facts, timeout_ms)
    sort, entities = z3.EnumSort("Entity", [f"e{place}" for place in range(size)], ctx=context)
    boolean = z3.BoolSort(context)
    predicates = {
        **{name: z3.Function(name, sort, boolean) for name in facts.unary},
        **{name: z3.Function(name, sort, sort, boolean) for name in facts.binary},
    }
    solver = z3.Solver(ctx=context)
    solver.set("timeout", timeout_ms)
    for name, held in (*facts.unary.items(), *facts.binary.items()):
        for places in product(range(size), repeat=held.ndim):
            fact = predicates[name](*(entities[place] for place in places))
            solver.add(fact if held[places] else z3.Not(fact))

    def told(node: Formula, bound: Mapping[str, z3.ExprRef]) -> z3.BoolRef:
        match node:
            case Atom(predicate, arguments):
                return predicates[predicate](*(bound[each.name] for each in arguments if isinstance(each, Variable)))
            case Comparison(Variable(left), comparator, Variable(right)):
                same = bound[left] == bound[right]
                return same if comparator is Comparator.EQ else z3.Not(same)
            case Not(body):
                return z3.Not(told(body, bound))
            case And(parts):
                return z3.And([told(part, bound) for part in parts])
            case Or(parts):
                return z3.Or([told(part, bound) for part in parts])
            case Quantified(quantifier, variables, body):
                own = {each.name: z3.Const(each.name, sort) for each in variables}
                inner = told(body, {**bound, **own})
                return (z3.Exists if quantifier is Quantifier.EXISTS else z3.ForAll)(list(own.values()), inner)
            case Counted(comparator, count, variable, body):
                return _counted(comparator, count, lambda least: at_least(least, variable.name, body, bound))
            case _:
                raise TypeError(f"{type(node).__name__} is not in existential form")

    def at_least(least: int, name: str, body: Formula, bound: Mapping[str, z3.ExprRef]) -> z3.BoolRef:
        own = [z3.Const(f"{name}{number}", sort) for number in range(least)]
        inner = [told(body, {**bound, name: each}) for each in own]
        apart = [first != second for first, second in combinations(own, 2)]
        return z3.Exists(own, z3.And([*inner, *apart])) if own else z3.BoolVal(True, context)

    solver.add(*(told(part.formula, {}) for part in facts.plan.parts))
    return _answer(solver.check())


def decide_grounded(facts: Facts, timeout_ms: int) -> bool | None:
    """The formula with every quantifier written out over all entities, its literals as constants.

    Raises TooManyTermsError.
    """
    context = z3.Context()
    size = len(facts.scene.entities)
    terms = 0

    def ground(node: Formula, bound: Mapping[str, int]) -> z3.BoolRef:
        nonlocal terms
        terms += 1
        if terms > MOST_TERMS:
            raise TooManyTermsError
        match node:
            case Atom(predicate, arguments):
                held = facts.unary[predicate] if len(arguments) == 1 else facts.binary[predicate]
                places = tuple(bound[each.name] for each in arguments if isinstance(each, Variable))
                return z3.BoolVal(bool(held[places]), context)
            case Comparison(Variable(left), comparator, Variable(right)):
                return z3.BoolVal((bound[left] == bound[right]) == (comparator is Comparator.EQ), context)
            case Not(body):
                return z3.Not(ground(body, bound))
            case And(parts):
                return z3.And([ground(part, bound) for part in parts])
            case Or(parts):
                return z3.Or([ground(part, bound) for part in parts])
            case Quantified(quantifier, variables, body):
                names = [each.name for each in variables]
                tuples = product(range(size), repeat=len(names))
                each = [ground(body, {**bound, **dict(zip(names, places, strict=True))}) for places in tuples]
                empty = z3.BoolVal(quantifier is Quantifier.FORALL, context)
                return (z3.Or if quantifier is Quantifier.EXISTS else z3.And)([*each, empty])
            case Counted(comparator, count, variable, body):
                found = [(ground(body, {**bound, variable.name: place}), 1) for place in range(size)]
                if not found:
                    return z3.BoolVal(_holds(0, comparator, count), context)
                make = {Comparator.GE: z3.PbGe, Comparator.LE: z3.PbLe}.get(comparator, z3.PbEq)
                return make(found, count)
            case _:
                raise TypeError(f"{type(node).__name__} is not in existential form")

    solver = z3.Solver(ctx=context)
    solver.set("timeout", timeout_ms)
    solver.add(*(ground(part.formula, {}) for part in facts.plan.parts))
    return _answer(solver.check())


def _counted(comparator: Comparator, count: int, at_least: Callable[[int], z3.BoolRef]) -> z3.BoolRef:
    match comparator:
        case Comparator.GE:
            return at_least(count)
        case Comparator.LE:
            return z3.Not(at_least(count + 1))
        case _:
            return z3.And(at_least(count), z3.Not(at_least(count + 1)))


def _holds(found: int, comparator: Comparator, count: int) -> bool:
    return (
        found >= count if comparator is Comparator.GE else found <= count if comparator is Comparator.LE else not count
    )


def _answer(result: z3.CheckSatResult) -> bool | None:
    return True if result == z3.sat else False if result == z3.unsat else None
