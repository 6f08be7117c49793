"""Objects found in images by an ultralytics network: oriented boxes, plain boxes or masks, as entities of an ontology.

Weights are code: a `.pt` file is a pickle, and loading one runs what it holds. Load only weights that you trust;
ULTRALYTICS_SAFE_LOAD=1 restricts loading to the classes that ultralytics itself knows.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from solvers.errors import InputError, RuneError
from solvers.ontology import Ontology
from solvers.scene import Entity
from tools.detection.pixels import read_pixels
from tools.detection.weights import hash_file, resolve_weights
from tools.detection.yolo import IMAGE_SIZE, MAX_DETECTIONS, Box, Network, load_network
from tools.progress import Progress, ProgressListener, ignore_progress
from tools.results import EntityModel, Model

CONFIDENCE_FLOOR = 0.05


@dataclass(frozen=True, slots=True)
class Detection:
    """What a detector found in one image of `width` x `height` pixels, by descending confidence."""

    width: int
    height: int
    entities: tuple[Entity, ...]


@dataclass(frozen=True)
class Detector:
    """A network whose class names are read as the leaves of an ontology.

    `fingerprint` changes with whatever may change the entities: the weights' bytes, the floor, the image size, the
    version of ultralytics, the ontology's words for the classes. `known_labels` are the leaves that it can report;
    `unmapped` the class names that mean no leaf, whose detections are left out.
    """

    fingerprint: str
    known_labels: frozenset[str]
    unmapped: tuple[str, ...]
    _network: Network
    _leaves: Mapping[int, str]
    _confidence_floor: float

    def detect(self, path: str | Path) -> Detection:
        """The entities in one image file, polygons in pixels of the frame that the file stores.

        The whole image is scaled (letterboxed) so that its longer side has 1024 px, whatever its size; at most 3,000
        detections are kept, 300 where they have masks. `Entity.index` numbers the entities from 0 by descending
        confidence, then by polygon.
        InputError where the file is not a readable image.
        """
        path = Path(path)
        pixels = read_pixels(path)
        height, width = pixels.shape[:2]
        boxes = [box for box in self._network.find(pixels, self._confidence_floor) if box.class_number in self._leaves]
        if not all(map(_is_finite, boxes)):
            raise RuneError(f"the detector gave a box in {path} that is not finite; its weights are damaged")
        entities = tuple(
            Entity(index, self._leaves[box.class_number], box.confidence, box.polygon)
            for index, box in enumerate(boxes)
        )
        return Detection(width, height, entities)

    def detect_many(
        self, paths: Iterable[str | Path], progress: ProgressListener = ignore_progress
    ) -> Iterator[Detection]:
        """The detections of one image after the other, in the order of `paths`; stops at the first unreadable one."""
        ordered = list(paths)
        progress(Progress("detect", 0, len(ordered)))
        for done, path in enumerate(ordered, start=1):
            detection = self.detect(path)
            progress(Progress("detect", done, len(ordered)))
            yield detection


class DetectedImage(Model):
    """What `detect` answers for one image: its size and polygons in pixels; `unmapped` are class names left out."""

    path: str
    width: int
    height: int
    entities: list[EntityModel]
    unmapped: list[str]


def load_detector(
    weights: str | Path | None,
    *,
    ontology: Ontology,
    confidence_floor: float = CONFIDENCE_FLOOR,
    device: str | None = None,
    progress: ProgressListener = ignore_progress,
) -> Detector:
    """The detector in a `.pt` file that ultralytics trained (obb, detect or segment); None: `yolo26n-obb.pt`, on DOTA.

    `weights` is a path, or the name of a file in `tools.paths.weights_dir()`; only the default is fetched where it is
    absent. Detections at or below `confidence_floor`, in [0, 1), are left out. Weights are code: see the module.
    InputError where the weights are absent, damaged or of another kind, know no class of the ontology, or the device
    is not there; RuneError where the network needs torchvision and it cannot be imported.
    """
    if not 0 <= confidence_floor < 1:
        raise InputError(f"a confidence floor of {confidence_floor} is not in [0, 1)")
    file = resolve_weights(weights, progress)
    network = load_network(file, device)
    leaf_or_none = {number: ontology.leaf_for(name) for number, name in sorted(network.names.items())}
    leaves = {number: leaf for number, leaf in leaf_or_none.items() if leaf is not None}
    if not leaves:
        raise InputError(
            f"the weights {file} know no class of the ontology {ontology.name}; theirs are "
            f"{_list_some(list(network.names.values()))}, the ontology's {_list_some(list(ontology.leaf_names))}"
        )
    recipe = [hash_file(file), confidence_floor, IMAGE_SIZE, MAX_DETECTIONS, network.version, sorted(leaves.items())]
    return Detector(
        fingerprint=hashlib.sha256(json.dumps(recipe).encode()).hexdigest(),
        known_labels=frozenset(leaves.values()),
        unmapped=tuple(network.names[number] for number, leaf in leaf_or_none.items() if leaf is None),
        _network=network,
        _leaves=leaves,
        _confidence_floor=confidence_floor,
    )


def detect(
    images: str | Path | Sequence[str | Path],
    *,
    weights: str | Path | None = None,
    ontology: str | Ontology = "dota",
    confidence_floor: float = CONFIDENCE_FLOOR,
    progress: ProgressListener = ignore_progress,
) -> list[DetectedImage]:
    """The objects in each image file, in the order given; `ontology` is a name, a TOML file or an Ontology.

    See `load_detector` for the weights and `Detector.detect` for polygons, image size and errors.
    """
    if not isinstance(ontology, Ontology):
        from tools.ontologies import load_ontology

        ontology = load_ontology(ontology)
    paths = [images] if isinstance(images, str | Path) else list(images)
    detector = load_detector(weights, ontology=ontology, confidence_floor=confidence_floor, progress=progress)
    return [
        DetectedImage(
            path=str(path),
            width=detection.width,
            height=detection.height,
            entities=[
                EntityModel(index=each.index, label=each.label, confidence=each.confidence, polygon=list(each.polygon))
                for each in detection.entities
            ],
            unmapped=list(detector.unmapped),
        )
        for path, detection in zip(paths, detector.detect_many(paths, progress), strict=True)
    ]


def _is_finite(box: Box) -> bool:
    return math.isfinite(box.confidence) and all(math.isfinite(value) for corner in box.polygon for value in corner)


def _list_some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
