"""Detections simulated from labels after a stated model, as an archive of their own."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solvers.errors import InputError
from solvers.scene import Entity, Point, Polygon, Scene
from solvers.worlds import CONFIDENCE_FLOOR
from tools.evaluation.noise.boxes import jittered, placed_at
from tools.evaluation.noise.model import ClassNoise, NoiseModel, load_noise
from tools.progress import Progress, ProgressListener, ignore_progress
from tools.results import Model

if TYPE_CHECKING:
    from tools.archive import Archive

MOST_SHAPES = 1000
"""Of each class so many outlines are kept, for false detections to look like."""


class SimulationReport(Model):
    """What was simulated: of so many objects how many are found, and how many detections are false."""

    archive: str
    model: str
    source: str
    seed: int
    images: int
    objects: int
    found: int
    false: int


@dataclass(frozen=True, slots=True)
class _Detection:
    label: str
    confidence: float
    polygon: Polygon
    is_real: bool


def simulate(
    truth: "str | Path | Archive",
    *,
    out: str | Path,
    seed: int = 0,
    noise: "str | Path | NoiseModel | None" = None,
    progress: ProgressListener = ignore_progress,
) -> SimulationReport:
    """Make an archive of the detections that a stated model gives for a labelled archive.

    `noise` is a model, or the TOML file of one; None the default. The same seed gives the same archive. Raises
    InputError for what cannot be used, among it an `out` that is the labelled archive itself.
    """
    from tools.archive import Archive

    labelled = truth if isinstance(truth, Archive) else Archive.open(truth)
    model = noise if isinstance(noise, NoiseModel) else load_noise(noise, labelled.ontology)
    if Path(out).absolute() == labelled.root:
        raise InputError(f"{out}: this is the labelled archive; the simulated one goes into another folder")
    shapes, means = _shapes_and_means(labelled.scenes())
    found = false = 0
    scenes: list[Scene] = []
    for number, scene in enumerate(labelled.scenes(), start=1):
        detections = detections_of(scene, model, shapes, means, generator_of(seed, scene.image_id))
        found += sum(each.is_real for each in detections)
        false += sum(not each.is_real for each in detections)
        scenes.append(replace(scene, entities=entities_of(detections)))
        progress(Progress("simulating", number, len(labelled.image_ids)))
    signature = json.dumps([seed, asdict(model)], sort_keys=True)
    write_scenes(out, scenes, labelled, f"simulated {hashlib.sha256(signature.encode()).hexdigest()[:12]}")
    return SimulationReport(
        archive=str(out),
        model=model.name,
        source=model.source,
        seed=seed,
        images=len(scenes),
        objects=labelled.size.entities,
        found=found,
        false=false,
    )


def generator_of(seed: int, image_id: str) -> np.random.Generator:
    """The random numbers of one image: they do not depend on the other images."""
    digest = hashlib.sha256(f"{seed}\n{image_id}".encode()).digest()
    return np.random.Generator(np.random.Philox(int.from_bytes(digest[:8])))


def detections_of(
    scene: Scene,
    model: NoiseModel,
    shapes: Mapping[str, Sequence[Polygon]],
    means: Mapping[str, float],
    generator: np.random.Generator,
) -> list[_Detection]:
    """The detections of one image, the surest first; `means` has how many objects of each class an image has."""
    found: list[_Detection] = []
    counts = Counter(entity.label for entity in scene.entities)
    for entity in scene.entities:
        noise = model.of(entity.label)
        if generator.random() < noise.recall:
            confidence = _sigmoid(generator.normal(noise.true_mean, noise.true_spread))
            box = jittered(entity.polygon, model.box, generator)
            found.append(_Detection(entity.label, confidence, box, is_real=True))
    for label in sorted(means.keys() & scene.known_labels):
        noise = model.of(label)
        here, anywhere = counts[label] * (1 - noise.elsewhere), means[label] * noise.elsewhere
        for _ in range(int(generator.poisson(noise.false_per_object * (here + anywhere)))):
            confidence = _sigmoid(generator.normal(noise.false_mean, noise.false_spread))
            found.append(
                _Detection(label, confidence, _false_box(scene, noise, shapes[label], generator), is_real=False)
            )
    kept = [each for each in found if each.confidence >= CONFIDENCE_FLOOR]
    return sorted(kept, key=lambda each: (-each.confidence, each.label, each.polygon))


def _false_box(scene: Scene, noise: ClassNoise, shapes: Sequence[Polygon], generator: np.random.Generator) -> Polygon:
    """An object of another class taken for this one, or a box of this class anywhere in the image."""
    mistaken = [entity.polygon for entity in scene.entities if entity.label in noise.confused_with]
    if generator.random() < noise.confused and mistaken:
        return mistaken[int(generator.integers(len(mistaken)))]
    return placed_at(shapes[int(generator.integers(len(shapes)))], anywhere_in(scene, generator))


def anywhere_in(scene: Scene, generator: np.random.Generator) -> Point:
    """A point of an image."""
    return float(generator.uniform(0, scene.width)), float(generator.uniform(0, scene.height))


def entities_of(detections: Iterable[_Detection]) -> tuple[Entity, ...]:
    """Detections as entities, numbered in their order."""
    return tuple(Entity(index, each.label, each.confidence, each.polygon) for index, each in enumerate(detections))


def write_scenes(out: str | Path, scenes: Sequence[Scene], source: "Archive", origin: str) -> None:
    """An archive of these scenes alone; what else the folder's archive held is dropped."""
    from tools.archive import ArchiveWriter, ImageKey, StoredImage
    from tools.archive.calibration import remove_calibration

    with ArchiveWriter(out, source.ontology) as writer:
        keys = {ImageKey(f"simulated/{scene.image_id}"): scene for scene in scenes}
        for key in writer.indexed.keys() - keys.keys():
            writer.drop(key)
        for key, scene in keys.items():
            digest = hashlib.sha256(f"{origin}\n{scene!r}".encode()).hexdigest()
            writer.put(StoredImage(key, digest, scene, origin))
        writer.finish()
    remove_calibration(Path(out))  # it was fitted on other detections


def _shapes_and_means(scenes: Iterable[Scene]) -> tuple[dict[str, list[Polygon]], dict[str, float]]:
    """Outlines of every class that was labelled, and how many objects of it an image has on average."""
    shapes: dict[str, list[Polygon]] = defaultdict(list)
    counts: Counter[str] = Counter()
    images = 0
    for scene in scenes:
        images += 1
        for entity in scene.entities:
            counts[entity.label] += 1
            if len(shapes[entity.label]) < MOST_SHAPES:
                shapes[entity.label].append(entity.polygon)
    return shapes, {label: count / images for label, count in counts.items()}


def _sigmoid(odds: float) -> float:
    return float(min(1 - 1e-9, 1 / (1 + np.exp(-odds))))
