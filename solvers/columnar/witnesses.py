"""The witnesses of many images at once: the same entities that `solvers.witness` finds one image at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from solvers.columnar.archive import SAT, ArchiveJudge
from solvers.columnar.blocks import Setting
from solvers.columnar.clauses import NotColumnarError
from solvers.columnar.groups import grouped
from solvers.columnar.joining import Slot
from solvers.columnar.kernels import Ids, Places
from solvers.columnar.program import Program
from solvers.columnar.proof import Proved
from solvers.columnar.solutions import Solutions, instances, solve
from solvers.columnar.view import Domain
from solvers.fol.ast import (
    And,
    Comparator,
    Counted,
    Formula,
    Or,
    Quantified,
    bound_variables,
    conjuncts_of,
    free_variables,
    subformulas,
)
from solvers.geometry import Booleans
from solvers.witness import witness_variables

Entities = dict[str, int | list[int]]
"""The entities of a witness by their numbers in the store, for each variable one, or those of a count."""


def find_witnesses(judge: ArchiveJudge, images: Places, proved: Proved) -> list[Entities | None]:
    """The witness of each image that was proved sat; None where the columns cannot tell it, and for the others."""
    found: list[Entities | None] = [None] * len(images)
    named = witness_variables(judge.plan.formula)
    sat = (proved.verdicts == SAT) & ~proved.is_open
    for (places, group), solutions in zip(grouped(judge.groups, images), proved.solutions, strict=True):
        program = judge.program(judge.view_at_threshold(images[places]), group.unknowns)
        collected = _Collected(program, solutions)
        try:
            for part in judge.plan.parts:
                collected.collect(part.formula, {}, sat[places])
        except NotColumnarError:
            continue
        if program.relaxed:
            continue
        for row in np.flatnonzero(sat[places] & (program.is_open == 0)).tolist():
            entities = {name: each[row] for name, each in collected.found.items() if name in named and row in each}
            found[int(places[row])] = entities
    return found


@dataclass(frozen=True)
class _Collected:
    program: Program
    solutions: Solutions
    found: dict[str, dict[int, int | list[int]]] = field(default_factory=dict)

    def collect(self, formula: Formula, bound: Mapping[str, Slot], wanted: Booleans) -> None:
        """Take the entities that prove a formula on the wanted images, where it holds for those that are bound."""
        match formula:
            case And(parts):
                for part in parts:
                    self.collect(part, bound, wanted)
            case Or(parts):
                for part in parts:
                    if _has_block(part):
                        self.collect(part, bound, wanted & self._holds(part, bound))
            case Quantified():
                self._collect_block(formula, bound, wanted)
            case Counted(Comparator.GE | Comparator.EQ, count, variable):
                prepared = self.program.prepared(
                    formula, self._outer(formula, bound), Setting(lower=True, positive=False)
                )
                domain = instances(prepared, variable.name)
                for row in np.flatnonzero(wanted).tolist():
                    ids = domain.ids[domain.offsets[row] : domain.offsets[row + 1]]
                    first = ids[np.argsort(self.program.view.store.index[ids])][:count]
                    self.found.setdefault(variable.name, {}).setdefault(row, first.tolist())
            case _:
                return

    def _collect_block(self, formula: Quantified, bound: Mapping[str, Slot], wanted: Booleans) -> None:
        outer = self._outer(formula, bound)
        solved = self.solutions.get(formula) if outer is None else None
        if solved is None:
            solved = solve(self.program.prepared(formula, outer, Setting(lower=True, positive=False)))
        names = [variable.name for variable in bound_variables(formula)]
        for name in names:
            of_name = self.found.setdefault(name, {})
            for row in np.flatnonzero(wanted & solved.holds).tolist():
                of_name.setdefault(row, int(solved.first[name][row]))
        if any(_has_block(part) for part in conjuncts_of(formula.body)):
            inner = {name: Slot(name, self._pinned(solved.first[name])) for name in names}
            self.collect(formula.body, {**bound, **inner}, wanted & solved.holds)

    def _outer(self, formula: Formula, bound: Mapping[str, Slot]) -> Slot | None:
        names = free_variables(formula)
        if len(names) > 1:
            raise NotColumnarError
        return next((bound[name] for name in names), None)

    def _holds(self, formula: Formula, bound: Mapping[str, Slot]) -> Booleans:
        slot = self._outer(formula, bound)
        setting = Setting(lower=True, positive=False)
        if slot is None:
            return np.asarray(self.program.truth(formula, setting)[:, 0] != 0)
        held = self.program.entities(formula, slot, setting)[:, 0] != 0
        found = np.zeros(self.program.view.size, np.bool_)
        found[np.repeat(np.arange(len(found)), np.diff(slot.domain.offsets))[held]] = True
        return found

    def _pinned(self, ids: Ids) -> Domain:
        """A domain of at most one entity an image."""
        offsets = np.concatenate([[0], np.cumsum(ids >= 0)]).astype(np.int64)
        return Domain(ids[ids >= 0], offsets, self.program.view.ones(), frozenset(self.program.view.store.labels))


def _has_block(formula: Formula) -> bool:
    return any(isinstance(each, Quantified | Counted) for each in subformulas(formula))
