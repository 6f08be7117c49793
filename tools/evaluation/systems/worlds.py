"""RUNE with its possible-worlds score: the probability that the formula is true."""

from dataclasses import dataclass

import numpy as np

from tools.evaluation.systems.base import Answer, Question
from tools.evaluation.systems.judging import Judges


@dataclass(frozen=True)
class PossibleWorlds:
    """What `rune rank` sorts by."""

    judges: Judges
    name: str = "rune"
    description: str = "RUNE: the probability that the formula is true, over possible worlds"
    gives_probabilities: bool = True

    def answer(self, question: Question) -> Answer:
        """Score every image by the probability of the formula."""
        judge = self.judges.judge(question.formula)
        scores = judge.settled_scores(np.arange(len(judge.store.images), dtype=np.int64))
        return Answer(scores, self.judges.near_misses(judge, scores), self.judges.called(judge))
