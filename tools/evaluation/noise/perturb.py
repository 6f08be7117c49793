"""Detections perturbed on purpose, from not at all (strength 0) to a third (0.3): for the controlled curve.

At strength e: the log-odds of every confidence get normal noise of standard deviation 4 e; every detection is dropped
with probability e; with probability e it leaves a false one of its class and shape somewhere in the image, and every
image gets e false ones of any class on average, all with log-odds of mean -1.5 and standard deviation 1; boxes are
moved and scaled by e / 2 of their size, and turned by 20 e degrees.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solvers.scene import Entity, Polygon, Scene
from tools.evaluation.noise.boxes import BoxNoise, jittered, placed_at
from tools.evaluation.noise.simulate import anywhere_in, generator_of, write_scenes

if TYPE_CHECKING:
    from tools.archive import Archive

ODDS_SPREAD = 4.0
FALSE_ODDS, FALSE_SPREAD = -1.5, 1.0
SHIFT, SCALE, ANGLE = 0.5, 0.5, 20.0
_SUREST = 1 - 1e-3
_LEAST = 1e-6
MOST_SHAPES = 5000


def perturbed_archive(archive: "Archive", folder: str | Path, strength: float, seed: int) -> "Archive":
    """The archive with its detections perturbed, in a folder of its own; the same seed gives the same one."""
    from tools.archive import Archive

    templates = [each for scene in archive.scenes() for each in scene.entities]
    step = max(1, len(templates) // MOST_SHAPES)
    shapes = [(each.label, each.polygon) for each in templates[::step]]
    scenes = [perturbed(scene, strength, shapes, generator_of(seed, scene.image_id)) for scene in archive.scenes()]
    write_scenes(folder, scenes, archive, f"perturbed {strength:g}")
    return Archive.open(folder)


def perturbed(
    scene: Scene, strength: float, shapes: list[tuple[str, Polygon]], generator: np.random.Generator
) -> Scene:
    """One image; `shapes` are classes and outlines for false detections of any class."""
    noise = BoxNoise(SHIFT * strength, SCALE * strength, ANGLE * strength)
    found: list[tuple[str, float, Polygon, bool]] = []
    for entity in scene.entities:
        odds = _odds(entity.confidence) + generator.normal(0.0, 1.0) * ODDS_SPREAD * strength
        box, dropped, doubled = jittered(entity.polygon, noise, generator), *(generator.random(2) < strength)
        elsewhere = placed_at(entity.polygon, anywhere_in(scene, generator))
        false_odds = generator.normal(FALSE_ODDS, FALSE_SPREAD)
        if not dropped:
            found.append((entity.label, _confidence(odds), box, entity.difficult))
        if doubled:
            found.append((entity.label, _confidence(false_odds), elsewhere, False))
    for _ in range(int(generator.poisson(strength)) if shapes else 0):
        label, polygon = shapes[int(generator.integers(len(shapes)))]
        box = placed_at(polygon, anywhere_in(scene, generator))
        found.append((label, _confidence(generator.normal(FALSE_ODDS, FALSE_SPREAD)), box, False))
    entities = tuple(Entity(index, *each) for index, each in enumerate(found))
    return replace(scene, entities=entities)


def _odds(confidence: float) -> float:
    clipped = min(_SUREST, max(_LEAST, confidence))
    return float(np.log(clipped) - np.log1p(-clipped))


def _confidence(odds: float) -> float:
    return float(min(1 - 1e-9, max(_LEAST, 1 / (1 + np.exp(-odds)))))
