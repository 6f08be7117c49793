"""Which model a run asks: read from `--model`, `--base-url` and the environment, without loading anything heavy."""

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from solvers.errors import InputError

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

OFFLINE = "offline"
_OPENAI_PREFIX = "openai:"
_OPENAI_URL = "https://api.openai.com/v1"
_KEY_VARIABLE = "OPENAI_API_KEY"
_URL_VARIABLES = ("OPENAI_BASE_URL", "OPENAI_API_BASE")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class OfflineChoice:
    """The built-in translator."""

    @property
    def name(self) -> str:
        """The model as results name it."""
        return OFFLINE


@dataclass(frozen=True, slots=True)
class ServerChoice:
    """A model behind an OpenAI-compatible server; `key` is None where the server wants none.

    `login` is the "name:password" of a base URL that holds one; it is sent in a header, since URLs are logged.
    """

    model: str
    base_url: str = field(repr=False)
    where: str
    key: str | None = field(default=None, repr=False)
    login: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The model as results name it."""
        return _OPENAI_PREFIX + self.model

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown, logged or stored."""
        password = self.login.partition(":")[2] if self.login else ""
        return tuple(each for each in (self.key, self.login, password) if each)


@dataclass(frozen=True, slots=True)
class ChatChoice:
    """A chat model that the caller brings."""

    chat: "BaseChatModel"

    @property
    def name(self) -> str:
        """The model as results name it."""
        return type(self.chat).__name__


ModelChoice = OfflineChoice | ServerChoice | ChatChoice


def choose_model(model: "str | BaseChatModel", base_url: str | None = None) -> ModelChoice:
    """The model that `offline`, `openai:NAME` or a chat model of the caller's own means.

    Raises InputError for any other name, for a base URL that is none, and for a missing or unusable key.
    """
    if not isinstance(model, str):
        if base_url is not None:
            raise InputError("a base URL goes with --model openai:NAME; a chat model of your own knows its server")
        return ChatChoice(model)
    if model == OFFLINE:
        if base_url is not None:
            raise InputError("the offline model asks no server: leave the base URL out, or say --model openai:NAME")
        return OfflineChoice()
    name = model.removeprefix(_OPENAI_PREFIX).strip()
    if not model.startswith(_OPENAI_PREFIX) or not name or not name.isprintable():
        raise InputError(
            f"there is no model {model[:80]!r}: say offline, or openai:NAME with the name that the server knows it by"
        )
    url = base_url if base_url is not None else _url_from_environment()
    key = _key_from_environment()
    if url is None and key is None:
        raise InputError(
            f"{model} needs a key in the environment variable {_KEY_VARIABLE}, or the --base-url of your own server"
        )
    return _server(name, _OPENAI_URL if url is None else url, key)


def _url_from_environment() -> str | None:
    return next((value for each in _URL_VARIABLES if (value := os.environ.get(each, "").strip())), None)


def _key_from_environment() -> str | None:
    key = os.environ.get(_KEY_VARIABLE, "").strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise InputError(f"the key in {_KEY_VARIABLE} holds characters that a key cannot have: set it again")
    return key or None


def _server(model: str, url: str, key: str | None) -> ServerChoice:
    """The server at a base URL, with the user name and password that the URL may hold apart from it."""
    wrong = InputError("the base URL is not the address of a server: it looks like http://127.0.0.1:8000/v1")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or not url.isprintable() or " " in url:
        raise wrong
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    login, separator, _ = parts.netloc.rpartition("@")
    return ServerChoice(
        model,
        base_url=urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])),
        where=f"{host}:{_DEFAULT_PORTS[parts.scheme] if port is None else port}",
        key=key,
        login=unquote(login) if separator else None,
    )
