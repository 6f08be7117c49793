"""A run seen from outside as an iterator of events that may be left at any time.

Without an event loop of the caller's own it has one in a thread of its own; with one it is a task of it.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from queue import SimpleQueue
from threading import Event as Flag
from time import perf_counter
from typing import Generic, TypeVar

from agent.cancelling import CancelToken, RunCancelledError
from agent.events import Event
from agent.request import RunRequest

T = TypeVar("T")
Emit = Callable[[T], None]
Work = Callable[[Emit[T]], Coroutine[object, object, None]]


def events_of(request: RunRequest, cancel: CancelToken | None = None) -> Iterator[Event]:
    """Run a request and yield its events; closing the iterator cancels the run, errors come out of it.

    Raises RunCancelledError where `cancel` was called before the end; nothing comes after that.
    """
    yield from emitted_by(_answering(request), cancel)


async def aevents_of(request: RunRequest, cancel: CancelToken | None = None) -> AsyncGenerator[Event, None]:
    """Do as `events_of` does, in the caller's event loop; cancelling the task that reads cancels the run."""
    # langgraph and its kin take most of a second to import, for which no event loop should stand still.
    await asyncio.to_thread(import_module, "agent.runner")
    loop = asyncio.get_running_loop()
    emitted: asyncio.Queue[Event | None] = asyncio.Queue()
    left = Flag()

    def emit(event: Event) -> None:
        if left.is_set():
            raise RunCancelledError
        loop.call_soon_threadsafe(emitted.put_nowait, event)

    task = asyncio.create_task(_answering(request)(emit))
    # By way of the loop, so that it comes after what was emitted before.
    task.add_done_callback(lambda _: loop.call_soon(emitted.put_nowait, None))
    token = cancel or CancelToken()
    try:
        with token.calling(lambda: _cancel(task)):
            while (event := await emitted.get()) is not None and not token.cancelled:
                yield event
            if token.cancelled:
                raise RunCancelledError
            await task
    finally:
        left.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def emitted_by(work: Work[T], cancel: CancelToken | None = None) -> Iterator[T]:
    """Do the work in a thread of its own and yield what it emits, as `events_of` does."""
    run = _Run(work)
    token = cancel or CancelToken()
    workers = ThreadPoolExecutor(1, "rune-agent")
    try:
        with token.calling(run.stop):
            finished = workers.submit(run.work)
            finished.add_done_callback(lambda _: run.emitted.put(None))
            while (emission := run.emitted.get()) is not None and not run.stopped:
                yield emission.value
            if run.stopped:
                raise RunCancelledError
            finished.result()
    finally:
        run.cancel()
        workers.shutdown(wait=False, cancel_futures=True)


def _answering(request: RunRequest) -> Work[Event]:
    started = perf_counter()

    async def answer(emit: Emit[Event]) -> None:
        from agent.runner import execute

        await execute(request, emit, started)

    return answer


def _cancel(task: asyncio.Task[None]) -> None:
    """Cancel a task of another thread's loop."""
    # The loop may close between the question whether it runs and the call.
    with contextlib.suppress(RuntimeError):
        task.get_loop().call_soon_threadsafe(task.cancel)


class _Emission(Generic[T]):
    def __init__(self, value: T) -> None:
        self.value = value


class _Run(Generic[T]):
    """The run as its thread sees it; None among what it emits says that it is over."""

    def __init__(self, work: Work[T]) -> None:
        self.emitted: SimpleQueue[_Emission[T] | None] = SimpleQueue()
        self.stopped = False
        self._work = work
        self._left = Flag()
        self._task: asyncio.Task[None] | None = None

    def work(self) -> None:
        """Run to the end in an event loop of this thread."""
        asyncio.run(self._main())

    def stop(self) -> None:
        """Cancel, and let whoever reads go at once: a tool may take a while until it notices."""
        self.stopped = True
        self.cancel()
        self.emitted.put(None)

    def cancel(self) -> None:
        """End the run as soon as it can be ended; nothing happens where it is over."""
        self._left.set()
        if self._task is not None:
            _cancel(self._task)

    async def _main(self) -> None:
        self._task = asyncio.current_task()
        if not self._left.is_set():
            await self._work(self._emit)

    def _emit(self, value: T) -> None:
        if self._left.is_set():
            raise RunCancelledError
        self.emitted.put(_Emission(value))
