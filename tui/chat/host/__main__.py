"""`python -m tui.chat.host`: requests on stdin, reports on what was stdout; all that is printed goes to stderr."""

import os
import sys
from typing import BinaryIO

from tui.process_memory import economise

_NICENESS = 10


def main() -> None:
    """Serve until stdin ends, which it does when the screen is gone, however it went."""
    _give_way()
    economise()
    requests, reports = _taken_over()
    # Before anything heavy is imported, which may print.
    from tui.chat.host.serve import serve

    serve(requests, reports)


def _give_way() -> None:
    """The screen and what is typed come before any work that is done here."""
    if hasattr(os, "nice"):  # not on Windows
        os.nice(_NICENESS)


def _taken_over() -> tuple[BinaryIO, BinaryIO]:
    """The two ends of the talk on descriptors of their own, out of reach of libraries and their processes."""
    requests = os.fdopen(os.dup(0), "rb")
    reports = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    return requests, reports


if __name__ == "__main__":
    main()
