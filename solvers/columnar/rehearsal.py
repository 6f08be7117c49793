"""Small archives asked every kind of question, so that whatever a real question runs is compiled and kept on disk."""

from collections.abc import Iterator, Sequence

import numpy as np

from solvers.certify import certify_blocks
from solvers.columnar.archive import ArchiveJudge
from solvers.columnar.compiled import compiling_all
from solvers.columnar.proof import Z3Says, prove
from solvers.columnar.store import FEW_ENTITIES, store_of_scenes
from solvers.columnar.witnesses import find_witnesses
from solvers.fol.analysis import analyse
from solvers.judge import ImageJudge, JudgeSettings
from solvers.ontology import Ontology, OntologyClass
from solvers.plan import make_plan
from solvers.ranking import first_images
from solvers.scene import Entity, Scene
from solvers.z3_backend import Z3Backend

ONTOLOGY = Ontology(
    "rehearsal", (OntologyClass("thing"), OntologyClass("one", parent="thing"), OntologyClass("other", parent="thing"))
)
QUESTIONS = (
    "exists x y. one(x) & other(y) & near(x, y)",
    "exists>=2 x. one(x) & in_left(x)",
    "exists x y. one(x) & other(y) & left_of(x, y)",
    "exists x. one(x) & ~exists y. thing(y) & near(x, y)",
    "exists x. one(x) & exists>=2 y. other(y) & near(x, y)",
    "(exists x. one(x)) & forall x. one(x) -> exists y. other(y) & near(x, y)",
    "exists x. one(x) & (forall z. one(z) & z != x -> larger_than(x, z)) & exists y. other(y) & near(x, y)",
    "exists x y z. one(x) & other(y) & one(z) & x != z & near(x, y) & near(y, z) & near(z, x)",
    "exists x y z. one(x) & other(y) & one(z) & between(x, y, z) & overlaps(x, y)",
    "exists x. one(x) & exists>=2 y. other(y) & overlaps(x, y)",
    "exists x y. one(x) & other(y) & parallel(x, y)",
)
"""The commonest first: what they run is compiled first."""


def rehearse() -> None:
    """Ask them all, of boxes along the axes and of oriented ones; as most detectors do, the first give float32."""
    with compiling_all():
        for scenes in (_scenes(turn=0.0, confidence=np.float32), _scenes(turn=0.4)):
            for text in QUESTIONS:
                _ask(text, scenes)
        _look_at_many()


def _scenes(
    turn: float, images: int = 12, entities: int = 16, confidence: type[np.floating] = np.float64
) -> list[Scene]:
    known = frozenset(ONTOLOGY.leaf_names)
    return [
        Scene(f"{number:02}", 400, 400, tuple(_entities(number, turn, entities, confidence)), known)
        for number in range(images)
    ]


def _entities(seed: int, turn: float, count: int, confidence: type[np.floating]) -> Iterator[Entity]:
    drawn = np.random.default_rng(seed)
    across, down = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    for index in range(count):
        centre, (length, width) = drawn.integers(60, 340, 2), drawn.integers(8, 30, 2)
        sides = [
            along * length * across + aside * width * down for along, aside in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        polygon = tuple((float(x), float(y)) for x, y in np.round(centre + sides))
        yield Entity(index, ("one", "other")[index % 2], float(confidence(drawn.uniform(0.1, 0.95))), polygon)


def _look_at_many() -> None:
    """Choose among so many entities that it is done by loops, which few do not need."""
    for confidence in (np.float32, np.float64):
        scenes = _scenes(turn=0.0, images=3 * FEW_ENTITIES // 16, confidence=confidence)
        judge = _judge("exists x. one(x) & in_left(x) & ~exists y. other(y) & near(x, y)", scenes)
        judge.tighter_bounds(np.flatnonzero(judge.verdicts >= 0))


def _judge(text: str, scenes: Sequence[Scene]) -> ArchiveJudge:
    plan, settings = make_plan(analyse(text, ONTOLOGY).require(), ONTOLOGY), JudgeSettings()
    store = store_of_scenes(scenes, ONTOLOGY.leaf_names)
    return ArchiveJudge(plan, store, settings, lambda number: ImageJudge(plan, scenes[number], settings))


def _ask(text: str, scenes: Sequence[Scene]) -> None:
    judge, backend = _judge(text, scenes), Z3Backend()
    first_images(judge, len(scenes))
    every = np.arange(len(scenes), dtype=np.int64)
    judge.tighter_bounds(every)
    says = Z3Says.by(lambda blocks, holds: certify_blocks(blocks, holds, backend), backend)
    find_witnesses(judge, every, prove(judge, every, says))
