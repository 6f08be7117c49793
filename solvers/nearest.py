"""The nearest miss: the assignment of a part's leading variables that breaks fewest of its clauses.

Where several choices break equally few, the later clauses are the ones broken (relations rather than classes), and a
single broken distance or size is broken by as little as can be.
"""

from dataclasses import dataclass

import numpy as np

from solvers import quantities
from solvers.clause_sets import MAX_EXACT, ClauseSet, largest_satisfiable
from solvers.evaluate import Evaluator
from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Formula,
    FunctionTerm,
    Quantified,
    Quantifier,
    Quantity,
    Variable,
    free_variables,
    subformulas,
)
from solvers.geometry import Floats, Indices
from solvers.limits import ImageLimitError
from solvers.plan import Part
from solvers.tables import aligned, supported
from solvers.witness import Assignment, first_assignment, holds

MAX_TRIED_AT_ONCE = 1 << 19


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
    """The share of a part's clauses that the best assignment satisfies."""
    total = len(part.clauses)
    if not part.variables:
        return 1.0 if holds(evaluator, part.formula, {}, lower=True) else 0.0
    return len(_kept(evaluator, part)) / total if len(evaluator.active) else 0.0


def nearest_assignment(evaluator: Evaluator, part: Part) -> Nearest:
    """The assignment that satisfies most clauses, the same one every time."""
    total = len(part.clauses)
    if not part.variables:
        held = holds(evaluator, part.formula, {}, lower=True)
        return Nearest(total if held else 0, total, {})
    if len(evaluator.active) == 0:
        return Nearest(0, total, None)
    kept = _kept(evaluator, part)
    broken = [place for place in range(total) if place not in kept]
    bound = _least_broken(evaluator, part, kept, broken[0]) if len(broken) == 1 else {}
    block = block_of(part, kept)
    left = tuple(variable for variable in block.variables if variable.name not in bound)
    if left:
        bound |= first_assignment(evaluator, Quantified(Quantifier.EXISTS, left, block.body), bound, lower=True)
    anyone = int(evaluator.active[0])
    return Nearest(len(kept), total, {name: bound.get(name, anyone) for name in part.variables})


def _kept(evaluator: Evaluator, part: Part) -> ClauseSet:
    """A largest set of clauses that some assignment satisfies: of equals one that breaks later clauses."""
    if len(evaluator.active) ** len(part.variables) <= MAX_TRIED_AT_ONCE:
        return _kept_of_all(evaluator, part)
    if len(part.clauses) > MAX_EXACT:
        return _kept_greedily(evaluator, part)
    return largest_satisfiable(len(part.clauses), lambda clauses: _can_hold(evaluator, part, clauses))


def _kept_of_all(evaluator: Evaluator, part: Part) -> ClauseSet:
    """The same by looking at every assignment at once."""
    domains = dict.fromkeys(part.variables, evaluator.active)
    shape = (len(evaluator.active),) * len(part.variables)
    tables = [evaluator.table(clause.formula, domains, lower=True) for clause in part.clauses]
    known = [not _names_unknown_class(evaluator, clause.formula) for clause in part.clauses]
    held = [
        np.broadcast_to((aligned(table, part.variables) != 0).any(axis=-1) & sure, shape)
        for table, sure in zip(tables, known, strict=True)
    ]
    worth = np.zeros(shape, dtype=np.int64)
    for place, each in enumerate(held):
        worth += np.where(each, len(held) ** 2 + len(held) - place, 0)  # one clause more outweighs any earlier ones
    best = np.unravel_index(int(np.argmax(worth)), shape)
    return frozenset(place for place, each in enumerate(held) if each[best])


def _kept_greedily(evaluator: Evaluator, part: Part) -> ClauseSet:
    """What an assignment satisfies that gives each variable in turn the entity that satisfies most so far."""
    known = [place for place, clause in enumerate(part.clauses) if not _names_unknown_class(evaluator, clause.formula)]
    names = {place: free_variables(part.clauses[place].formula) for place in known}
    chosen: dict[str, Indices] = {}
    kept: set[int] = set()
    for name in part.variables:
        domains = {**chosen, name: evaluator.active}
        ready = [place for place in known if name in names[place] and names[place] <= domains.keys()]
        tables = [evaluator.table(part.clauses[place].formula, domains, lower=True) for place in ready]
        held = [supported(table, name) for table in tables]
        worth = np.sum(held, axis=0) if held else np.zeros(len(evaluator.active))
        best = int(np.argmax(worth))
        chosen[name] = evaluator.active[best : best + 1]
        kept.update(place for place, each in zip(ready, held, strict=True) if each[best])
    return frozenset(kept)


def _names_unknown_class(evaluator: Evaluator, clause: Formula) -> bool:
    unknown = evaluator.literals.unknown_classes
    return any(isinstance(each, Atom) and each.predicate in unknown for each in subformulas(clause))


def block_of(part: Part, clauses: ClauseSet) -> Quantified:
    """Some clauses of a part under the variables that they name."""
    formulas = tuple(part.clauses[place].formula for place in sorted(clauses))
    used = frozenset[str]().union(*map(free_variables, formulas))
    names = tuple(name for name in part.variables if name in used) or part.variables[:1]
    body: Formula = Comparison(Variable(names[0]), Comparator.EQ, Variable(names[0]))
    if formulas:
        body = formulas[0] if len(formulas) == 1 else And(formulas)
    return Quantified(Quantifier.EXISTS, tuple(map(Variable, names)), body)


def _can_hold(evaluator: Evaluator, part: Part, clauses: ClauseSet) -> bool:
    """Whether some assignment satisfies some clauses; no where a limit is reached: the share is then a lower bound."""
    return bool(evaluator.truth(block_of(part, clauses), lower=True).any())


def _least_broken(evaluator: Evaluator, part: Part, kept: ClauseSet, broken: int) -> Assignment:
    """The entities of the broken clause that break it least, where it measures anything; else none are chosen."""
    measure = _measure(part.clauses[broken].formula)
    if measure is None:
        return {}
    names = tuple(sorted(free_variables(part.clauses[broken].formula)))
    domains = dict.fromkeys(names, evaluator.active)
    block = block_of(part, kept)
    others = tuple(variable for variable in block.variables if variable.name not in names)
    allowed: Formula = Quantified(Quantifier.EXISTS, others, block.body) if others else block.body
    try:
        table = evaluator.table(allowed, domains, lower=True)
    except ImageLimitError:
        return {}
    possible = (aligned(table, names) != 0).any(axis=-1)
    excess = np.where(possible, _excess(measure, names, evaluator), np.inf)
    if not np.isfinite(excess).any():
        return {}
    places = np.unravel_index(int(np.argmin(excess)), excess.shape)
    return {name: int(evaluator.active[int(place)]) for name, place in zip(names, places, strict=True)}


def _measure(clause: Formula) -> Comparison | None:
    """The comparison of one or two entities that a clause makes, near and adjacent being such of their distance."""
    match clause:
        case Atom("near" | "adjacent", (Variable() as first, Variable() as second)) if first != second:
            gap = FunctionTerm("distance", (first, second))
            return Comparison(gap, Comparator.LE, gap)
        case Comparison(FunctionTerm(), _, _) | Comparison(_, _, FunctionTerm()):
            return clause if len(free_variables(clause)) <= 2 else None
        case _:
            return None


def _excess(comparison: Comparison, names: tuple[str, ...], evaluator: Evaluator) -> Floats:
    """How far apart the two sides of a comparison are, over all choices of its variables."""
    axes = quantities.Axes(names, (evaluator.active,) * len(names))
    sides = (comparison.left, comparison.right)
    functions = [
        quantities.function_values(side, axes, evaluator.measured) for side in sides if isinstance(side, FunctionTerm)
    ]
    shape = (len(evaluator.active),) * len(names)
    if sides[0] == sides[1]:  # a gap, to be made as small as can be
        return np.broadcast_to(functions[0], shape)
    if len(functions) == 2:
        return np.broadcast_to(np.abs(functions[0] - functions[1]), shape)
    constant = next(side for side in sides if isinstance(side, Quantity))
    gsd = evaluator.measured.scene.gsd
    unit = constant.unit or "px"
    if quantities.needs_gsd(comparison) and gsd is None:
        return np.full(shape, np.inf)
    return np.broadcast_to(np.abs(quantities.in_unit(1.0, unit, gsd) * functions[0] - constant.value), shape)
