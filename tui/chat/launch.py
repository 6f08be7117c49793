"""From the command line to the running chat: the terminal is the chat's before anything heavy is loaded."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from solvers.errors import InputError
from tui.chat.keyboard import keys_held

if TYPE_CHECKING:
    from tui.chat.links import Link

_PICTURES_A_SECOND = 120
"""So often the screen may be drawn; a key that comes just after a picture waits for the next one."""
_SWITCH_S = 0.001
"""So long may a thread beside it hold the screen up, such as the one that loads what the first question needs."""


def launch(
    *,
    archive: str | Path | None = None,
    session: str | None = None,
    model: str | None = None,
    base_url: str | None = None,
    link: Link | None = None,
) -> None:
    """Run the chat until the user leaves it.

    Raises InputError without a terminal, and for settings that do not fit.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError("the chat needs a terminal; in a script use: rune ask")
    gc.disable()  # until all is loaded: none of it is garbage
    sys.setswitchinterval(_SWITCH_S)
    os.environ.setdefault("TEXTUAL_FPS", str(_PICTURES_A_SECOND))
    with keys_held(sys.stdin.fileno()):
        from tui.chat.capture import captured
        from tui.chat.making import made

        app = made(None if archive is None else Path(archive), session, model, base_url, link)
        with captured(app.hear_print):
            app.run()
