"""Ending a run from outside, from any thread."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class RunCancelledError(Exception):
    """The run was cancelled; nothing that was committed before is lost."""

    def __init__(self) -> None:
        super().__init__("the run was cancelled")


class CancelToken:
    """Cancels the runs that it was given to: `cancel` may be called from any thread, more than once, at any time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._actions: dict[int, Callable[[], None]] = {}
        self._count = 0

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled

    def cancel(self) -> None:
        """End the runs as soon as they can be ended; they raise RunCancelledError."""
        with self._lock:
            self._cancelled = True
            actions = list(self._actions.values())
            self._actions.clear()
        for action in actions:
            action()

    @contextmanager
    def calling(self, action: Callable[[], None]) -> Iterator[None]:
        """While the block runs `cancel` does the action, at once where it was called before."""
        with self._lock:
            self._count += 1
            number = self._count
            if not self._cancelled:
                self._actions[number] = action
        if self._cancelled:
            action()
        try:
            yield
        finally:
            with self._lock:
                self._actions.pop(number, None)
