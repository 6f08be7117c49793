"""Progress on stderr: a bar on a terminal, a few lines anywhere else."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools.progress import Progress, ProgressListener
from tui.text import narrate, safe

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

TENTHS = 10
QUIET_S = 2.0
PATIENCE_S = 60.0


class Pace:
    """How fast each phase gets on, from when it was first heard of."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._begun: dict[str, tuple[float, int]] = {}

    def words(self, progress: Progress) -> str:
        """The rate, the time that is left, and how many steps failed, each where there is something to say."""
        now = self._clock()
        start, before = self._begun.setdefault(progress.phase, (now, progress.done))
        done, passed = progress.done - before, now - start
        said = []
        if done > 0 and passed >= 1:
            rate = done / passed
            said.append(f"{rate:.3g} a second" if rate >= 1 else f"{60 * rate:.3g} a minute")
            if progress.total is not None and progress.total > progress.done:
                said.append(f"{_duration((progress.total - progress.done) / rate)} left")
        if progress.failed:
            said.append(f"{progress.failed:,} failed")
        return ", ".join(said)


def _duration(seconds: float) -> str:
    """A time to wait, in the unit that suits it."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{round(seconds)} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


class SparseLines:
    """A line at every tenth of a phase, but none in the first two seconds after another, and one a minute at least."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last_told = clock()
        self._tenths: dict[str, int] = {}
        self._pace = Pace(clock)
        self._lock = threading.Lock()

    def __call__(self, progress: Progress, /) -> None:
        """Tell of the progress if it is time to."""
        with self._lock:
            tenth = TENTHS * progress.done // progress.total if progress.total else 0
            silent_s = self._clock() - self._last_told
            moved = tenth > self._tenths.get(progress.phase, 0)
            words = self._pace.words(progress)
            if silent_s < QUIET_S or not (moved or silent_s >= PATIENCE_S):
                return
            self._last_told, self._tenths[progress.phase] = self._clock(), tenth
        total = "" if progress.total is None else f" of {progress.total}"
        narrate(f"{safe(progress.phase)}: {progress.done}{total}{f', {words}' if words else ''}")


class BarPerPhase:
    """One bar of rich for each phase."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._pace = Pace(time.monotonic)
        self._lock = threading.Lock()

    def __call__(self, progress: Progress, /) -> None:
        """Move the bar of the phase."""
        with self._lock:
            words = self._pace.words(progress)
            task = self._tasks.get(progress.phase)
            if task is None:
                task = self._bars.add_task(safe(progress.phase), total=progress.total, words=words)
                self._tasks[progress.phase] = task
        self._bars.update(task, completed=progress.done, total=progress.total, words=words)


@contextmanager
def progress_on_stderr() -> Iterator[ProgressListener]:
    """A listener that shows progress until the block ends."""
    if not sys.stderr.isatty():
        yield SparseLines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[words]}", markup=False),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield BarPerPhase(bars)
