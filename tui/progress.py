"""Progress on stderr: a bar on a terminal, a few lines anywhere else."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools.progress import Progress, ProgressListener
from tui.text import narrate, safe

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

TENTHS = 10


class SparseLines:
    """A line when a phase begins to move, and then at every tenth of it; work of a few steps says nothing between."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}
        self._lock = threading.Lock()

    def __call__(self, progress: Progress, /) -> None:
        """Tell of the progress if a tenth was passed."""
        if not progress.total or progress.total < TENTHS:
            return
        tenth = TENTHS * progress.done // progress.total
        with self._lock:
            if self._told.get(progress.phase, 0) >= tenth:
                return
            self._told[progress.phase] = tenth
        narrate(f"{safe(progress.phase)}: {progress.done} of {progress.total}")


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
def progress_on_stderr(*, sparse: bool = True) -> Iterator[ProgressListener]:
    """A listener that shows progress until the block ends.

    Without a terminal `sparse` lines are written, or nothing at all.
    """
    if not sys.stderr.isatty():
        from tools.progress import ignore_progress

        yield SparseLines() if sparse else ignore_progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield BarPerPhase(bars)
