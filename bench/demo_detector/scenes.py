"""The scenes that the demo's detector learns from, kept as one array on disk that its processes share."""

import json
import multiprocessing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.sample import LABELS, render_scene

SIZE = 768

# Which kinds of places come up how often, from the scene of a number on. First all, those with rare objects more often
# than in the demo, so that every class has enough examples; then those of which a detector has to have seen many: a
# bridge or a quay is seldom like another; then marinas, whose piers have to be told by their jetties, and airfields,
# whose planes were taken for helicopters.
STAGES: Sequence[tuple[int, Mapping[str, float]]] = (
    (0, {
        "airport": 3.0, "fuel_apron": 2.0, "heliport": 4.5, "airfield": 2.5, "coast_airport": 1.5, "marina": 2.5,
        "port": 4.0, "tank_farm": 3.0, "car_park": 2.5, "suburb": 3.5, "sports": 8.0, "river": 4.5, "lake": 1.5,
        "open_sea": 1.0, "fields": 1.0, "mixed": 3.0, "crossroads": 4.0,
    }),
    (960, {
        "river": 4.0, "sports": 3.0, "port": 2.5, "marina": 2.5, "crossroads": 2.0, "heliport": 1.5, "airport": 0.5,
        "car_park": 0.5,
    }),
    (1520, {"marina": 5.5, "airfield": 2.0, "river": 1.0, "port": 0.75, "sports": 0.75, "car_park": 0.75}),
)  # fmt: skip


@dataclass(frozen=True)
class Scenes:
    """Rendered scenes: `pixels` uint8 of shape (n, 768, 768, 3), red first; the true boxes of each.

    `corners[i]` has shape (k, 4, 2), in px; `classes[i]` the k places of their labels in `LABELS`.
    """

    pixels: NDArray[np.uint8]
    corners: list[NDArray[np.float32]]
    classes: list[NDArray[np.int64]]


def render_scenes(folder: Path, seed: int, count: int, processes: int) -> Scenes:
    """Render `count` scenes into `folder`, or take up those that an earlier call with the same arguments left there."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    kinds: list[str] = []
    ends = [*(first for first, _ in STAGES[1:]), count]
    for (_, weights), end in zip(STAGES, ends, strict=True):
        kinds += _kinds(rng, weights, max(0, min(count, end) - len(kinds)))
    seeds = np.random.SeedSequence(seed).generate_state(count)
    jobs = [(folder / f"{number:05d}.npz", int(seeds[number]), kind) for number, kind in enumerate(kinds)]
    missing = [job for job in jobs if not job[0].is_file()]
    if missing:
        with multiprocessing.Pool(processes) as pool:
            for done, _ in enumerate(pool.imap_unordered(_render, missing), start=1):
                if done % 50 == 0 or done == len(missing):
                    print(f"rendered {done} of {len(missing)} scenes", flush=True)
    return load_scenes(folder, count)


def _kinds(rng: np.random.Generator, weights: Mapping[str, float], count: int) -> Sequence[str]:
    shares = np.array(list(weights.values()))
    return [str(kind) for kind in rng.choice(list(weights), count, p=shares / shares.sum())]


def _render(job: tuple[Path, int, str]) -> None:
    path, seed, recipe = job
    scene = render_scene(seed, SIZE, recipe)
    truth = [([list(corner) for corner in each.polygon], LABELS.index(each.label)) for each in scene.entities]
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(file, pixels=scene.pixels, truth=np.array(json.dumps(truth)))
    part.replace(path)


def load_scenes(folder: Path, count: int) -> Scenes:
    """The first `count` scenes of a folder; their pixels are laid into one file there, once."""
    files = [folder / f"{number:05d}.npz" for number in range(count)]
    whole = folder / f"pixels-{count}.npy"
    corners, classes = [], []
    pixels = None
    if not whole.is_file():
        part = whole.with_suffix(".part")
        pixels = np.lib.format.open_memmap(part, mode="w+", dtype=np.uint8, shape=(count, SIZE, SIZE, 3))
    for number, file in enumerate(files):
        with np.load(file) as scene:
            truth = json.loads(str(scene["truth"]))
            if pixels is not None:
                pixels[number] = scene["pixels"]
        corners.append(np.array([each[0] for each in truth], dtype=np.float32).reshape(-1, 4, 2))
        classes.append(np.array([each[1] for each in truth], dtype=np.int64))
    if pixels is not None:
        pixels.flush()
        part.replace(whole)
    return Scenes(np.load(whole, mmap_mode="r"), corners, classes)
