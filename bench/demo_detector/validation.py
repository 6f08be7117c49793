"""The weights as ultralytics' own validation measures them: an outside check of `score.py`, by ProbIoU.

Run `python -m bench.demo_detector.validation FOLDER`; `--help` names the rest.
"""

import argparse
import contextlib
import importlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

from bench.demo_detector.evaluation import held_out
from bench.demo_detector.export import IMAGE_SIZE
from solvers.scene import Entity
from tools.detection.shipped import shipped_weights
from tools.sample import LABELS
from tools.ultralytics_guard import import_ultralytics


def write_dataset(folder: Path, scenes: Sequence[tuple[Path, Sequence[Entity]]]) -> Path:
    """Lay labels as ultralytics reads them beside the pictures' folder; returns the file that describes the set.

    `folder` is that of `held_out`, whose pictures lie in `images`.
    """
    labels = folder / "labels"
    labels.mkdir(exist_ok=True)
    for image, truth in scenes:
        lines = [
            " ".join([str(LABELS.index(each.label)), *(f"{value / IMAGE_SIZE:.6f}" for value in sum(each.polygon, ()))])
            for each in truth
        ]
        (labels / f"{image.stem}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    names = "".join(f"  {number}: {label}\n" for number, label in enumerate(LABELS))
    data = folder / "data.yaml"
    data.write_text(f"path: {folder.resolve()}\ntrain: images\nval: images\nnames:\n{names}", encoding="utf-8")
    return data


def validate(weights: Path, data: Path) -> dict[str, float]:
    """AP50 by class, of those classes that occur."""
    model = import_ultralytics().YOLO(str(weights))
    with _torchvision():
        measured = model.val(
            data=str(data), imgsz=IMAGE_SIZE, device="cpu", plots=False, workers=0, batch=4, verbose=False,
            project=str(data.parent / "validation"), exist_ok=True,
        ).box  # fmt: skip
    return {LABELS[number]: float(value) for number, value in zip(measured.ap_class_index, measured.ap50, strict=True)}


@contextlib.contextmanager
def _torchvision() -> Iterator[None]:
    """Have an empty module in its place where it can't be imported: oriented boxes don't use it."""
    try:
        importlib.import_module("torchvision")
    except (ImportError, RuntimeError, OSError):  # it is missing, or of another build than torch
        with patch.dict(sys.modules, {"torchvision": ModuleType("torchvision")}):
            yield
    else:
        yield


def main(arguments: list[str] | None = None) -> int:
    """Carry out what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the held-out scenes are rendered, or lie already")
    parser.add_argument("--weights", type=Path, help="by default those that RUNE ships")
    parser.add_argument("--seed", type=int, default=2026, help="of the scenes")
    parser.add_argument("--count", type=int, default=240)
    told = parser.parse_args(arguments)
    data = write_dataset(told.folder, held_out(told.folder, told.seed, told.count))
    scores = validate(told.weights or shipped_weights(), data)
    for label, score in sorted(scores.items()):
        print(f"{label:20} {score:.3f}")
    print(f"{'mAP50':20} {sum(scores.values()) / len(scores):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
