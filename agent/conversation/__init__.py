"""Conversations: questions that go on from one another, kept as sessions."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.conversation.conversation import Conversation as Conversation
    from agent.conversation.turns import Turn as Turn

__all__ = ["Conversation", "Turn"]


def __getattr__(name: str) -> object:
    if name == "Conversation":
        from agent.conversation.conversation import Conversation

        return Conversation
    if name == "Turn":
        from agent.conversation.turns import Turn

        return Turn
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
