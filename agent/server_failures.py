"""What went wrong between us and a model server, in one sentence that says what to do and never holds a key."""

import re
from dataclasses import dataclass

import openai

from agent.choice import ServerChoice

_MESSAGE_CHARACTERS = 300
_KEY_WINDOW = 4
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a0-\uffff]+")
_TOOLS = re.compile(r"\btools?\b|\btool[ _-]|function.?call", re.IGNORECASE)
_TEMPERATURE = re.compile(r"\btemperature\b", re.IGNORECASE)
_TOO_MANY_REQUESTS = 429
_MAY_PASS = frozenset({408, 409, 425, _TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request brought no answer; `may_pass` where the same request may succeed later, after `wait` seconds."""

    sentence: str
    may_pass: bool = False
    wait: float | None = None
    broken_answer: bool = False
    refuses_tools: bool = False
    refuses_temperature: bool = False


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
    message = str(error.message)
    return Failure(
        sentence,
        may_pass=retried,
        wait=_retry_after(error),
        refuses_tools=bool(_TOOLS.search(message)) and status != _TOO_MANY_REQUESTS,
        refuses_temperature=status == 400 and bool(_TEMPERATURE.search(message)),
    )


def connection_failure(choice: ServerChoice, error: openai.OpenAIError) -> Failure:
    """The failure of a request that brought no HTTP answer."""
    server = f"the model server at {choice.where}"
    if isinstance(error, openai.APITimeoutError):
        return Failure(f"{server} gave no answer in time: raise --timeout, or take a faster model")
    causes = [type(cause).__name__ for cause in _causes(error)]
    if any("Connect" in name and "Connection" not in name for name in causes):
        return Failure(f"{server} cannot be reached: start it, or check the base URL", may_pass=True)
    if "TooManyRedirects" in causes:
        return unusable_answer(choice, "redirects without end")
    if "DecodingError" in causes:
        return unusable_answer(choice, "something that is not a chat completion")
    if isinstance(error, openai.APIConnectionError):
        return Failure(f"{server} broke off the connection: see the server's own log", may_pass=True)
    return unusable_answer(choice, "something that is not a chat completion")


def unusable_answer(choice: ServerChoice, what: str) -> Failure:
    """The failure of an HTTP answer that holds no message of the model."""
    return Failure(
        f"the model server at {choice.where} answered with {what}: check that the base URL is that of an "
        "OpenAI-compatible API, which often ends in /v1",
        may_pass=True,
    )


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def _retry_after(error: openai.APIStatusError) -> float | None:
    value = error.response.headers.get("retry-after", "")
    return float(value) if re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value) else None


def _said(choice: ServerChoice, error: openai.APIStatusError) -> str:
    """What the server said, if that is short enough to show and nothing like the key is in it."""
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    if not isinstance(message, str) or _resembles(choice.key, message):
        return ""
    line = " ".join(_UNPRINTABLE.sub(" ", message).split())[:_MESSAGE_CHARACTERS].rstrip(".:;, ")
    return f", saying: {line}" if line else ""


def _resembles(key: str | None, text: str) -> bool:
    """Whether a piece of the key stands in the text: servers like to show the first and last characters."""
    if not key:
        return False
    return any(key[start : start + _KEY_WINDOW] in text for start in range(max(1, len(key) - _KEY_WINDOW + 1)))
