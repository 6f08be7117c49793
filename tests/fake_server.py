"""A model server for tests: a real socket, OpenAI's chat completions by a script, and misbehaviour on demand."""

import json
import socket
import struct
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

_HANG_AT_MOST_SECONDS = 60


@dataclass(frozen=True)
class Call:
    """An assistant's message with one tool call; a text as arguments is sent as it is, JSON or not."""

    tool: str
    arguments: Mapping[str, object] | str


@dataclass(frozen=True)
class Calls:
    """An assistant's message with several tool calls at once."""

    calls: Sequence[Call]


@dataclass(frozen=True)
class Say:
    """An assistant's message of plain text."""

    text: str
    refusal: str | None = None


@dataclass(frozen=True)
class Status:
    """An HTTP error with a JSON body as OpenAI's servers write it."""

    code: int
    message: str = "the server says no"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """An HTTP answer of any body."""

    body: str
    content_type: str = "application/json"
    code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hang:
    """Nothing, for longer than anybody waits."""


@dataclass(frozen=True)
class Trickle:
    """The headers, and then a byte now and then, for longer than anybody waits."""

    pause: float = 0.02


@dataclass(frozen=True)
class Cut:
    """A connection that is closed before the answer is whole."""


@dataclass(frozen=True)
class Bytes:
    """Bytes on the socket instead of an HTTP answer, and then the end: by a reset of the connection or without."""

    content: bytes = b""
    reset: bool = False


@dataclass(frozen=True)
class Events:
    """Events as a stream: bytes as lines, the rest as data, a pause before each; the last again and again `forever`."""

    events: Sequence[Mapping[str, object] | str | bytes]
    pause: float = 0.0
    forever: bool = False
    reset: bool = False


@dataclass(frozen=True)
class Finished:
    """Another reply with a reason why the model stopped; `probabilities` are the logarithms of its tokens'."""

    reply: "Call | Calls | Say"
    reason: str = "stop"
    probabilities: Sequence[float] = ()


Reply = Call | Calls | Say | Finished | Status | Raw | Hang | Trickle | Cut | Bytes | Events

EMPTY_CHOICES = Raw(json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": []}))


@dataclass(frozen=True)
class Recorded:
    """One request: its path, headers in lower case, and body."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, object]

    @property
    def messages(self) -> list[dict[str, object]]:
        """The conversation that was sent."""
        messages = self.body["messages"]
        assert isinstance(messages, list)
        return messages

    @property
    def tool_names(self) -> list[str]:
        """The tools that were offered."""
        tools = self.body.get("tools", [])
        assert isinstance(tools, list)
        return [each["function"]["name"] for each in tools]


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that has left; anything else is an error of the test."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class FakeServer:
    """Gives its replies in order, the last one again and again; use as a context manager."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = replies
        self.requests: list[Recorded] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _QuietServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def where(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def base_url(self) -> str:
        """What --base-url takes."""
        return f"http://{self.where}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _next(self, request: Recorded) -> Reply:
        with self._lock:
            self.requests.append(request)
            return self._replies[min(len(self.requests), len(self._replies)) - 1]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Recorded(self.path, headers, json.loads(body))
                match server._next(request):
                    case Hang():
                        server._closing.wait(_HANG_AT_MOST_SECONDS)
                    case Trickle(pause):
                        self._head(200, "application/json", {"content-length": "100000"})
                        for _ in range(int(_HANG_AT_MOST_SECONDS / pause)):
                            if server._closing.wait(pause):
                                break
                            self.wfile.write(b" ")
                    case Cut():
                        self._head(200, "application/json", {"content-length": "1000"})
                        self.wfile.write(b'{"choices": [')
                        self.close_connection = True
                    case Status(code, message, extra):
                        error = {"error": {"message": message, "type": "error", "code": None}}
                        self._send(json.dumps(error), "application/json", code, extra)
                    case Raw(text, content_type, code, extra):
                        self._send(text, content_type, code, extra)
                    case Bytes(content, reset):
                        self._write_bytes(content)
                        self._end(reset)
                    case Events() as events:
                        self._stream(events)
                    case reply if request.body.get("stream"):
                        self._stream(Events([*_chunks(_completion(reply)), "[DONE]"]))
                    case reply:
                        self._send(json.dumps(_completion(reply)), "application/json", 200, {})

            def _stream(self, events: Events) -> None:
                self._head(200, "text/event-stream", {})
                for number, event in enumerate(events.events):
                    text = event if isinstance(event, str | bytes) else json.dumps(event)
                    line = text if isinstance(text, bytes) else b"data: " + text.encode("utf-8", "surrogatepass")
                    while not server._closing.wait(events.pause):
                        self._write_bytes(line + b"\n\n")
                        if not (events.forever and number == len(events.events) - 1):
                            break
                self._end(events.reset)

            def _write_bytes(self, content: bytes) -> None:
                self.wfile.write(content)
                self.wfile.flush()

            def _end(self, reset: bool) -> None:
                self.close_connection = True
                if reset:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()

            def _head(self, code: int, content_type: str, extra: Mapping[str, str]) -> None:
                self.send_response(code)
                self.send_header("content-type", content_type)
                for name, value in extra.items():
                    self.send_header(name, value)
                self.end_headers()

            def _send(self, text: str, content_type: str, code: int, extra: Mapping[str, str]) -> None:
                encoded = text.encode("utf-8", "surrogatepass")
                self._head(code, content_type, {"content-length": str(len(encoded)), **extra})
                self.wfile.write(encoded)

        return Handler


def formula(text: str) -> Call:
    """The call by which a model submits a formula."""
    return Call("validate_formula", {"formula": text})


def _completion(told: Call | Calls | Say | Finished) -> dict[str, object]:
    finished = told if isinstance(told, Finished) else Finished(told)
    reply = finished.reply
    message: dict[str, object] = {"role": "assistant", "content": None}
    if isinstance(reply, Say):
        message |= {"content": reply.text, "refusal": reply.refusal}
    else:
        calls = reply.calls if isinstance(reply, Calls) else [reply]
        message["tool_calls"] = [_tool_call(number, call) for number, call in enumerate(calls)]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "fake",
        "choices": [
            {
                "index": 0,
                "finish_reason": finished.reason,
                "message": message,
                "logprobs": {"content": [{"token": "x", "logprob": each} for each in finished.probabilities]},
            }
        ],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    }


def _tool_call(number: int, call: Call) -> dict[str, object]:
    arguments = call.arguments if isinstance(call.arguments, str) else json.dumps(dict(call.arguments))
    return {"id": f"c{number}", "type": "function", "function": {"name": call.tool, "arguments": arguments}}


def chunk(delta: Mapping[str, object], reason: str | None = None, **more: object) -> dict[str, object]:
    """One event of a stream."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "fake",
        "choices": [{"index": 0, "delta": dict(delta), "finish_reason": reason}],
        **more,
    }


def _chunks(completion: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """A whole completion as the events of a stream: texts and arguments come in two halves."""
    choice = completion["choices"][0]  # type: ignore[index]
    message = choice["message"]
    yield chunk({"role": "assistant", "content": ""})
    for piece in _halves(message["content"] or ""):
        yield chunk({"content": piece})
    if message.get("refusal"):
        yield chunk({"refusal": message["refusal"]})
    for number, call in enumerate(message.get("tool_calls", ())):
        function = call["function"]
        yield chunk({"tool_calls": [{**call, "index": number, "function": {**function, "arguments": ""}}]})
        for piece in _halves(function["arguments"]):
            yield chunk({"tool_calls": [{"index": number, "function": {"arguments": piece}}]})
    last = chunk({}, choice["finish_reason"])
    last["choices"][0]["logprobs"] = choice["logprobs"]  # type: ignore[index]
    yield last
    yield {**chunk({}), "choices": [], "usage": completion["usage"]}


def _halves(text: str) -> list[str]:
    middle = len(text) // 2
    return [each for each in (text[:middle], text[middle:]) if each]
