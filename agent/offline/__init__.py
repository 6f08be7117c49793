"""The offline translator: English to logic by a grammar, without a model."""

from agent.offline.problems import Problem, Translation
from agent.offline.translate import translate_english

__all__ = ["Problem", "Translation", "translate_english"]
