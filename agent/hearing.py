"""An answer as it comes from a model, piece by piece, made into one message within bounds.

Tool calls are put together here, since LangChain reads the arguments of a call that was cut off as if they were whole.
"""

import json
import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal, Protocol

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, InvalidToolCall
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import ToolCall, ToolCallChunk

MAX_ANSWER_CHARACTERS = 200_000
_CALLS_KEPT = 16

Part = Literal["text", "arguments"]


class Listener(Protocol):
    """Whoever hears an answer while it comes, and may end it by raising."""

    def hear(self, part: Part, piece: str) -> None:
        """Take note of a piece of the answer's text, or of the arguments of its tool calls."""

    def begin_again(self) -> None:
        """Forget what was heard: the answer is asked for once more."""


class AnswerTooLongError(Exception):
    """The model does not stop talking."""


class NotTheAssistantError(Exception):
    """What came is no message of the assistant."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A whole answer, and the sum of the natural logarithms of its tokens' probabilities where they were given."""

    message: AIMessage
    log_probability: float | None = None

    @property
    def finish_reason(self) -> str | None:
        """Why the model stopped, as the server says it: `stop`, `tool_calls`, `length`, `content_filter`."""
        reason = self.message.response_metadata.get("finish_reason")
        return reason if isinstance(reason, str) else None


async def listen(pieces: AsyncGenerator[BaseMessage, None], listener: Listener) -> Spoken:
    """Hear an answer to its end, telling the listener of every piece; whatever it raises ends the answer.

    Raises AnswerTooLongError past MAX_ANSWER_CHARACTERS, and NotTheAssistantError.
    """
    listener.begin_again()
    heard = _Heard(listener)
    async with aclosing(pieces):
        async for piece in pieces:
            heard.add(piece)
    return heard.whole()


@dataclass
class _Call:
    name: str = ""
    arguments: list[str] = field(default_factory=list)


@dataclass
class _Heard:
    listener: Listener
    texts: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    calls: dict[int, _Call] = field(default_factory=dict)
    whole_calls: list[ToolCall] = field(default_factory=list)
    broken_calls: list[InvalidToolCall] = field(default_factory=list)
    usage: UsageMetadata | None = None
    log_probabilities: list[float] = field(default_factory=list)
    finish_reason: str | None = None
    characters: int = 0

    def add(self, piece: BaseMessage) -> None:
        """Take one piece."""
        if not isinstance(piece, AIMessage):
            raise NotTheAssistantError
        self._tell("text", piece.text)
        self.texts.append(piece.text)
        refusal = piece.additional_kwargs.get("refusal")
        if isinstance(refusal, str):
            self.refusals.append(refusal)
        chunks = piece.tool_call_chunks if isinstance(piece, AIMessageChunk) else []
        for chunk in chunks:
            self._add_to_call(chunk)
        if not chunks:
            self.whole_calls += piece.tool_calls[: _CALLS_KEPT - len(self.whole_calls)]
            self.broken_calls += piece.invalid_tool_calls[: _CALLS_KEPT - len(self.broken_calls)]
        self.usage = piece.usage_metadata or self.usage
        reason = piece.response_metadata.get("finish_reason") or self.finish_reason
        self.finish_reason = reason if isinstance(piece, AIMessageChunk) else reason or "stop"
        self.log_probabilities += _log_probabilities(piece.response_metadata.get("logprobs"))

    def whole(self) -> Spoken:
        """All pieces as one message."""
        calls, broken = list(self.whole_calls), list(self.broken_calls)
        for call in self.calls.values():
            arguments = _object("".join(call.arguments))
            if arguments is None:
                broken.append(InvalidToolCall(name=call.name, args=None, id=None, error=None, type="invalid_tool_call"))
            else:
                calls.append(ToolCall(name=call.name, args=arguments, id=None, type="tool_call"))
        message = AIMessage(
            content="".join(self.texts),
            additional_kwargs={"refusal": "".join(self.refusals)} if self.refusals else {},
            tool_calls=calls,
            invalid_tool_calls=broken,
            usage_metadata=self.usage,
            response_metadata={"finish_reason": self.finish_reason} if self.finish_reason else {},
        )
        return Spoken(message, math.fsum(self.log_probabilities) if self.log_probabilities else None)

    def _add_to_call(self, chunk: ToolCallChunk) -> None:
        index = chunk["index"]
        if index is None:
            begins = bool(chunk["name"]) or not self.calls
            index = len(self.calls) if begins else max(self.calls)
        if index not in self.calls and len(self.calls) >= _CALLS_KEPT:
            return
        call = self.calls.setdefault(index, _Call())
        call.name = call.name or chunk["name"] or ""
        if chunk["args"]:
            self._tell("arguments", chunk["args"])
            call.arguments.append(chunk["args"])

    def _tell(self, part: Part, text: str) -> None:
        if not text:
            return
        self.characters += len(text)
        if self.characters > MAX_ANSWER_CHARACTERS:
            raise AnswerTooLongError
        self.listener.hear(part, text)


def _object(text: str) -> dict[str, object] | None:
    """The JSON object of a call's arguments; a call of a tool without arguments may come with none."""
    try:
        value: object = json.loads(text or "{}", strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _log_probabilities(told: object) -> Sequence[float]:
    """The numbers among what a server says of its tokens' probabilities."""
    tokens = told.get("content") if isinstance(told, Mapping) else None
    if not isinstance(tokens, list):
        return ()
    found = [token.get("logprob") for token in tokens if isinstance(token, Mapping)]
    return [float(each) for each in found if isinstance(each, int | float) and math.isfinite(each)]
