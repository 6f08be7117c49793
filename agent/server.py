"""A model behind an OpenAI-compatible server: retries within one time budget, and failures in one sentence."""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache

import httpx
import openai
from langchain_core.messages import AIMessageChunk, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.tools import BaseTool, StructuredTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, ValidationError

from agent.abilities import ANSWER_SCHEMA, Abilities
from agent.answers import misfit
from agent.budget import Stopwatch
from agent.choice import ServerChoice
from agent.completion import NOT_A_COMPLETION
from agent.events import Event, ModelRetried
from agent.hearing import AnswerTooLongError, Listener, NotTheAssistantError, Spoken, listen
from agent.provider import TOO_LONG, BrokenAnswerError
from agent.server_failures import (
    Failure,
    connection_failure,
    status_failure,
    unusable_answer,
    wire_failure,
    withheld_answer,
)
from agent.wire import WireError, guard
from solvers.errors import ProviderError

_TRIES = 3
FIRST_WAIT_SECONDS = 0.4
_NO_KEY = "none"
_SHORTEST_SECRET_TO_HIDE = 6
_SAMPLING_TEMPERATURE = 0.7


class ServerProvider:
    """Asks one model of one server; all answers together, retries included, have `seconds` of asking."""

    def __init__(
        self, chat: ChatOpenAI, choice: ServerChoice, *, seconds: float, samples: int, emit: Callable[[Event], None]
    ) -> None:
        self._chat = chat
        self._choice = choice
        self._watch = Stopwatch(seconds)
        self._temperature = 0.0 if samples == 1 else _SAMPLING_TEMPERATURE
        self._emit = emit
        # Probabilities only break ties between candidates.
        self._abilities = Abilities(log_probabilities=samples > 1)
        self._hidden = sorted((each for each in choice.secrets if len(each) >= _SHORTEST_SECRET_TO_HIDE), key=len)

    async def answer(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool], listener: Listener) -> Spoken:
        """The model's next message; raises ProviderError when the tries or the time are spent."""
        with self._watch.running():
            return await self._answer(messages, tools, listener)

    async def _answer(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool], listener: Listener) -> Spoken:
        tried = 0
        spoke_in_calls = any(isinstance(each, ToolMessage) for each in messages)
        while True:
            tried += 1
            asked_of = self._abilities
            outcome = await self._ask(messages, tools, asked_of, listener)
            if isinstance(outcome, Spoken):
                return outcome
            fewer = asked_of.without(outcome.refused, spoke_in_calls=spoke_in_calls)
            if fewer is not None:
                # Another candidate may have found something out in the meantime.
                self._abilities = self._abilities.and_also(fewer)
                tried -= 1
                continue
            wait = FIRST_WAIT_SECONDS * 2 ** (tried - 1) if outcome.wait is None else outcome.wait
            if not outcome.may_pass or tried == _TRIES:
                raise ProviderError(outcome.sentence + (f" ({tried} tries)" if tried > 1 else ""))
            if wait >= self._watch.left:
                raise ProviderError(
                    f"{outcome.sentence}; the next try would be in {wait:g} s, past the time-out of "
                    f"{self._watch.seconds:g} s"
                )
            self._emit(ModelRetried(reason=outcome.sentence, wait=wait))
            await asyncio.sleep(wait)

    def redact(self, text: str) -> str:
        """The text without the key and the login."""
        for secret in reversed(self._hidden):
            text = text.replace(secret, "[key]")
        return text

    @property
    def longest_secret(self) -> int:
        """How many characters the longest secret has."""
        return len(self._hidden[-1]) if self._hidden else 0

    async def _ask(
        self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool], able: Abilities, listener: Listener
    ) -> Spoken | Failure:
        """One request. Failures come back as values: an exception would carry the request, and its key, along."""
        choice = self._choice
        try:
            async with asyncio.timeout(self._watch.left):
                spoken = await listen(self._pieces(messages, tools, able), listener)
        except TimeoutError:
            return Failure(
                f"the model server at {choice.where} gave no answer within {self._watch.seconds:g} s: "
                "raise --timeout, or take a faster model"
            )
        except AnswerTooLongError:
            raise BrokenAnswerError(TOO_LONG) from None
        except NotTheAssistantError:
            return unusable_answer(choice, "a message that is not the assistant's")
        except openai.APIStatusError as error:
            return status_failure(choice, error)
        except openai.OpenAIError as error:
            return connection_failure(choice, error)
        except WireError as error:
            return wire_failure(choice, error)
        except httpx.HTTPError:
            return Failure(f"the model server at {choice.where} broke off the connection", may_pass=True)
        except ValidationError as error:
            raise BrokenAnswerError(f"the answer could not be read: {misfit(error)}") from None
        except (TypeError, KeyError, IndexError, AttributeError, ValueError, RecursionError):
            # What langchain-openai raises, depending on where an answer stops being a chat completion.
            return unusable_answer(choice, NOT_A_COMPLETION)
        if spoken.finish_reason is None:
            return Failure(
                f"the model server at {choice.where} broke off in the middle of its answer: see the server's own log",
                may_pass=True,
            )
        return withheld_answer(choice) if spoken.finish_reason == "content_filter" else spoken

    async def _pieces(
        self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool], able: Abilities
    ) -> AsyncGenerator[BaseMessage, None]:
        held_to_schema = able.structure and tools and not able.tools
        settings = {
            "temperature": self._temperature if able.temperature else None,
            "logprobs": True if able.log_probabilities else None,
            "extra_body": {"response_format": ANSWER_SCHEMA} if held_to_schema else None,
            "stream_usage": able.usage,
            "disable_streaming": not able.stream,
        }
        chat = self._chat.model_copy(update=settings)
        asked = chat.bind_tools([_described(each) for each in tools]) if able.tools and tools else chat
        async for piece in asked.astream(list(messages)):
            yield piece


class _RefusingChat(ChatOpenAI):
    """ChatOpenAI that keeps a model's refusal when it comes in a stream."""

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, object], default_chunk_class: type, base_generation_info: dict[str, object] | None
    ) -> ChatGenerationChunk | None:
        generation = super()._convert_chunk_to_generation_chunk(chunk, default_chunk_class, base_generation_info)
        match chunk:
            case {"choices": [{"delta": {"refusal": str(refusal)}}, *_]} if generation is not None:
                if isinstance(generation.message, AIMessageChunk):
                    generation.message.additional_kwargs["refusal"] = refusal
        return generation


@asynccontextmanager
async def opened_server(
    choice: ServerChoice, *, seconds: float, samples: int, emit: Callable[[Event], None]
) -> AsyncIterator[ServerProvider]:
    """A provider with a connection pool of its own, closed at the end; pools do not outlive their event loop."""

    async def key() -> str:
        return choice.key or _NO_KEY

    client = httpx.AsyncClient(
        timeout=seconds,
        follow_redirects=True,
        verify=_certificates(),
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [guard]},
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
    )
    try:
        chat = _RefusingChat(
            model=choice.model,
            base_url=choice.base_url,
            # A function, so that no sync client is made and the key stands in no field.
            api_key=key,
            default_headers=_login_header(choice.login),
            http_async_client=client,
            http_socket_options=(),
            openai_proxy=None,
            max_retries=0,
            timeout=seconds,
            use_responses_api=False,
        )
        yield ServerProvider(chat, choice, seconds=seconds, samples=samples, emit=emit)
    finally:
        with contextlib.suppress(RuntimeError):
            await client.aclose()


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust; reading that takes longer than all else that the agent does in a turn."""
    return httpx.create_ssl_context()


def _described(tool: BaseTool) -> dict[str, object]:
    """A tool as the server is told of it."""
    if isinstance(tool.args_schema, type):
        return _described_once(tool.name, tool.description, tool.args_schema)
    return convert_to_openai_tool(tool)


@cache
def _described_once(name: str, description: str, arguments: type[BaseModel]) -> dict[str, object]:
    """As `_described`, by what a description is made of: pydantic takes milliseconds for each."""
    return convert_to_openai_tool(StructuredTool(name=name, description=description, args_schema=arguments))


def _login_header(login: str | None) -> Mapping[str, str] | None:
    if login is None:
        return None
    return {"Authorization": f"Basic {base64.b64encode(login.encode()).decode('ascii')}"}
