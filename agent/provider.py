"""Whoever answers a conversation: a chat model in this process, or one behind a server (agent/server.py)."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.tools import BaseTool

from agent.choice import ChatChoice, ModelChoice, OfflineChoice
from agent.events import Event
from solvers.ontology import Ontology


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


@asynccontextmanager
async def opened_provider(
    choice: ModelChoice, ontology: Ontology, *, seconds: float, samples: int, emit: Callable[[Event], None]
) -> AsyncIterator[Provider]:
    """The provider of a chosen model, with `seconds` from now for all of its answers together."""
    if isinstance(choice, OfflineChoice):
        from agent.offline_model import OfflineChatModel

        yield LocalProvider(OfflineChatModel(ontology=ontology))
    elif isinstance(choice, ChatChoice):
        yield LocalProvider(choice.chat)
    else:
        from agent.server import opened_server

        async with opened_server(choice, seconds=seconds, samples=samples, emit=emit) as server:
            yield server
