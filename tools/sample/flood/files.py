"""The post-flood sample on disk: PNG pictures, FloodNet class-index masks, and the sizes file with their scale."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from solvers.errors import InputError
from tools.progress import Progress, ProgressListener, ignore_progress
from tools.sample.flood.places import PLACES
from tools.sample.flood.scene import render_flood_scene
from tools.sample.scene import NOMINAL_SIZE

MASK_SUFFIX = "_lab"
"""FloodNet's own: the mask of 6651.jpg is 6651_lab.png."""
SHARES = (0.45, 0.3, 0.6, 0.2, 0.0, 0.75, 0.38, 0.12)
_PHASE = "rendering the post-flood archive"


@dataclass(frozen=True, slots=True)
class FloodFiles:
    """Where a post-flood sample lies: the sizes file, and its pictures and their masks in order."""

    sizes: Path
    images: tuple[Path, ...]
    masks: tuple[Path, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """All that was written."""
        return (self.sizes, *self.images, *self.masks)


def write_flood_sample(
    directory: Path,
    *,
    seed: int = 11,
    count: int = 12,
    size: int = NOMINAL_SIZE,
    progress: ProgressListener = ignore_progress,
) -> FloodFiles:
    """Render `count` scenes of `size` x `size` px into `directory`/images, /masks and /sizes.json.

    Kinds of places and shares under water take turns; the same arguments write the same bytes. Raises InputError
    where the folder cannot be written.
    """
    if count < 1:
        raise InputError(f"a sample of {count} scenes is none: ask for at least 1")
    images_dir, masks_dir, sizes = directory / "images", directory / "masks", directory / "sizes.json"
    try:
        for each in (images_dir, masks_dir):
            each.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the sample cannot be written to {directory}: {error.strerror}") from error
    images: list[Path] = []
    masks: list[Path] = []
    stated: dict[str, dict[str, float]] = {}
    places = list(PLACES)
    progress(Progress(_PHASE, 0, count))
    for number, scene_seed in enumerate(np.random.SeedSequence(seed).generate_state(count)):
        share = SHARES[number % len(SHARES)]
        scene = render_flood_scene(int(scene_seed), places[number % len(places)], share, size)
        stem = f"F{number + 1:04d}"
        images.append(images_dir / f"{stem}.png")
        masks.append(masks_dir / f"{stem}{MASK_SUFFIX}.png")
        Image.fromarray(scene.pixels).save(images[-1], compress_level=3)
        Image.fromarray(scene.classes).save(masks[-1])
        stated[stem] = {"width": size, "height": size, "gsd": scene.gsd}
        progress(Progress(_PHASE, number + 1, count))
    sizes.write_text(json.dumps(stated, indent=1) + "\n", encoding="utf-8")
    return FloodFiles(sizes, tuple(images), tuple(masks))
