"""Archives, query sets and stand-ins for the tests of the evaluation."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from solvers.scene import Entity, Scene
from tests.archive_support import DOTA, square, write
from tools.evaluation.translation import Translated

LEAVES = frozenset(DOTA.leaf_names)


def scene(image_id: str, things: Iterable[tuple[str, float, float, float]], **more: object) -> Scene:
    """A scene of 400 x 300 px; each thing is a label, the upper left corner of its square, and its confidence."""
    entities = tuple(
        Entity(index, label, confidence, square(x, y, 20.0)) for index, (label, x, y, confidence) in enumerate(things)
    )
    return Scene(image_id, 400, 300, entities, LEAVES, **more)  # type: ignore[arg-type]


def labelled_scenes(count: int = 12, seed: int = 3) -> list[Scene]:
    """Scenes with some planes, ships and harbors at random, all certain."""
    generator = np.random.default_rng(seed)
    return [
        scene(
            f"L{number:03d}",
            [
                (str(generator.choice(["plane", "ship", "harbor"])), float(x), float(y), 1.0)
                for x, y in zip(generator.integers(0, 370, size), generator.integers(0, 270, size), strict=True)
            ],
        )
        for number, size in enumerate(generator.integers(0, 7, count).tolist())
    ]


def archive_of(folder: Path, scenes: Sequence[Scene]) -> Path:
    """An archive of scenes."""
    return write(folder, scenes)


def query_file(path: Path, queries: Iterable[Mapping[str, object]]) -> Path:
    """A query set."""
    path.write_text("".join(json.dumps(each) + "\n" for each in queries), encoding="utf-8")
    return path


class Scripted:
    """A translator that knows some questions by heart."""

    name = "scripted"

    def __init__(self, known: Mapping[str, str]) -> None:
        self.known = known

    def translate(self, english: str) -> Translated:
        """What is known, else a refusal."""
        formula = self.known.get(english)
        return Translated(formula, None if formula else f'"{english}" is not known')


COLOURS = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1)}


class ColourEncoder:
    """Pictures by their mean colour, texts by the colour that they name."""

    def pictures(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        """Unit vectors of mean colours."""
        means = np.array([np.asarray(each, np.float32).reshape(-1, 3).mean(axis=0) for each in pictures])
        return means / np.linalg.norm(means, axis=1, keepdims=True)

    def text(self, text: str) -> np.ndarray:
        """The colour in a text."""
        return np.array(next(value for name, value in COLOURS.items() if name in text), np.float32)
