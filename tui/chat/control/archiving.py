"""What is open: archives, models and sessions; and making archives."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from tui.chat.safe_text import safe_lines
from tui.text import safe

if TYPE_CHECKING:
    from tools.results import IndexReport
    from tui.chat.app import ChatApp
    from tui.chat.host.protocol import Opened, Report, Request
    from tui.chat.work import Job

_MOST_REJECTED = 5


class Archiving:
    """Opens, and says when something is open; a failure leaves what was open before."""

    def __init__(self, app: ChatApp) -> None:
        self._app = app
        self._opening: Job | None = None
        self._is_about_to_open = False
        self._making: Job | None = None

    @property
    def is_opening(self) -> bool:
        """Whether an archive is being opened, for which questions wait."""
        return self._opening is not None or self._is_about_to_open

    def expect(self) -> None:
        """Something will be opened in a moment, so questions are to wait."""
        self._is_about_to_open = True

    def open_archive(self, folder: str) -> None:
        """Open another archive, in a session of its own."""
        self._open(archive=folder, session=self._app.new_session(), resuming=False)

    def resume(self, session: str) -> None:
        """Go on with a session over its own archive."""
        self._open(archive=None, session=session)

    def change_model(self, name: str, base_url: str | None) -> None:
        """Ask another model from now on."""
        self._change(model=name, base_url=base_url)

    def change_candidates(self, count: int) -> None:
        """Have so many formulas written for a question."""
        self._change(candidates=count)

    def reopen(self) -> None:
        """Open again what was open, in a new process or after the archive has changed."""
        state = self._app.state
        if state.archive is not None:
            self._open(archive=state.archive, session=state.session, quietly=True)

    def begin(self, archive: str | None, session: str, *, resuming: bool) -> None:
        """Open what the program was started with."""
        self._open(archive=archive, session=session, resuming=resuming)

    def index(self, text: str) -> None:
        """Make an archive, or bring it up to date."""
        if self._making is not None:
            self._app.complain("an archive is being made already: Esc cancels that")
            return
        try:
            arguments = shlex.split(text)
        except ValueError as error:
            self._app.complain(f"/index: {error}")
            return
        archive = self._app.state.archive

        def request(number: int) -> Request:
            from tui.chat.host.protocol import Index

            return Index(number=number, arguments=arguments, archive=archive)

        self._making = self._app.work.begin(request, self._made, label="indexing")

    def demo(self) -> None:
        """Make the sample archive, and open it."""
        if self._making is not None:
            self._app.complain("an archive is being made already: Esc cancels that")
            return

        def request(number: int) -> Request:
            from tui.chat.host.protocol import Sample

            return Sample(number=number)

        self._making = self._app.work.begin(request, self._made, label="rendering the sample")

    def cancel(self) -> bool:
        """End the opening or the making of an archive; False where neither is under way."""
        if self._opening is not None:
            self._app.work.cancel(self._opening)
            self._opening = None
            self._app.say("Cancelled; nothing was opened.", "warning")
            return True
        if self._making is None:
            return False
        self._app.work.cancel(self._making)
        self._making = None
        self._app.say("Cancelled; the archive has what was committed before.", "warning")
        return True

    def lose(self) -> None:
        """The process is gone, and with it what was under way."""
        if self._making is not None:
            self._app.complain("indexing ended with the process; the archive has what was committed before")
        self._making = self._opening = None

    def _change(self, *, model: str | None = None, base_url: str | None = None, candidates: int | None = None) -> None:
        state = self._app.state
        before = (state.model, state.base_url, state.candidates)
        if model is not None:
            state.model, state.base_url = model, base_url
        state.candidates = candidates or state.candidates
        if state.archive is None:
            self._app.refresh_status()
            self._app.say(f"The model is {safe(state.model)}, with {state.candidates} candidate(s), from now on.")
            return
        self._open(archive=state.archive, session=state.session, before=before)

    def _open(
        self,
        *,
        archive: str | None,
        session: str,
        quietly: bool = False,
        resuming: bool = True,
        before: tuple[str, str | None, int] | None = None,
    ) -> None:
        state = self._app.state
        self._is_about_to_open = False

        def request(number: int) -> Request:
            from tui.chat.host.protocol import Open

            return Open(
                number=number,
                archive=archive,
                session=session,
                model=state.model,
                base_url=state.base_url,
                candidates=state.candidates,
                threshold=state.threshold,
                top_k=state.top_k,
            )

        def listen(report: Report) -> None:
            self._opening = None
            if report.type == "opened":
                self._opened(report, quietly=quietly or before is not None, resuming=resuming)
                if before is not None:
                    self._app.say(f"The model is {safe(state.model)}, with {state.candidates} candidate(s).")
            elif report.type == "failed":
                if before is not None:
                    state.model, state.base_url, state.candidates = before
                self._app.complain(report.message)
                self._app.trace_failure(report)
                if state.archive is None:
                    self._app.welcome()
            self._app.conversing.go_on()

        self._opening = self._app.work.begin(request, listen, label="" if quietly else "opening the archive")

    def _opened(self, opened: Opened, *, quietly: bool, resuming: bool) -> None:
        state = self._app.state
        is_other = (opened.session, opened.archive) != (state.session, state.archive)
        state.session, state.archive = opened.session, opened.archive
        state.image_count, state.entity_count = opened.size.images, opened.size.entities
        state.words = opened.words
        state.stand(opened.standing)
        state.tree = opened.tree
        self._app.prompt.words = opened.words
        if is_other:
            state.turn = state.ranked = state.looked = state.image_id = None
            state.ranked_of = 0
        self._app.looking.forget()
        if is_other and not quietly:
            self._app.show_session(opened, resuming=resuming)
        self._app.refresh_status()
        self._app.looking.refresh()

    def _made(self, report: Report) -> None:
        if report.type == "progressed":
            return
        self._making = None
        if report.type == "indexed":
            self._app.say(_told(report.report))
            state = self._app.state
            if state.archive is None or report.report.archive != state.archive:
                self.open_archive(report.report.archive)
            else:
                self.reopen()
        elif report.type == "failed":
            self._app.complain(report.message)
            self._app.trace_failure(report)


def _told(report: IndexReport) -> str:
    done = f"{report.added} added, {report.replaced} replaced, {report.unchanged} unchanged, {report.dropped} dropped"
    said = [f"{report.archive} has {report.images:,} images with {report.entities:,} objects: {done}."]
    said += [f"rejected: {each.path}: {each.reason}" for each in report.rejected[:_MOST_REJECTED]]
    if len(report.rejected) > _MOST_REJECTED:
        said.append(f"and {len(report.rejected) - _MOST_REJECTED} more were rejected")
    return safe_lines("\n".join([*said, *report.warnings]))
