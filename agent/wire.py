"""What comes over the wire from a model server, held within bounds before anything reads it."""

import json
from collections.abc import AsyncIterator, Mapping

import httpx

MAX_BYTES = 32 * 2**20
NOT_A_COMPLETION = "something that is not a chat completion"
NO_CHOICES = "an empty list of choices"


class WireError(httpx.RequestError):
    """An HTTP answer that is not read; the message goes on after "the server answered with"."""


class ElsewhereError(WireError):
    """An HTTP answer that sends the question to another server; the message says where to."""


async def guard(response: httpx.Response) -> None:
    """Bound an answer as it comes in, as a hook of an HTTP client; raises WireError for one that is not to be read.

    At most MAX_BYTES are read, and nothing compressed, which we do not ask for. A whole completion that comes where a
    stream was asked for becomes a stream of one event: some servers do not stream.
    """
    if response.has_redirect_location:
        _stay_at(response)
    if response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise WireError("a compressed body, which it was not asked for")
    stream = response.stream
    if not isinstance(stream, httpx.AsyncByteStream):
        raise TypeError("the HTTP client is not an asynchronous one")
    bounded = _Bounded(stream)
    whole = response.is_success and _asked_for_a_stream(response.request) and not _is_a_stream(response)
    response.stream = _AsEvents(bounded) if whole else bounded


def _stay_at(response: httpx.Response) -> None:
    """Questions and keys go to the server that the user named, and nowhere else."""
    here = response.request.url
    try:
        there = here.join(response.headers["location"])
    except httpx.InvalidURL:
        raise WireError("a redirect to no address") from None
    if (there.scheme, there.host, there.port) != (here.scheme, here.host, here.port):
        raise ElsewhereError(there.host)


def _asked_for_a_stream(request: httpx.Request) -> bool:
    match json.loads(request.content):
        case {"stream": True}:
            return True
        case _:
            return False


def _is_a_stream(response: httpx.Response) -> bool:
    content_type: str = response.headers.get("content-type", "")
    return content_type.partition(";")[0].strip().lower() == "text/event-stream"


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._stream:
            read += len(chunk)
            if read > MAX_BYTES:
                raise WireError(f"more than {MAX_BYTES // 2**20} MiB")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class _AsEvents(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        body = b"".join([chunk async for chunk in self._stream])
        yield b"data: " + json.dumps(_as_chunk(body)).encode("ascii") + b"\n\ndata: [DONE]\n\n"

    async def aclose(self) -> None:
        await self._stream.aclose()


def _as_chunk(body: bytes) -> Mapping[str, object]:
    """The one chunk of a stream that says all that a whole completion says."""
    try:
        completion: object = json.loads(body)
    except (ValueError, RecursionError):
        completion = None
    if not isinstance(completion, dict):
        raise WireError(NOT_A_COMPLETION)
    match completion:
        case {"error": dict() | str() as error}:
            return {"error": error}
        case {"choices": []}:
            raise WireError(NO_CHOICES)
        case {"choices": [{"message": dict(message)} as choice, *_]}:
            delta = {**message, "tool_calls": _numbered(message.get("tool_calls"))}
            finished = choice.get("finish_reason") or "stop"
            told = {"index": 0, "delta": delta, "finish_reason": finished, "logprobs": choice.get("logprobs")}
            return {"choices": [told], "usage": completion.get("usage")}
        case _:
            raise WireError(NOT_A_COMPLETION)


def _numbered(calls: object) -> list[Mapping[str, object]] | None:
    """The tool calls of a message with their numbers, which only streams have."""
    if calls is None:
        return None
    numbered: list[Mapping[str, object]] = []
    for number, call in enumerate(calls if isinstance(calls, list) else [calls]):
        match call:
            case {"function": {"name": name, **rest}}:
                arguments = rest.get("arguments")
                text = arguments if isinstance(arguments, str | None) else json.dumps(arguments)
                numbered.append({"index": number, "id": call.get("id"), "function": {"name": name, "arguments": text}})
            case _:
                raise WireError(NOT_A_COMPLETION)
    return numbered
