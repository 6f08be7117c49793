"""A network as it comes out of a file, before it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Tensor(Protocol):
    def cpu(self) -> "Tensor": ...
    def numpy(self) -> "NDArray[np.float32]": ...


class Boxes(Protocol):
    conf: Tensor
    cls: Tensor
    xyxy: Tensor
    xyxyxyxy: Tensor


class Masks(Protocol):
    data: Tensor


class Result(Protocol):
    """What RUNE uses of `ultralytics.engine.results.Results`."""

    orig_shape: tuple[int, int]
    obb: Boxes | None
    boxes: Boxes | None
    masks: Masks | None


class Predictor(Protocol):
    """What RUNE uses of `ultralytics.engine.predictor.BasePredictor`."""

    done_warmup: bool


class Predicting(Protocol):
    """What RUNE uses of `ultralytics.YOLO`."""

    def predict(self, source: object, **settings: object) -> list[Result]:
        """The results of some images."""

    def add_callback(self, event: str, func: Callable[[Predictor], None]) -> None:
        """Have a function called when something happens."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A network with the names of its classes, its task, and the side in px of the images that it is made for.

    With a fixed side it takes no others; end-to-end it needs no non-maximum suppression.
    """

    model: Predicting
    names: Mapping[int, str]
    task: str
    side: int | None
    is_end_to_end: bool
    has_fixed_side: bool


def numbered(names: Mapping[int, str] | list[str]) -> dict[int, str]:
    """The names of classes by number, however a file lists them."""
    items = names.items() if isinstance(names, Mapping) else enumerate(names)
    return {int(number): str(name) for number, name in items}


def first_line(error: BaseException) -> str:
    """What an error says, in one line; its kind where it says nothing."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
