"""The truth of one clause on one image for each entity, pair or triple, looked at when it is first asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from solvers.evaluate import Evaluator
from solvers.fol.ast import Atom, Comparison, Formula, Not
from solvers.geometry import Booleans, Indices
from solvers.joins import Work
from solvers.tables import aligned

MAX_KEPT = 1 << 22
"""So many truth values of one clause are kept; those of larger ones are looked at again."""
FEW = 1 << 13
"""So few are looked at all at once."""


@dataclass
class ClauseCells:
    """A clause in existential form over the active entities of an evaluator of one world, which have numbers from 0.

    `names` are its variables, `bound` the places in the scene of further ones; unknown literals are as `lower` says.
    """

    formula: Formula
    names: tuple[str, ...]
    evaluator: Evaluator
    lower: bool
    work: Work
    bound: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._active = self.evaluator.active
        shape = (len(self._active),) * len(self.names)
        self._whole = shape if prod(shape) <= MAX_KEPT else None
        kept = shape if self._whole is not None and prod(shape) > FEW else (0,)
        self._held = np.zeros(kept, dtype=np.bool_)
        self._known = np.zeros(kept, dtype=np.bool_)
        self._is_complete = False

    @property
    def is_literal(self) -> bool:
        """Whether the clause is an atom, negated or not, and so cheap to look at."""
        return isinstance(self.formula.body if isinstance(self.formula, Not) else self.formula, Atom | Comparison)

    def over(self, numbers: Sequence[Indices]) -> Booleans:
        """The truth over some entities for each variable, one axis each. Raises ImageLimitError."""
        if self._whole is None:
            return self._look(numbers)
        is_whole = tuple(map(len, numbers)) == self._whole
        if not self._is_complete and (is_whole or prod(self._whole) <= FEW):
            everyone = np.arange(len(self._active))
            self._held, self._is_complete = self._look([everyone] * len(self.names)), True
        if is_whole:
            return self._held
        whole_rows = all(len(each) == len(self._active) for each in numbers[1:])
        at = numbers[0] if whole_rows else np.ix_(*numbers)
        if self._is_complete or self._known[at].all():
            return np.asarray(self._held[at])
        held = self._look(numbers)
        self._held[at], self._known[at] = held, True
        return held

    def at(self, numbers: Sequence[int]) -> bool:
        """The truth for one entity a variable. Raises ImageLimitError."""
        if self._is_complete or (self._whole is not None and prod(self._whole) > FEW and self._known[tuple(numbers)]):
            return bool(self._held[tuple(numbers)])
        return bool(self.over([np.array([number], dtype=np.intp) for number in numbers]).all())

    def _look(self, numbers: Sequence[Indices]) -> Booleans:
        evaluator = self.evaluator
        shape = tuple(map(len, numbers))
        self.work.look(prod(shape) * (1 if self.is_literal else len(self._active)))
        domains = {name: self._active[some] for name, some in zip(self.names, numbers, strict=True)}
        fixed = {name: np.array([place], dtype=np.intp) for name, place in self.bound.items()}
        evaluator.literals.budget.renew()
        table = evaluator.table(self.formula, {**fixed, **domains}, lower=self.lower)
        bits = aligned(table, (*fixed, *self.names))[..., 0]
        return np.broadcast_to(bits.reshape(bits.shape[len(fixed) :]) != 0, shape)
