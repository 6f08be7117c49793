"""The chosen image: judged and drawn when a tab that shows it is open, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.chat.pictures import drawing_mode

if TYPE_CHECKING:
    from tui.chat.app import ChatApp
    from tui.chat.host.protocol import Report, Request
    from tui.chat.work import Job

TABS = ("results", "logic", "image", "why", "trace")
_JUDGED = frozenset({"logic", "image", "why"})
_SETTLE_S = 0.12
"""So long an image stays under the cursor before it is judged; who runs through the table waits for none."""


class Looking:
    """What the tabs at the right show of one image."""

    def __init__(self, app: ChatApp) -> None:
        self._app = app
        self._job: Job | None = None
        self._wanted: tuple[str, bool] | None = None
        self._error: str | None = None

    @property
    def is_asking(self) -> bool:
        """Whether an image will be asked about, or is."""
        return self._wanted is not None

    def choose(self, image_id: str) -> None:
        """Another image is looked at."""
        state = self._app.state
        if image_id != state.image_id:
            state.image_id, state.looked = image_id, None
        self._error = None
        self.refresh()

    def show(self, tab: str) -> None:
        """Open a tab."""
        self._app.open_tab(tab)
        self.refresh()

    def draw_as(self, mode: str) -> None:
        """Draw pictures in another way."""
        self._app.state.images = mode
        chosen = drawing_mode(mode)
        self._app.say(f"Pictures are drawn as {mode}{f', here {chosen}' if chosen != mode else ''}.")
        self.refresh()

    def refresh(self) -> None:
        """Show what is known, and ask for what the open tab needs beside."""
        app, state = self._app, self._app.state
        tab = app.open_tab_name
        waiting = state.image_id if state.formula is not None else None
        if tab == "why":
            app.why.show(state.looked, waiting, self._error)
        elif tab == "image":
            drawn = state.looked if state.looked is not None and _has_picture(state.looked) else None
            if self._error is not None:
                app.image.show(None, None, state.images)
                app.why.show(None, None, self._error)
            else:
                app.image.show(drawn, waiting, state.images)
        elif tab == "logic":
            app.logic.show(state)
        wanted = self._needed(tab)
        if wanted is not None and wanted != self._wanted and self._error is None:
            self._wanted = wanted
            app.set_timer(_SETTLE_S, lambda: self._ask(wanted))

    def forget(self) -> None:
        """What was asked for will not come, or is no longer wanted."""
        self._job, self._wanted, self._error = None, None, None

    def find(self, beginning: str) -> None:
        """Have images suggested."""
        if self._app.state.archive is None:
            return

        def request(number: int) -> Request:
            from tui.chat.host.protocol import Find

            return Find(number=number, text=beginning)

        def listen(report: Report) -> None:
            if report.type == "found":
                self._app.prompt.offer_images(report.text, report.image_ids)

        self._app.work.begin(request, listen)

    def _needed(self, tab: str) -> tuple[str, bool] | None:
        state = self._app.state
        if tab not in _JUDGED or state.image_id is None or state.formula is None:
            return None
        needs_picture = tab == "image"
        known = state.looked
        if known is not None and (not needs_picture or _has_picture(known)):
            return None
        return state.image_id, needs_picture

    def _ask(self, wanted: tuple[str, bool]) -> None:
        if wanted != self._wanted or self._needed(self._app.open_tab_name) != wanted:
            if wanted == self._wanted:
                self._wanted = None
            return
        image_id, picture = wanted

        def request(number: int) -> Request:
            from tui.chat.host.protocol import Look

            return Look(number=number, image_id=image_id, picture=picture)

        def listen(report: Report) -> None:
            if self._wanted == wanted:
                self._wanted = None
            if self._app.state.image_id != image_id:
                self.refresh()
                return
            if report.type == "looked":
                self._app.state.image_id = report.image_id
                self._app.state.looked = report
            elif report.type == "failed":
                self._error = report.message
                self._app.trace_failure(report)
            self.refresh()

        self._job = self._app.work.begin(request, listen)


def _has_picture(looked: object) -> bool:
    return getattr(looked, "picture", None) is not None or getattr(looked, "no_picture", None) is not None
