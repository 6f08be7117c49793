"""Images alike in what they cannot tell of a question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from solvers.columnar.clauses import Unknowns
from solvers.columnar.kernels import Places


@dataclass(frozen=True, slots=True)
class Group:
    """Images alike in what they cannot tell of a question; `images` None means all."""

    images: Places | None
    unknowns: Unknowns


def grouped(groups: Sequence[Group], images: Places) -> Iterator[tuple[Places, Group]]:
    """The groups that some images belong to, each with the places of its own in `images`."""
    if len(groups) == 1:
        yield np.arange(len(images)), groups[0]
        return
    for group in groups:
        places = np.flatnonzero(np.isin(images, [] if group.images is None else group.images))
        if len(places):
            yield places, group
