"""What leaves the chat: exports, copies; and the sessions that are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

from tools.paths import cache_dir
from tui.chat import clipboard
from tui.chat.actions.keeping import COPIES, EXPORTS

if TYPE_CHECKING:
    from tui.chat.app import ChatApp
    from tui.chat.host.protocol import Report, Request

_ENDINGS: Mapping[str, str] = MappingProxyType({"markdown": "md", "md": "md", **{each: each for each in EXPORTS[1:]}})
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Keeping:
    """Exports, copies and sessions."""

    def __init__(self, app: ChatApp) -> None:
        self._app = app

    def export(self, text: str) -> None:
        """Write `FORMAT [FILE]`; without a file into the working folder, named after the session."""
        name, _, path = text.partition(" ")
        ending = _ENDINGS.get(name.lower())
        if ending is None:
            self._app.complain(f"/export takes one of {', '.join(EXPORTS)}, and then a file if need be")
            return
        stem = _UNSAFE.sub("-", self._app.state.session).strip("-.") or "chat"
        target = Path(path.strip()).expanduser() if path.strip() else Path(f"{stem}.{ending}")

        def request(number: int) -> Request:
            from tui.chat.host.protocol import Export, ExportName

            chosen = next(each for each in get_args(ExportName) if each == ending)
            return Export(number=number, format=chosen, path=str(target.absolute()))

        def listen(report: Report) -> None:
            if report.type == "exported":
                self._app.say(f"Written to {report.path}")
            elif report.type == "failed":
                self._app.complain(report.message)
                self._app.trace_failure(report)

        self._app.work.begin(request, listen)

    def copy(self, what: str) -> None:
        """Copy the answer, the formula, the chosen image's id or path, or the ids of the ranking."""
        if what not in COPIES:
            self._app.complain(f"/copy takes one of {', '.join(COPIES)}")
            return
        text = self._text(what)
        if not text:
            self._app.complain(f"there is no {what} to copy yet")
            return
        said = clipboard.copy(text, self._app.copy_to_clipboard, cache_dir() / "chat" / "copied.txt")
        self._app.say(f"The {what}: {said}")

    def list_sessions(self) -> None:
        """Show the sessions, one of which can be chosen."""

        def request(number: int) -> Request:
            from tui.chat.host.protocol import ListSessions

            return ListSessions(number=number)

        def listen(report: Report) -> None:
            if report.type == "sessions_listed":
                if report.sessions:
                    self._app.show_sessions(report.sessions)
                else:
                    self._app.say("No conversation is kept yet: the first question begins one.")
            elif report.type == "failed":
                self._app.complain(report.message)
                self._app.trace_failure(report)

        self._app.work.begin(request, listen)

    def _text(self, what: str) -> str:
        state = self._app.state
        turn = state.turn
        match what:
            case "formula":
                return state.formula or ""
            case "image":
                return state.image_id or ""
            case "path":
                results = [] if state.ranked is None or state.ranked.result is None else state.ranked.result.results
                known = {each.image_id: each.path for each in results}
                looked = state.looked.path if state.looked is not None else None
                return looked or known.get(state.image_id or "") or ""
            case "results":
                return "\n".join(self._app.results.order)
            case _:
                if turn is None:
                    return ""
                said = [turn.text, *([turn.reading] if turn.reading else []), *turn.words]
                said += [turn.formula] if turn.formula else []
                said += [f"{each.rank}. {each.image_id} {each.verdict} {each.score:.3f}" for each in turn.shown]
                return "\n".join([*said, *([turn.error] if turn.error else [])])
