"""Images read and cut in threads, so many ahead of the network that it never waits for pixels."""

from __future__ import annotations

import os
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING

from solvers.errors import InputError
from tools.detection.pictures import Picture, open_picture
from tools.detection.tiling import Tile, Tiling

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

MOST_THREADS = 4
_PATIENCE_S = 0.1


@dataclass(frozen=True, slots=True)
class Look:
    """A tile with its pixels, shape (height, width, 3); `coarse` where the whole image was scaled down to a tile."""

    tile: Tile
    pixels: NDArray[np.uint8]
    coarse: bool = False


def looks_at(picture: Picture, tiling: Tiling) -> Iterator[Look]:
    """The tiles of an image, row by row, and at last the whole of it scaled down; each row of pixels is read once."""
    import numpy as np

    width, height = picture.width, picture.height
    if tiling.is_whole(width, height):
        yield Look(Tile(0, 0, width, height), picture.rows(0, height))
        return
    overview = _Overview(width, height, tiling.tile) if tiling.overview else None
    held, held_top = picture.rows(0, 0), 0
    for row in tiling.rows(width, height):
        top, bottom = row[0].top, row[0].top + row[0].height
        held_bottom = held_top + len(held)
        fresh = picture.rows(held_bottom, bottom - held_bottom)
        held, held_top = np.concatenate([held[top - held_top :], fresh]), top
        if overview is not None:
            overview.add(fresh, held_bottom)
        for tile in row:
            yield Look(tile, np.ascontiguousarray(held[:, tile.left : tile.left + tile.width]))
    if overview is not None:
        yield Look(Tile(0, 0, width, height), overview.pixels, coarse=True)


class _Overview:
    """The whole image scaled down to the side of a tile, made strip by strip."""

    def __init__(self, width: int, height: int, side: int) -> None:
        import numpy as np

        self._share = side / max(width, height)
        self._height = height
        self.pixels = np.zeros((max(1, round(height * self._share)), max(1, round(width * self._share)), 3), np.uint8)

    def add(self, rows: NDArray[np.uint8], top: int) -> None:
        """The next rows of the image, the first of which is its row `top`."""
        import cv2

        first, last = round(top * self._share), round((top + len(rows)) * self._share)
        last = len(self.pixels) if top + len(rows) >= self._height else min(last, len(self.pixels))
        if last > first:
            size = (self.pixels.shape[1], last - first)
            self.pixels[first:last] = cv2.resize(rows, size, interpolation=cv2.INTER_AREA)


class Reading:
    """An image that a thread reads: its size, and its looks as they come. InputError where it cannot be read."""

    def __init__(self, path: Path, stop: threading.Event, room: int) -> None:
        self.path = path
        self._stop = stop
        self._queue: Queue[tuple[int, int] | Look | Exception | None] = Queue(room)

    def size(self) -> tuple[int, int]:
        """Width and height in pixels; to be asked for first."""
        found = self._next()
        if not isinstance(found, tuple):
            raise TypeError("the size of an image comes first")
        return found

    def looks(self) -> Iterator[Look]:
        """The looks at the image, once."""
        while isinstance(found := self._next(), Look):
            yield found

    def _next(self) -> tuple[int, int] | Look | None:
        while True:
            try:
                found = self._queue.get(timeout=_PATIENCE_S)
            except Empty:
                if self._stop.is_set():
                    raise InputError(f"the reading of {self.path} was stopped") from None
                continue
            if isinstance(found, Exception):
                raise found
            return found

    def read(self, tiling: Tiling) -> None:
        """Read the image; to be called in the thread that reads."""
        if self._stop.is_set():
            return
        try:
            with open_picture(self.path) as picture:
                self._hand_over((picture.width, picture.height))
                for look in looks_at(picture, tiling):
                    self._hand_over(look)
            self._hand_over(None)
        except _StoppedError:
            return
        except Exception as error:  # noqa: BLE001 - it is raised where the image is asked for
            self._hand_over(error)

    def _hand_over(self, found: tuple[int, int] | Look | Exception | None) -> None:
        while not self._stop.is_set():
            try:
                self._queue.put(found, timeout=_PATIENCE_S)
            except Full:
                continue
            return
        if not isinstance(found, Exception):
            raise _StoppedError


class _StoppedError(Exception):
    """Nobody waits for the image any more."""


def read_ahead(paths: Sequence[Path], tiling: Tiling, room: int) -> Generator[Reading, None, None]:
    """The images in order; while one is looked at the next are read, of each at most `room` looks ahead.

    The threads end when the iterator is closed.
    """
    threads = min(MOST_THREADS, os.cpu_count() or 1, len(paths))
    stop = threading.Event()
    jobs: Queue[Reading | None] = Queue()
    for _ in range(threads):
        threading.Thread(target=_work, args=(jobs, tiling), name="rune-reading", daemon=True).start()
    waiting: deque[Reading] = deque()
    try:
        for path in paths:
            reading = Reading(path, stop, room)
            jobs.put(reading)
            waiting.append(reading)
            if len(waiting) > threads:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    finally:
        stop.set()
        for _ in range(threads):
            jobs.put(None)


def _work(jobs: Queue[Reading | None], tiling: Tiling) -> None:
    while (reading := jobs.get()) is not None:
        reading.read(tiling)
