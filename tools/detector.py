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
from tools.detection.boxes import Box
from tools.detection.devices import default_batch
from tools.detection.looking import LookSettings, Seen, look_ahead
from tools.detection.merging import MERGING, TileBoxes, merge
from tools.detection.tiling import DEFAULT_TILE, Tiling, default_overlap
from tools.detection.weights import resolve_weights
from tools.detection.yolo import MAX_DETECTIONS, Network, load_network
from tools.hashing import hash_file
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

    `fingerprint` changes with whatever may change the entities: the weights' bytes, the floor, the tiling, the size of
    what the network sees, the version of ultralytics, the ontology's words for the classes. `known_labels` are the
    leaves that it can report; `unmapped` the class names that mean no leaf, whose detections are left out. `tiling`
    says how large images are cut, `image_size` how many pixels of the network's a tile's side becomes, `batch` how
    many tiles it looks at in one go, on which `device`.
    """

    fingerprint: str
    known_labels: frozenset[str]
    unmapped: tuple[str, ...]
    tiling: Tiling
    image_size: int
    batch: int
    _network: Network
    _leaves: Mapping[int, str]
    _confidence_floor: float

    @property
    def device(self) -> str:
        """What the network runs on: cpu, cuda:0, mps."""
        return self._network.device

    def detect(self, path: str | Path) -> Detection:
        """The entities in one image file, polygons in pixels of the frame that the file stores.

        An image no larger than a tile is looked at whole, scaled (letterboxed) so that its longer side has `image_size`
        px; a larger one tile by tile, and what its tiles show is merged into whole objects. In one tile at most 3,000
        detections are kept, 300 where they have masks. `Entity.index` numbers the entities from 0 by descending
        confidence, then by polygon. InputError where the file is not a readable image.
        """
        (found,) = self.detect_each([path])
        if isinstance(found, InputError):
            raise found
        return found

    def detect_many(
        self, paths: Iterable[str | Path], progress: ProgressListener = ignore_progress
    ) -> Iterator[Detection]:
        """The detections of one image after the other, in the order of `paths`; stops at the first unreadable one."""
        ordered = list(paths)
        progress(Progress("detect", 0, len(ordered)))
        for done, found in enumerate(self.detect_each(ordered), start=1):
            if isinstance(found, InputError):
                raise found
            progress(Progress("detect", done, len(ordered)))
            yield found

    def detect_each(self, paths: Iterable[str | Path]) -> Iterator[Detection | InputError]:
        """For each path, in order, its detections, or why the file cannot be read.

        While the network looks at an image, the next ones are read and cut in threads; these end with the iterator.
        """
        for seen in look_ahead(self._network, list(map(Path, paths)), self._look()):
            yield seen.error if seen.error is not None else self._detection(seen)

    def _look(self) -> LookSettings:
        return LookSettings(self.tiling, self.image_size, self.batch, self._confidence_floor)

    def _detection(self, seen: Seen) -> Detection:
        if not all(_is_finite(box) for each in seen.found for box in each.boxes):
            raise RuneError(f"the detector gave a box in {seen.path} that is not finite; its weights are damaged")
        mapped = [
            TileBoxes(each.tile, [box for box in each.boxes if box.class_number in self._leaves], each.coarse)
            for each in seen.found
        ]
        if len(mapped) == 1:
            boxes = list(mapped[0].boxes)
        else:
            boxes = merge(mapped, seen.width, seen.height, shape=self._network.shape)
        entities = tuple(
            Entity(index, self._leaves[box.class_number], box.confidence, box.polygon)
            for index, box in enumerate(boxes)
        )
        return Detection(seen.width, seen.height, entities)


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
    tile: int | None = None,
    overlap: int | None = None,
    overview: bool = True,
    batch: int | None = None,
    image_size: int | None = None,
    progress: ProgressListener = ignore_progress,
) -> Detector:
    """The detector in a file that ultralytics trained or exported (obb, detect, segment); None: `yolo26n-obb.pt`, DOTA.

    `weights` is the path of a `.pt` or `.onnx` file, or its name in `tools.paths.weights_dir()`; only the default is
    fetched where it is absent. A `.pt` file is code: see the module. Detections at or below `confidence_floor`, in
    [0, 1), are left out. `device` is "cpu", "0" or "mps", None the best that is there.
    `tile` is the side in pixels from which on images are cut, None the size that the network was trained on, else 1024;
    `overlap` what neighbouring tiles share, None 200 of 1024. `overview` has large images looked at as a whole as well,
    for objects that are larger than the overlap. `image_size` is what a tile's side is scaled to, None its own size.
    `batch` is how many tiles are looked at in one go, None what suits the device.
    InputError where the weights are absent, damaged or of another kind, know no class of the ontology, the device is
    not there, or a number makes no sense; RuneError where the network needs a package that cannot be imported.
    """
    if not 0 <= confidence_floor < 1:
        raise InputError(f"a confidence floor of {confidence_floor} is not in [0, 1)")
    if batch is not None and batch < 1:
        raise InputError(f"a batch of {batch} tiles is none; give at least 1")
    if tile is not None:
        Tiling(tile, overlap or 0)  # what makes no sense is told before the weights are loaded
    file = resolve_weights(weights, progress)
    network = load_network(file, device)
    leaf_or_none = {number: ontology.leaf_for(name) for number, name in sorted(network.names.items())}
    leaves = {number: leaf for number, leaf in leaf_or_none.items() if leaf is not None}
    if not leaves:
        raise InputError(
            f"the weights {file} know no class of the ontology {ontology.name}; theirs are "
            f"{_list_some(list(network.names.values()))}, the ontology's {_list_some(list(ontology.leaf_names))}"
        )
    side = tile or network.side or DEFAULT_TILE
    tiling = Tiling(side, default_overlap(side) if overlap is None else overlap, overview)
    seen_side = network.side_for(image_size or side)
    recipe = [hash_file(file), confidence_floor, seen_side, MAX_DETECTIONS, network.version, sorted(leaves.items())]
    cut = [MERGING, tiling.tile, tiling.overlap, tiling.overview]
    return Detector(
        fingerprint=hashlib.sha256(json.dumps([*recipe, cut]).encode()).hexdigest(),
        known_labels=frozenset(leaves.values()),
        unmapped=tuple(network.names[number] for number, leaf in leaf_or_none.items() if leaf is None),
        tiling=tiling,
        image_size=seen_side,
        batch=batch or default_batch(network.device),
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
    device: str | None = None,
    tile: int | None = None,
    overlap: int | None = None,
    batch: int | None = None,
    progress: ProgressListener = ignore_progress,
) -> list[DetectedImage]:
    """The objects in each image file, in the order given; `ontology` is a name, a TOML file or an Ontology.

    See `load_detector` for the weights and the settings, `Detector.detect` for polygons and errors.
    """
    if not isinstance(ontology, Ontology):
        from tools.ontologies import load_ontology

        ontology = load_ontology(ontology)
    paths = [images] if isinstance(images, str | Path) else list(images)
    detector = load_detector(
        weights,
        ontology=ontology,
        confidence_floor=confidence_floor,
        device=device,
        tile=tile,
        overlap=overlap,
        batch=batch,
        progress=progress,
    )
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
