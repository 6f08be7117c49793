"""What anything in this process writes to stdout or stderr, caught before it breaks the screen."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LONGEST_LINE = 400
_STREAMS = (1, 2)


@contextmanager
def captured(tell: Callable[[str], None]) -> Iterator[None]:
    """Within the block the descriptors 1 and 2 lead to `tell`, line by line, called from a thread of its own.

    The screen is drawn through `sys.__stdout__` and `sys.__stderr__`, which keep the way to the terminal on
    descriptors of their own; so a library in C, too, that writes to its stderr cannot reach the terminal.
    """
    if os.name == "nt" or sys.__stdout__ is None or sys.__stderr__ is None:
        yield
        return
    before = (sys.__stdout__, sys.__stderr__)
    for stream in before:
        stream.flush()
    terminals = [os.dup(each) for each in _STREAMS]
    read_end, write_end = os.pipe()
    for each in _STREAMS:
        os.dup2(write_end, each)
    os.close(write_end)
    screens = [_text(each) for each in terminals]
    sys.__stdout__, sys.__stderr__ = screens  # type: ignore[misc]
    reader = threading.Thread(target=_read, args=(read_end, tell), name="rune-capture", daemon=True)
    reader.start()
    try:
        yield
    finally:
        for screen in screens:
            screen.flush()
        sys.__stdout__, sys.__stderr__ = before  # type: ignore[misc]
        for each, terminal in zip(_STREAMS, terminals, strict=True):
            os.dup2(terminal, each)  # closes the last writing ends of the pipe, so that the reader ends
        for screen in screens:
            screen.close()
        reader.join(1.0)


def _text(descriptor: int) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedWriter(io.FileIO(descriptor, "w")), encoding="utf-8", errors="backslashreplace")


def _read(descriptor: int, tell: Callable[[str], None]) -> None:
    with os.fdopen(descriptor, "rb") as stream:
        for line in stream:
            text = line.decode("utf-8", "replace").rstrip()[:LONGEST_LINE]
            if text:
                tell(text)
