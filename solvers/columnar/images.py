"""What is known of the images of an archive, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solvers.relations import north_of
from solvers.scene import Scene

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Images:
    """What is known of n images; `gsd` is NaN, and so is `north` (n, 2; as `north_of` has it), where not known.

    `known` has for each image its place in `known_sets`: the leaf labels that its source could report.
    """

    ids: Sequence[str]
    width: Floats
    height: Floats
    gsd: Floats
    north: Floats
    known: Numbers
    known_sets: tuple[frozenset[str], ...]

    def __len__(self) -> int:
        """The number of images."""
        return len(self.ids)

    @cached_property
    def kinds(self) -> tuple[Numbers, tuple[tuple[int, bool, bool], ...]]:
        """The kind of each image, and the kinds: the place in `known_sets`, whether scale and north are known."""
        key = self.known.astype(np.int64) * 4 + 2 * ~np.isnan(self.gsd) + ~np.isnan(self.north[:, 0])
        found, kind = np.unique(key, return_inverse=True)
        return kind.astype(np.int32), tuple((each // 4, bool(each & 2), bool(each & 1)) for each in found.tolist())


def images_of(scenes: Sequence[Scene]) -> Images:
    """What is known of some scenes."""
    sets = list(dict.fromkeys(scene.known_labels for scene in scenes))
    nowhere = (np.nan, np.nan)
    return Images(
        ids=[scene.image_id for scene in scenes],
        width=np.array([scene.width for scene in scenes], dtype=np.float64),
        height=np.array([scene.height for scene in scenes], dtype=np.float64),
        gsd=np.array([np.nan if scene.gsd is None else scene.gsd for scene in scenes], dtype=np.float64),
        north=np.array(
            [nowhere if each.georeference is None else north_of(each.georeference) for each in scenes], dtype=np.float64
        ).reshape(-1, 2),
        known=np.array([sets.index(scene.known_labels) for scene in scenes], dtype=np.int32),
        known_sets=tuple(sets),
    )
