"""What comes over the wire from a model server, held within bounds before anything reads it."""

import json
from collections.abc import AsyncIterator

import httpx

from agent.completion import Json, NotACompletionError, event, whole_as_event

MAX_BYTES = 32 * 2**20
_DONE = b"[DONE]"


class WireError(httpx.RequestError):
    """An HTTP answer that is not read; the message goes on after "the server answered with"."""


class ElsewhereError(WireError):
    """An HTTP answer that sends the question to another server; the message says where to."""


async def guard(response: httpx.Response) -> None:
    """Bound an answer as it comes in, as a hook of an HTTP client; raises WireError for one that is not to be read.

    At most MAX_BYTES are read, and nothing compressed, which we do not ask for. A stream's events get the one shape
    that is read; a whole completion where a stream was asked for becomes a stream, since some servers have none.
    """
    if response.has_redirect_location:
        _stay_at(response)
    if response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise WireError("a compressed body, which it was not asked for")
    stream = response.stream
    if not isinstance(stream, httpx.AsyncByteStream):
        raise TypeError("the HTTP client is not an asynchronous one")
    response.stream = _Bounded(stream)
    if response.is_success and _asked_for_a_stream(response.request):
        response.stream = _Events(response.stream) if _is_a_stream(response) else _AsEvents(response.stream)


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


class _Wrapped(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Bounded(_Wrapped):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._stream:
            read += len(chunk)
            if read > MAX_BYTES:
                raise WireError(f"more than {MAX_BYTES // 2**20} MiB")
            yield chunk


class _AsEvents(_Wrapped):
    """A whole completion as a stream."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        body = b"".join([chunk async for chunk in self._stream])
        try:
            said = whole_as_event(body)
        except NotACompletionError as error:
            raise WireError(str(error)) from None
        yield _written(said)
        yield b"data: " + _DONE + b"\n\n"


class _Events(_Wrapped):
    """A stream of server-sent events; comments, names and numbers of events are left out."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        data: list[bytes] = []
        async for line in self._lines():
            if line.startswith(b"data:"):
                data.append(line.removeprefix(b"data:").strip())
            elif not line and data:
                yield _read(b"\n".join(data))
                data = []
        if data:
            yield _read(b"\n".join(data))

    async def _lines(self) -> AsyncIterator[bytes]:
        begun: list[bytes] = []
        async for chunk in self._stream:
            *ended, rest = chunk.split(b"\n")
            for line in ended:
                yield b"".join([*begun, line]).rstrip(b"\r")
                begun = []
            begun.append(rest)
        yield b"".join(begun).rstrip(b"\r")


def _read(data: bytes) -> bytes:
    if data.startswith(_DONE):
        return b"data: " + _DONE + b"\n\n"
    try:
        return _written(event(data))
    except NotACompletionError as error:
        raise WireError(str(error)) from None


def _written(said: Json) -> bytes:
    return b"data: " + json.dumps(said).encode("ascii") + b"\n\n"
