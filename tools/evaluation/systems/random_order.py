"""Random order: what any system must beat."""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from tools.evaluation.systems.base import Answer, Question


@dataclass(frozen=True)
class RandomOrder:
    """Scores drawn by the seed and the question's id."""

    images: int
    seed: int = 0
    name: str = "random"
    description: str = "Images in random order, by a seed"
    gives_probabilities: bool = False

    def answer(self, question: Question) -> Answer:
        """Score every image at random, the same every time."""
        digest = sha256(f"{self.seed}\n{question.id}".encode()).digest()
        generator = np.random.Generator(np.random.Philox(int.from_bytes(digest[:8])))
        return Answer(generator.random(self.images))
