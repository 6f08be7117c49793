"""Whoever answers a conversation; a model behind a server has its own file (agent/server.py)."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import nullcontext
from typing import Protocol

from langchain_core.exceptions import LangChainException
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.tools import BaseTool

from agent.budget import Stopwatch
from agent.hearing import AnswerTooLongError, Listener, NotTheAssistantError, Spoken, listen
from solvers.errors import ProviderError

TOO_LONG = "the answer has no end: say no more than is asked for"


class BrokenAnswerError(Exception):
    """The model, not its server, wrote an answer that is no message; it is told `str(error)` and may try again."""


class Provider(Protocol):
    """Answers a conversation; raises ProviderError where no usable answer comes, and BrokenAnswerError."""

    async def answer(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool], listener: Listener) -> Spoken:
        """The model's next message; `listener` hears its pieces, and may end it by raising."""

    def redact(self, text: str) -> str:
        """The text without what must not be shown."""

    @property
    def longest_secret(self) -> int:
        """How many characters the longest text has that `redact` takes out; 0 where there is none."""


class LocalProvider:
    """A chat model in this process; all answers together have `seconds`, where there is a limit."""

    longest_secret = 0

    def __init__(self, chat: BaseChatModel, *, seconds: float | None = None) -> None:
        self._chat = chat
        self._watch = None if seconds is None else Stopwatch(seconds)

    async def answer(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool], listener: Listener) -> Spoken:
        """The model's next message; a model that cannot call tools is asked without them."""
        watch = self._watch
        try:
            with nullcontext() if watch is None else watch.running():
                async with asyncio.timeout(None if watch is None else watch.left):
                    return await listen(self._pieces(messages, tools), listener)
        except AnswerTooLongError:
            raise BrokenAnswerError(TOO_LONG) from None
        except NotTheAssistantError:
            raise ProviderError("the chat model answered with a message that is not the assistant's") from None
        except TimeoutError:
            waited = "in time" if watch is None else f"within {watch.seconds:g} s"
            raise ProviderError(f"the chat model gave no answer {waited}") from None
        except _provider_failures() as error:
            # Its own words may hold a key.
            raise ProviderError(f"the chat model failed with {type(error).__name__}") from None

    def redact(self, text: str) -> str:
        """The text as it is: there is no key that we know of."""
        return text

    async def _pieces(
        self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]
    ) -> AsyncGenerator[BaseMessage, None]:
        try:
            asked = self._chat.bind_tools(tools)
        except NotImplementedError:
            asked = self._chat
        async for piece in asked.astream(list(messages)):
            yield piece


def _provider_failures() -> tuple[type[Exception], ...]:
    """What chat models raise where it is their server that fails; anything else is an error in the model's code."""
    found: list[type[Exception]] = [LangChainException, ConnectionError]
    for module, name in (("openai", "OpenAIError"), ("httpx", "HTTPError"), ("httpx2", "HTTPError")):
        base = getattr(sys.modules.get(module), name, None)
        if isinstance(base, type) and issubclass(base, Exception):
            found.append(base)
    return tuple(found)
