"""A hard stop: work done in a process of its own, which is killed and replaced when it overruns its time.

Z3 polls its own time-outs, and some of its steps never look. The process is started when first needed and used again;
it ends with its parent, also when that is killed, is out of the way of control-C, and imports nothing of the program
that started it, so that a script needs no main guard.
"""

import atexit
import contextlib
import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import IO, ParamSpec, TypeVar, cast

from solvers.errors import LimitError

MAX_MEMORY = 2 << 30
"""Bytes of address space that the process may take, where the system can hold it to that."""
_LENGTH = 8
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from solvers.hard_stop import serve; serve()"

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class HardStopError(LimitError):
    """The work was stopped before it had an answer: out of time, or out of memory."""


def run_with_hard_stop(
    seconds: float, function: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs
) -> Answer:
    """Call a function of a module, with arguments that can be pickled, in the process that is kept for such work.

    Raises HardStopError where it takes longer, or where its process dies; what the function raises is raised here.
    """
    return _shared(os.getpid()).run(seconds, function, *args, **kwargs)


@dataclass
class Worker:
    """One process that works for this one; calls from several threads wait for each other."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _process: "subprocess.Popen[bytes] | None" = None

    def run(
        self, seconds: float, function: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs
    ) -> Answer:
        """See `run_with_hard_stop`."""
        call = pickle.dumps((function, args, kwargs))
        with self._lock:
            process = self._running()
            stopped = threading.Event()

            def stop() -> None:
                stopped.set()
                process.kill()

            overrun = threading.Timer(seconds, stop)
            overrun.daemon = True
            answered = False
            try:
                overrun.start()
                _send(process.stdin, call)
                reply = _receive(process.stdout)
                answered = True
            except (EOFError, OSError) as error:
                raise HardStopError(f"no answer within {seconds:g} s: the work was stopped") from error
            finally:  # also for control-C: a process that still works is of no more use
                overrun.cancel()
                if not answered or stopped.is_set():
                    self._end()
        value, raised = cast("tuple[Answer, BaseException | None]", pickle.loads(reply))  # noqa: S301 - our own process
        if raised is not None:
            raise raised
        return value

    @property
    def pid(self) -> int | None:
        """The process's id; None where none runs."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", _START, json.dumps(sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not sent is of no use any more
                    pipe.close()
        process.wait()


@cache
def _shared(owner: int) -> Worker:
    """The worker of one process: a forked child must not talk over its parent's pipes."""
    worker = Worker()

    def close() -> None:
        if os.getpid() == owner:
            worker.close()

    atexit.register(close)
    return worker


def serve() -> None:
    """Answer calls from standard input on standard output, until that input ends."""
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints must not come between the answers
    _hold_memory()
    arrived: list[bytes] = []
    ready = threading.Semaphore(0)

    def listen() -> None:
        """Take calls while others are worked on; the end of the input ends the process, whatever it does."""
        try:
            while True:
                arrived.append(_receive(calls))
                ready.release()
        except (EOFError, OSError):
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        ready.acquire()
        _send(answers, _answer(arrived.pop(0)))


def _answer(call: bytes) -> bytes:
    try:
        function, args, kwargs = pickle.loads(call)  # noqa: S301 - it comes from the parent
        return pickle.dumps((function(*args, **kwargs), None))
    except MemoryError:
        return pickle.dumps((None, HardStopError("no answer within the memory: the work was stopped")))
    except Exception as error:  # noqa: BLE001 - it is raised again where the call came from
        return pickle.dumps((None, error))


def _hold_memory() -> None:
    try:
        import resource
    except ImportError:  # a system without such limits
        return
    with contextlib.suppress(ValueError, OSError):  # a lower limit is in force already
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


def _send(pipe: IO[bytes] | None, message: bytes) -> None:
    if pipe is None:
        raise EOFError
    pipe.write(len(message).to_bytes(_LENGTH, "big") + message)
    pipe.flush()


def _receive(pipe: IO[bytes] | None) -> bytes:
    if pipe is None:
        raise EOFError
    length = int.from_bytes(_exactly(pipe, _LENGTH), "big")
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    read = pipe.read(count)
    if len(read) < count:
        raise EOFError
    return read
