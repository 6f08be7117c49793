"""Formulas judged over one archive: the systems that share a formula share its judge."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from solvers.fol.diagnostics import FormulaError
from tools.evaluation.systems.base import Booleans, CannotAnswerError, Floats
from tools.question import Threshold, prepare

if TYPE_CHECKING:
    from solvers.columnar.archive import ArchiveJudge
    from tools.archive import Archive

MOST_KEPT = 4


@dataclass(frozen=True)
class Judges:
    """The judges of an archive at an operating threshold, the last few of them kept."""

    archive: "Archive"
    threshold: Threshold = 0.25
    exact_near_misses: bool = False
    _kept: "dict[str, ArchiveJudge]" = field(default_factory=dict, repr=False)

    def judge(self, formula: str | None) -> "ArchiveJudge":
        """The judge of a formula; raises CannotAnswerError where there is none, or it is not valid."""
        if formula is None:
            raise CannotAnswerError("there is no formula for the question")
        if formula not in self._kept:
            try:
                judge = prepare(formula, self.archive, self.threshold).archive_judge()
            except FormulaError as error:
                raise CannotAnswerError(f"the formula is not valid: {error}") from error
            while len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[formula] = judge
        return self._kept[formula]

    def near_misses(self, judge: "ArchiveJudge", scores: Floats) -> Floats:
        """What orders images of equal score: the share of clauses that the best assignment satisfies.

        Finding that assignment is slow, so that its upper bound stands for it, which sees the classes that an image
        lacks; with `exact_near_misses` it is found wherever a score is shared, as a ranking does.
        """
        bounds = judge.share_bounds
        if not self.exact_near_misses:
            return bounds
        _, place, times = np.unique(scores, return_inverse=True, return_counts=True)
        tied = (times[place] > 1) & ~judge.is_sat
        found = bounds.copy()
        for image in map(int, np.flatnonzero(tied)):
            found[image] = judge.share(image)
        return found

    def called(self, judge: "ArchiveJudge") -> Booleans:
        """Which images satisfy the formula at the threshold; an unknown one is not called an answer."""
        return judge.is_sat
