"""The order of a system's answer, and how many opposite-label partners each image is put in order with."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


def levels_of(scores: Floats, near_misses: Floats | None = None) -> Places:
    """A whole number an image, greater where it is to come earlier, equal where score and near miss are equal."""
    if near_misses is None:
        return np.unique(scores, return_inverse=True)[1].reshape(-1).astype(np.int64)
    pairs = np.stack([scores, near_misses], axis=1)
    return np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def order_of(levels: Places) -> Places:
    """The images, best first: by level, and of equals in the order of their ids, by which they are numbered."""
    return np.argsort(-levels, kind="stable")


def ordered_shares(levels: Places, relevant: Booleans) -> Floats:
    """For each image the share of the images of the opposite label that it is in the right order with; a tie is half.

    NaN for all where every image has the same label. The mean over the relevant images, and that over the others, is
    the area under the receiver operating characteristic (Mann and Whitney 1947).
    """
    found = np.full(len(levels), np.nan)
    positive, negative = np.sort(levels[relevant]), np.sort(levels[~relevant])
    if len(positive) == 0 or len(negative) == 0:
        return found
    own = levels[relevant]
    below, up_to = np.searchsorted(negative, own, "left"), np.searchsorted(negative, own, "right")
    found[relevant] = (below + up_to) / (2 * len(negative))
    other = levels[~relevant]
    below, up_to = np.searchsorted(positive, other, "left"), np.searchsorted(positive, other, "right")
    found[~relevant] = 1.0 - (below + up_to) / (2 * len(positive))
    return found
