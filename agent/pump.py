"""A run in a thread of its own, seen from outside as an iterator of events that may be left at any time."""

import asyncio
import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event as Flag
from time import perf_counter

from agent.events import Event
from agent.request import RunRequest


class RunCancelledError(Exception):
    """Nobody watches the run any more; raised into a tool that reports its progress, to end it."""


def events_of(request: RunRequest) -> Iterator[Event]:
    """Run a request and yield its events; closing the iterator cancels the run, errors come out of it."""
    run = _Run(request)
    workers = ThreadPoolExecutor(1, "rune-agent")
    try:
        finished = workers.submit(run.work)
        finished.add_done_callback(lambda _: run.events.put(None))
        while (event := run.events.get()) is not None:
            yield event
        finished.result()
    finally:
        run.cancel()
        workers.shutdown(wait=False, cancel_futures=True)


class _Run:
    """The run as its thread sees it; None among the events says that it is over."""

    def __init__(self, request: RunRequest) -> None:
        self.events: SimpleQueue[Event | None] = SimpleQueue()
        self._request = request
        self._started = perf_counter()
        self._left = Flag()
        self._task: asyncio.Task[None] | None = None

    def work(self) -> None:
        """Run to the end in an event loop of this thread."""
        asyncio.run(self._main())

    def cancel(self) -> None:
        """End the run as soon as it can be ended; nothing happens where it is over."""
        self._left.set()
        if self._task is not None:
            # The loop may close between the question whether it runs and the call.
            with contextlib.suppress(RuntimeError):
                self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    async def _main(self) -> None:
        # langgraph and its kin take most of a second to import, so only a run that starts imports them.
        from agent.runner import execute

        self._task = asyncio.current_task()
        if not self._left.is_set():
            await execute(self._request, self._emit, self._started)

    def _emit(self, event: Event) -> None:
        if self._left.is_set():
            raise RunCancelledError
        self.events.put(event)
