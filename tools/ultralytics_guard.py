"""ultralytics, kept to itself: no telemetry, no installs, no update checks, no file outside our own cache folder.

ultralytics reads its switches from the environment when it is first imported, so every import of it in RUNE goes
through `import_ultralytics`. Left alone it resolves two hosts at import, writes settings to the user's configuration
folder, reports each prediction to an analytics service, installs missing packages by pip, has Pillow
do so too, and logs to stdout.
"""

import contextlib
import importlib
import logging
import os
import sys
import threading
from pathlib import Path
from types import ModuleType

from tools.paths import ultralytics_dir

_import_lock = threading.Lock()


def import_ultralytics() -> ModuleType:
    """The module `ultralytics`, imported silently, and made to neither phone home, install nor write elsewhere.

    Where the host program imported it before, its settings file is left as it is and only what lives in memory is
    switched off. Its log goes to Python's root logger from then on, errors only, so that nothing reaches stdout.
    """
    with _import_lock:
        if "ultralytics.utils" not in sys.modules:
            _import_first(ultralytics_dir())
        _switch_off_in_memory()
        return importlib.import_module("ultralytics")


def _import_first(folder: Path) -> None:
    os.environ.update(
        {
            "YOLO_OFFLINE": "true",
            "YOLO_AUTOINSTALL": "false",
            "YOLO_VERBOSE": "false",
            "YOLO_CONFIG_DIR": str(folder),
            "MPLCONFIGDIR": str(folder / "matplotlib"),
        }
    )
    # Its log handler is created here and keeps the stream: stdout is data, so it must never see that stream.
    with contextlib.redirect_stdout(sys.stderr):
        utils = importlib.import_module("ultralytics.utils")
    ours = {
        "sync": False,
        "vscode_msg": False,
        "openvino_msg": False,
        **dict.fromkeys(("clearml", "comet", "dvc", "mlflow", "raytune", "tensorboard", "wandb"), False),
        **{f"{name}_dir": str(folder / name) for name in ("datasets", "runs", "weights")},
    }
    # The names of the settings differ between versions, and an unknown one is refused.
    known = {name: value for name, value in ours.items() if name in utils.SETTINGS}
    if any(utils.SETTINGS[name] != value for name, value in known.items()):
        utils.SETTINGS.update(known)


def _switch_off_in_memory() -> None:
    from PIL import Image
    from ultralytics.utils import checks, events, patches

    # It replaces Pillow's opener by one that installs a package when a file is no image.
    if Image.open is patches.image_open:
        Image.open = patches._image_open
    checks.AUTOINSTALL = False
    checks.ONLINE = False
    events.events.enabled = False
    logger = logging.getLogger("ultralytics")
    logger.handlers.clear()
    logger.setLevel(logging.ERROR)
    logger.propagate = True
