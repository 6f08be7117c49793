"""The application as arguments and settings want it."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tools.paths import chat_history_file, chat_settings_file
from tui.chat.actions.registry import remappable
from tui.chat.app import ChatApp
from tui.chat.links import Link, ProcessLink
from tui.chat.settings import Settings, read_settings
from tui.chat.start import Start

_THRESHOLDS = (700, 10, 1_000_000)
"""How many allocations, and collections of the young and of the middle generation, bring the next collection."""


def made(
    archive: Path | None, session: str | None, model: str | None, base_url: str | None, link: Link | None
) -> ChatApp:
    """The application as the arguments and the settings want it; raises InputError for settings that do not fit."""
    settings = read_settings(chat_settings_file(), remappable())
    if model is not None:
        settings = replace(settings, model=model, base_url=base_url or "")
    elif base_url is not None:
        settings = replace(settings, base_url=base_url)
    return ChatApp(_start(archive, session, settings), settings, link or ProcessLink())


def _start(archive: Path | None, session: str | None, settings: Settings) -> Start:
    named = archive if archive is not None else Path(settings.archive).expanduser() if settings.archive else None
    opened = None if named is None or (session is not None and archive is None) else str(named.absolute())
    return Start(
        archive=opened,
        session=session or new_session(),
        new_session=new_session,
        resuming=session is not None,
        history=chat_history_file(),
        when_loaded=_collect_what_comes,
    )


def new_session() -> str:
    """A name that says when the conversation began."""
    return f"chat {datetime.now():%Y-%m-%d %H.%M.%S}"


def _collect_what_comes() -> None:
    """What is loaded stays: a collection that looked through all of it would hold a key up for a tenth of a second.

    Of what comes only the young is looked through by itself; the rest is when nobody types (`ChatApp`).
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()
