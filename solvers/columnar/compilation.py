"""Whether machine code is just being made, for which the first questions after an installation wait."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from numba.core.event import Listener, install_listener

_COMPILING = "numba:compile"


class _Count(Listener):  # type: ignore[misc]
    """Counts what begins to be compiled; what is kept on disk is loaded and does not count."""

    def __init__(self, told: Callable[[int], None]) -> None:
        self._told = told
        self._count = 0

    def on_start(self, event: object) -> None:
        self._count += 1
        self._told(self._count)

    def on_end(self, event: object) -> None:
        pass


@contextmanager
def compilation_told(told: Callable[[int], None]) -> Iterator[None]:
    """Within the block `told` is called, from whichever thread, with the number of every kernel that is compiled.

    Kernels that other threads of the process compile meanwhile count too.
    """
    with install_listener(_COMPILING, _Count(told)):
        yield
