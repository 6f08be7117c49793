"""Which images of an archive satisfy a formula, by brute force; nothing of `solvers` decides."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from solvers.ontology import Ontology
from solvers.scene import Scene
from tools.evaluation.brute_force.arrangement import Arrangement
from tools.evaluation.brute_force.evaluate import Evaluator
from tools.evaluation.brute_force.picture import Picture, Thing
from tools.evaluation.brute_force.trials import prepare

OPERATING_THRESHOLD = 0.25
SQUARE = 1e-6
"""Sides that differ by less, as a share, are those of a square."""


class Relevance:
    """The images of an archive as brute force sees them, entities below the threshold left out."""

    def __init__(self, scenes: Iterable[Scene], ontology: Ontology, threshold: float = OPERATING_THRESHOLD) -> None:
        self._hierarchy = ontology.leaves_of
        self.arrangements = tuple(Arrangement(_picture(scene, threshold)) for scene in scenes)

    @property
    def filled(self) -> list[int]:
        """The places of the images that hold something."""
        return [place for place, each in enumerate(self.arrangements) if len(each)]

    @cached_property
    def _tied(self) -> Mapping[str, frozenset[str]]:
        """For each relation or function of axes and sides the leaves of which some thing leaves it open."""
        square: set[str] = set()
        other: set[str] = set()
        for each in self.arrangements:
            tied = each.tied
            even = each.length - each.width <= SQUARE * each.length
            square.update(each.labels[tied].tolist())
            other.update(each.labels[tied & ~even].tolist())
        words = ("parallel(", "aligned(", "length(", "width(")
        return {"perpendicular(": frozenset(square), **dict.fromkeys(words, frozenset(other))}

    def is_open(self, formula: str, classes: Iterable[str]) -> bool:
        """Whether the design leaves open what a formula over classes says: which axis of a square is the major one."""
        leaves = frozenset[str]().union(*(self._hierarchy[name] for name in classes))
        return any(word in formula and not leaves.isdisjoint(tied) for word, tied in self._tied.items())

    def __len__(self) -> int:
        return len(self.arrangements)

    def holds_in(self, formula: str, place: int) -> bool:
        """Whether the image at a place satisfies a canonical formula."""
        return Evaluator(self.arrangements[place], self._hierarchy).satisfies(formula)

    def relevant(self, formulas: Sequence[str]) -> list[tuple[str, ...]]:
        """For each canonical formula the ids of the images that satisfy it, in the archive's order."""
        trials = [prepare(formula) for formula in formulas]
        found: list[list[str]] = [[] for _ in trials]
        for arrangement in self.arrangements:  # one image after the other, so that what is found of one serves all
            evaluator = Evaluator(arrangement, self._hierarchy)
            for trial, ids in zip(trials, found, strict=True):
                if evaluator.satisfies(trial):
                    ids.append(arrangement.picture.image_id)
        return [tuple(ids) for ids in found]


def _picture(scene: Scene, threshold: float) -> Picture:
    return Picture(
        scene.image_id,
        scene.width,
        scene.height,
        tuple(
            Thing(each.label, each.polygon, each.confidence) for each in scene.entities if each.confidence >= threshold
        ),
        scene.gsd,
        scene.known_labels,
        None if scene.georeference is None else scene.georeference.transform,
    )
