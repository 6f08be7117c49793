"""How unsure the detections of an archive are, image by image, for the classes that a query names."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from solvers.fol.analysis import analyse
from solvers.fol.ast import Atom, subformulas
from solvers.ontology import Ontology
from solvers.worlds import CONFIDENCE_FLOOR
from tools.evaluation.metrics.uncertainty import binary_entropy

if TYPE_CHECKING:
    from tools.archive import Archive

Floats = npt.NDArray[np.float64]


def leaves_named(formula: str | None, ontology: Ontology) -> frozenset[str]:
    """The leaf classes that a formula names, those under its superclasses too; all of them where it names none."""
    every = frozenset(ontology.leaf_names)
    if formula is None:
        return every
    read = analyse(formula, ontology).formula
    if read is None:
        return every
    named = (each.predicate for each in subformulas(read) if isinstance(each, Atom))
    leaves = frozenset[str]().union(*(ontology.leaves_of[name] for name in named if name in ontology.leaves_of))
    return leaves or every


@dataclass(frozen=True)
class ArchiveUncertainty:
    """The entropies of an archive's detections, summed by class and image when a class is first asked for."""

    archive: "Archive"
    _sums: dict[str, tuple[Floats, Floats]] = field(default_factory=dict, repr=False)

    def of(self, leaves: Iterable[str]) -> Floats:
        """The mean binary entropy in bits of the detections of some leaves above the floor, one value an image.

        0 where an image has none.
        """
        size = len(self.archive.image_ids)
        total, count = np.zeros(size), np.zeros(size)
        for leaf in sorted(leaves):
            own = self._of_leaf(leaf)
            total, count = total + own[0], count + own[1]
        return np.asarray(total / np.maximum(count, 1.0))

    def _of_leaf(self, leaf: str) -> tuple[Floats, Floats]:
        if leaf not in self._sums:
            columns = self.archive.columns(frozenset({leaf}))
            counted = columns.confidence >= CONFIDENCE_FLOOR
            image, size = columns.image_number[counted], len(self.archive.image_ids)
            entropy = binary_entropy(columns.confidence[counted])
            self._sums[leaf] = (
                np.asarray(np.bincount(image, entropy, minlength=size), np.float64),
                np.bincount(image, minlength=size).astype(np.float64),
            )
        return self._sums[leaf]
