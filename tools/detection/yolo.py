"""One network run by ultralytics, asked about a few images at a time; its answers leave here as plain values."""

import contextlib
import importlib
import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from solvers.errors import InputError, RuneError
from solvers.scene import MIN_CORNERS, Polygon
from tools.detection.boxes import Box, surest_first
from tools.detection.devices import choose_device, is_cuda
from tools.detection.exported import load_exported
from tools.detection.loaded import Loaded, Predicting, Predictor, Result, first_line, numbered
from tools.detection.merging import Shape
from tools.detection.tiling import LEAST_TILE, MOST_TILE
from tools.paths import ultralytics_dir
from tools.ultralytics_guard import import_ultralytics

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHAPES: Mapping[str, Shape] = MappingProxyType({"obb": "oriented", "detect": "upright", "segment": "outline"})
"""What polygons of a task are."""

# A mask is a full-size float image: 3,000 of them would take 12 GB.
MAX_DETECTIONS = {"obb": 3000, "detect": 3000, "segment": 300}

STRIDE = 32

_loading = threading.Lock()


@dataclass(frozen=True)
class Network:
    """A loaded network: the `names` of its classes by number, its `task`, and the version of ultralytics that runs it.

    `side` is the size in pixels of the images that it was trained on, or was exported for; None where it is not told.
    """

    names: Mapping[int, str]
    task: str
    version: str
    side: int | None
    has_fixed_side: bool
    device: str
    _model: Predicting
    _settings: Mapping[str, object]

    @property
    def shape(self) -> Shape:
        """What its polygons are."""
        return SHAPES[self.task]

    def side_for(self, wished: int) -> int:
        """The size of images, in pixels, that it is asked with: a multiple of 32, or the one that it is made for."""
        if self.has_fixed_side and self.side is not None:
            return self.side
        return math.ceil(wished / STRIDE) * STRIDE

    def find(self, pixels: "Sequence[NDArray[np.uint8]]", confidence_floor: float, image_size: int) -> list[list[Box]]:
        """For each image its detections above the floor, by descending confidence, then by polygon and class.

        `pixels` have one shape (height, width, 3), in the order blue, green, red; polygons lie in their frame. An image
        is letterboxed so that its longer side has `image_size` px, a multiple of 32. An end-to-end network gives each
        place one class, its best, as non-maximum suppression does for the others. RuneError where the network fails.
        """
        import torch

        try:
            results = self._model.predict(
                list(pixels), conf=confidence_floor, imgsz=image_size, batch=len(pixels), **self._settings
            )
        except torch.OutOfMemoryError as error:
            if len(pixels) == 1:
                raise RuneError(f"the device {self.device} has no memory for an image of {image_size} px") from error
            half = len(pixels) // 2
            return [
                found
                for part in (pixels[:half], pixels[half:])
                for found in self.find(part, confidence_floor, image_size)
            ]
        except Exception as error:  # a network of unknown origin can fail in every way
            raise RuneError(f"the network failed ({type(error).__name__}: {first_line(error)})") from error
        return [_boxes_of(result) for result in results]


def _boxes_of(result: Result) -> list[Box]:
    boxes = result.obb if result.obb is not None else result.boxes
    if boxes is None:
        return []
    if result.obb is not None:
        polygons = [_as_polygon(corners) for corners in boxes.xyxyxyxy.cpu().numpy()]
    else:
        polygons = [_corners(*map(float, box)) for box in boxes.xyxy.cpu().numpy()]
        if result.masks is not None:
            outlines = outline_masks(result.masks.data.cpu().numpy(), result.orig_shape)
            polygons = [outline or box for outline, box in zip(outlines, polygons, strict=True)]
    found = [
        Box(int(number), min(float(confidence), 1.0), polygon)
        for number, confidence, polygon in zip(boxes.cls.cpu().numpy(), boxes.conf.cpu().numpy(), polygons, strict=True)
    ]
    return sorted(found, key=surest_first)


def load_network(weights: Path, device: str | None) -> Network:
    """The network in a `.pt` or `.onnx` file, ready to be asked on `device` ("cpu", "0", "mps", ...; None: the best).

    On a GPU of NVIDIA's it computes in half precision. InputError where the file holds no network that gives boxes or
    the device is not there; RuneError where an exported network needs a package that is not installed.
    """
    ultralytics = import_ultralytics()
    chosen = choose_device(device)
    loaded = load_exported(weights) if weights.suffix.lower() == ".onnx" else _load_checkpoint(weights)
    if loaded.task not in MAX_DETECTIONS:
        raise InputError(
            f"the weights {weights} are for the task {loaded.task}; RUNE needs boxes: {', '.join(MAX_DETECTIONS)}"
        )
    if not loaded.is_end_to_end and not _has_torchvision():
        loaded.model.add_callback("on_predict_start", _without_warm_up)
    settings = {
        "max_det": MAX_DETECTIONS[loaded.task],
        "nms": False,
        "agnostic_nms": loaded.is_end_to_end,
        "device": chosen,
        "half": is_cuda(chosen),
        "project": str(ultralytics_dir() / "runs"),
        "save": False,
        "verbose": False,
    }
    version = str(ultralytics.__version__)
    return Network(
        loaded.names, loaded.task, version, loaded.side, loaded.has_fixed_side, chosen, loaded.model, settings
    )


def _load_checkpoint(weights: Path) -> Loaded:
    ultralytics = import_ultralytics()
    with _loading, _from_disk_only():
        try:
            model = ultralytics.YOLO(str(weights))
            task, names, network = str(model.task), numbered(model.names), model.model
        except Exception as error:  # a pickle of unknown origin can fail in every way
            raise InputError(
                f"the weights {weights} are not a checkpoint that ultralytics {ultralytics.__version__} can load "
                f"({type(error).__name__}: {first_line(error)})"
            ) from error
    # The end-to-end head needs no non-maximum suppression; networks without one stay as they are.
    network.end2end = True
    trained = (model.ckpt or {}).get("train_args", {}).get("imgsz")
    side = trained if isinstance(trained, int) and LEAST_TILE <= trained <= MOST_TILE else None
    return Loaded(model, names, task, side, is_end_to_end=bool(network.end2end), has_fixed_side=False)


@contextlib.contextmanager
def _from_disk_only() -> Iterator[None]:
    """Keeps ultralytics from taking a file for one of its releases, by its name, and fetching that instead."""
    from ultralytics.utils import downloads

    original = downloads.attempt_download_asset
    downloads.attempt_download_asset = str
    try:
        yield
    finally:
        downloads.attempt_download_asset = original


def _has_torchvision() -> bool:
    try:
        importlib.import_module("torchvision")
    except (ImportError, RuntimeError, OSError):  # it is missing, or of another build than torch
        return False
    return True


def _without_warm_up(predictor: Predictor) -> None:
    """Skips the warm-up, which imports torchvision for its suppression; without it ultralytics uses its own."""
    predictor.done_warmup = True


def _as_polygon(corners: "NDArray[np.float32]") -> Polygon:
    return tuple((float(x), float(y)) for x, y in corners)


def _corners(left: float, top: float, right: float, bottom: float) -> Polygon:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def outline_masks(masks: "NDArray[np.float32]", shape: tuple[int, int]) -> list[Polygon | None]:
    """For every mask the outline of its largest piece in the image's frame; None where it has no area."""
    import cv2
    import numpy as np
    from ultralytics.utils.ops import scale_coords

    outlines: list[Polygon | None] = []
    for mask in masks:
        rings, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        ring = max(rings, key=cv2.contourArea, default=None)
        if ring is None or len(ring) < MIN_CORNERS:
            outlines.append(None)
            continue
        points = ring.reshape(-1, 2).astype(np.float32)
        outlines.append(_as_polygon(scale_coords(mask.shape, points, shape)))
    return outlines
