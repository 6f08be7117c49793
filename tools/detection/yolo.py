"""One ultralytics checkpoint, asked one image at a time; whatever ultralytics answers leaves here as plain values."""

import contextlib
import importlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from solvers.errors import InputError, RuneError
from solvers.scene import MIN_CORNERS, Polygon
from tools.paths import ultralytics_dir
from tools.ultralytics_guard import import_ultralytics

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

IMAGE_SIZE = 1024
# A mask is a full-size float image: 3,000 of them would take 12 GB.
MAX_DETECTIONS = {"obb": 3000, "detect": 3000, "segment": 300}

_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Box:
    """One detection as the network gives it: its class number, confidence in (0, 1], corners in the image's pixels."""

    class_number: int
    confidence: float
    polygon: Polygon


class _Model(Protocol):
    """What RUNE uses of `ultralytics.YOLO`."""

    def predict(self, source: object, **settings: object) -> list["_Result"]: ...


class _Tensor(Protocol):
    def cpu(self) -> "_Tensor": ...
    def numpy(self) -> "NDArray[np.float32]": ...


class _Boxes(Protocol):
    conf: _Tensor
    cls: _Tensor
    xyxy: _Tensor
    xyxyxyxy: _Tensor


class _Masks(Protocol):
    data: _Tensor


class _Result(Protocol):
    """What RUNE uses of `ultralytics.engine.results.Results`."""

    orig_shape: tuple[int, int]
    obb: _Boxes | None
    boxes: _Boxes | None
    masks: _Masks | None


@dataclass(frozen=True)
class Network:
    """A loaded checkpoint: the `names` of its classes by number, and the version of ultralytics that runs it."""

    names: Mapping[int, str]
    version: str
    _model: _Model
    _settings: Mapping[str, object]

    def find(self, pixels: "NDArray[np.uint8]", confidence_floor: float) -> list[Box]:
        """The detections above the floor, by descending confidence, then by polygon and class.

        `pixels` has shape (height, width, 3) in the order blue, green, red; polygons lie in its frame. An end-to-end
        network gives each place one class, its best, as non-maximum suppression does for the others. RuneError where
        the network fails, for want of memory say.
        """
        try:
            result = self._model.predict(pixels, conf=confidence_floor, **self._settings)[0]
        except Exception as error:  # a network of unknown origin can fail in every way
            raise RuneError(f"the network failed ({type(error).__name__}: {_first_line(error)})") from error
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
            for number, confidence, polygon in zip(
                boxes.cls.cpu().numpy(), boxes.conf.cpu().numpy(), polygons, strict=True
            )
        ]
        return sorted(found, key=lambda box: (-box.confidence, box.polygon, box.class_number))


def load_network(weights: Path, device: str | None) -> Network:
    """The checkpoint in a `.pt` file, ready to be asked on `device` ("cpu", "0", ...; None: a GPU if there is one).

    InputError where the file is no checkpoint of a network that gives boxes or the device is not there; RuneError
    where the network needs torchvision and it cannot be imported.
    """
    ultralytics = import_ultralytics()
    with _loading, _from_disk_only():
        try:
            model = ultralytics.YOLO(str(weights))
            task, names, network = str(model.task), _names(model.names), model.model
        except Exception as error:  # a pickle of unknown origin can fail in every way
            raise InputError(
                f"the weights {weights} are not a checkpoint that ultralytics {ultralytics.__version__} can load "
                f"({type(error).__name__}: {_first_line(error)})"
            ) from error
    if task not in MAX_DETECTIONS:
        raise InputError(
            f"the weights {weights} are for the task {task}; RUNE needs boxes: {', '.join(MAX_DETECTIONS)}"
        )
    _check_device(device)
    # The end-to-end head needs no non-maximum suppression, hence no torchvision; networks without one stay as they are.
    network.end2end = True
    is_end_to_end = bool(network.end2end)
    if not is_end_to_end:
        _check_torchvision(weights)
    settings = {
        "imgsz": IMAGE_SIZE,
        "max_det": MAX_DETECTIONS[task],
        "nms": False,
        "agnostic_nms": is_end_to_end,
        "device": device,
        "project": str(ultralytics_dir() / "runs"),
        "save": False,
        "verbose": False,
    }
    return Network(names, str(ultralytics.__version__), model, settings)


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


def _check_device(device: str | None) -> None:
    from ultralytics.utils.torch_utils import select_device

    try:
        select_device(device, verbose=False)
    except (ValueError, RuntimeError) as error:
        raise InputError(f"the device {device!r} cannot be used here: {_first_line(error)}") from error


def _check_torchvision(weights: Path) -> None:
    try:
        importlib.import_module("torchvision")
    except (ImportError, RuntimeError, OSError) as error:
        raise RuneError(
            f"the network in {weights} needs torchvision for non-maximum suppression, and torchvision cannot be "
            f"imported here ({_first_line(error)}): install the torchvision build that fits your torch, or use a "
            "network with an end-to-end head, such as YOLO26"
        ) from error


def _names(names: Mapping[int, str] | list[str]) -> dict[int, str]:
    numbered = names.items() if isinstance(names, Mapping) else enumerate(names)
    return {int(number): str(name) for number, name in numbered}


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


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
