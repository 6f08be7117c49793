"""Networks exported to ONNX: they hold numbers and no code, and say themselves what they are."""

import ast
import importlib
from collections.abc import Mapping
from pathlib import Path

from solvers.errors import InputError, RuneError
from tools.detection.loaded import Loaded, first_line, numbered
from tools.ultralytics_guard import import_ultralytics


def load_exported(weights: Path) -> Loaded:
    """The network in an `.onnx` file that ultralytics exported.

    InputError where the file is no such network; RuneError where onnxruntime is not installed.
    """
    try:
        runtime = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise RuneError(
            f"to run {weights} takes onnxruntime, which is not installed: pip install 'rune-retrieval[onnx]'"
        ) from error
    try:
        session = runtime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
        told: Mapping[str, str] = session.get_modelmeta().custom_metadata_map
        names, task, size = ast.literal_eval(told["names"]), told["task"], ast.literal_eval(told["imgsz"])
        if not isinstance(names, dict) or len(set(size)) != 1:
            raise ValueError("it does not name its classes, or is not made for square images")
        is_end_to_end = told.get("end2end", "False") == "True"
        numbered_names = numbered(names)
    except Exception as error:  # a file of unknown origin can fail in every way
        raise InputError(
            f"the weights {weights} are not a network that ultralytics exported "
            f"({type(error).__name__}: {first_line(error)})"
        ) from error
    model = import_ultralytics().YOLO(str(weights), task=task)
    has_fixed_side = all(isinstance(extent, int) for extent in session.get_inputs()[0].shape)
    return Loaded(model, numbered_names, task, int(size[0]), is_end_to_end, has_fixed_side)
