"""What questions share: arrays that rest on the archive alone, kept while there is room."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Arrays = TypeVar("Arrays", bound=tuple[npt.NDArray[np.generic], ...])


class Kept:
    """Tuples of arrays by what they are, up to so many bytes; what was asked for longest ago is dropped first.

    Threads may share it: two that ask for the same at once may both make it, and get equal arrays.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._lock = Lock()
        self._arrays: dict[Hashable, tuple[npt.NDArray[np.generic], ...]] = {}
        self._bytes = 0

    def get(self, key: Hashable, make: Callable[[], Arrays]) -> Arrays:
        """What is kept under a key, made if it is not there; what would take all of the room is not kept."""
        with self._lock:
            found = self._arrays.pop(key, None)
            if found is not None:
                self._arrays[key] = found
                return found  # type: ignore[return-value]  # under a key there is what its maker makes
        made = make()
        size = _bytes_of(made)
        with self._lock:
            if key not in self._arrays and size <= self.most_bytes:
                self._arrays[key] = made
                self._bytes += size
            while self._bytes > self.most_bytes:
                self._bytes -= _bytes_of(self._arrays.pop(next(iter(self._arrays))))
        return made


def _bytes_of(arrays: tuple[npt.NDArray[np.generic], ...]) -> int:
    return sum(each.nbytes for each in arrays)
