"""The two ways to a desk: in a process of its own, as the program has it, or in this one."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from time import monotonic
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tui.chat.host.protocol import Report, Request

Receiver = Callable[["Report"], None]
"""Takes a report; called from a thread of the link."""

LONGEST_LINE = 400
_TERMINATION_S = 0.5


class Link(Protocol):
    """The way from the screen to a desk and back."""

    def open(self, receive: Receiver) -> None:
        """Begin to listen; called once."""

    def send(self, request: Request) -> None:
        """Hand a request over; returns at once."""

    def restart(self) -> None:
        """Give up what is under way, and begin with a desk that knows nothing."""

    def close(self) -> None:
        """End, whatever is under way."""


class LocalLink:
    """A desk in this process: nothing is started, and nothing can be given up."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._receive: Receiver | None = None

    def open(self, receive: Receiver) -> None:
        """Begin to listen."""
        self._receive = receive
        self.restart()

    def send(self, request: Request) -> None:
        """Hand a request over."""
        self._desk.take(request)

    def restart(self) -> None:
        """Leave the desk to itself, and take another."""
        from tui.chat.host.desk import Desk

        desk = Desk(lambda report: self._hear(desk, report), self._clock)
        self._desk = desk

    def close(self) -> None:
        """Hear no more."""
        self._receive = None

    def _hear(self, desk: object, report: Report) -> None:
        if self._receive is not None and desk is self._desk:
            self._receive(report)


class ProcessLink:
    """A desk in a process of its own, which no work here can hold up and no work there can make stutter."""

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-P", "-m", "tui.chat.host")) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def open(self, receive: Receiver) -> None:
        """Start the process."""
        self._receive = receive
        self._start()

    def send(self, request: Request) -> None:
        """Hand a request over; one that the process does not live to read is reported by its death."""
        line = request.model_dump_json().encode("utf-8", "backslashreplace") + b"\n"
        with self._lock:
            process = self._process
            if process is None or process.stdin is None:
                return
            try:
                process.stdin.write(line)
                process.stdin.flush()
            except (BrokenPipeError, OSError):
                return

    def restart(self) -> None:
        """Kill the process and start another."""
        self.close()
        self._start()

    def close(self) -> None:
        """End the process, by force where it does not end by itself."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            try:
                process.stdin.close()
            except OSError:
                process.kill()  # what it was to read is lost with it
        try:
            process.wait(_TERMINATION_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> None:
        process = subprocess.Popen(  # noqa: S603  (this interpreter, a module of this package)
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a control-C of the terminal is the screen's
        )
        with self._lock:
            self._process = process
        for target, stream in ((self._read_reports, process.stdout), (self._read_print, process.stderr)):
            threading.Thread(target=target, args=(process, stream), name="rune-link", daemon=True).start()

    def _read_reports(self, process: subprocess.Popen[bytes], stream: IO[bytes]) -> None:
        from tui.chat.host.protocol import Died, read_report

        for line in stream:
            report = read_report(line)
            if process is self._process:
                self._receive(report)
        code = process.wait()
        if process is self._process:
            self._receive(Died(exit_code=code))

    def _read_print(self, process: subprocess.Popen[bytes], stream: IO[bytes]) -> None:
        from tui.chat.host.protocol import Printed

        for line in stream:
            text = line.decode("utf-8", "replace").rstrip()[:LONGEST_LINE]
            if text and process is self._process:
                self._receive(Printed(text=text))
