"""RUNE with a hard threshold: what is surer than the operating threshold is there, and nothing else."""

from dataclasses import dataclass

import numpy as np

from tools.evaluation.systems.base import Answer, Question
from tools.evaluation.systems.judging import Judges


@dataclass(frozen=True)
class HardThreshold:
    """The verdict at the threshold, as a score of 1 or 0."""

    judges: Judges
    name: str = "rune-hard"
    description: str = "RUNE's verdict at the operating threshold: 1 where the formula is satisfied, else 0"
    gives_probabilities: bool = False

    def answer(self, question: Question) -> Answer:
        """Score every image by its verdict."""
        judge = self.judges.judge(question.formula)
        called = self.judges.called(judge)
        scores = called.astype(np.float64)
        return Answer(scores, self.judges.near_misses(judge, scores), called)
