"""What the tests of the command line share: a way to call it, and a small set of annotations without pixels."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tui.main import main

ROOT = Path(__file__).parent.parent
CATEGORIES = ("plane", "ship", "harbor", "storage tank")
RUN_KEYS = {
    "schema_version",
    "status",
    "query",
    "model",
    "formula",
    "reading",
    "agreement",
    "attempts",
    "warnings",
    "parts",
    "archive",
    "filtered",
    "counts",
    "results",
    "timings_ms",
}
CHECK_KEYS = {"image_id", "verdict", "score", "witness", "parts", "why_not", "nearest_miss"}
VALIDATE_KEYS = {"ok", "canonical", "diagnostics"}
TRANSLATE_KEYS = {
    "schema_version",
    "status",
    "query",
    "model",
    "formula",
    "reading",
    "agreement",
    "attempts",
    "warnings",
    "parts",
}

Box = tuple[str, float, float, float, float]

# In the bay two ships lie at a harbor and a plane is far away; the field has three planes and a tank beside one.
SCENES: Mapping[str, Sequence[Box]] = {
    "bay": (
        ("harbor", 100, 100, 60, 40),
        ("ship", 170, 100, 30, 10),
        ("ship", 100, 150, 30, 10),
        ("plane", 900, 900, 20, 20),
    ),
    "field": (
        ("plane", 100, 100, 40, 40),
        ("plane", 200, 100, 40, 40),
        ("plane", 300, 100, 40, 40),
        ("storage tank", 350, 100, 30, 30),
    ),
    "water": (("ship", 500, 500, 30, 10),),
    "nothing": (),
}


@dataclass(frozen=True)
class Outcome:
    """What one call of `rune` left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        answer = json.loads(self.out)
        assert isinstance(answer, dict)
        return answer


Rune = Callable[..., Outcome]


def caller(capfd: pytest.CaptureFixture[str]) -> Rune:
    """`rune` called in this process."""

    def call(*arguments: str | Path) -> Outcome:
        capfd.readouterr()
        code = main([str(each) for each in arguments])
        captured = capfd.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


def in_a_process(*arguments: str | Path, stdin: str | bytes = b"", **environment: str) -> Outcome:
    """`rune` called as its users call it."""
    done = subprocess.run(
        [sys.executable, "-m", "tui", *map(str, arguments)],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=120,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def coco(scenes: Mapping[str, Sequence[Box]] = SCENES, *, file_names: Mapping[str, str] | None = None) -> str:
    """The scenes as a COCO file: images of 1000 x 1000 px, boxes as x, y, width, height."""
    images, annotations = [], []
    for number, (stem, boxes) in enumerate(scenes.items(), start=1):
        name = (file_names or {}).get(stem, f"{stem}.png")
        images.append({"id": number, "file_name": name, "width": 1000, "height": 1000})
        for label, x, y, width, height in boxes:
            box = {"id": len(annotations) + 1, "image_id": number, "category_id": CATEGORIES.index(label) + 1}
            annotations.append({**box, "bbox": [x, y, width, height], "area": width * height, "iscrowd": 0})
    categories = [{"id": number, "name": name} for number, name in enumerate(CATEGORIES, start=1)]
    return json.dumps({"images": images, "annotations": annotations, "categories": categories})


def make_archive(folder: Path, rune: Rune) -> Path:
    """An archive of the scenes."""
    annotations = folder / "scenes.json"
    annotations.write_text(coco(), encoding="utf-8")
    outcome = rune("index", "--labels", annotations, "--archive", folder / "archive")
    assert outcome.code == 0, outcome.err
    return folder / "archive"


def assert_told(outcome: Outcome, code: int, *words: str) -> None:
    """The call failed with this code, and said so on stderr, in these words among others, without a traceback."""
    assert outcome.code == code, outcome.err
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    assert "error" in outcome.err
    for word in words:
        assert word in outcome.err


def files_in(folder: Path) -> set[Path]:
    """All that a folder holds, as relative paths."""
    return {each.relative_to(folder) for each in folder.rglob("*")}
