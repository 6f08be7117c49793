"""The desk: every request is worked on in a thread of its own, and ends with one report."""

import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from agent.cancelling import CancelToken, RunCancelledError
from solvers.errors import InputError, LimitError, ProviderError, RuneError
from solvers.fol.diagnostics import FormulaError
from tui.chat.host.archiving import index, render_sample
from tui.chat.host.conversing import ConversationHolder, open_conversation, take_turn
from tui.chat.host.exporting import export
from tui.chat.host.looking import find_images, look
from tui.chat.host.protocol import (
    Export,
    Failed,
    Failure,
    Find,
    Index,
    ListSessions,
    Look,
    Open,
    Report,
    Request,
    Sample,
    Say,
    SessionsListed,
    Stop,
    Stuck,
)

AGENT_THREADS = "rune-agent"
"""How the threads begin that the agent works in."""
PATIENCE_S = 3.0
"""So long may the work of a cancelled turn go on unnoticed."""


@dataclass
class Job:
    """One request under way: its number, since when, how to end it, and where to report."""

    number: int
    report: Callable[[Report], None]
    cancel: CancelToken = field(default_factory=CancelToken)
    clock: Callable[[], float] = monotonic

    def __post_init__(self) -> None:
        self._began = self.clock()

    @property
    def seconds(self) -> float:
        """How long the work has taken so far."""
        return self.clock() - self._began


class Desk:
    """Takes requests and reports; `report` is called from several threads, one at a time."""

    def __init__(self, report: Callable[[Report], None], clock: Callable[[], float] = monotonic) -> None:
        self._report = report
        self._clock = clock
        self._lock = threading.Lock()
        self._jobs: dict[int, Job] = {}
        self._holder = ConversationHolder()

    def take(self, request: Request) -> None:
        """Begin to work on a request, or end the work on another; returns at once."""
        if isinstance(request, Stop):
            with self._lock:
                job = self._jobs.get(request.of)
            if job is not None:
                job.cancel.cancel()
            return
        job = Job(request.number, self._tell, clock=self._clock)
        with self._lock:
            self._jobs[job.number] = job
        threading.Thread(target=self._work, args=(request, job), name=f"rune-{request.type}", daemon=True).start()

    def _work(self, request: Request, job: Job) -> None:
        try:
            last = self._answer(request, job)
        except (Exception, RunCancelledError) as error:  # noqa: BLE001  (all of it is told, none of it swallowed)
            last = failed(job.number, error)
        with self._lock:
            self._jobs.pop(job.number, None)
        self._tell(last)
        if isinstance(last, Failed) and last.kind == "cancelled" and isinstance(request, Say):
            self._watch_the_rest()

    def _watch_the_rest(self) -> None:
        """A turn that was cancelled is left at once; say so where its work then goes on for long."""
        deadline = monotonic() + PATIENCE_S
        for thread in threading.enumerate():
            if thread.name.startswith(AGENT_THREADS):
                thread.join(max(0.0, deadline - monotonic()))
                if thread.is_alive():
                    self._tell(Stuck())
                    return

    def _answer(self, request: Request, job: Job) -> Report:
        match request:
            case Open():
                return open_conversation(request, self._holder)
            case Say():
                return take_turn(request, job, self._holder)
            case Look():
                return look(request, self._holder)
            case Find():
                return find_images(request, self._holder)
            case Index():
                return index(request, job)
            case Sample():
                return render_sample(job)
            case Export():
                return export(request, self._holder)
            case ListSessions():
                from agent.sessions import list_sessions

                return SessionsListed(number=job.number, sessions=list_sessions())
            case Stop():
                raise RuntimeError("a stop is no work")

    def _tell(self, report: Report) -> None:
        with self._lock:
            self._report(report)


def failed(number: int, error: BaseException) -> Failed:
    """The report of a request that an error ended."""
    kind: Failure
    match error:
        case RunCancelledError():
            return Failed(number=number, kind="cancelled", message="cancelled")
        case InputError() | FormulaError():
            kind = "input"
        case ProviderError():
            kind = "provider"
        case LimitError() | RuneError():
            kind = "limit"
        case _:
            told = f"a fault in RUNE itself: {type(error).__name__}: {error}"
            return Failed(number=number, kind="fault", message=told, details="".join(traceback.format_exception(error)))
    return Failed(number=number, kind=kind, message=str(error))
