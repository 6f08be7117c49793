"""RUNE from end to end: the question in English, as a translator reads it, then RUNE's own score."""

from collections.abc import Callable
from dataclasses import dataclass

from tools.evaluation.systems.base import Answer, CannotAnswerError, Question, RetrievalSystem
from tools.evaluation.translation import Translated


@dataclass(frozen=True)
class FromEnglish:
    """Another system, asked with the translator's formula instead of the gold one."""

    inner: RetrievalSystem
    translate: Callable[[str], Translated]
    name: str = "rune-english"
    description: str = "RUNE from end to end: the translator's formula, scored as rune does"

    @property
    def gives_probabilities(self) -> bool:
        """As the system that is asked."""
        return self.inner.gives_probabilities

    def answer(self, question: Question) -> Answer:
        """Translate, then score."""
        if question.english is None:
            raise CannotAnswerError("there is no question in words")
        translated = self.translate(question.english)
        if translated.formula is None:
            raise CannotAnswerError(translated.said or "the translator cannot read the question")
        return self.inner.answer(Question(question.id, question.english, translated.formula))
