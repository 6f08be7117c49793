"""Merging what overlapping tiles show: RUNE beside sahi and supervision, on the same detections of a known scene.

    python bench/tile_merging.py

Peers that are not installed are left out: `pip install sahi supervision` into an environment of their own.
"""

import importlib.util
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from tools.detection.boxes import Box
from tools.detection.merging import TileBoxes, merge
from tools.detection.tiling import Tiling

SIDE = 4000
SEED = 0
GOOD = 0.7
Object = tuple[int, shapely.Polygon]
Merger = Callable[[Sequence[TileBoxes]], list[Box]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of the true objects how many came out once and whole, how well, how many results are left over, CPU seconds."""

    whole: int
    mean_iou: float
    extra: int
    seconds: float


def rectangle(x: float, y: float, length: float, width: float, degrees: float) -> shapely.Polygon:
    """A turned box."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    ends = [(-length, -width), (length, -width), (length, width), (-length, width)]
    return shapely.Polygon([(x + (a * cosine - b * sine) / 2, y + (a * sine + b * cosine) / 2) for a, b in ends])


def scenes() -> dict[str, list[Object]]:
    """Cars parked side by side at a slant, objects of many sizes, and objects longer than the overlap."""
    rng = np.random.default_rng(SEED)
    rows = [(x, y) for x in range(100, SIDE - 100, 24) for y in range(100, SIDE - 100, 400)]
    spread = [(x, y) for x in range(200, SIDE - 200, 190) for y in range(200, SIDE - 200, 190)]
    apart = [(x, y) for x in range(400, SIDE - 400, 620) for y in range(400, SIDE - 400, 200)]
    mixed = [
        (int(rng.integers(0, 5)), rectangle(x, y, rng.uniform(20, 120), rng.uniform(15, 60), rng.uniform(0, 180)))
        for x, y in spread
    ]
    return {
        "parked at a slant": [(0, rectangle(x, y, 40, 18, 65)) for x, y in rows],
        "many sizes": mixed,
        "longer than the overlap": [(1, rectangle(x, y, rng.uniform(300, 520), 60, 0)) for x, y in apart],
    }


def look(objects: Sequence[Object], tiling: Tiling) -> list[TileBoxes]:
    """What a perfect network shows of each tile: the box about what lies in it, a pixel off, more or less sure."""
    rng = np.random.default_rng(SEED)
    polygons = np.array([polygon for _, polygon in objects])
    areas, tree = shapely.area(polygons), shapely.STRtree(polygons)
    found = []
    for tile in (tile for row in tiling.rows(SIDE, SIDE) for tile in row):
        frame = shapely.box(tile.left, tile.top, tile.left + tile.width, tile.top + tile.height)
        boxes = []
        for at in sorted(tree.query(frame, predicate="intersects").tolist()):
            seen = shapely.intersection(polygons[at], frame)
            if seen.area < 0.2 * areas[at]:
                continue
            ring = shapely.get_coordinates(shapely.minimum_rotated_rectangle(seen))[:-1] + rng.uniform(-1, 1, 2)
            corners = tuple((float(x), float(y)) for x, y in ring)
            boxes.append(Box(objects[at][0], float(rng.uniform(0.3, 1)), corners))
        found.append(TileBoxes(tile, boxes))
    return found


def judge(objects: Sequence[Object], merger: Merger, found: Sequence[TileBoxes]) -> Outcome:
    """How a merger does."""
    start = time.process_time()
    merged = merger(found)
    seconds = time.process_time() - start
    polygons = shapely.make_valid(np.array([shapely.Polygon(box.polygon) for box in merged]))
    tree, whole, used, overlaps = shapely.STRtree(polygons), 0, 0, [0.0]
    for label, truth in objects:
        alike = [
            at
            for at in tree.query(truth, predicate="intersects").tolist()
            if merged[at].class_number == label and _iou(polygons[at], truth) >= GOOD
        ]
        whole += len(alike) == 1
        used += min(len(alike), 1)
        overlaps += [_iou(polygons[at], truth) for at in alike]
    return Outcome(whole, sum(overlaps) / max(1, len(overlaps) - 1), len(merged) - used, seconds)


def _iou(one: shapely.Geometry, other: shapely.Geometry) -> float:
    shared = float(one.intersection(other).area)
    return shared / (one.area + other.area - shared)


def _rune(found: Sequence[TileBoxes]) -> list[Box]:
    return merge(found, SIDE, SIDE)


def _supervision(metric: str) -> Merger:
    import supervision

    def merger(found: Sequence[TileBoxes]) -> list[Box]:
        boxes = [box for each in found for box in each.boxes]
        corners = np.array([box.polygon for box in boxes])
        detections = supervision.Detections(
            xyxy=np.hstack([corners.min(axis=1), corners.max(axis=1)]),
            confidence=np.array([box.confidence for box in boxes]),
            class_id=np.array([box.class_number for box in boxes]),
            data={"xyxyxyxy": corners, "at": np.arange(len(boxes))},
        )
        kept = detections.with_nms(0.5, overlap_metric=supervision.detection.utils.iou_and_nms.OverlapMetric(metric))
        return [boxes[at] for at in kept.data["at"]]

    return merger


def _sahi(metric: str) -> Merger:
    from sahi.postprocess.combine import GreedyNMMPostprocess
    from sahi.prediction import ObjectPrediction

    def merger(found: Sequence[TileBoxes]) -> list[Box]:
        predictions = [
            ObjectPrediction(
                segmentation=[[value for corner in box.polygon for value in corner]],
                category_id=box.class_number,
                category_name=str(box.class_number),
                score=box.confidence,
                full_shape=[SIDE, SIDE],
            )
            for each in found
            for box in each.boxes
        ]
        kept = GreedyNMMPostprocess(0.5, metric, class_agnostic=False)(predictions)
        return [_turned(each.mask.segmentation, each.category.id, each.score.value) for each in kept]

    return merger


def _turned(rings: Sequence[Sequence[float]], label: int, confidence: float) -> Box:
    points = np.concatenate([np.array(ring, float).reshape(-1, 2) for ring in rings])
    box = shapely.minimum_rotated_rectangle(shapely.MultiPoint(points))
    return Box(label, confidence, tuple((float(x), float(y)) for x, y in shapely.get_coordinates(box)[:-1]))


def main() -> None:
    """Print one table."""
    mergers: dict[str, Merger] = {"RUNE": _rune}
    for name, make in (("supervision", _supervision), ("sahi", _sahi)):
        if importlib.util.find_spec(name) is not None:
            mergers |= {f"{name}, {metric}": make(metric) for metric in ("IOU", "IOS")}
    tiling = Tiling()
    head = "scene of 4,000 px | objects | in tiles | merged by | once and whole | mean IoU | left over | CPU seconds"
    print(f"| {head} |")
    print("|---|---|---|---|---|---|---|---|")
    for scene, objects in scenes().items():
        found = look(objects, tiling)
        seen = sum(len(each.boxes) for each in found)
        for name, merger in mergers.items():
            told = judge(objects, merger, found)
            counts = f"{len(objects):,} | {seen:,} | {name} | {told.whole:,} | {told.mean_iou:.3f} | {told.extra:,}"
            print(f"| {scene} | {counts} | {told.seconds:.2f} |")


if __name__ == "__main__":
    main()
