"""How a model says that a question, or a word of it, cannot be put into logic: a tool call like any other."""

from typing import Annotated

from pydantic import Field

from agent.events import Problem
from tools.registry import Arguments

REFUSE_QUERY = "refuse_query"
REFUSE_DESCRIPTION = (
    "Say that a part of the question cannot be expressed with the classes and relations there are, such as a colour "
    "or a thing that no class names. Never leave such a part out instead."
)
MAX_PROBLEMS = 50
MAX_WORD = 20_000
MAX_MESSAGE = 25_000


class RefusedWord(Arguments):
    """One word or phrase of the question that no formula can express."""

    word: Annotated[str, Field(max_length=MAX_WORD, description="the word or phrase, as the question has it")]
    message: Annotated[str, Field(max_length=MAX_MESSAGE, description="one sentence: why it cannot be expressed")]
    start: Annotated[int, Field(ge=0, description="where it starts in the question, if known")] | None = None
    end: Annotated[int, Field(ge=0, description="where it ends in the question, if known")] | None = None
    suggestions: Annotated[tuple[str, ...], Field(description="words that could be used instead")] = ()


class RefuseArguments(Arguments):
    """Everything in the question that no formula can express."""

    problems: Annotated[tuple[RefusedWord, ...], Field(min_length=1, max_length=MAX_PROBLEMS)]


def located(refused: RefusedWord, query: str) -> Problem:
    """The problem with its place in the question: the place given where it is right, else the first that fits."""
    start, end = refused.start, refused.end
    if start is None or end is None or query[start:end].lower() != refused.word.lower():
        start = _find(refused.word, query) if refused.word else -1
        end = start + len(refused.word)
    known = 0 <= start < end <= len(query)
    return Problem(
        word=refused.word,
        message=refused.message,
        start=start if known else None,
        end=end if known else None,
        suggestions=list(refused.suggestions),
    )


def _find(word: str, query: str) -> int:
    lowered = query.lower()
    # A few capitals grow when they are lowered, which would shift the offsets.
    return lowered.find(word.lower()) if len(lowered) == len(query) else query.find(word)
