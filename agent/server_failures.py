"""What went wrong between us and a model server, in one sentence that says what to do and never holds a key."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import openai

from agent.choice import ServerChoice
from agent.completion import NOT_A_COMPLETION
from agent.wire import ElsewhereError, WireError

_MESSAGE_CHARACTERS = 300
_KEY_WINDOW = 4
_TOO_MANY_REQUESTS = 429
_MAY_PASS = frozenset({408, 409, 425, _TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request brought no answer; `may_pass` where the same request may succeed later, after `wait` seconds.

    `refused` is what the server said where it may have refused something that we asked for, and is shown to nobody.
    """

    sentence: str
    may_pass: bool = False
    wait: float | None = None
    refused: str = ""


def status_failure(choice: ServerChoice, error: openai.APIStatusError) -> Failure:
    """The failure that an HTTP status means."""
    status = error.status_code
    server = f"the model server at {choice.where}"
    said = _said(choice, error)
    if status == 401:
        return Failure(f"{server} did not accept the key (401): check OPENAI_API_KEY")
    if status == 403:
        return Failure(f"{server} does not let this key use the model {choice.model} (403): check the key's rights")
    retried = status in _MAY_PASS or status >= 500
    if status == 404:
        sentence = (
            f"{server} has no model {choice.model} or no such address (404){said}: check the model's name, and that "
            "the base URL is that of the API, which often ends in /v1"
        )
    elif status == _TOO_MANY_REQUESTS:
        sentence = f"{server} takes no more requests now (429){said}: wait, or ask less at once"
    elif retried:
        sentence = f"{server} failed ({status}){said}: see the server's own log"
    else:
        sentence = f"{server} did not accept the request ({status}){said}"
    refused = "" if status == _TOO_MANY_REQUESTS else str(error.message)
    return Failure(sentence, may_pass=retried, wait=_retry_after(error), refused=refused)


def connection_failure(choice: ServerChoice, error: openai.OpenAIError) -> Failure:
    """The failure of a request that brought no HTTP answer."""
    server = f"the model server at {choice.where}"
    if isinstance(error, openai.APITimeoutError):
        return Failure(f"{server} gave no answer in time: raise --timeout, or take a faster model")
    causes = _causes(error)
    wire = next((each for each in causes if isinstance(each, WireError)), None)
    if wire is not None:
        return wire_failure(choice, wire)
    names = [type(cause).__name__ for cause in causes]
    if any("Connect" in name and "Connection" not in name for name in names):
        return Failure(f"{server} cannot be reached: start it, or check the base URL", may_pass=True)
    if "TooManyRedirects" in names:
        return unusable_answer(choice, "redirects without end")
    if "DecodingError" in names:
        return unusable_answer(choice, NOT_A_COMPLETION)
    if isinstance(error, openai.APIConnectionError):
        return Failure(f"{server} broke off the connection: see the server's own log", may_pass=True)
    if isinstance(error, openai.APIError):
        return Failure(f"{server} failed in the middle of its answer{_said(choice, error)}", may_pass=True)
    return unusable_answer(choice, NOT_A_COMPLETION)


def wire_failure(choice: ServerChoice, error: WireError) -> Failure:
    """The failure of an HTTP answer that was not read."""
    if isinstance(error, ElsewhereError):
        return Failure(
            f"the model server at {choice.where} sends the question to another server: give the base URL of the one "
            "that shall have it"
        )
    return unusable_answer(choice, str(error))


def unusable_answer(choice: ServerChoice, what: str) -> Failure:
    """The failure of an HTTP answer that holds no message of the model."""
    return Failure(
        f"the model server at {choice.where} answered with {what}: check that the base URL is that of an "
        "OpenAI-compatible API, which often ends in /v1",
        may_pass=True,
    )


def withheld_answer(choice: ServerChoice) -> Failure:
    """The failure of an answer that the server's own filter kept back."""
    return Failure(
        f"the content filter of the model server at {choice.where} withheld the answer: ask in other words, or take "
        "another model"
    )


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def _retry_after(error: openai.APIStatusError) -> float | None:
    """How long the server asks us to wait, in seconds: it says so as a number or as a date."""
    value = error.response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII):
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    moment = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return float(max(0, math.ceil((moment - datetime.now(UTC)).total_seconds())))


def _said(choice: ServerChoice, error: openai.APIError) -> str:
    """What the server said, made short and printable, if it is no page of a website and nothing like a secret."""
    body = error.body
    message = body.get("message") if isinstance(body, Mapping) else body
    if not isinstance(message, str) or "<" in message or any(_resembles(each, message) for each in choice.secrets):
        return ""
    printable = "".join(each if each.isprintable() else " " for each in message)
    line = " ".join(printable.split())[:_MESSAGE_CHARACTERS].rstrip(".:;, ")
    return f", saying: {line}" if line else ""


def _resembles(secret: str, text: str) -> bool:
    """Whether a piece of the secret stands in the text: servers like to show the first and last characters."""
    return any(secret[start : start + _KEY_WINDOW] in text for start in range(max(1, len(secret) - _KEY_WINDOW + 1)))
