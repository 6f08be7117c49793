"""Detections matched with labels by the overlap of their polygons, as detectors are judged (DOTA, task 1)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from solvers.scene import Entity

if TYPE_CHECKING:
    from shapely import Polygon

    from tools.archive import Archive

LEAST_OVERLAP = 0.5
"""A detection is that of an object from this intersection over union on."""

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


@dataclass
class Matches:
    """The detections of one class with whether each is real, and how many labelled objects there are."""

    confidence: list[float] = field(default_factory=list)
    is_real: list[bool] = field(default_factory=list)
    found: list[float] = field(default_factory=list)
    """The confidence of the detection of each labelled object that has one."""
    objects: int = 0

    def arrays(self) -> tuple[Floats, Booleans]:
        """Confidence and reality of every detection."""
        return np.array(self.confidence, np.float64), np.array(self.is_real, np.bool_)

    def average_precision(self) -> float | None:
        """The area under precision and recall of all detections of the class; None without a labelled object."""
        if not self.objects:
            return None
        confidence, is_real = self.arrays()
        order = np.argsort(-confidence, kind="stable")
        right = np.cumsum(is_real[order])
        precision = right / np.arange(1, len(right) + 1)
        highest_after = np.maximum.accumulate(precision[::-1])[::-1]
        return float(np.sum(highest_after[is_real[order]]) / self.objects)


def match_archives(detected: "Archive", labelled: "Archive", image_ids: Sequence[str]) -> dict[str, Matches]:
    """The detections of some images, both archives have, matched class by class."""
    found: dict[str, Matches] = defaultdict(Matches)
    for image_id in image_ids:
        scene, truth = detected.scene(image_id), labelled.scene(image_id)
        by_label: dict[str, tuple[list[Entity], list[Entity]]] = defaultdict(lambda: ([], []))
        for entity in scene.entities:
            if entity.label in truth.known_labels:
                by_label[entity.label][0].append(entity)
        for entity in truth.entities:
            by_label[entity.label][1].append(entity)
        for label, (detections, objects) in by_label.items():
            match_entities(detections, objects, found[label])
    return dict(sorted(found.items()))


def match_entities(detections: Sequence[Entity], objects: Sequence[Entity], into: Matches) -> None:
    """Match the detections of one class in one image, the surest first, each with the object that it overlaps most.

    A second detection of an object is false; one of a difficult object counts neither way.
    """
    into.objects += sum(not each.difficult for each in objects)
    partner = dict(_partners(detections, objects))
    for place, detection in enumerate(detections):
        if place in partner and objects[partner[place]].difficult:
            continue
        into.confidence.append(detection.confidence)
        into.is_real.append(place in partner)
        if place in partner:
            into.found.append(detection.confidence)


def _partners(detections: Sequence[Entity], objects: Sequence[Entity]) -> Iterator[tuple[int, int]]:
    """Which detection is that of which object, by their places."""
    if not detections or not objects:
        return
    import shapely

    boxes, truths = [_polygon(each) for each in detections], [_polygon(each) for each in objects]
    tree, free = shapely.STRtree(truths), np.ones(len(objects), np.bool_)
    order = sorted(range(len(detections)), key=lambda place: (-detections[place].confidence, detections[place].index))
    for place in order:
        near = np.sort(tree.query(boxes[place]))
        near = near[free[near]]
        if not len(near):
            continue
        candidates = [truths[each] for each in near.tolist()]
        shared = shapely.area(shapely.intersection(boxes[place], candidates))
        union = shapely.area(candidates) + boxes[place].area - shared
        overlap = np.divide(shared, union, out=np.zeros(len(near)), where=union > 0)
        best = int(np.argmax(overlap))
        if overlap[best] >= LEAST_OVERLAP:
            free[near[best]] = False
            yield place, int(near[best])


def _polygon(entity: Entity) -> "Polygon":
    """The outline; the convex hull of one that crosses itself."""
    import shapely

    found = shapely.Polygon(entity.polygon)
    return found if found.is_valid else found.convex_hull
