"""One worker process: started afresh, told what to do by pickles on its standard input, answering on its output.

It is no fork, since threads of numba and Z3 do not survive one, and imports nothing of the caller's main module, so
that a plain script may start it.
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from queue import SimpleQueue
from typing import BinaryIO, Generic, TypeVar

from solvers.errors import RuneError
from solvers.limits import Tick

C = TypeVar("C")
R = TypeVar("R")

Work = Callable[[C, Tick], R]
"""What a worker does with a chunk; it calls the tick between its steps to show that it goes on."""

BEAT_SECONDS = 0.1
_PROGRAM = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from solvers.worker_process import serve; serve()"
)


class Kind(Enum):
    """What a worker tells."""

    READY = "ready"
    BEAT = "beat"
    DONE = "done"
    FAILED = "failed"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class Message(Generic[R]):
    """One thing that a worker tells; `result` with DONE, `error` with FAILED."""

    worker: int
    kind: Kind
    result: R | None = None
    error: BaseException | None = None


class WorkerProcess(Generic[C, R]):
    """A process and the thread that talks to it; what it tells arrives in the queue of messages."""

    def __init__(self, number: int, make: Callable[[], Work[C, R]], messages: "SimpleQueue[Message[R]]") -> None:
        self.number = number
        self.is_ready = False
        self.last_heard = time.monotonic()
        self._messages = messages
        self._orders: SimpleQueue[bytes | None] = SimpleQueue()
        self._orders.put(pickle.dumps(sys.path) + pickle.dumps(make))
        self._process = subprocess.Popen(  # noqa: S603 - this very interpreter, and a program that stands above
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._thread.start()

    def order(self, chunk: C) -> None:
        """Send a chunk; one at a time."""
        self.last_heard = time.monotonic()
        self._orders.put(pickle.dumps(chunk, protocol=pickle.HIGHEST_PROTOCOL))

    @property
    def exit_code(self) -> int | None:
        """The exit code of a process that has ended."""
        return self._process.poll()

    def end(self) -> None:
        """Stop the process at once, whatever it does, and leave nothing of it behind."""
        self._process.kill()
        self._orders.put(None)
        self._process.wait()
        self._thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue  # it was killed with an order half written

    def _talk(self) -> None:
        """Write an order, read until it is done, and again; a pipe that breaks means that the process is gone."""
        to, back = self._process.stdin, self._process.stdout
        if to is None or back is None:
            raise RuneError("a worker process was started without pipes")
        try:
            while (order := self._orders.get()) is not None:
                to.write(order)
                to.flush()
                while self._tell(*pickle.load(back)):  # noqa: S301 - from the process that was started here
                    pass
        except (EOFError, OSError, pickle.UnpicklingError):
            self._messages.put(Message(self.number, Kind.DIED))

    def _tell(self, kind: Kind, content: R | BaseException | None) -> bool:
        """Pass a message on; the answer is whether more belong to the same order."""
        if isinstance(content, BaseException):
            self._messages.put(Message(self.number, kind, error=content))
        else:
            self._messages.put(Message(self.number, kind, content))
        return kind is Kind.BEAT


def serve() -> None:
    """The worker's side: make the work ready once, then do chunk after chunk until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears control-C, and ends its workers
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    try:
        work = _made(answers)
        while work is not None:
            chunk = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
            _send(answers, *_answer(work, chunk, _Beat(answers)))
    except (EOFError, BrokenPipeError):
        return


def _made(answers: BinaryIO) -> Work[object, object] | None:
    """The work, made ready; None, and the reason told, where that fails."""
    try:
        work: Work[object, object] = pickle.load(sys.stdin.buffer)()  # noqa: S301 - from the process that started this one
    except EOFError:
        raise
    except Exception as error:  # noqa: BLE001 - the parent raises it again
        _send(answers, Kind.FAILED, error)
        return None
    _send(answers, Kind.READY, None)
    return work


def _answer(work: Work[C, R], chunk: C, beat: Tick) -> tuple[Kind, R | BaseException]:
    try:
        return Kind.DONE, work(chunk, beat)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the parent raises it again
        return Kind.FAILED, error


def _send(answers: BinaryIO, kind: Kind, content: object) -> None:
    try:
        message = pickle.dumps((kind, content), protocol=pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError):
        message = pickle.dumps((Kind.FAILED, RuneError(f"a worker's answer cannot be sent: {content!r}")))
    answers.write(message)
    answers.flush()


class _Beat:
    """A tick that now and then tells the parent that the work goes on."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._last = time.monotonic()

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._last >= BEAT_SECONDS:
            self._last = now
            _send(self._answers, Kind.BEAT, None)
