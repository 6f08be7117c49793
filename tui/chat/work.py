"""The work that is under way beside the screen: requests numbered, their reports handed to whoever asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from tui.chat.pace import Pace

if TYPE_CHECKING:
    from tui.chat.host.protocol import Report, Request
    from tui.chat.links import Link

Listener = Callable[["Report"], None]
PARTIAL = frozenset({"happened", "progressed"})
"""Reports after which others of the same request come."""
PATIENCE_S = 3.0
"""So long may cancelled work go on before the process is given up."""


@dataclass
class Job:
    """One request under way; `label` is what the user sees of it, nothing for what is quick."""

    number: int
    listener: Listener
    label: str = ""
    pace: Pace = field(default_factory=Pace)
    cancelled: bool = False
    began: float = field(default_factory=monotonic)


class Work:
    """All that is under way; `changed` is called when the work that the user sees begins, goes on or ends."""

    def __init__(self, link: Link, changed: Callable[[], None]) -> None:
        self._link = link
        self._changed = changed
        self._count = 0
        self._jobs: dict[int, Job] = {}

    @property
    def seen(self) -> list[Job]:
        """The work that the user sees, oldest first."""
        return [each for each in self._jobs.values() if each.label and not each.cancelled]

    @property
    def is_busy(self) -> bool:
        """Whether anything at all is under way, quick requests as well."""
        return bool(self._jobs)

    @property
    def lingering(self) -> list[Job]:
        """What was cancelled and has not ended yet."""
        return [each for each in self._jobs.values() if each.cancelled]

    def begin(self, request_of: Callable[[int], Request], listener: Listener, *, label: str = "") -> Job:
        """Send a request; the listener is given its reports, the last one too, unless it is cancelled before."""
        self._count += 1
        job = Job(self._count, listener, label)
        self._jobs[job.number] = job
        self._link.send(request_of(job.number))
        if label:
            self._changed()
        return job

    def receive(self, report: Report) -> None:
        """Hand a report to whoever asked."""
        job = self._jobs.get(report.number)
        if job is None:
            return
        if report.type not in PARTIAL:
            del self._jobs[job.number]
        if not job.cancelled:
            _note_pace(job, report)
            job.listener(report)
        self._changed()

    def cancel(self, job: Job) -> None:
        """End a job as far as the user sees, and have the process stop as soon as it can."""
        from tui.chat.host.protocol import Stop

        job.cancelled = True
        self._count += 1
        self._link.send(Stop(number=self._count, of=job.number))
        self._changed()

    def give_up(self) -> list[Job]:
        """Begin with another process; returns what was under way and not cancelled, none of which will end."""
        lost = [each for each in self._jobs.values() if not each.cancelled]
        self._jobs.clear()
        self._link.restart()
        self._changed()
        return lost


def _note_pace(job: Job, report: Report) -> None:
    if report.type == "progressed":
        job.pace.note(report.phase, report.done, report.total, report.seconds)
    elif report.type == "happened" and report.event.type == "progress_made":
        event = report.event
        job.pace.note(event.phase, event.done, event.total, report.seconds)
