"""What the network sees in training: windows of scenes about objects of all classes, turned, mirrored and zoomed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.demo_detector.scenes import SIZE, Scenes
from tools.sample import LABELS
from tools.ultralytics_guard import import_ultralytics

# Scenes are looked at whole, at their own size.
ZOOM = (0.8, 1.1)
PLAIN_SHARE = 0.1
"""How many windows lie anywhere, not about an object."""
TURNED_SHARE = 0.5
"""How many windows are turned by any angle; all are by quarters."""
EVENNESS = 0.3
# How much more often than that windows lie about classes that are learnt late: long ones, whose ends must be right,
# most of all piers, of which some have jetties along them; and helicopters with the planes that they are taken for.
EMPHASIS: Mapping[str, float] = {
    "harbor": 12.0, "bridge": 4.0, "large_vehicle": 4.0, "helicopter": 4.0, "basketball_court": 4.0,
    "tennis_court": 3.0, "ground_track_field": 3.0, "plane": 2.0, "soccer_ball_field": 2.0,
}  # fmt: skip
# Of a window's side: the length of objects that windows are laid about.
FITTING = 0.75
GREY_SHARE = 0.12
"""How many windows have no colours, as some of the scenes."""
LEAST_SEEN = 0.35
GREY = 114


@dataclass(frozen=True, slots=True)
class Batch:
    """`images` uint8 of shape (b, side, side, 3); for every object its image, its class, and its box.

    Boxes have shape (n, 5): middle, longer and shorter side in shares of the image, angle in radians.
    """

    images: NDArray[np.uint8]
    owners: NDArray[np.int64]
    classes: NDArray[np.int64]
    boxes: NDArray[np.float32]


class Cropper:
    """Draws windows: mostly about an object whose class is drawn more evenly than the scenes have them."""

    def __init__(self, scenes: Scenes, plain_share: float = PLAIN_SHARE) -> None:
        self._scenes, self._plain_share = scenes, plain_share
        places = [(scene, place) for scene, each in enumerate(scenes.classes) for place in range(len(each))]
        self._places = np.array(places, dtype=np.int64)
        self._classes = np.concatenate(scenes.classes)
        corners = np.concatenate(scenes.corners)
        self._lengths = np.hypot(*np.moveaxis(corners - np.roll(corners, 1, axis=1), -1, 0)).max(axis=1)
        self._by_side: dict[int, tuple[NDArray[np.float64], list[NDArray[np.intp]]]] = {}

    def draw(self, rng: np.random.Generator, count: int, side: int) -> Batch:
        """`count` windows of `side` px."""
        import_ultralytics()
        from ultralytics.utils.ops import xyxyxyxy2xywhr

        images = np.empty((count, side, side, 3), dtype=np.uint8)
        owners, classes, boxes = [], [], []
        for number in range(count):
            images[number], corners, labels = self._window(rng, side)
            owners.append(np.full(len(labels), number, dtype=np.int64))
            classes.append(labels)
            if len(corners):
                box = xyxyxyxy2xywhr(np.stack(corners)).astype(np.float32)
                box[:, :4] /= side
                boxes.append(box)
        joined = np.concatenate(boxes) if boxes else np.zeros((0, 5), dtype=np.float32)
        return Batch(images, np.concatenate(owners), np.concatenate(classes), joined)

    def _fitting(self, side: int) -> tuple[NDArray[np.float64], list[NDArray[np.intp]]]:
        """Of the objects that a window of `side` px can show whole: how often each class is drawn, and where it is."""
        if side not in self._by_side:
            fits = self._lengths <= FITTING * side
            members = [np.flatnonzero((self._classes == number) & fits) for number in range(len(LABELS))]
            counts = np.array([len(each) for each in members], dtype=np.float64)
            shares = counts**EVENNESS * np.array([EMPHASIS.get(label, 1.0) for label in LABELS]) * (counts > 0)
            self._by_side[side] = shares / (shares.sum() or 1.0), members
        return self._by_side[side]

    def _window(
        self, rng: np.random.Generator, side: int
    ) -> tuple[NDArray[np.uint8], list[NDArray[np.float32]], NDArray[np.int64]]:
        import cv2

        zoom = float(np.exp(rng.uniform(*np.log(ZOOM))))
        width = side / zoom
        shares, members = self._fitting(side)
        if rng.random() < self._plain_share or not shares.any():
            scene = int(rng.integers(len(self._scenes.classes)))
            middle = rng.uniform(0, SIZE, 2)
        else:
            label = int(rng.choice(len(LABELS), p=shares))
            scene, place = self._places[rng.choice(members[label])]
            middle = self._scenes.corners[scene][place].mean(axis=0) + rng.uniform(-0.4, 0.4, 2) * width
        if width < SIZE:
            left, top = np.clip(middle - width / 2, 0, SIZE - width)
        else:
            left, top = rng.uniform(SIZE - width, 0, 2)
        angle = rng.uniform(0, 2 * np.pi) if rng.random() < TURNED_SHARE else 0.0
        turn = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        centre = np.array([left, top]) + width / 2
        # Boxes count from the outer edge of the first pixel, warpAffine from its middle.
        matrix = np.column_stack([turn, turn @ (0.5 - centre) + side / 2 - 0.5])
        image = cv2.warpAffine(
            self._scenes.pixels[scene], matrix, (side, side), flags=cv2.INTER_LINEAR, borderValue=(GREY, GREY, GREY)
        )
        corners = ((self._scenes.corners[scene] - centre) @ turn.T + side / 2).astype(np.float32)
        kept, labels = [], []
        for outline, label in zip(corners, self._scenes.classes[scene], strict=True):
            seen = _cut(outline, side)
            if seen is not None:
                kept.append(seen)
                labels.append(label)
        turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
        image = np.rot90(image, turns)
        kept = [_turn(outline, turns, side) for outline in kept]
        if mirrored:
            image = image[:, ::-1]
            kept = [np.stack([side - outline[:, 0], outline[:, 1]], axis=1) for outline in kept]
        return _tinted(image, rng), kept, np.array(labels, dtype=np.int64)


def _cut(outline: NDArray[np.float32], side: int) -> NDArray[np.float32] | None:
    """The corners of what the window shows of a box; None where that is too little to tell."""
    import cv2

    if (outline.max(axis=0) <= 0).any() or (outline.min(axis=0) >= side).any():
        return None
    if outline.min() >= 0 and outline.max() <= side:
        return outline
    frame = np.array([[0, 0], [side, 0], [side, side], [0, side]], dtype=np.float32)
    area, shown = cv2.intersectConvexConvex(outline, frame)
    if shown is None or area < LEAST_SEEN * cv2.contourArea(outline):
        return None
    return cv2.boxPoints(cv2.minAreaRect(shown.reshape(-1, 2))).astype(np.float32)


def _turn(outline: NDArray[np.float32], turns: int, side: int) -> NDArray[np.float32]:
    """A box after `turns` quarter turns of the picture as `numpy.rot90` makes them."""
    for _ in range(turns):
        outline = np.stack([outline[:, 1], side - outline[:, 0]], axis=1)
    return outline


def _tinted(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The picture a little lighter or darker, and of a slightly different cast; some without colours."""
    gain = rng.uniform(0.85, 1.15) * rng.uniform(0.96, 1.04, 3)
    if rng.random() < GREY_SHARE:
        image = np.repeat(image.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    tables = np.clip(np.arange(256)[:, None] * gain + rng.uniform(-8, 8), 0, 255).astype(np.uint8)
    return np.stack([tables[image[..., channel], channel] for channel in range(3)], axis=-1)
