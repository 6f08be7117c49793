"""Joint embeddings: the cosine of the question with the image and its tiles, as CLIP and its kin retrieve."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from solvers.errors import InputError
from tools.evaluation.systems.base import Answer, CannotAnswerError, Floats, Question
from tools.evaluation.systems.encoder import Encoder
from tools.progress import Progress, ProgressListener, ignore_progress

if TYPE_CHECKING:
    from PIL import Image

    from tools.archive import Archive

LONGEST_SIDE = 4096
TILE = 640
"""Tiles have at most so many pixels a side, at the scale at which the image is read."""
PROMPT = "a satellite image of {}"

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class JointEmbeddings:
    """Images and tiles embedded once; a question is compared with all of them, the best one counts.

    `vectors` (m, d) are those of the pictures, `image` (m) says which image each belongs to.
    """

    encoder: Encoder
    vectors: npt.NDArray[np.float32]
    image: Places
    images: int
    name: str = "embeddings"
    description: str = "Joint embeddings by open_clip: cosine of the question with the image and its tiles"
    gives_probabilities: bool = False

    @classmethod
    def of(
        cls, archive: "Archive", encoder: Encoder, progress: ProgressListener = ignore_progress
    ) -> "JointEmbeddings":
        """Embed the images of an archive; raises InputError where the pixels of one are not at hand."""
        vectors: list[npt.NDArray[np.float32]] = []
        owners: list[Places] = []
        for number, image_id in enumerate(archive.image_ids):
            path = archive.path_of(number)
            if path is None:
                raise InputError(
                    f"joint embeddings look at pixels, and the archive has none of {image_id}: index the images"
                )
            found = encoder.pictures(list(_pictures(Path(path))))
            vectors.append(found)
            owners.append(np.full(len(found), number, np.int64))
            progress(Progress("embedding", number + 1, len(archive.image_ids)))
        if not vectors:
            raise InputError("the archive has no images to embed")
        return cls(encoder, np.concatenate(vectors), np.concatenate(owners), len(archive.image_ids))

    def answer(self, question: Question) -> Answer:
        """Score every image by its most similar picture; a formula is told in English where nothing else is."""
        if question.english is None:
            raise CannotAnswerError("there is no question in words")
        similar = self.vectors @ self.encoder.text(PROMPT.format(question.english))
        scores: Floats = np.full(self.images, -np.inf)
        np.maximum.at(scores, self.image, similar.astype(np.float64))
        return Answer(scores)


def _pictures(path: Path) -> "Iterator[Image.Image]":
    """The image, and where it is larger than a tile, its tiles of equal size."""
    from tools.pixels import read_for_display

    whole, _ = read_for_display(path, LONGEST_SIDE)
    yield whole
    columns, rows = -(-whole.width // TILE), -(-whole.height // TILE)
    if columns * rows == 1:
        return
    across, down = _cuts(whole.width, columns), _cuts(whole.height, rows)
    for top, bottom in pairwise(down):
        for left, right in pairwise(across):
            yield whole.crop((left, top, right, bottom))


def _cuts(length: int, pieces: int) -> Sequence[int]:
    return [round(length * place / pieces) for place in range(pieces + 1)]
