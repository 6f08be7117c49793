"""The nearest miss: the assignment of a part's leading variables that breaks fewest of its clauses.

Where several choices break equally few, the later clauses are the ones broken (relations rather than classes), and a
single broken distance or size is broken by as little as can be.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import islice

import numpy as np
import shapely

from solvers import quantities
from solvers.best_choice import best_by_turns, best_of_all
from solvers.clause_sets import ClauseSet, largest_satisfiable
from solvers.clause_system import ClauseSystem
from solvers.evaluate import Evaluator
from solvers.fol.ast import Atom, Comparator, Comparison, Formula, FunctionTerm, Quantity, Variable, free_variables
from solvers.geometry import Floats, Indices
from solvers.joins import Work
from solvers.limits import ImageLimitError
from solvers.plan import Part
from solvers.witness import Assignment, holds

MAX_TRIED = 64
"""Of the choices that break a clause least so many are tried together with the clauses that are kept."""
MAX_MEASURED = 1 << 18
FEW = 1 << 12
"""So few combinations of entities are all looked at without a search."""
MAX_AT_ONCE = 1 << 19
"""So many are where the search takes too long."""
_PAIRS_AT_ONCE = 1 << 10


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


def clause_share(evaluator: Evaluator, part: Part) -> float:
    """The share of a part's clauses that the best assignment satisfies; a lower bound where a limit is reached."""
    total = len(part.clauses)
    if not part.variables:
        return 1.0 if holds(evaluator, part.formula, {}, lower=True) else 0.0
    return len(_kept(system_of(evaluator, part, lower=True))) / total if len(evaluator.active) else 0.0


def nearest_assignment(evaluator: Evaluator, part: Part) -> Nearest:
    """The assignment that satisfies most clauses, the same one every time."""
    total = len(part.clauses)
    if not part.variables:
        held = holds(evaluator, part.formula, {}, lower=True)
        return Nearest(total if held else 0, total, {})
    if len(evaluator.active) == 0:
        return Nearest(0, total, None)
    return nearest_choice(system_of(evaluator, part, lower=True))


def system_of(evaluator: Evaluator, part: Part, *, lower: bool) -> ClauseSystem:
    """The clauses of a part on an image of which the evaluator has a single world."""
    return ClauseSystem(evaluator, part.variables, tuple(clause.formula for clause in part.clauses), lower)


def nearest_choice(system: ClauseSystem) -> Nearest:
    """The choice that satisfies most of some clauses, at the lower setting and with some entity to choose."""
    kept = _kept(system)
    total = len(system.clauses)
    for place in range(total):
        measure = None if place in kept else _measure(system.clauses[place])
        choice = None if measure is None else _least_broken(system, kept, measure)
        if choice is not None:
            return Nearest(len(kept), total, choice)
    return Nearest(len(kept), total, system.choice(kept))


def _kept(system: ClauseSystem) -> ClauseSet:
    """A largest set of clauses that some choice satisfies: of equals one that breaks later clauses."""
    combinations = len(system.everyone) ** len(system.variables)
    if combinations <= FEW:
        return system.remember(*best_of_all(system))

    def otherwise() -> ClauseSet:
        fresh = replace(system, work=Work(), _failing=[], _found={})
        best = best_of_all(fresh) if combinations <= MAX_AT_ONCE else best_by_turns(fresh)
        return max(system.remember(*best), system.most_found, key=len)

    kept = largest_satisfiable(len(system.clauses), system.can_hold, system.known_failing, otherwise)
    return max(kept, otherwise(), key=len) if system.work.is_spent else kept


def _least_broken(system: ClauseSystem, kept: ClauseSet, measure: Comparison) -> Assignment | None:
    """The choice that keeps the kept clauses and breaks another by the least measure; None where it has none."""
    try:
        candidates = system.candidates(kept)
        if candidates is None:
            return None
        candidates |= {name: np.array([place], dtype=np.intp) for name, place in system.bound.items()}
        for fixed in islice(_by_excess(measure, candidates, system.evaluator), MAX_TRIED):
            choice = system.choice_with(kept, {name: fixed[name] for name in fixed if name in system.variables})
            if choice is not None:
                return choice
    except ImageLimitError:
        return None
    return None


def _by_excess(measure: Comparison, candidates: Mapping[str, Indices], evaluator: Evaluator) -> Iterator[Assignment]:
    """The choices of one or two entities by how far apart the sides of a comparison are, the closest first.

    Raises ImageLimitError where there are too many to measure them all.
    """
    names = tuple(sorted(free_variables(measure)))
    axes = quantities.axes_of(names, candidates)
    shape = tuple(map(len, axes.entities))
    if _wants_small_gap(measure):
        places = _by_gap(axes, evaluator)
    elif math.prod(shape) > MAX_MEASURED:
        raise ImageLimitError(f"more than {MAX_MEASURED:,} pairs of objects to measure")
    else:
        excess = _excess(measure, axes, evaluator).ravel()
        order = np.argsort(excess, kind="stable")
        places = iter(order[np.isfinite(excess[order])].tolist())
    for place in places:
        chosen = np.unravel_index(place, shape)
        yield {name: int(candidates[name][int(each)]) for name, each in zip(names, chosen, strict=True)}


def _by_gap(axes: quantities.Axes, evaluator: Evaluator) -> Iterator[int]:
    """The pairs of different entities by their gap, as places among all pairs; bounds tell which to measure first."""
    shapes = evaluator.measured.shapes
    first, second = axes.entities
    bounds = shapes.bound_gaps(first, second).ravel()
    order = np.argsort(bounds, kind="stable")
    measured: list[tuple[float, int]] = []
    for start in range(0, len(order), _PAIRS_AT_ONCE):
        some = order[start : start + _PAIRS_AT_ONCE]
        rows, columns = first[some // len(second)], second[some % len(second)]
        while measured and measured[0][0] <= bounds[some[0]]:
            yield heappop(measured)[1]
        gaps = shapely.distance(shapes.polygons[rows], shapes.polygons[columns])
        for gap, place, apart in zip(gaps.tolist(), some.tolist(), (rows != columns).tolist(), strict=True):
            if apart:
                heappush(measured, (gap, place))
    while measured:
        yield heappop(measured)[1]


def _wants_small_gap(comparison: Comparison) -> bool:
    """Whether a comparison asks two entities to be no further apart than something fixed."""
    ordered = quantities.quantity_last(comparison)
    match ordered.left:
        case FunctionTerm("distance", (first, second)):
            return first != second and ordered.comparator in (Comparator.LE, Comparator.LT)
        case _:
            return False


def _measure(clause: Formula) -> Comparison | None:
    """The comparison of one or two entities that a clause makes, near and adjacent being such of their distance."""
    match clause:
        case Atom("near" | "adjacent", (Variable() as first, Variable() as second)) if first != second:
            return Comparison(FunctionTerm("distance", (first, second)), Comparator.LE, Quantity(0.0, "px"))
        case Comparison(FunctionTerm(), _, _) | Comparison(_, _, FunctionTerm()):
            return clause if len(free_variables(clause)) <= 2 else None
        case _:
            return None


def _excess(comparison: Comparison, axes: quantities.Axes, evaluator: Evaluator) -> Floats:
    """How far apart the two sides of a comparison are, over all choices of its variables."""
    sides = (comparison.left, comparison.right)
    functions = [
        quantities.function_values(side, axes, evaluator.measured) for side in sides if isinstance(side, FunctionTerm)
    ]
    shape = tuple(map(len, axes.entities))
    if len(functions) == 2:
        return np.broadcast_to(np.abs(functions[0] - functions[1]), shape)
    constant = next(side for side in sides if isinstance(side, Quantity))
    gsd = evaluator.measured.scene.gsd
    unit = constant.unit or "px"
    if quantities.needs_gsd(comparison) and gsd is None:
        return np.full(shape, np.inf)
    return np.broadcast_to(np.abs(quantities.in_unit(1.0, unit, gsd) * functions[0] - constant.value), shape)
