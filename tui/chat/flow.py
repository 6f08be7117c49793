"""Reports on their way to the screen: many at once rather than one after the other, and never in front of a key."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from time import monotonic
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tui.chat.host.protocol import Report

PAUSE_S = 0.05
"""So long the screen stays as it is after reports were shown, so that what comes in a burst is laid out once."""
TYPING_PAUSE_S = 0.15
"""The same while somebody types, whose next key would wait while the screen is laid out."""
TYPING_S = 0.25
"""So long after a key the next one is expected: what comes meanwhile waits for its echo, or for this time."""
QUIET_S = 2.0
"""So long after the last key, and the last report, the screen has time for itself."""
_AT_ONCE = frozenset({"found"})
"""What answers a key, and is shown as one."""


class Waiting(Protocol):
    """Something that will be done later, unless it is stopped."""

    def stop(self) -> None: ...


class Screen(Protocol):
    """What draws: an app of Textual, for one."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Waiting: ...
    def call_after_refresh(self, callback: Callable[[], None]) -> bool: ...
    def batch_update(self) -> AbstractContextManager[None]: ...


class Flow:
    """Takes reports from any thread and has them shown in the order in which they came."""

    def __init__(self, app: Screen, show: Callable[[Report], None], clock: Callable[[], float] = monotonic) -> None:
        self._app = app
        self._show = show
        self._clock = clock
        self._held: deque[Report] = deque()
        self._timer: Waiting | None = None
        self._typed = self._shown = self._tidied = -1.0

    def put(self, report: Report) -> None:
        """Take a report; called from any thread, before the app is told of it."""
        self._held.append(report)

    def come(self) -> None:
        """There are reports; show them when it holds up nobody."""
        if not self._held:
            return
        now = self._clock()
        wait = TYPING_S if now - self._typed < TYPING_S else self._shown + PAUSE_S - now
        if wait <= 0 or any(each.type in _AT_ONCE for each in self._held):
            self.show()
        elif self._timer is None:
            self._timer = self._app.set_timer(wait, self.show)

    def typed(self) -> None:
        """A key was pressed: the moment after its echo is the best one, as the next key is furthest away."""
        self._typed = self._clock()
        self._app.call_after_refresh(self._echoed)

    def tidy(self) -> None:
        """Look through what was used since the last time for what is not needed any more, while nobody waits."""
        last = max(self._typed, self._shown)
        if self._tidied < last < self._clock() - QUIET_S and not self._held:
            gc.collect()
            self._tidied = self._clock()

    def _echoed(self) -> None:
        if self._clock() - self._shown >= TYPING_PAUSE_S:
            self.show()

    def show(self) -> None:
        """Show what there is, in one picture."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if not self._held:
            return
        with self._app.batch_update():
            while self._held:
                self._show(self._held.popleft())
        self._shown = self._clock()
