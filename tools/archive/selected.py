"""An archive as if it held none but some of its images: what filters leave of it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from solvers.errors import InputError
from tools.archive.reader import Archive
from tools.results import Filtered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from solvers.scene import Scene
    from solvers.z3_backend import Z3Backend
    from tools.filters import Filters


class SelectedArchive(Archive):
    """The images of an open archive that pass filters, numbered anew; what is read of them is kept apart.

    Classes are read for these images alone. `size` stays that of the whole.
    """

    def __init__(self, whole: Archive, filters: Filters) -> None:
        from tools.filters.selection import select

        super().__init__(whole.root, whole.ontology, whole._parts, whole.skipped)
        self._whole = whole
        selection = select(filters, whole.images_table, whole.root)
        self._places = np.flatnonzero(selection.passes)
        self._hint = selection.hint
        self._filtered = Filtered(
            images=len(self._places), not_placed=selection.not_placed, not_dated=selection.not_dated
        )

    @property
    def filtered(self) -> Filtered:
        """How many images passed, and how many could not be looked at."""
        return self._filtered

    @property
    def warnings(self) -> list[str]:
        """What the user is to be told of images that filters could not look at, or where they leave none."""
        found, left = list(self._whole.warnings), self._filtered
        if left.not_placed:
            found.append(f"{_images(left.not_placed)} left out for want of a georeference, since an area was asked for")
        if left.not_dated:
            found.append(
                f"{_images(left.not_dated)} left out for want of an acquisition time, since a time was asked for"
            )
        if self._hint is not None:
            found.append(self._hint)
        return found if left.images else [*found, "the filters leave no image"]

    @cached_property
    def image_ids(self) -> tuple[str, ...]:
        """The ids of the images that passed, sorted by code point."""
        ids = self._whole.image_ids
        return tuple(ids[place] for place in self._places.tolist())

    def scene(self, image_id: str) -> Scene:
        """One image that passed; InputError for another one of the archive, and for an id that it has not."""
        scene = self._whole.scene(image_id)
        if image_id not in self._ids:
            raise InputError(f"the filters leave image {image_id!r} out")
        return scene

    def scenes(self) -> Iterator[Scene]:
        """The images that passed, in the order of `image_ids`."""
        return map(self._whole.scene, self.image_ids)

    def path_of(self, number: int) -> str | None:
        """The file of an image's pixels, by the image's number in `image_ids`."""
        return self._whole.path_of(int(self._places[number]))

    @property
    def backend(self) -> Z3Backend:
        """That of the whole."""
        return self._whole.backend

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(self.image_ids)

    @cached_property
    def _numbers_by_part(self) -> list[NDArray[np.int32]]:
        numbers = np.full(len(self._whole.image_ids), -1, np.int32)
        numbers[self._places] = np.arange(len(self._places))
        return [np.where(each >= 0, numbers[each], -1).astype(np.int32) for each in self._whole._numbers_by_part]


def _images(number: int) -> str:
    return "1 image was" if number == 1 else f"{number:,} images were"
