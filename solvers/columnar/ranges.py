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
JOINED_PER_THREAD = 5_000
"""The same for what looks at pairs of entities."""
PIECES = 4 * THREADS
SAMPLES = 512
"""Cuts come at one of so many images: to look at the offsets of all would cost as much as some kernels do."""


class Ranges:
    """Runs kernels for ranges of images, side by side where it pays."""

    @cached_property
    def _helpers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(THREADS - 1, "columns")

    def run(
        self, kernel: Callable[[int, int], None], size: int, work: Sequence[Places], *, joins: bool = False
    ) -> None:
        """Call a kernel, which may join entities, for ranges of so many images; the work grows with all of the offsets.

        What a kernel does to one image rests on no other one, so that the ranges do not matter.
        """
        total = sum(int(offsets[-1]) for offsets in work)
        if total < THREADS * (JOINED_PER_THREAD if joins else ENTITIES_PER_THREAD):
            kernel(0, size)
            return
        ranges, taking = pairwise(_even_cuts(work, size, total)), Lock()

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


def _even_cuts(work: Sequence[Places], size: int, total: int) -> list[int]:
    """Where ranges of about as much work each begin and end."""
    at = np.linspace(0, size, min(SAMPLES, size) + 1).astype(np.int64)
    weights = np.sum([offsets[at] for offsets in work], axis=0)
    inner = at[np.searchsorted(weights, np.linspace(0, total, PIECES + 1)[1:-1])]
    return [0, *inner.tolist(), size]
