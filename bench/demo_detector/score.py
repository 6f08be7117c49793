"""Average precision of detections against true oriented boxes at a rotated overlap of one half."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon as Shape

from solvers.scene import Entity
from tools.ultralytics_guard import import_ultralytics

OVERLAP = 0.5
Overlaps: TypeAlias = Callable[[Entity, Sequence[Entity]], NDArray[np.float64]]
"""How much of a box overlaps each of others: from 0 to 1."""


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class: how many objects there are, the average precision, and both rates at the operating threshold."""

    objects: int
    average_precision: float
    precision: float
    recall: float


def shared_areas(one: Entity, others: Sequence[Entity]) -> NDArray[np.float64]:
    """The area that boxes share, of the area that either has: what DOTA's evaluation takes."""
    shape = Shape(one.polygon)
    shapes = [Shape(each.polygon) for each in others]
    return np.array([shape.intersection(each).area / shape.union(each).area for each in shapes])


def prob_iou(one: Entity, others: Sequence[Entity]) -> NDArray[np.float64]:
    """ProbIoU (Murrugarra-Llerena et al. 2021), which ultralytics' validation takes for oriented boxes.

    It forgives more where a box is off across: of two with the same middle, one twice as wide, it is 0.67, not 0.5.
    """
    import_ultralytics()
    from ultralytics.utils.metrics import batch_probiou
    from ultralytics.utils.ops import xyxyxyxy2xywhr

    boxes = xyxyxyxy2xywhr(np.array([each.polygon for each in (one, *others)], dtype=np.float32))
    overlaps: NDArray[np.float64] = batch_probiou(boxes[:1], boxes[1:]).numpy()[0].astype(np.float64)
    return overlaps


def score_classes(
    pairs: Iterable[tuple[Sequence[Entity], Sequence[Entity]]], threshold: float, overlaps: Overlaps = shared_areas
) -> Mapping[str, ClassScore]:
    """Scores by class, of those classes that occur, from the truth and the detections of each image.

    As DOTA's evaluation does it: detections by descending confidence each take the true box of their class that they
    overlap most, if by at least `OVERLAP` and still free; a difficult true box is neither asked for nor an error; the
    average precision is the area under the precision envelope.
    """
    objects: dict[str, int] = {}
    answers: dict[str, list[tuple[float, bool]]] = {}
    for truth, found in pairs:
        for entity in truth:
            objects[entity.label] = objects.get(entity.label, 0) + (not entity.difficult)
        for label, confidence, is_right in _judged(truth, found, overlaps):
            answers.setdefault(label, []).append((confidence, is_right))
    return {
        label: _scored(count, answers.get(label, []), threshold) for label, count in sorted(objects.items()) if count
    }


def mean_average_precision(scores: Mapping[str, ClassScore]) -> float:
    """The mean of the classes' average precisions."""
    return float(np.mean([each.average_precision for each in scores.values()]))


def _judged(truth: Sequence[Entity], found: Sequence[Entity], overlaps: Overlaps) -> Iterable[tuple[str, float, bool]]:
    bounds = np.array([Shape(each.polygon).bounds for each in truth]).reshape(-1, 4)
    labels = np.array([each.label for each in truth], dtype=object)
    taken: set[int] = set()
    for entity in sorted(found, key=lambda each: -each.confidence):
        left, top, right, bottom = Shape(entity.polygon).bounds
        meets = (bounds[:, 0] < right) & (bounds[:, 2] > left) & (bounds[:, 1] < bottom) & (bounds[:, 3] > top)
        near = np.flatnonzero(meets & (labels == entity.label))
        shares = overlaps(entity, [truth[place] for place in near]) if len(near) else np.zeros(0)
        best = int(near[shares.argmax()]) if len(near) and shares.max() >= OVERLAP else None
        if best is None:
            yield entity.label, entity.confidence, False
        elif not truth[best].difficult:
            yield entity.label, entity.confidence, best not in taken
            taken.add(best)


def _scored(objects: int, answers: list[tuple[float, bool]], threshold: float) -> ClassScore:
    ordered = sorted(answers, reverse=True)
    right: NDArray[np.float64] = np.cumsum([each[1] for each in ordered], dtype=np.float64)
    recall = right / objects
    precision = right / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.diff(recall, prepend=0.0)
    sure = sum(each[0] >= threshold for each in ordered)
    hits = float(right[sure - 1]) if sure else 0.0
    return ClassScore(objects, float((steps * envelope).sum()), hits / sure if sure else 0.0, hits / objects)
