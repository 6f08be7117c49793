"""Whoever answers a conversation; a model behind a server has its own file (agent/server.py)."""

from collections.abc import Sequence
from typing import Protocol

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.tools import BaseTool


class BrokenAnswerError(Exception):
    """The model, not its server, wrote an answer that is no message; it is told `str(error)` and may try again."""


class Provider(Protocol):
    """Answers a conversation; raises ProviderError where no usable answer comes, and BrokenAnswerError."""

    async def answer(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]) -> AIMessage:
        """The model's next message."""

    def redact(self, text: str) -> str:
        """The text without what must not be shown."""


class LocalProvider:
    """A chat model in this process."""

    def __init__(self, chat: BaseChatModel) -> None:
        self._chat = chat

    async def answer(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]) -> AIMessage:
        """The model's next message."""
        return await self._chat.bind_tools(tools).ainvoke(list(messages))

    def redact(self, text: str) -> str:
        """The text as it is: there is no key."""
        return text
