"""The sample archive on disk: PNG pictures, their sizes, and DOTA labelTxt files."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from solvers.errors import InputError
from tools.progress import Progress, ProgressListener, ignore_progress
from tools.sample.places.recipes import spread_recipes
from tools.sample.scene import NOMINAL_SIZE, RenderedScene, render_scene

SIZES = "sizes.json"
_PHASE = "rendering the sample archive"


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """Where a sample archive lies: its two folders, its sizes file, and its pictures in order."""

    images_dir: Path
    labels_dir: Path
    sizes: Path
    images: tuple[Path, ...]


def write_sample(
    directory: Path,
    *,
    seed: int = 7,
    count: int = 24,
    size: int = NOMINAL_SIZE,
    progress: ProgressListener = ignore_progress,
) -> SampleFiles:
    """Render `count` scenes of `size` x `size` px into `directory`/images and `directory`/labelTxt.

    `directory`/sizes.json tells each picture's size and its metres per pixel, as a camera's metadata would. The
    kinds of scenes come in fixed proportion and seeded order; the same arguments write the same bytes. A file of an
    earlier run is written over. Raises InputError where the folder cannot be written.
    """
    if count < 1:
        raise InputError(f"a sample of {count} scenes is none: ask for at least 1")
    images_dir, labels_dir = directory / "images", directory / "labelTxt"
    try:
        images_dir.mkdir(parents=True, exist_ok=True)
        labels_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the sample cannot be written to {directory}: {error.strerror}") from error
    images, sizes = [], {}
    progress(Progress(_PHASE, 0, count))
    for number, scene in enumerate(sample_scenes(seed, count, size), start=1):
        stem = f"S{number:04d}"
        image = images_dir / f"{stem}.png"
        Image.fromarray(scene.pixels).save(image, compress_level=3)
        (labels_dir / f"{stem}.txt").write_text(label_text(scene), encoding="utf-8", newline="\n")
        images.append(image)
        sizes[stem] = {"width": size, "height": size, "gsd": scene.gsd}
        progress(Progress(_PHASE, number, count))
    sizes_file = directory / SIZES
    sizes_file.write_text(json.dumps(sizes, indent=1), encoding="utf-8", newline="\n")
    return SampleFiles(images_dir, labels_dir, sizes_file, tuple(images))


def sample_scenes(seed: int, count: int, size: int = NOMINAL_SIZE) -> Iterator[RenderedScene]:
    """The scenes of a sample in order, rendered as they are asked for; kinds come by their weights, shuffled."""
    recipes = spread_recipes(np.random.default_rng(seed), count)
    scene_seeds = np.random.SeedSequence(seed).generate_state(count)
    for recipe, scene_seed in zip(recipes, scene_seeds, strict=True):
        yield render_scene(int(scene_seed), size, recipe)


def label_text(scene: RenderedScene) -> str:
    """A scene's truth as a DOTA labelTxt file: two header lines, then one line for each object."""
    lines = ["imagesource:rune-sample", f"gsd:{scene.gsd!r}"]
    for entity in scene.entities:
        corners = " ".join(f"{value:.2f}" for corner in entity.polygon for value in corner)
        lines.append(f"{corners} {entity.label.replace('_', '-')} {int(entity.difficult)}")
    return "\n".join(lines) + "\n"
