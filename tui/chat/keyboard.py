"""The keys of a program that is still loading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def keys_held(descriptor: int) -> Iterator[None]:
    """Within the block the terminal keeps what is typed as it was typed, and shows none of it.

    It would else make another key of Enter, and show the text in the shell. Control-C still interrupts.
    """
    try:
        import termios
    except ImportError:  # not here: the terminal of Windows does neither
        yield
        return
    before = termios.tcgetattr(descriptor)
    held = termios.tcgetattr(descriptor)
    held[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR)
    held[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(descriptor, termios.TCSANOW, held)
    try:
        yield
    finally:
        with suppress(termios.error):  # the terminal may be gone
            termios.tcsetattr(descriptor, termios.TCSANOW, before)
