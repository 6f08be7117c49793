"""RUNE with max-min confidence: the least confidence of a literal, of the assignment where that is greatest."""

from dataclasses import dataclass

import numpy as np

from tools.evaluation.systems.base import Answer, Question
from tools.evaluation.systems.judging import Judges


@dataclass(frozen=True)
class MaxMin:
    """The same logic, each object there to the degree of its confidence (`solvers/columnar/levels.py`)."""

    judges: Judges
    name: str = "rune-max-min"
    description: str = "RUNE's logic with max-min confidence instead of probability; a negation is 1 less its body"
    gives_probabilities: bool = True

    def answer(self, question: Question) -> Answer:
        """Score every image by the max-min confidence of the formula."""
        from solvers.columnar.levels import max_min_confidences

        judge = self.judges.judge(question.formula)
        scores = max_min_confidences(judge, np.arange(len(judge.store.images), dtype=np.int64))
        return Answer(scores, self.judges.near_misses(judge, scores), self.judges.called(judge))
