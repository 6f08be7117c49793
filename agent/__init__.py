"""The agent: it turns a question into checked logic, ranks an archive by it, and says when it cannot."""

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent import sessions as sessions
    from agent.api import arun as arun
    from agent.api import astream as astream
    from agent.api import atranslate as atranslate
    from agent.api import run as run
    from agent.api import stream as stream
    from agent.api import translate as translate
    from agent.budget import Budget as Budget
    from agent.cancelling import CancelToken as CancelToken
    from agent.cancelling import RunCancelledError as RunCancelledError
    from agent.conversation import Conversation as Conversation
    from agent.conversation import Turn as Turn
    from agent.events import Event as Event
    from agent.scripted import ScriptedModel as ScriptedModel

_HOMES = MappingProxyType(
    {
        "Budget": "budget",
        "CancelToken": "cancelling",
        "Conversation": "conversation",
        "Event": "events",
        "RunCancelledError": "cancelling",
        "ScriptedModel": "scripted",
        "Turn": "conversation",
        "arun": "api",
        "astream": "api",
        "atranslate": "api",
        "run": "api",
        "stream": "api",
        "translate": "api",
    }
)
__all__ = [
    "Budget",
    "CancelToken",
    "Conversation",
    "Event",
    "RunCancelledError",
    "ScriptedModel",
    "Turn",
    "arun",
    "astream",
    "atranslate",
    "run",
    "sessions",
    "stream",
    "translate",
]


def __getattr__(name: str) -> object:
    if name == "sessions":
        return import_module("agent.sessions")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"agent.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
