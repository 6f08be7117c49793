"""From a closed formula on one image to the problems that Z3 is asked: the facts come from the vectorised evaluator."""

from collections.abc import Callable, Sequence

import numpy as np

from solvers.evaluate import Block, Evaluator
from solvers.fol.ast import And, Comparator, Counted, Formula, Not, Or, Quantified, conjuncts_of
from solvers.geometry import Booleans
from solvers.problem import Count, Existential, Problem, Relation
from solvers.tables import Table, conjoin

NamedTables = Sequence[tuple[tuple[int, ...], Booleans]]
DecideBlock = Callable[[Quantified | Counted, bool], bool | None]


def fold(formula: Formula, decide: DecideBlock, *, lower: bool) -> bool | None:
    """The truth of a closed formula in existential form from that of its blocks; None where limits leave it open.

    `decide` is asked for each closed block at the setting that it stands under: negation swaps the two. False beats a
    limit in a conjunction, and true in a disjunction.
    """
    match formula:
        case And(parts):
            return every([fold(part, decide, lower=lower) for part in parts])
        case Or(parts):
            return negation(every([negation(fold(part, decide, lower=lower)) for part in parts]))
        case Not(body):
            return negation(fold(body, decide, lower=not lower))
        case Quantified() | Counted():
            return decide(formula, lower)
        case _:
            raise TypeError(f"{type(formula).__name__} is not closed")


def negation(value: bool | None) -> bool | None:
    """Not, where None is open."""
    return None if value is None else not value


def every(values: Sequence[bool | None]) -> bool | None:
    """And, where None is open: false beats it, and it beats true."""
    return False if False in values else None if None in values else True


def sizes_and_tables(block: Block) -> tuple[tuple[int, ...], NamedTables]:
    """A block's domain sizes, in the order of its variables, and its tables between their places."""
    names = list(block.domains)
    sizes = tuple(len(indices) for indices in block.domains.values())
    return sizes, [
        (
            tuple(names.index(name) for name in table.names),
            held_in_any_world(table, [sizes[names.index(n)] for n in table.names]),
        )
        for table in block.tables
    ]


def held_in_any_world(table: Table, shape: Sequence[int]) -> Booleans:
    """Which combinations hold in any world, with one axis a variable of the table."""
    return np.asarray(np.broadcast_to((table.bits != 0).any(axis=-1), tuple(shape)))


def count_of(formula: Counted, evaluator: Evaluator, *, lower: bool) -> Count:
    """A closed count on one image; raises ImageLimitError where a table would be too large."""
    at_most_only, at_least_only = formula.comparator is Comparator.LE, formula.comparator is Comparator.GE
    least, others = (0, 0) if at_most_only else _instances(formula, evaluator, lower=lower)
    most, also_others = (0, 0) if at_least_only else _instances(formula, evaluator, lower=not lower)
    return Count(formula.comparator, formula.count, least, most, max(others, also_others))


def problems_of(formula: Quantified | Counted, evaluator: Evaluator, *, lower: bool) -> list[Problem]:
    """A closed block's problems on one image: it holds where any of them does.

    What names an unknown class is none of its own: ask `evaluator.is_closed_unknown` first. Raises ImageLimitError
    where they would be too many or too large.
    """
    evaluator.literals.budget.renew()
    if isinstance(formula, Counted):
        return [count_of(formula, evaluator, lower=lower)]

    def problem_of(block: Block) -> Problem:
        if block.is_empty:
            return Existential((0,), ())
        sizes, tables = sizes_and_tables(block)
        return Existential(sizes, tuple(Relation.of(variables, held) for variables, held in tables))

    return list(evaluator.in_pieces(problem_of, formula, {}, {}, lower=lower))


def _instances(formula: Counted, evaluator: Evaluator, *, lower: bool) -> tuple[int, int]:
    """How many of the variable's conditioned entities are instances, and how many are not."""
    name = formula.variable.name
    block = evaluator.block((name,), conjuncts_of(formula.body), {}, {}, lower=lower)
    entities = len(block.domains[name])
    if block.is_empty:
        return 0, 0
    held = int(held_in_any_world(conjoin(block.tables), [entities]).sum())
    return held, entities - held
