"""Sessions: conversations kept in one SQLite database, listed, resumed, deleted and exported."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.sessions.listing import delete as delete
    from agent.sessions.listing import export as export
    from agent.sessions.listing import list_sessions as list_sessions
    from agent.sessions.listing import resume as resume
    from agent.sessions.listing import turns_of as turns_of
    from agent.sessions.summary import SessionSummary as SessionSummary

__all__ = ["SessionSummary", "delete", "export", "list_sessions", "resume", "turns_of"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from agent.sessions import listing

    return getattr(listing, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
