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


class SparseLines:
    """A line at every tenth of a phase, but none in the first two seconds after another, and one a minute at least."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last_told = clock()
        self._tenths: dict[str, int] = {}
        self._lock = threading.Lock()

    def __call__(self, progress: Progress, /) -> None:
        """Tell of the progress if it is time to."""
        with self._lock:
            tenth = TENTHS * progress.done // progress.total if progress.total else 0
            silent_s = self._clock() - self._last_told
            moved = tenth > self._tenths.get(progress.phase, 0)
            if silent_s < QUIET_S or not (moved or silent_s >= PATIENCE_S):
                return
            self._last_told, self._tenths[progress.phase] = self._clock(), tenth
        total = "" if progress.total is None else f" of {progress.total}"
        narrate(f"{safe(progress.phase)}: {progress.done}{total}")


class BarPerPhase:
    """One bar of rich for each phase."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def __call__(self, progress: Progress, /) -> None:
        """Move the bar of the phase."""
        with self._lock:
            task = self._tasks.get(progress.phase)
            if task is None:
                task = self._tasks[progress.phase] = self._bars.add_task(safe(progress.phase), total=progress.total)
        self._bars.update(task, completed=progress.done, total=progress.total)


@contextmanager
def progress_on_stderr() -> Iterator[ProgressListener]:
    """A listener that shows progress until the block ends."""
    if not sys.stderr.isatty():
        yield SparseLines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield BarPerPhase(bars)
