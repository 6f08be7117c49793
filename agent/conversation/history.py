"""What a model reads of the conversation before the next question."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.conversation.turns import Turn

if TYPE_CHECKING:
    from langchain_core.messages import AnyMessage

MAX_TURNS = 6


def earlier_messages(turns: Sequence[Turn]) -> "list[AnyMessage]":
    """The last turns that left a formula, each as its text and the whole formula after it, oldest first.

    Texts stand between tags as every question does; a turn that could not be read is left out.
    """
    from langchain_core.messages import AIMessage

    from agent.prompting import question_message

    since = max((place + 1 for place, each in enumerate(turns) if each.kind == "start_over"), default=0)
    told = [each for each in turns[since:] if each.status == "ok" and each.formula is not None]
    messages: list[AnyMessage] = []
    for turn in told[-MAX_TURNS:]:
        messages += [question_message(turn.text), AIMessage(f"formula: {turn.formula}")]
    return messages
