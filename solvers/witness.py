"""The witness: for a formula that holds in one scene, the entities that prove it, the same ones every time.

Of all assignments the first is taken, variable by variable in the order of the formula, lowest index first.
"""

from collections.abc import Mapping

import numpy as np

from solvers.evaluate import Evaluator
from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Quantified,
    Quantifier,
    Xor,
    conjuncts_of,
)
from solvers.geometry import Indices
from solvers.literals import Domains
from solvers.tables import Table, TableTooLargeError, conjoin, eliminate_all, restrict, supported

Assignment = dict[str, int]
Witness = dict[str, int | list[int]]


def find_witness(evaluator: Evaluator, formula: Formula, bound: Mapping[str, int], *, lower: bool) -> Witness | None:
    """The witness of a formula in existential form whose free variables are bound; None where it does not hold.

    Indices are places in the scene, not yet the source's. Universals, upper bounds and negations give none, and what
    stands under a count belongs to each of its entities and gives none either.
    """
    if not holds(evaluator, formula, bound, lower=lower):
        return None
    found: Witness = {}
    _collect(evaluator, formula, dict(bound), found, lower=lower)
    return found


def witness_variables(formula: Formula, *, positive: bool = True) -> frozenset[str]:
    """The variables of a canonical formula that a witness names: existential in effect, under no universal or count."""
    match formula:
        case Atom() | Comparison():
            return frozenset()
        case Quantified(quantifier, variables, body):
            if (quantifier is Quantifier.EXISTS) is not positive:
                return frozenset()
            return frozenset(each.name for each in variables) | witness_variables(body, positive=positive)
        case Counted(comparator, _, variable):
            return frozenset({variable.name}) if positive and comparator is not Comparator.LE else frozenset()
        case Not(body):
            return witness_variables(body, positive=not positive)
        case Implies(left, right):
            return witness_variables(left, positive=not positive) | witness_variables(right, positive=positive)
        case And(parts) | Or(parts):
            return frozenset[str]().union(*(witness_variables(part, positive=positive) for part in parts))
        case Xor(left, right) | Iff(left, right):
            both = (witness_variables(side, positive=sign) for side in (left, right) for sign in (True, False))
            return frozenset[str]().union(*both)


def holds(evaluator: Evaluator, formula: Formula, bound: Mapping[str, int], *, lower: bool) -> bool:
    """Whether a formula holds in the first world for one assignment of its free variables."""
    table = evaluator.table(formula, _singletons(bound), lower=lower)
    return bool(table.bits.any())


def _singletons(bound: Mapping[str, int]) -> Domains:
    return {name: np.array([place], dtype=np.intp) for name, place in bound.items()}


def _collect(evaluator: Evaluator, formula: Formula, bound: Assignment, found: Witness, *, lower: bool) -> None:
    match formula:
        case And(parts):
            for part in parts:
                _collect(evaluator, part, bound, found, lower=lower)
        case Or(parts):
            for part in parts:
                if holds(evaluator, part, bound, lower=lower):
                    _collect(evaluator, part, bound, found, lower=lower)
        case Quantified(Quantifier.EXISTS, variables, body):
            names = tuple(variable.name for variable in variables)
            assignment = first_assignment(evaluator, formula, bound, lower=lower)
            for name in names:
                found.setdefault(name, assignment[name])
            _collect(evaluator, body, {**bound, **assignment}, found, lower=lower)
        case Counted(Comparator.GE | Comparator.EQ, count, variable):
            found.setdefault(variable.name, _counted(evaluator, formula, bound, lower=lower)[:count])
        case _:
            return


def _counted(evaluator: Evaluator, formula: Counted, bound: Assignment, *, lower: bool) -> list[int]:
    name = formula.variable.name
    conjuncts = conjuncts_of(formula.body)
    block = evaluator.block((name,), conjuncts, _singletons(bound), {}, lower=lower)
    if block.is_empty:
        return []
    places = np.flatnonzero(supported(conjoin(block.tables), name))
    return [int(place) for place in block.domains[name][places]]


def first_assignment(evaluator: Evaluator, formula: Quantified, bound: Assignment, *, lower: bool) -> Assignment:
    """The first assignment of an existential block that holds; it must hold somewhere."""
    names = tuple(variable.name for variable in formula.variables)
    conjuncts = conjuncts_of(formula.body)
    evaluator.literals.budget.renew()
    try:
        block = evaluator.block(names, conjuncts, _singletons(bound), {}, lower=lower)
        return _first_in_tables(names, block.domains, list(block.tables), bound)
    except TableTooLargeError:
        return _first_by_trying(evaluator, formula, names, bound, lower=lower)


def _first_in_tables(names: tuple[str, ...], domains: Domains, tables: list[Table], bound: Assignment) -> Assignment:
    found: Assignment = {}
    local = dict(domains)
    for name in names:
        others = [each for each in names if each != name]
        sizes = {**dict.fromkeys(bound, 1), **{each: len(indices) for each, indices in local.items()}}
        place = int(np.flatnonzero(supported(eliminate_all(tables, others, sizes), name))[0])
        found[name] = int(local[name][place])
        local[name] = local[name][place : place + 1]
        tables = [restrict(table, name, np.array([place])) for table in tables]
    return found


def _first_by_trying(
    evaluator: Evaluator, formula: Quantified, names: tuple[str, ...], bound: Assignment, *, lower: bool
) -> Assignment:
    """The same without a table over all entities: one after the other is tried."""
    within: dict[str, Indices] = {}
    fixed = _singletons(bound)
    for name in names:
        for place in evaluator.active:
            alone = {**within, name: np.array([place], dtype=np.intp)}
            evaluator.literals.budget.renew()
            if evaluator.exists_within(formula, fixed, alone, lower=lower).bits.any():
                within = alone
                break
    return {name: int(candidates[0]) for name, candidates in within.items()}
