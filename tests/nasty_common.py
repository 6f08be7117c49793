"""What the cases of bad servers and bad models are made of."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from tests.fake_server import Raw, Reply

SECRET = "sk-Zq7-very-secret-0xC0FFEE"
QUERY = "at least two planes"
GOOD = "exists>=2 x. plane(x)"
PLAN = "exists x. plan(x)"
AGAIN = "asks again, at most twice, with longer waits; then gives up"
AT_ONCE = "gives up at once and says what to do"
PAST = "gives up at once: it is past --timeout"
TOLD = "tells the model, which has its repairs; then gives up"
ON = "goes on"


class Options(TypedDict, total=False):
    """What a case asks of the run beside the defaults."""

    timeout: float
    max_repairs: int
    candidates: int
    model_calls: int
    tokens: int
    seconds: float


@dataclass(frozen=True)
class Case:
    """One case: the replies in order (the last again and again), and what the run must come to.

    `requests` are at most so many; `said` stands in the error, in a warning or in what the model is told.
    """

    name: str
    does: str
    replies: Sequence[Reply]
    status: str
    requests: int
    said: str
    options: Options


def case(
    name: str,
    does: str,
    *replies: Reply,
    status: str = "ok",
    requests: int = 1,
    said: str = "",
    **options: Unpack[Options],
) -> Case:
    """A case that ends well with one request, unless told."""
    return Case(name, does, replies, status, requests, said, options)


def failed(name: str, does: str, *replies: Reply, said: str, requests: int = 3, **options: Unpack[Options]) -> Case:
    """A case in which the server has failed for good."""
    return case(name, does, *replies, status="provider_error", requests=requests, said=said, **options)


def mended(name: str, *replies: Reply, does: str = "tells the model", said: str = "", requests: int = 2) -> Case:
    """A case that the second request mends."""
    return case(name, does, *replies, requests=requests, said=said)


def completion(message: object, **more: object) -> str:
    """The body of a whole answer."""
    return json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], **more})


def text(content: str) -> str:
    """The body of a whole answer of text."""
    return completion({"role": "assistant", "content": content})


def tool_calls(*calls: object) -> Raw:
    """A whole answer with these tool calls."""
    return Raw(completion({"role": "assistant", "content": None, "tool_calls": list(calls)}))


def submitting(arguments: object) -> dict[str, object]:
    """A call of validate_formula."""
    return {"id": "c", "type": "function", "function": {"name": "validate_formula", "arguments": arguments}}
