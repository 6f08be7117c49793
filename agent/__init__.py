"""The agent: it turns a question into checked logic, ranks an archive by it, and says when it cannot."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.api import run as run
    from agent.api import stream as stream
    from agent.api import translate as translate
    from agent.events import Event as Event

__all__ = ["Event", "run", "stream", "translate"]


def __getattr__(name: str) -> object:
    if name in {"run", "stream", "translate"}:
        from agent import api

        return getattr(api, name)
    if name == "Event":
        from agent.events import Event

        return Event
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
