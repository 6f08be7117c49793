"""Work in chunks over processes: results in order, nothing lost but what a single item costs its process.

A process that dies, or is not heard of for too long, is ended and replaced; the items of its chunk are tried one by
one, and one that ends its process again is given up: its result is what `lost` says.
"""

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from solvers.errors import RuneError
from solvers.limits import Tick, never
from solvers.worker_process import Kind, Message, Work, WorkerProcess

SECONDS_TO_START = 120.0
SECONDS_UNHEARD = 3.0
"""Twice and more what one check may take; a tick must come more often."""
_POLL_SECONDS = 0.05
_AHEAD = 4


class Chunk(Protocol):
    """Some items that can be cut into fewer."""

    def __len__(self) -> int: ...

    def part(self, first: int, last: int, /) -> "Chunk":
        """The items of a range."""
        ...


C = TypeVar("C", bound=Chunk)
R = TypeVar("R")
Progress = Callable[[int], None]


class WorkerError(RuneError):
    """A worker process could not be started."""


def no_progress(items: int) -> None:
    """Progress that nobody looks at."""


@dataclass
class _Job(Generic[C, R]):
    """A chunk, or one item of it, with the place of its results: the chunk's number, and the part of it."""

    number: int
    chunk: C
    part: int = 0


@dataclass
class _Pending(Generic[R]):
    """The results of one chunk as they come; it is whole where none is missing."""

    results: list[list[R] | None]

    @property
    def is_whole(self) -> bool:
        return all(each is not None for each in self.results)


@dataclass
class Workers(Generic[C, R]):
    """Processes that each make their work ready once, by `make`, and then take chunk after chunk.

    `make` is pickled by name: a function of a module, or a partial of one. `lost` is the result of an item that cannot
    be had. With one process everything happens in this one, without a hard stop. To be used in a `with`.
    """

    make: Callable[[], Work[C, Sequence[R]]]
    lost: R
    processes: int = 1
    seconds_unheard: float = SECONDS_UNHEARD
    _running: dict[int, WorkerProcess[C, Sequence[R]]] = field(default_factory=dict, init=False)
    _messages: "SimpleQueue[Message[Sequence[R]]]" = field(default_factory=SimpleQueue, init=False)
    _started: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.processes < 1:
            raise ValueError(f"{self.processes} processes cannot work; one is the least")

    def __enter__(self) -> "Workers[C, R]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._running.values():
            worker.end()
        self._running.clear()

    def map(self, chunks: Iterable[C], *, progress: Progress = no_progress, tick: Tick = never) -> Iterator[list[R]]:
        """The results of each chunk, in the order of the chunks.

        `progress` hears of the items done, `tick` may end the run by an exception; so does what `make` or the work
        raises. Whatever ends it early, leave the `with` to end the processes.
        """
        if self.processes == 1 or not sys.executable:
            yield from self._map_here(chunks, progress, tick)
        else:
            run = _Run(self, progress, tick)
            try:
                yield from run.results(iter(chunks))
            finally:
                run.abandon()

    def _map_here(self, chunks: Iterable[C], progress: Progress, tick: Tick) -> Iterator[list[R]]:
        work = self.make()
        done = 0
        for chunk in chunks:
            results = list(work(chunk, tick))
            done += len(chunk)
            progress(done)
            yield results

    def start(self) -> WorkerProcess[C, Sequence[R]]:
        """One more process."""
        self._started += 1
        worker = WorkerProcess(self._started, self.make, self._messages)
        self._running[self._started] = worker
        return worker

    def end(self, worker: WorkerProcess[C, Sequence[R]]) -> None:
        """End one process; what it may still say is not heard."""
        if self._running.pop(worker.number, None) is not None:
            worker.end()

    def hear(self) -> tuple[WorkerProcess[C, Sequence[R]], Message[Sequence[R]]] | None:
        """The next message of a running process; None where there is none for a moment."""
        try:
            message = self._messages.get(timeout=_POLL_SECONDS)
        except Empty:
            return None
        worker = self._running.get(message.worker)
        if worker is None:
            return None
        worker.last_heard = time.monotonic()
        return worker, message

    @property
    def running(self) -> list[WorkerProcess[C, Sequence[R]]]:
        """The processes there are."""
        return list(self._running.values())


class _Run(Generic[C, R]):
    """One pass over some chunks."""

    def __init__(self, workers: Workers[C, R], progress: Progress, tick: Tick) -> None:
        self._workers = workers
        self._progress = progress
        self._tick = tick
        self._waiting: deque[_Job[C, R]] = deque()
        self._at_work: dict[int, _Job[C, R]] = {}
        self._pending: dict[int, _Pending[R]] = {}
        self._done = 0

    def results(self, chunks: Iterator[C]) -> Iterator[list[R]]:
        """The results of each chunk, in order; chunks are taken from the iterator a few ahead."""
        sent = shown = 0
        more = True
        while more or shown < sent:
            while more and sent < shown + _AHEAD * self._workers.processes:
                chunk = next(chunks, None)
                if chunk is None:
                    more = False
                    break
                self._waiting.append(_Job(sent, chunk))
                self._pending[sent] = _Pending([None])
                sent += 1
            self._hand_out()
            self._listen()
            while shown < sent and self._pending[shown].is_whole:
                yield [result for part in self._pending.pop(shown).results for result in part or ()]
                shown += 1

    def abandon(self) -> None:
        """End the processes that are still at work, so that the next run finds none busy with this one."""
        for worker in self._workers.running:
            if worker.number in self._at_work:
                self._workers.end(worker)

    def _hand_out(self) -> None:
        """Give every idle process a job; start processes while there is more to do."""
        idle = [each for each in self._workers.running if each.is_ready and each.number not in self._at_work]
        for worker in idle[: len(self._waiting)]:
            job = self._waiting.popleft()
            self._at_work[worker.number] = job
            worker.order(job.chunk)
        starting = sum(not each.is_ready for each in self._workers.running)
        room = self._workers.processes - len(self._workers.running)
        for _ in range(min(room, len(self._waiting) - starting)):
            self._workers.start()

    def _listen(self) -> None:
        self._tick()
        heard = self._workers.hear()
        if heard is not None:
            self._take(*heard)
        now = time.monotonic()
        for worker in self._workers.running:
            limit = self._workers.seconds_unheard if worker.is_ready else SECONDS_TO_START
            if (worker.number in self._at_work or not worker.is_ready) and now - worker.last_heard > limit:
                self._replace(worker)

    def _take(self, worker: WorkerProcess[C, Sequence[R]], message: Message[Sequence[R]]) -> None:
        match message.kind:
            case Kind.READY:
                worker.is_ready = True
            case Kind.DONE:
                self._settle(self._at_work.pop(worker.number), list(message.result or ()))
            case Kind.FAILED:
                raise message.error or RuneError("a worker failed and did not say why")
            case Kind.DIED:
                self._replace(worker)
            case Kind.BEAT:
                pass

    def _settle(self, job: _Job[C, R], results: list[R]) -> None:
        if len(results) != len(job.chunk):
            raise RuneError(f"a worker gave {len(results)} results for {len(job.chunk)} items")
        self._pending[job.number].results[job.part] = results
        self._done += len(results)
        self._progress(self._done)

    def _replace(self, worker: WorkerProcess[C, Sequence[R]]) -> None:
        """End a process that died or is not heard of; cut its chunk, or give a single item up."""
        self._workers.end(worker)
        if not worker.is_ready:
            raise WorkerError(f"a worker process could not be started (its exit code: {worker.exit_code})")
        job = self._at_work.pop(worker.number, None)
        if job is None:
            return
        if len(job.chunk) <= 1:
            self._settle(job, [self._workers.lost] * len(job.chunk))
            return
        self._pending[job.number].results = [None] * len(job.chunk)
        singles: list[_Job[C, R]] = [
            _Job(job.number, _part(job.chunk, place), place) for place in range(len(job.chunk))
        ]
        self._waiting.extendleft(reversed(singles))


def _part(chunk: C, place: int) -> C:
    part = chunk.part(place, place + 1)
    if not isinstance(part, type(chunk)):
        raise TypeError(f"a part of {type(chunk).__name__} is {type(part).__name__}")
    return part
