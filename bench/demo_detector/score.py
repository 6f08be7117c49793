"""Average precision of detections against true oriented boxes at a rotated overlap of one half."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon as Shape

from solvers.scene import Entity

OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class: how many objects there are, the average precision, and both rates at the operating threshold."""

    objects: int
    average_precision: float
    precision: float
    recall: float


def score_classes(
    pairs: Iterable[tuple[Sequence[Entity], Sequence[Entity]]], threshold: float
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
        for label, confidence, is_right in _judged(truth, found):
            answers.setdefault(label, []).append((confidence, is_right))
    return {
        label: _scored(count, answers.get(label, []), threshold) for label, count in sorted(objects.items()) if count
    }


def mean_average_precision(scores: Mapping[str, ClassScore]) -> float:
    """The mean of the classes' average precisions."""
    return float(np.mean([each.average_precision for each in scores.values()]))


def _judged(truth: Sequence[Entity], found: Sequence[Entity]) -> Iterable[tuple[str, float, bool]]:
    shapes = [Shape(each.polygon) for each in truth]
    bounds = np.array([each.bounds for each in shapes]).reshape(-1, 4)
    labels = np.array([each.label for each in truth], dtype=object)
    taken: set[int] = set()
    for entity in sorted(found, key=lambda each: -each.confidence):
        shape = Shape(entity.polygon)
        left, top, right, bottom = shape.bounds
        meets = (bounds[:, 0] < right) & (bounds[:, 2] > left) & (bounds[:, 1] < bottom) & (bounds[:, 3] > top)
        overlaps = {
            int(place): shape.intersection(shapes[place]).area / shape.union(shapes[place]).area
            for place in np.flatnonzero(meets & (labels == entity.label))
        }
        best = max(overlaps, key=lambda place: overlaps[place], default=None)
        if best is None or overlaps[best] < OVERLAP:
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
