"""A run in a thread of its own, seen from outside as an iterator of events that may be left at any time."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event as Flag
from time import perf_counter
from typing import Generic, TypeVar

from agent.events import Event
from agent.request import RunRequest

T = TypeVar("T")
Emit = Callable[[T], None]
Work = Callable[[Emit[T]], Coroutine[object, object, None]]


class RunCancelledError(Exception):
    """Nobody watches the run any more; raised into a tool that reports its progress, to end it."""


def events_of(request: RunRequest) -> Iterator[Event]:
    """Run a request and yield its events; closing the iterator cancels the run, errors come out of it."""
    started = perf_counter()

    async def answer(emit: Emit[Event]) -> None:
        # langgraph and its kin take most of a second to import, so only a run that starts imports them.
        from agent.runner import execute

        await execute(request, emit, started)

    yield from emitted_by(answer)


def emitted_by(work: Work[T]) -> Iterator[T]:
    """Do the work in a thread of its own and yield what it emits, as `events_of` does."""
    run = _Run(work)
    workers = ThreadPoolExecutor(1, "rune-agent")
    try:
        finished = workers.submit(run.work)
        finished.add_done_callback(lambda _: run.emitted.put(None))
        while (emission := run.emitted.get()) is not None:
            yield emission.value
        finished.result()
    finally:
        run.cancel()
        workers.shutdown(wait=False, cancel_futures=True)


class _Emission(Generic[T]):
    def __init__(self, value: T) -> None:
        self.value = value


class _Run(Generic[T]):
    """The run as its thread sees it; None among what it emits says that it is over."""

    def __init__(self, work: Work[T]) -> None:
        self.emitted: SimpleQueue[_Emission[T] | None] = SimpleQueue()
        self._work = work
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
        self._task = asyncio.current_task()
        if not self._left.is_set():
            await self._work(self._emit)

    def _emit(self, value: T) -> None:
        if self._left.is_set():
            raise RunCancelledError
        self.emitted.put(_Emission(value))
