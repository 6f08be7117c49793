"""Turns: sent one after the other, shown as they happen, cancelled at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.nearest import did_you_mean
from tui.chat import welcome, words
from tui.chat.actions.registry import BY_ID, SLASH
from tui.chat.safe_text import MUTED, lines, plain

if TYPE_CHECKING:
    from tui.chat.app import ChatApp
    from tui.chat.host.protocol import Report, Request, Taken
    from tui.chat.widgets.entries import TurnEntry
    from tui.chat.work import Job


@dataclass
class Waiting:
    """A text that waits for the turn before it to end."""

    text: str
    entry: TurnEntry
    is_logic: bool


class Conversing:
    """The turns of the conversation, one at a time."""

    def __init__(self, app: ChatApp) -> None:
        self._app = app
        self._waiting: list[Waiting] = []
        self._under_way: tuple[Job, TurnEntry] | None = None

    @property
    def waiting(self) -> int:
        """How many texts wait."""
        return len(self._waiting)

    @property
    def waiting_entries(self) -> list[TurnEntry]:
        """Where what waits will be shown."""
        return [each.entry for each in self._waiting]

    def take(self, text: str) -> None:
        """What was typed: a slash command, or something to say."""
        if not text.lstrip().startswith("/"):
            self.submit(text)
            return
        name, _, argument = text.strip()[1:].partition(" ")
        action = BY_ID.get(name)
        if action is None or not action.slash:
            names = [each.id for each in SLASH]
            self._app.complain(f"there is no command /{name}{did_you_mean(name, names)}; F1 lists them")
        elif action.needs_argument and not argument.strip():
            self._app.complain(f"it is {action.usage}")
        else:
            action.run(self._app, argument.strip())

    def submit(self, text: str, *, is_logic: bool = False) -> None:
        """Say something; it waits where a turn is under way."""
        if self._app.state.archive is None and not self._app.archiving.is_opening:
            self._app.complain(welcome.NOTHING_OPEN)
            return
        entry = self._app.talk.add_turn(text.strip())
        self._waiting.append(Waiting(text, entry, is_logic))
        self._next()

    def settle(self, setting: str, text: str, value: float) -> None:
        """Change a setting of the conversation; before an archive is open, that of the next one."""
        if self._app.state.archive is None:
            setattr(self._app.state, setting, value)
            self._app.refresh_status()
        else:
            self.submit(text)

    def cancel(self) -> bool:
        """End the turn under way and those that wait; False where there is none."""
        dropped = self._waiting
        self._waiting = []
        for each in dropped:
            each.entry.say([plain("✗ cancelled before it began", MUTED)])
        if self._under_way is None:
            return bool(dropped)
        job, entry = self._under_way
        self._under_way = None
        self._app.work.cancel(job)
        entry.close("cancelled")
        entry.say([plain("✗ cancelled; the question before still holds", MUTED)])
        return True

    def lose(self, why: str) -> None:
        """The process is gone: the turn under way comes to nothing, those that wait go on once it is back."""
        if self._under_way is not None:
            entry = self._under_way[1]
            self._under_way = None
            entry.close("lost")
            entry.say([plain(f"✗ {why}", "$text-error")])

    def go_on(self) -> None:
        """Take the next text that waits."""
        self._next()

    def _next(self) -> None:
        if self._under_way is not None or not self._waiting or self._app.archiving.is_opening:
            return
        waiting = self._waiting.pop(0)
        entry = waiting.entry

        def request(number: int) -> Request:
            from tui.chat.host.protocol import Say

            return Say(number=number, text=waiting.text, is_logic=waiting.is_logic)

        job = self._app.work.begin(request, self._listener(entry), label=_label(waiting.text))
        self._under_way = (job, entry)

    def _listener(self, entry: TurnEntry) -> Callable[[Report], None]:
        def listen(report: Report) -> None:
            match report.type:
                case "happened":
                    entry.happen(report.event, report.seconds)
                case "taken":
                    self._under_way = None
                    self._finish(entry, report)
                    self._next()
                case "failed":
                    self._under_way = None
                    entry.close("✗")
                    entry.say([lines(f"✗ {report.message}", "$text-error")])
                    self._app.trace_failure(report)
                    self._next()
                case _:
                    pass

        return listen

    def _finish(self, entry: TurnEntry, taken: Taken) -> None:
        entry.close("✗")
        entry.say(words.outcome(taken.turn, self._app.talk.room))
        state, turn = self._app.state, taken.turn
        state.turn = turn
        state.stand(turn.standing)
        state.tree = taken.tree
        if turn.result is not None and turn.result.counts is not None:
            state.ranked, state.ranked_of = turn, taken.ranked
            state.looked = None
            self._app.show_ranking()
        elif turn.kind == "start_over":
            state.ranked, state.ranked_of, state.looked, state.image_id = None, 0, None, None
            self._app.show_ranking()
        elif turn.image_id is not None:
            self._app.looking.choose(turn.image_id)
        self._app.show_turn(turn, taken.seconds)


def _label(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= 30 else f"{joined[:29]}…"
