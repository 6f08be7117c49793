"""What becomes of a broken annotation: it ends the run, or is left out and counted."""

from collections.abc import Callable

from solvers.errors import InputError

FaultHandler = Callable[[InputError], None]
"""Told of each broken annotation; where it returns, the reader leaves the annotation out and goes on."""


def raise_fault(fault: InputError) -> None:
    """End the run."""
    raise fault


class SkippedFaults:
    """Counts the broken annotations that a run leaves out, each once however often its file is read."""

    def __init__(self) -> None:
        self._messages: dict[str, None] = {}

    def __call__(self, fault: InputError) -> None:
        """Note one."""
        self._messages.setdefault(str(fault))

    @property
    def messages(self) -> tuple[str, ...]:
        """What was wrong and where, in the order of reading."""
        return tuple(self._messages)
