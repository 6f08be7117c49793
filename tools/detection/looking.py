"""The network at work: tiles of many images in batches, answered image by image."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from solvers.errors import InputError
from tools.detection.merging import TileBoxes
from tools.detection.reading import Look, Reading, read_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tools.detection.boxes import Box
    from tools.detection.tiling import Tiling
    from tools.detection.yolo import Network

LOOKS_AHEAD = 4
"""So many tiles of an image, or two batches of them, are read ahead."""


@dataclass(frozen=True, slots=True)
class LookSettings:
    """How images are looked at; see `tools.detector.Detector`."""

    tiling: Tiling
    image_size: int
    batch: int
    confidence_floor: float


@dataclass(slots=True)
class Seen:
    """What was found in an image, by tile, in pixels of the image; `error` where it cannot be read."""

    path: Path
    width: int = 0
    height: int = 0
    found: list[TileBoxes] = field(default_factory=list)
    error: InputError | None = None
    expected: int | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every look at it was answered."""
        return len(self.found) == self.expected


def look_ahead(network: Network, paths: Sequence[Path], settings: LookSettings) -> Iterator[Seen]:
    """The images in order, each as soon as all of it was looked at.

    Tiles of one shape share a batch, also those of different images; on a CPU a batch is one tile.
    """
    room = max(LOOKS_AHEAD, 2 * settings.batch)
    waiting: deque[Seen] = deque()
    batch = _Batch(network, settings)
    readings = read_ahead(paths, settings.tiling, room)
    try:
        for reading in readings:
            seen = Seen(reading.path)
            waiting.append(seen)
            yield from _look_at(reading, seen, batch, waiting)
        batch.ask()
        yield from _finished(waiting)
    finally:
        readings.close()


def _look_at(reading: Reading, seen: Seen, batch: _Batch, waiting: deque[Seen]) -> Iterator[Seen]:
    looks = 0
    try:
        seen.width, seen.height = reading.size()
        for look in reading.looks():
            looks += 1
            batch.add(seen, look)
            yield from _finished(waiting)
    except InputError as error:
        batch.forget(seen)
        seen.error, seen.found, looks = error, [], 0
    seen.expected = looks
    yield from _finished(waiting)


def _finished(waiting: deque[Seen]) -> Iterator[Seen]:
    while waiting and waiting[0].is_complete:
        yield waiting.popleft()


class _Batch:
    """Looks that wait for the network until there are enough of them, or one of another shape comes."""

    def __init__(self, network: Network, settings: LookSettings) -> None:
        self._network = network
        self._settings = settings
        self._waiting: list[tuple[Seen, Look]] = []

    def add(self, seen: Seen, look: Look) -> None:
        if self._waiting and self._waiting[0][1].pixels.shape != look.pixels.shape:
            self.ask()
        self._waiting.append((seen, look))
        if len(self._waiting) == self._settings.batch:
            self.ask()

    def forget(self, seen: Seen) -> None:
        self._waiting = [each for each in self._waiting if each[0] is not seen]

    def ask(self) -> None:
        if not self._waiting:
            return
        asked, self._waiting = self._waiting, []
        pixels = [look.pixels for _, look in asked]
        answers = self._network.find(pixels, self._settings.confidence_floor, self._settings.image_size)
        for (seen, look), boxes in zip(asked, answers, strict=True):
            seen.found.append(_in_image(look, boxes, self._settings.tiling.overlap))


def _in_image(look: Look, boxes: Sequence[Box], overlap: int) -> TileBoxes:
    """The boxes in pixels of the image; of a coarse look those that no tile can be counted on to show whole."""
    tile = look.tile
    if not look.coarse:
        moved = [box.moved(tile.left, tile.top) for box in boxes] if tile.left or tile.top else boxes
        return TileBoxes(tile, moved)
    height, width = look.pixels.shape[:2]
    scaled = [box.scaled(tile.width / width, tile.height / height) for box in boxes]
    return TileBoxes(tile, [box for box in scaled if _extent(box) > overlap], coarse=True)


def _extent(box: Box) -> float:
    across, down = [x for x, _ in box.polygon], [y for _, y in box.polygon]
    return max(max(across) - min(across), max(down) - min(down))
