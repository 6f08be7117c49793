"""Single scenes of a fixed number of sure entities, with the classes that a question needs."""

from collections.abc import Sequence

import numpy as np

from bench.generator import Generated, Recipe, generate, place_in_run
from solvers.judge import DEFAULT_THRESHOLD
from solvers.ontology import Ontology
from solvers.scene import Entity, Scene

POOL = 2_000


def sure_scenes(needs: Sequence[str], entities: int, count: int, ontology: Ontology, seed: int = 7) -> list[Scene]:
    """So many scenes, each of exactly so many entities at the threshold, the needed classes among them.

    Entities are the surest of a scene that was generated twice as large.
    """
    labels = sorted(ontology.leaf_names)
    codes = [labels.index(name) for name in needs]
    found: list[Scene] = []
    for block in range(100):
        made = generate(POOL // 10, block, labels, Recipe(seed=seed, entities=2 * entities))
        kept = (place_in_run(made.image) < entities) & (made.confidence >= DEFAULT_THRESHOLD)
        for image in range(len(made.width)):
            rows = np.flatnonzero((made.image == image) & kept)
            if len(rows) == entities and set(codes) <= set(made.label[rows].tolist()):
                found.append(_scene(f"b{block}-{image}", made, image, rows.tolist(), labels))
            if len(found) == count:
                return found
    raise ValueError(f"too few scenes of {entities} entities have {', '.join(needs)}")


def _scene(name: str, made: Generated, image: int, rows: list[int], labels: Sequence[str]) -> Scene:
    entities = []
    for place, row in enumerate(rows):
        corners = made.corners[row].reshape(-1, 2).tolist()
        polygon = tuple((float(x), float(y)) for x, y in corners)
        entities.append(Entity(place, labels[made.label[row]], float(made.confidence[row]), polygon))
    width, height = int(made.width[image]), int(made.height[image])
    return Scene(name, width, height, tuple(entities), frozenset(labels), float(made.gsd[image]))
