"""The application: the panes, the keys, and the way of reports to whoever asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.containers import Horizontal
from textual.widgets import Footer, TabbedContent, TabPane

from tui.chat import messages, themes, welcome
from tui.chat.actions.registry import BY_ID, bindings
from tui.chat.control.archiving import Archiving
from tui.chat.control.conversing import Conversing
from tui.chat.control.keeping import Keeping
from tui.chat.control.looking import TABS, Looking
from tui.chat.history import History
from tui.chat.palette import RegistryProvider
from tui.chat.state import ChatState
from tui.chat.tabs.image import ImageTab
from tui.chat.tabs.logic import Logic
from tui.chat.tabs.results import Results
from tui.chat.tabs.trace import Trace
from tui.chat.tabs.why import Why
from tui.chat.widgets.prompt import Prompt
from tui.chat.widgets.status import Status
from tui.chat.widgets.suggesting import Suggesting
from tui.chat.widgets.talk import Talk
from tui.chat.widgets.working import Working
from tui.chat.work import PATIENCE_S, Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from agent.conversation.turns import Turn
    from agent.sessions import SessionSummary
    from tui.chat.host.protocol import Died, Failed, Opened, Report
    from tui.chat.links import Link
    from tui.chat.settings import Settings


@dataclass(frozen=True)
class Start:
    """What the program was started with; `session` is new unless `resuming`."""

    archive: str | None
    session: str
    new_session: Callable[[], str]
    resuming: bool = False
    history: Path | None = None
    is_still: bool = False


class ChatApp(App[None], inherit_bindings=False):
    """The terminal chat."""

    CSS_PATH = "app.tcss"
    TITLE = "RUNE"
    BINDINGS = bindings("app")
    COMMANDS = {RegistryProvider}  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "f24"  # the registry has the key

    def __init__(self, start: Start, settings: Settings, link: Link) -> None:
        super().__init__()
        self._start = start
        self._settings = settings
        self._link = link
        self.state = ChatState(
            session=start.session,
            images=settings.images,
            model=settings.model,
            base_url=settings.base_url or None,
            candidates=settings.candidates,
            threshold=settings.threshold,
            top_k=settings.top_k,
        )
        self.work = Work(link, self._work_changed)
        self.conversing, self.looking = Conversing(self), Looking(self)
        self.archiving, self.keeping = Archiving(self), Keeping(self)
        self.talk, self.status, self.working = Talk(id="talk"), Status(self.state), Working(is_still=start.is_still)
        self.suggesting = Suggesting()
        self.prompt = Prompt(History(start.history), self.suggesting)
        self.results, self.logic, self.image, self.why, self.trace = Results(), Logic(), ImageTab(), Why(), Trace()
        self._is_about_to_quit = False
        self._zoomed = 0
        for each in themes.themes():
            self.register_theme(each)

    def compose(self) -> ComposeResult:
        """The panes."""
        yield self.status
        with Horizontal(id="panes"):
            yield self.talk
            with TabbedContent(id="tabs", initial="tab-results"):
                shown = (self.results, self.logic, self.image, self.why, self.trace)
                for name, widget in zip(TABS, shown, strict=True):
                    yield TabPane(name.capitalize(), widget, id=f"tab-{name}")
        yield self.suggesting
        yield self.working
        yield self.prompt
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Take keys and colours from the settings; what is heavier comes once the prompt can be used."""
        self.theme = self._settings.theme
        self.set_keymap(dict(self._settings.keys))
        self.suggesting.display = False
        self.prompt.focus()
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        """Leave no process behind."""
        self._link.close()

    def _begin(self) -> None:
        self._link.open(self._hear)
        threading.Thread(target=self._load_protocol, name="rune-protocol", daemon=True).start()
        if self._start.archive is None and not self._start.resuming:
            self.welcome()
        else:
            self.archiving.expect()

    def _hear(self, report: Report) -> None:
        """Called by the link from a thread of its own."""
        self.post_message(messages.Reported(report))

    def _load_protocol(self) -> None:
        import_module("tui.chat.host.protocol")
        self.post_message(messages.ProtocolLoaded())

    def on_protocol_loaded(self) -> None:
        """Open what the program was started with."""
        start = self._start
        if start.archive is not None or start.resuming:
            self.archiving.begin(start.archive, start.session, resuming=start.resuming)

    def on_reported(self, message: messages.Reported) -> None:
        """A report goes to whoever asked; what a library printed and the end of the process concern all."""
        report = message.report
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

    def on_submitted(self, message: messages.Submitted) -> None:
        """Something was typed and sent."""
        self._is_about_to_quit = False
        self.conversing.take(message.text)

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

    # What the controls show by.

    @property
    def open_tab_name(self) -> str:
        """Which tab is open."""
        return self.query_one(TabbedContent).active.removeprefix("tab-")

    def open_tab(self, name: str) -> None:
        """Open a tab."""
        self.query_one(TabbedContent).active = f"tab-{name}"
        if self._zoomed == 1:
            self._show_panes(2)

    def say(self, text: str, kind: str = "info") -> None:
        """A word of the program in the conversation."""
        self.talk.add_note(text, kind)

    def complain(self, text: str) -> None:
        """What was asked for cannot be done."""
        self.say(text, "error")

    def trace_failure(self, report: Failed) -> None:
        """A fault in RUNE is kept whole in Trace."""
        for line in report.details.splitlines():
            self.trace.add_print(line)

    def welcome(self) -> None:
        """What to type where nothing is open."""
        self.say(welcome.LINES)

    def refresh_status(self) -> None:
        """The line at the top tells what has changed."""
        self.status.refresh()

    def show_ranking(self) -> None:
        """The table shows the last ranking."""
        ranked = self.state.ranked
        results = [] if ranked is None or ranked.result is None else ranked.result.results
        self.results.show(results)

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

    def show_help(self) -> None:
        """Every key and command."""
        from tui.chat.screens.help import HelpScreen

        self.push_screen(HelpScreen(self._settings.keys))

    def begin_command(self, name: str) -> None:
        """Leave a slash command in the prompt, for its argument to be typed."""
        self.prompt.text = f"/{name} "
        self.prompt.move_cursor(self.prompt.document.end)
        self.prompt.focus()

    def show_palette(self) -> None:
        """The palette of all actions."""
        self.action_command_palette()

    def change_theme(self, name: str) -> None:
        """Other colours."""
        self.theme = name
        self.show_ranking()
        self.say(f"The theme is {name}.")

    def zoom(self) -> None:
        """Both panes, then the conversation alone, then the tabs alone."""
        self._show_panes((self._zoomed + 1) % 3)

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

    def _show_panes(self, which: int) -> None:
        self._zoomed = which
        self.talk.display = which != 2
        self.query_one(TabbedContent).display = which != 1

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
