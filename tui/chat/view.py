"""What is on the screen: the panes, and what the rest of the chat shows by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.app import App
from textual.command import CommandPalette
from textual.containers import Horizontal
from textual.widgets import Footer, TabbedContent, TabPane

from tui.chat import messages, themes, welcome
from tui.chat.actions.registry import bindings, keys_of
from tui.chat.capture import LONGEST_LINE
from tui.chat.control.looking import TABS
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

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.chat.host.protocol import Failed
    from tui.chat.settings import Settings
    from tui.chat.start import Start


class ChatView(App[None], inherit_bindings=False):
    """The panes of the chat; nothing here asks for work."""

    CSS_PATH = "app.tcss"
    TITLE = "RUNE"
    BINDINGS = bindings("app")
    COMMANDS = {RegistryProvider}  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = False  # its binding has no id; the registry has one

    def __init__(self, start: Start, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.state = ChatState(
            session=start.session,
            images=settings.images,
            model=settings.model,
            base_url=settings.base_url or None,
            candidates=settings.candidates,
            threshold=settings.threshold,
            top_k=settings.top_k,
        )
        self.talk, self.status, self.working = Talk(id="talk"), Status(self.state), Working(is_still=start.is_still)
        self.suggesting = Suggesting()
        self.prompt = Prompt(keys_of("prompt", settings.keys), History(start.history), self.suggesting)
        self.results, self.logic = Results(), Logic(keys_of("logic", settings.keys))
        self.image, self.why, self.trace = ImageTab(), Why(), Trace()
        self._zoomed = 0
        self._take_theme(settings.theme)

    def _take_theme(self, name: str) -> None:
        """The colours before the first picture; a theme that were set later would have all styles made twice."""
        for each in themes.themes():
            self.register_theme(each)
        self.set_reactive(ChatView.theme, name)
        self.stylesheet.set_variables(self.get_css_variables())
        self.set_class(self.current_theme.dark, "-dark-mode", update=False)
        self.set_class(not self.current_theme.dark, "-light-mode", update=False)

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

    def on_printed(self, message: messages.Printed) -> None:
        """What was written is in Trace, and nowhere on the screen."""
        self.trace.add_print(message.text)

    def on_print(self, event: events.Print) -> None:
        """The same of what Python wrote, such as a warning."""
        for line in event.text.splitlines():
            if line.strip():
                self.trace.add_print(line[:LONGEST_LINE])

    def hear_print(self, text: str) -> None:
        """Called from another thread with a line that something in this process wrote."""
        self.post_message(messages.Printed(text))

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
        self.push_screen(CommandPalette())

    def change_theme(self, name: str) -> None:
        """Other colours."""
        self.theme = name
        self.show_ranking()
        self.say(f"The theme is {name}.")

    def zoom(self) -> None:
        """Both panes, then the conversation alone, then the tabs alone."""
        self._show_panes((self._zoomed + 1) % 3)

    def _show_panes(self, which: int) -> None:
        self._zoomed = which
        self.talk.display = which != 2
        self.talk.set_class(which == 1, "-alone")
        self.query_one(TabbedContent).display = which != 1
