"""A model behind an OpenAI-compatible server: retries within one time budget, and failures in one sentence."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import openai
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.tools import BaseTool
from langchain_openai import ChatOpenAI
from pydantic import ValidationError

from agent.answers import misfit
from agent.choice import ServerChoice
from agent.events import Event, ModelRetried
from agent.provider import BrokenAnswerError
from agent.server_failures import Failure, connection_failure, status_failure, unusable_answer
from solvers.errors import ProviderError

_TRIES = 3
FIRST_WAIT_SECONDS = 0.4
_NO_KEY = "none"
_SHORTEST_KEY_TO_HIDE = 6
_SAMPLING_TEMPERATURE = 0.7


@dataclass(frozen=True, slots=True)
class _Abilities:
    """What the server has not yet been found to lack."""

    tools: bool = True
    temperature: bool = True


class ServerProvider:
    """Asks one model of one server; all answers together, retries included, have `seconds`."""

    def __init__(
        self, chat: ChatOpenAI, choice: ServerChoice, *, seconds: float, samples: int, emit: Callable[[Event], None]
    ) -> None:
        self._chat = chat
        self._choice = choice
        self._seconds = seconds
        self._temperature = 0.0 if samples == 1 else _SAMPLING_TEMPERATURE
        self._emit = emit
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._abilities = _Abilities()

    async def answer(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]) -> AIMessage:
        """The model's next message; raises ProviderError when the tries or the time are spent."""
        tried = 0
        while True:
            tried += 1
            asked_of = self._abilities
            outcome = await self._ask(messages, tools, asked_of)
            if isinstance(outcome, AIMessage):
                return outcome
            if outcome.broken_answer:
                raise BrokenAnswerError(outcome.sentence)
            if self._adapt(outcome, asked_of, messages):
                tried -= 1
                continue
            wait = FIRST_WAIT_SECONDS * 2 ** (tried - 1) if outcome.wait is None else outcome.wait
            if not outcome.may_pass or tried == _TRIES:
                raise ProviderError(outcome.sentence + (f" ({tried} tries)" if tried > 1 else ""))
            if wait >= self._left():
                raise ProviderError(
                    f"{outcome.sentence}; the next try would be in {wait:g} s, past the time-out of {self._seconds:g} s"
                )
            self._emit(ModelRetried(reason=outcome.sentence, wait=wait))
            await asyncio.sleep(wait)

    def redact(self, text: str) -> str:
        """The text without the key."""
        key = self._choice.key
        return text.replace(key, "[key]") if key and len(key) >= _SHORTEST_KEY_TO_HIDE else text

    def _left(self) -> float:
        return self._deadline - asyncio.get_running_loop().time()

    async def _ask(
        self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool], able: _Abilities
    ) -> AIMessage | Failure:
        """One request. Failures come back as values: an exception would carry the request, and its key, along."""
        where = self._choice.where
        chat = self._chat.model_copy(update={"temperature": self._temperature if able.temperature else None})
        asked = chat.bind_tools(tools) if able.tools and tools else chat
        try:
            async with asyncio.timeout(self._left()):
                message: BaseMessage = await asked.ainvoke(list(messages))
        except TimeoutError:
            return Failure(
                f"the model server at {where} gave no answer within {self._seconds:g} s: "
                "raise --timeout, or take a faster model"
            )
        except openai.APIStatusError as error:
            return status_failure(self._choice, error)
        except openai.OpenAIError as error:
            return connection_failure(self._choice, error)
        except ValidationError as error:
            return Failure(f"the answer could not be read: {misfit(error)}", broken_answer=True)
        except IndexError:
            return unusable_answer(self._choice, "an empty list of choices")
        except (TypeError, KeyError, AttributeError, ValueError):
            # What langchain-openai raises, depending on where a body stops being a chat completion.
            return unusable_answer(self._choice, "something that is not a chat completion")
        if not isinstance(message, AIMessage):
            return unusable_answer(self._choice, "a message that is not the assistant's")
        return message

    def _adapt(self, failure: Failure, asked_of: _Abilities, messages: Sequence[BaseMessage]) -> bool:
        """Whether the request can be made again without what the server has just refused."""
        spoke_in_calls = any(isinstance(each, ToolMessage) for each in messages)
        if failure.refuses_tools and asked_of.tools and not spoke_in_calls:
            self._abilities = replace(self._abilities, tools=False)
            return True
        if failure.refuses_temperature and asked_of.temperature:
            self._abilities = replace(self._abilities, temperature=False)
            return True
        return False


@asynccontextmanager
async def opened_server(
    choice: ServerChoice, *, seconds: float, samples: int, emit: Callable[[Event], None]
) -> AsyncIterator[ServerProvider]:
    """A provider with a connection pool of its own, closed at the end; pools do not outlive their event loop."""

    async def key() -> str:
        return choice.key or _NO_KEY

    client = openai.DefaultAsyncHttpxClient(timeout=seconds)
    try:
        chat = ChatOpenAI(
            model=choice.model,
            base_url=choice.base_url,
            # A function, so that no sync client is made and the key stands in no field.
            api_key=key,
            http_async_client=client,
            http_socket_options=(),
            max_retries=0,
            timeout=seconds,
            use_responses_api=False,
        )
        yield ServerProvider(chat, choice, seconds=seconds, samples=samples, emit=emit)
    finally:
        with contextlib.suppress(RuntimeError):
            await client.aclose()
