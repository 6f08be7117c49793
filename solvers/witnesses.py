"""All witnesses of one part of a formula on one image, up to a number: every match, and the objects that take part.

Witnesses come in a fixed order: by the entity of the first variable, then of the second, and so on, the leading
variables in the order of the formula. Two that bind the same entities in another order are two witnesses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from solvers.clause_system import ClauseSystem
from solvers.evaluate import Evaluator
from solvers.fol.ast import And, Comparator, Counted, Formula, Or, Quantified, Quantifier, conjuncts_of
from solvers.joins import MAX_STEPS, Work
from solvers.limits import ImageLimitError
from solvers.plan import Part
from solvers.tables import conjoin, supported
from solvers.witness import Assignment, Witness, holds, witness_variables

STEPS_A_WITNESS = 8


@dataclass(frozen=True, slots=True)
class PartWitnesses:
    """The first witnesses of a part, as places in the scene.

    `is_complete` says that there are no others. `takers` are, for each variable, the entities that take its place in
    any witness, listed or not; of a variable that is bound within what another one has to satisfy, those that are
    listed. `has_all_takers` is false where a limit kept some others from being told.
    """

    part: str
    witnesses: tuple[Witness, ...]
    is_complete: bool
    takers: Mapping[str, Sequence[int]]
    has_all_takers: bool


def list_witnesses(evaluator: Evaluator, part: Part, most: int, shown: frozenset[str]) -> PartWitnesses:
    """At most so many witnesses of a part that holds, of the variables that are to be shown."""
    search = _Search(evaluator, part.variables, Work(steps=MAX_STEPS + STEPS_A_WITNESS * most))
    found: dict[tuple[tuple[str, tuple[int, ...]], ...], Witness] = {}
    is_complete = False
    try:
        for witness in search.witnesses(part.formula, {}):
            visible = {name: places for name, places in witness.items() if name in shown}
            key = tuple((name, tuple(np.atleast_1d(places).tolist())) for name, places in visible.items())
            if key not in found and len(found) == most:
                break
            found.setdefault(key, visible)
        else:
            is_complete = True
    except ImageLimitError:
        is_complete = False
    witnesses = tuple(each for each in found.values() if each)
    takers, has_all = _taken(witnesses), is_complete
    if not is_complete:
        fresh = _Search(evaluator, part.variables, Work(steps=2 * MAX_STEPS))
        others, has_all = fresh.takers(part.formula, witnesses)
        takers |= {name: each for name, each in others.items() if name in shown}
    return PartWitnesses(part.id, witnesses, is_complete, takers, has_all)


def _taken(witnesses: Sequence[Witness]) -> dict[str, list[int]]:
    takers: dict[str, set[int]] = {}
    for witness in witnesses:
        for name, places in witness.items():
            takers.setdefault(name, set()).update(np.atleast_1d(places).tolist())
    return {name: sorted(places) for name, places in takers.items()}


@dataclass(frozen=True)
class _Search:
    """The witnesses of formulas in existential form; `leading` are the variables of a part in their order."""

    evaluator: Evaluator
    leading: tuple[str, ...]
    work: Work

    def witnesses(self, formula: Formula, bound: Assignment) -> Iterator[Witness]:
        """All of them. Raises ImageLimitError."""
        match formula:
            case And(parts):
                yield from self._together(parts, bound)
            case Or(parts):
                holding = [part for part in parts if holds(self.evaluator, part, bound, lower=True)]
                yield from self._together(holding, bound)
            case Quantified(Quantifier.EXISTS):
                yield from self._of_block(formula, bound)
            case Counted(Comparator.GE | Comparator.EQ, count, variable):
                for chosen in combinations(self.instances(formula, bound), count):
                    yield {variable.name: list(chosen)}
            case _:
                yield {}

    def takers(self, formula: Formula, witnesses: Sequence[Witness]) -> tuple[dict[str, list[int]], bool]:
        """The entities that take the places of the outermost variables of a closed formula, or are counted by it.

        And whether these are all.
        """
        match formula:
            case And(parts) | Or(parts):
                found: dict[str, list[int]] = {}
                has_all = True
                for part in parts:
                    if isinstance(formula, And) or holds(self.evaluator, part, {}, lower=True):
                        more, is_all = self.takers(part, witnesses)
                        found, has_all = found | more, has_all and is_all
                return found, has_all
            case Counted(Comparator.GE | Comparator.EQ, _, variable):
                return {variable.name: self.instances(formula, {})}, True
            case Quantified(Quantifier.EXISTS):
                system = self._system(formula, {})
                known = [{name: place for name, place in each.items() if isinstance(place, int)} for each in witnesses]
                known = [each for each in known if each.keys() >= set(system.variables)]
                return system.takers(frozenset(range(len(system.clauses))), system.variables, known)
            case _:
                return {}, True

    def instances(self, formula: Counted, bound: Assignment) -> list[int]:
        """The places of the entities that a count counts."""
        name = formula.variable.name
        fixed = {each: np.array([place], dtype=np.intp) for each, place in bound.items()}
        block = self.evaluator.block((name,), conjuncts_of(formula.body), fixed, {}, lower=True)
        if block.is_empty:
            return []
        places: list[int] = block.domains[name][supported(conjoin(block.tables), name)].tolist()
        return places

    def _of_block(self, formula: Quantified, bound: Assignment) -> Iterator[Witness]:
        system = self._system(formula, bound)
        has_inner = bool(witness_variables(formula.body))
        for choice in system.choices(frozenset(range(len(system.clauses)))):
            if not has_inner:
                yield dict(choice)
                continue
            for inner in self.witnesses(formula.body, {**bound, **choice}):
                yield {**choice, **inner}

    def _together(self, parts: Sequence[Formula], bound: Assignment) -> Iterator[Witness]:
        """Every way to put one witness of each together."""
        telling = [part for part in parts if witness_variables(part)]
        if not telling:
            yield {}
            return
        for witness in self.witnesses(telling[0], bound):
            for others in self._together(telling[1:], bound):
                yield {**witness, **others}

    def _system(self, formula: Quantified, bound: Assignment) -> ClauseSystem:
        bound_here = {variable.name for variable in formula.variables}
        first = [name for name in self.leading if name in bound_here]
        names = (*first, *(each.name for each in formula.variables if each.name not in first))
        return ClauseSystem(self.evaluator, names, conjuncts_of(formula.body), True, bound, self.work)
