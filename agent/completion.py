"""What a server says in a completion, whole or a piece of one, in the one shape that is read.

Servers differ in small things, and pydantic would warn of them with their values; so only what is needed is handed on,
with its type checked. Nothing that a tool call or a text says is judged here.
"""

import json
import math
from collections.abc import Mapping, Sequence

NOT_A_COMPLETION = "something that is not a chat completion"
NO_CHOICES = "an empty list of choices"

Json = Mapping[str, object]
_REASONS = {"max_tokens": "length", "model_length": "length"}
_KNOWN_REASONS = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})
_ROLES = frozenset({"assistant", "user", "system", "developer", "tool", "function"})


class NotACompletionError(Exception):
    """A text is no completion; the message says what it is."""


def whole_as_event(body: bytes) -> Json:
    """A whole completion as the one event of a stream that says the same; raises NotACompletionError."""
    completion = _object(body)
    match completion:
        case {"error": dict() | str() as error} if error:
            return {"error": error}
        case {"choices": []}:
            raise NotACompletionError(NO_CHOICES)
        case {"choices": [{"message": dict(message), **choice}, *_]}:
            finished = {**choice, "finish_reason": choice.get("finish_reason") or "stop"}
            return _event(_choice(finished, message), completion)
        case _:
            raise NotACompletionError(NOT_A_COMPLETION)


def event(data: bytes) -> Json:
    """One event of a stream; raises NotACompletionError."""
    piece = _object(data)
    match piece:
        case {"error": dict() | str() as error} if error:
            return {"error": error}
        case {"choices": [{"delta": dict() | None as delta, **choice}, *_]}:
            return _event(_choice(choice, delta or {}), piece)
        case {"choices": [] | None}:
            return _event(None, piece)
        case _:
            raise NotACompletionError(NOT_A_COMPLETION)


def _object(text: bytes) -> Json:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise NotACompletionError(NOT_A_COMPLETION)
    return value


def _event(choice: Json | None, told: Json) -> Json:
    return {
        "id": "",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "",
        "choices": [] if choice is None else [choice],
        "usage": _usage(told.get("usage")),
    }


def _choice(choice: Mapping[object, object], message: Json) -> Json:
    reason = choice.get("finish_reason")
    known = _REASONS.get(reason, reason) if isinstance(reason, str) else None
    return {
        "index": 0,
        "delta": _delta(message),
        "finish_reason": None if known is None else known if known in _KNOWN_REASONS else "stop",
        "logprobs": _log_probabilities(choice.get("logprobs")),
    }


def _delta(message: Json) -> Json:
    role = message.get("role")
    calls = message.get("tool_calls") or []
    if isinstance(message.get("function_call"), dict):
        calls = [{"function": message["function_call"]}]  # the older way to call
    if not isinstance(calls, list):
        raise NotACompletionError(NOT_A_COMPLETION)
    delta = {
        "role": role if role in _ROLES else None,
        "content": _text(message.get("content")),
        "refusal": refusal if isinstance(refusal := message.get("refusal"), str) else None,
        "tool_calls": [_call(number, call) for number, call in enumerate(calls)] or None,
    }
    return {name: value for name, value in delta.items() if value is not None}


def _text(content: object) -> str | None:
    """A text, given as such or in parts."""
    match content:
        case str() | None:
            return content
        case list():
            texts = [part.get("text") if isinstance(part, dict) else part for part in content]
            return "".join(text for text in texts if isinstance(text, str))
        case _:
            raise NotACompletionError(NOT_A_COMPLETION)


def _call(number: int, call: object) -> Json:
    match call:
        case {"function": dict(function), **rest}:
            name, arguments, index = function.get("name"), function.get("arguments"), rest.get("index")
        case _:
            raise NotACompletionError(NOT_A_COMPLETION)
    said: dict[str, object] = {"arguments": arguments if isinstance(arguments, str | None) else json.dumps(arguments)}
    if isinstance(name, str):
        said["name"] = name
    return {"index": index if type(index) is int else number, "type": "function", "function": said}


def _usage(usage: object) -> Json | None:
    match usage:
        case {"prompt_tokens": int(asked), "completion_tokens": int(answered)} if min(asked, answered) >= 0:
            return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}
        case _:
            return None


def _log_probabilities(told: object) -> Json | None:
    """The numbers among what a server says of its tokens' probabilities."""
    tokens = told.get("content") if isinstance(told, dict) else None
    if not isinstance(tokens, list):
        return None
    found: Sequence[object] = [token.get("logprob") for token in tokens if isinstance(token, dict)]
    numbers = [float(each) for each in found if isinstance(each, int | float) and math.isfinite(each)]
    return {"content": [{"token": "", "logprob": each, "bytes": None, "top_logprobs": []} for each in numbers]}
