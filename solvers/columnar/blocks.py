"""Blocks of quantifiers made ready to be joined, and how what is unknown of them counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solvers.columnar.clauses import Clause
from solvers.columnar.joining import Slot
from solvers.tables import Words

if TYPE_CHECKING:
    from solvers.columnar.program import Program


@dataclass(frozen=True, slots=True)
class Setting:
    """`lower`: unknown literals are false, else true; `positive`: under an even number of negations."""

    lower: bool
    positive: bool = True

    @property
    def flipped(self) -> Setting:
        """What holds under one more negation."""
        return Setting(not self.lower, not self.positive)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A block made ready: its slots by name, the outer one among them.

    `aside` is what speaks of none of its own variables: a row an entity of the outer slot, or an image.
    """

    program: Program
    slots: Mapping[str, Slot]
    clauses: tuple[Clause, ...]
    aside: Words | None
    outer: str | None
