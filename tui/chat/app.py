"""The application: the way of keys to actions, and of reports to whoever asked."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import TYPE_CHECKING

from tui.chat import messages, welcome
from tui.chat.actions.registry import BY_ID
from tui.chat.control.archiving import Archiving
from tui.chat.control.conversing import Conversing
from tui.chat.control.keeping import Keeping
from tui.chat.control.looking import Looking
from tui.chat.flow import Flow
from tui.chat.view import ChatView
from tui.chat.work import PATIENCE_S, Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from agent.conversation.turns import Turn
    from agent.sessions import SessionSummary
    from tui.chat.host.protocol import Died, Opened, Report
    from tui.chat.links import Link
    from tui.chat.settings import Settings
    from tui.chat.start import Start

_TIDY_S = 5.0


class ChatApp(ChatView):
    """The terminal chat."""

    def __init__(self, start: Start, settings: Settings, link: Link) -> None:
        super().__init__(start, settings)
        self._start = start
        self._link = link
        self._flow = Flow(self, self._take)
        self.work = Work(link, self._work_changed)
        self.conversing, self.looking = Conversing(self), Looking(self)
        self.archiving, self.keeping = Archiving(self), Keeping(self)
        self.is_begun = self._is_loaded = False
        self._sent_early: list[messages.Submitted] = []
        self._is_about_to_quit = False

    def on_mount(self) -> None:
        """Take the keys from the settings; what is heavier comes once the prompt can be used."""
        self.set_keymap(dict(self._settings.keys))
        self.suggesting.display = False
        self.begin_capture_print(self)
        self.screen.set_focus(self.prompt)  # at once: keys that were typed before this wait already
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        """Leave no process behind."""
        self._link.close()

    def _begin(self) -> None:
        self.is_begun = True
        self.set_interval(_TIDY_S, self._flow.tidy)
        threading.Thread(target=self._load, name="rune-load", daemon=True).start()
        if self._start.archive is None and not self._start.resuming:
            self.welcome()
        else:
            self.archiving.expect()

    def _hear(self, report: Report) -> None:
        """Called by the link from a thread of its own."""
        self._flow.put(report)
        self.post_message(messages.Reported())

    def _load(self) -> None:
        self._link.open(self._hear)
        import_module("tui.chat.host.protocol")
        self.post_message(messages.ProtocolLoaded())

    def on_protocol_loaded(self) -> None:
        """Open what the program was started with."""
        start = self._start
        start.when_loaded()
        if start.archive is not None or start.resuming:
            self.archiving.begin(start.archive, start.session, resuming=start.resuming)
        self._is_loaded = True
        for each in self._sent_early:
            self.on_submitted(each)

    def on_reported(self) -> None:
        """Reports have come."""
        self._flow.come()

    def on_typed(self) -> None:
        """Something was typed in the prompt."""
        self._flow.typed()

    def _take(self, report: Report) -> None:
        """A report goes to whoever asked; what a library printed and the end of the process concern all."""
        match report.type:
            case "printed":
                self.trace.add_print(report.text)
            case "died":
                self._process_died(report)
            case "stuck":
                if not self.work.seen:
                    self._start_anew("cancelled")
            case _:
                self.work.receive(report)

    def on_key_pressed(self, message: messages.KeyPressed) -> None:
        """A key of a text area."""
        self.action_act(message.action)

    def on_key(self, event: events.Key) -> None:
        """What is typed into a pane that has no use for it is meant for the prompt."""
        if len(self.screen_stack) > 1 or event.key in self.active_bindings:
            return
        if event.is_printable and event.character is not None:
            self.prompt.focus()
            self.prompt.insert(event.character)

    def on_submitted(self, message: messages.Submitted) -> None:
        """Something was typed and sent."""
        self._is_about_to_quit = False
        if self._is_loaded:
            self.conversing.take(message.text)
        else:
            self._sent_early.append(message)

    def on_formula_submitted(self, message: messages.FormulaSubmitted) -> None:
        """The formula is run as it stands in the tab Logic."""
        self.conversing.submit(message.text, is_logic=True)

    def on_images_wanted(self, message: messages.ImagesWanted) -> None:
        """Images are to be suggested."""
        self.looking.find(message.beginning)

    def on_image_chosen(self, message: messages.ImageChosen) -> None:
        """Another image of the ranking is under the cursor."""
        self.looking.choose(message.image_id)

    def on_tabbed_content_tab_activated(self) -> None:
        """Another tab is open, by a key or a click."""
        self.looking.refresh()

    def action_act(self, name: str) -> None:
        """Do what the registry has under a name."""
        if name != "clear":
            self._is_about_to_quit = False
        BY_ID[name].run(self, "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Over a dialogue only leaving is possible: its own keys do the rest."""
        if action == "act" and len(self.screen_stack) > 1:
            return parameters[0] in {"quit", "clear"}
        return True

    def show_turn(self, turn: Turn, seconds: float) -> None:
        """The tabs and the line at the top show what holds after a turn."""
        self.trace.show(turn, seconds)
        self.refresh_status()
        self.looking.refresh()

    def show_session(self, opened: Opened, *, resuming: bool) -> None:
        """The conversation begins anew with the turns that a session had."""
        waiting = self.conversing.waiting_entries
        first = waiting[0] if waiting else None
        self.talk.empty(but=waiting)
        self.show_ranking()
        for each in opened.turns:
            welcome.show_past(self.talk.add_turn(each.text, first), each)
        self.talk.add_note(welcome.opened(opened, resuming=resuming), before=first)

    def show_sessions(self, sessions: Sequence[SessionSummary]) -> None:
        """A list of sessions, one of which can be chosen."""
        from tui.chat.screens.sessions import SessionsScreen

        def chosen(name: str | None) -> None:
            if name is not None:
                self.archiving.resume(name)

        self.push_screen(SessionsScreen(sessions), chosen)

    def new_session(self) -> str:
        """A name for another session."""
        return self._start.new_session()

    def cancel(self) -> None:
        """Put suggestions away, or end the work under way; a list over the chat closes by itself."""
        if self.prompt.close_suggestions():
            return
        if not (self.conversing.cancel() or self.archiving.cancel()):
            self.prompt.focus()
            return
        self.set_timer(PATIENCE_S, self._end_lingering)

    def clear_or_quit(self) -> None:
        """Clear the prompt; pressed again, leave."""
        if self.prompt.text:
            self.prompt.clear()
            self._is_about_to_quit = False
        elif self._is_about_to_quit:
            self.quit()
        else:
            self._is_about_to_quit = True
            self.notify("Ctrl+C again leaves; the session is kept.", timeout=3, markup=False)
        self.prompt.focus()

    def quit(self) -> None:
        """Leave."""
        self.exit()

    def _work_changed(self) -> None:
        self.working.show(self.work.seen, self.conversing.waiting)

    def _end_lingering(self) -> None:
        """Give the process up where cancelled work holds it, unless other work is under way."""
        if self.work.lingering and not self.work.seen:
            self._start_anew("cancelled")

    def _process_died(self, report: Died) -> None:
        self.complain(welcome.died(report))
        self._start_anew("the process beside the screen ended")

    def _start_anew(self, why: str) -> None:
        self.conversing.lose(why)
        self.archiving.lose()
        self.looking.forget()
        self.work.give_up()
        self.archiving.reopen()
