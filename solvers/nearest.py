"""The nearest miss: the assignment of a part's leading variables that breaks fewest of its clauses.

Exact by elimination, with `+` for `and` and `max` for `or`: each clause is worth 1 where it holds, and a variable is
maximised away once all clauses that name it are added up. Where an image is too large for that, each variable keeps
to the entities that its own unary clauses allow; the share is then a lower bound, the same on every run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solvers.errors import LimitError
from solvers.evaluate import Evaluator
from solvers.fol.ast import free_variables
from solvers.geometry import Indices
from solvers.plan import Clause, Part
from solvers.tables import Table, aligned
from solvers.witness import Assignment, holds

Worth = npt.NDArray[np.int16]
MAX_CELLS = 1 << 21


@dataclass(frozen=True, slots=True)
class Nearest:
    """The best assignment, as places in the scene; None where there is nothing to assign to."""

    satisfied: int
    clauses: int
    assignment: Assignment | None

    @property
    def share(self) -> float:
        """The share of the clauses that it satisfies."""
        return self.satisfied / self.clauses


@dataclass(frozen=True, slots=True)
class _Sum:
    """How many clauses hold, over some variables."""

    names: tuple[str, ...]
    worth: Worth


def nearest_assignment(evaluator: Evaluator, part: Part) -> Nearest:
    """The first of the assignments that satisfy most clauses: in the order of the variables, lowest index first."""
    total = len(part.clauses)
    if not part.variables:
        held = holds(evaluator, part.formula, {}, lower=True)
        return Nearest(total if held else 0, total, {})
    if len(evaluator.active) == 0:
        return Nearest(0, total, None)
    everywhere = dict.fromkeys(part.variables, evaluator.active)
    try:
        return _best(evaluator, part, everywhere)
    except LimitError:
        return _best_of_conditioned(evaluator, part, everywhere)


def _best_of_conditioned(evaluator: Evaluator, part: Part, domains: dict[str, Indices]) -> Nearest:
    narrowed = dict(domains)
    for clause in part.clauses:
        free = free_variables(clause.formula)
        if len(free) == 1:
            (name,) = free
            held = (evaluator.table(clause.formula, narrowed, lower=True).bits != 0).any(axis=-1)
            kept = narrowed[name][np.broadcast_to(held, len(narrowed[name]))]
            narrowed[name] = kept if len(kept) else narrowed[name]
    while True:
        try:
            return _best(evaluator, part, narrowed)
        except LimitError:
            widest = max(part.variables, key=lambda name: len(narrowed[name]))
            if len(narrowed[widest]) == 1:
                raise
            narrowed[widest] = narrowed[widest][: len(narrowed[widest]) // 2]


def _best(evaluator: Evaluator, part: Part, domains: Mapping[str, Indices]) -> Nearest:
    sums = [_worth_of(evaluator, clause, domains) for clause in part.clauses]
    sums += [_Sum((name,), np.zeros(len(domains[name]), dtype=np.int16)) for name in part.variables]
    assignment: Assignment = {}
    best = 0
    sizes = {name: len(indices) for name, indices in domains.items()}
    for name in part.variables:
        others = [other for other in part.variables if other != name and other not in assignment]
        left = _maximise(sums, others, sizes).worth
        best = int(left.max())
        place = int(np.flatnonzero(left == best)[0])
        assignment[name] = int(domains[name][place])
        sums = [_fixed(each, name, place) for each in sums]
    return Nearest(best, len(part.clauses), assignment)


def _worth_of(evaluator: Evaluator, clause: Clause, domains: Mapping[str, Indices]) -> _Sum:
    names = tuple(sorted(free_variables(clause.formula)))
    _check([len(domains[name]) for name in names])
    table: Table = evaluator.table(clause.formula, domains, lower=True)
    held = (aligned(table, names) != 0).any(axis=-1)
    shape = tuple(len(domains[name]) for name in names)
    return _Sum(names, np.broadcast_to(held, shape).astype(np.int16))


def _maximise(sums: Sequence[_Sum], eliminated: Sequence[str], sizes: Mapping[str, int]) -> _Sum:
    waiting = list(sums)
    remaining = list(eliminated)
    while remaining:
        name = min(remaining, key=lambda each: _cells(_joined_names(waiting, each), sizes))
        involved = [each for each in waiting if name in each.names]
        waiting = [each for each in waiting if name not in each.names]
        added = _add(involved, (name, *(each for each in _joined_names(involved, name) if each != name)))
        waiting.append(_Sum(added.names[1:], added.worth.max(axis=0)))
        remaining.remove(name)
    return _add(waiting, tuple(dict.fromkeys(name for each in waiting for name in each.names)))


def _joined_names(sums: Sequence[_Sum], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(other for each in sums if name in each.names for other in each.names))


def _cells(names: Sequence[str], sizes: Mapping[str, int]) -> float:
    return float(np.prod([float(sizes[name]) for name in names])) if names else 0.0


def _add(sums: Sequence[_Sum], names: tuple[str, ...]) -> _Sum:
    parts = []
    for each in sums:
        order = [each.names.index(name) for name in names if name in each.names]
        axes = iter(np.transpose(each.worth, order).shape)
        shape = [next(axes) if name in each.names else 1 for name in names]
        parts.append(np.transpose(each.worth, order).reshape(shape))
    _check(np.broadcast_shapes(*(part.shape for part in parts)))
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return _Sum(names, total)


def _fixed(each: _Sum, name: str, place: int) -> _Sum:
    if name not in each.names:
        return each
    axis = each.names.index(name)
    return _Sum(each.names[:axis] + each.names[axis + 1 :], np.take(each.worth, place, axis=axis))


def _check(shape: Sequence[int]) -> None:
    cells = float(np.prod([float(size) for size in shape]))
    if cells > MAX_CELLS:
        raise LimitError(f"{cells:,.0f} assignments in one image")
