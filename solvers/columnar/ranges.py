"""Ranges of images on two threads: the one that asks and another, which kernels leave free as they hold no lock."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import pairwise
from threading import Lock

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]

THREADS = 2
ENTITIES_PER_THREAD = 10_000
"""With fewer it costs more to wake a second thread than it saves."""


class Ranges:
    """Runs kernels for ranges of images, side by side where it pays."""

    @cached_property
    def _helpers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(THREADS - 1, "columns")

    def run(self, kernel: Callable[[int, int], None], size: int, work: Sequence[Places]) -> None:
        """Call a kernel for ranges of so many images; the work grows with all of the offsets.

        What a kernel does to one image rests on no other one, so that the ranges do not matter.
        """
        total = sum(int(offsets[-1]) for offsets in work)
        if total < THREADS * ENTITIES_PER_THREAD:
            kernel(0, size)
            return
        weights = work[0] if len(work) == 1 else np.sum(work, axis=0)
        cuts = np.searchsorted(weights, np.linspace(0, total, 4 * THREADS + 1)[1:-1])
        ranges, taking = pairwise([0, *map(int, cuts), size]), Lock()

        def work_off() -> None:
            while True:
                with taking:
                    span = next(ranges, None)
                if span is None:
                    return
                kernel(*span)

        helpers = [self._helpers.submit(work_off) for _ in range(THREADS - 1)]
        try:
            work_off()
        finally:
            for helper in helpers:
                if not helper.cancel():  # one that has not begun yet would find nothing left
                    helper.result()
