"""Which weights file a detector is loaded from, and the one download that RUNE makes."""

import os
import tempfile
from pathlib import Path

from solvers.errors import InputError
from tools.detection.shipped import DEMO, shipped_weights
from tools.paths import weights_dir
from tools.progress import Progress, ProgressListener
from tools.ultralytics_guard import import_ultralytics

DEFAULT_WEIGHTS = "yolo26n-obb.pt"
OFFLINE_VARIABLE = "RUNE_OFFLINE"

_RELEASES = "https://github.com/ultralytics/assets/releases"
_SUFFIXES = (".pt", ".onnx")


def resolve_weights(weights: str | Path | None, progress: ProgressListener) -> Path:
    """The file that `weights` names: a path, else the name of a file in `weights_dir()`; None: the default weights.

    "demo" are the weights that RUNE ships; RuneError where their file is not what was shipped.
    Only the default weights are fetched, by ultralytics and into `weights_dir()`, where they are not there yet.
    InputError, saying how to get them, where the file is absent and is not to be fetched or cannot be; the network is
    given seconds, not minutes, to answer, and with RUNE_OFFLINE=1 it is not asked.
    """
    if weights is not None and str(weights) == DEMO:
        return shipped_weights()
    name = Path(DEFAULT_WEIGHTS if weights is None else weights).expanduser()
    candidates = [name] if weights is not None else []
    if name.name == str(name):
        candidates.append(weights_dir() / name)
    for path in candidates:
        if path.is_file():
            if path.suffix.lower() not in _SUFFIXES:
                raise InputError(f"the weights {path} are neither a .pt nor an .onnx file; others are not read")
            return path.absolute()
    if str(name) == DEFAULT_WEIGHTS:
        return _fetch_default_weights(progress)
    if name.is_dir():
        raise InputError(f"the weights {name} are a folder; name a .pt or .onnx file in it")
    raise InputError(f"the weights file {name} does not exist; name a .pt or .onnx file that ultralytics made")


def _fetch_default_weights(progress: ProgressListener) -> Path:
    target = weights_dir() / DEFAULT_WEIGHTS
    if os.environ.get(OFFLINE_VARIABLE, "").strip().lower() in {"1", "true", "yes", "on"}:
        raise _absent(f"{OFFLINE_VARIABLE} forbids fetching them")
    import_ultralytics()
    from ultralytics.utils import downloads

    # The download itself would wait 30 s for a silent host; this question waits 3 s.
    if not downloads.is_url(_RELEASES, check=True):
        raise _absent("the network does not answer")
    progress(Progress("fetch weights", 0, 1))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # A killed download must not leave a half of the file where the next run would take it for the whole.
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=target.parent) as folder:
            fetched = Path(downloads.attempt_download_asset(Path(folder) / DEFAULT_WEIGHTS, progress=False))
            if not fetched.is_file():
                raise _absent("the release does not hold them")
            fetched.replace(target)
    except OSError as error:  # ConnectionError and what requests raises are kinds of it
        raise _absent(" ".join(str(error).split())) from error
    progress(Progress("fetch weights", 1, 1))
    return target


def _absent(reason: str) -> InputError:
    return InputError(
        f"the default weights {DEFAULT_WEIGHTS} are not in {weights_dir()}, and {reason}: get the file from "
        f"{_RELEASES} and put it into that folder, or name weights of your own with --weights FILE"
    )
