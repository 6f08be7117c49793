"""Compiled loops over the entities of domains: taking some, merging two, keeping what a mask allows."""

import numpy as np
import numpy.typing as npt

from solvers.columnar.compiled import compiled_loop
from solvers.columnar.kernels import Bytes, Floats, Ids, Places, Reals, Wholes
from solvers.tables import Words


@compiled_loop
def sort_across(offsets: Places, x: Floats, order: Places) -> None:
    """Sort each image's entities from left to right, by x; equal ones stay as they were."""
    for image in range(len(offsets) - 1):
        start, stop = offsets[image], offsets[image + 1]
        step = 1
        while step < (stop - start) // 9:
            step = 3 * step + 1
        while step > 0:  # Shell's method, which needs no room; what is equal is told apart by its place
            for place in range(start + step, stop):
                moving = order[place]
                at = place
                while at - step >= start:
                    before = order[at - step]
                    if x[before] < x[moving] or (x[before] == x[moving] and before < moving):
                        break
                    order[at] = before
                    at -= step
                order[at] = moving
            step //= 3


@compiled_loop
def select(images: Places, starts: Places, confidence: Reals, threshold: float, ids: Ids, offsets: Places) -> None:
    """The entities of some images that are confident enough, where those of a class lie one after the other.

    `ids` is long enough for all of them, `offsets` (images + 1) is written too.
    """
    target = 0
    for row in range(len(images)):
        offsets[row] = target
        for entity in range(starts[images[row]], starts[images[row] + 1]):
            if confidence[entity] >= threshold:
                ids[target] = entity
                target += 1
    offsets[len(images)] = target


@compiled_loop
def merge(
    first_ids: Ids,
    first_offsets: Places,
    second_ids: Ids,
    second_offsets: Places,
    x: Floats,
    ids: Ids,
    offsets: Places,
) -> None:
    """Two domains as one, image by image and from left to right; `offsets` is written too."""
    target = 0
    for image in range(len(offsets) - 1):
        offsets[image] = target
        one, other = first_offsets[image], second_offsets[image]
        while one < first_offsets[image + 1] or other < second_offsets[image + 1]:
            if other >= second_offsets[image + 1] or (
                one < first_offsets[image + 1] and x[first_ids[one], 0] <= x[second_ids[other], 0]
            ):
                ids[target] = first_ids[one]
                one += 1
            else:
                ids[target] = second_ids[other]
                other += 1
            target += 1
    offsets[len(offsets) - 1] = target


@compiled_loop
def keep(mask: npt.NDArray[np.bool_], ids: Ids, offsets: Places, kept: Ids, kept_offsets: Places) -> int:
    """The entities of a domain that a mask allows; `kept` is long enough for all, the answer is how many there are."""
    target = 0
    for image in range(len(offsets) - 1):
        kept_offsets[image] = target
        for place in range(offsets[image], offsets[image + 1]):
            if mask[place]:
                kept[target] = ids[place]
                target += 1
    kept_offsets[len(offsets) - 1] = target
    return target


@compiled_loop
def any_of(offsets: Places, words: Words, found: Words) -> None:
    """In which worlds any entity of each image has its bit set."""
    for image in range(len(offsets) - 1):
        for place in range(offsets[image], offsets[image + 1]):
            for word in range(words.shape[1]):
                found[image, word] |= words[place, word]


@compiled_loop
def first_by_index(offsets: Places, ids: Ids, held: Words, index: Wholes, found: Places) -> None:
    """The place of the entity with the lowest index among those that are held, for each image; -1 without any."""
    for image in range(len(offsets) - 1):
        best = -1
        for place in range(offsets[image], offsets[image + 1]):
            if held[place, 0] != 0 and (best < 0 or index[ids[place]] < index[ids[best]]):
                best = place
        found[image] = best


@compiled_loop
def surest(best: Floats, ids: Ids, offsets: Places, confidence: Reals, kept: Ids, kept_offsets: Places) -> None:
    """The most confident entities of each image, as many as `best` has room for, in the order that they had.

    Of equals the first. `kept` is long enough for all, `kept_offsets` is written too.
    """
    most = len(best)
    target = 0
    for image in range(len(offsets) - 1):
        kept_offsets[image] = target
        best[:] = 0.0
        for place in range(offsets[image], offsets[image + 1]):
            own = confidence[ids[place]]
            if own > best[most - 1]:
                at = most - 1
                while at > 0 and best[at - 1] < own:
                    best[at] = best[at - 1]
                    at -= 1
                best[at] = own
        least = best[most - 1]
        level = 0
        for each in range(most):
            if best[each] == least:
                level += 1
        for place in range(offsets[image], offsets[image + 1]):
            own = confidence[ids[place]]
            if own > least or (own == least and level > 0):
                if own == least:
                    level -= 1
                kept[target] = ids[place]
                target += 1
    kept_offsets[len(offsets) - 1] = target


@compiled_loop
def lead_with_greatest(order: Ids, ids: Ids, offsets: Places, key: Floats, sign: float) -> None:
    """Bring the place of each image's entity with the greatest `sign` times key to the front of the order."""
    for image in range(len(offsets) - 1):
        first = offsets[image]
        best = first
        for place in range(first, offsets[image + 1]):
            if sign * key[ids[place]] > sign * key[ids[best]]:
                best = place
        order[first], order[best] = order[best], order[first]


@compiled_loop
def in_band(
    ids: Ids, offsets: Places, centroid: Floats, axis: int, extent: Floats, low: float, high: float,
    mask: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    """Leave in the mask the entities whose centroid lies in [low, high) sixths of the image; 0 and 6 are open ends."""
    for image in range(len(offsets) - 1):
        for place in range(offsets[image], offsets[image + 1]):
            value = centroid[ids[place], axis]
            if (low > 0 and not value >= low * extent[image] / 6) or (
                high < 6 and not value < high * extent[image] / 6
            ):
                mask[place] = False


@compiled_loop
def exceeded(
    roots: Ids, root_offsets: Places, root_key: Floats, ids: Ids, offsets: Places, key: Floats, sign: float,
    strict: bool, apart: bool, wanted: Bytes, found: Words,
) -> None:  # fmt: skip
    """For which roots an entity of the same image has a greater `sign` times key, or where not `strict` an equal one.

    With `apart` it must be another entity.
    """
    for image in range(len(offsets) - 1):
        if wanted[image] == 0 or offsets[image] == offsets[image + 1]:
            continue
        most = -np.inf
        level = 0
        for place in range(offsets[image], offsets[image + 1]):
            value = sign * key[ids[place]]
            if value > most:
                most = value
                level = 1
            elif value == most:
                level += 1
        for root in range(root_offsets[image], root_offsets[image + 1]):
            own = sign * root_key[roots[root]]
            held = own < most
            if own == most and not strict:
                others = level
                if apart:
                    for place in range(offsets[image], offsets[image + 1]):
                        if ids[place] == roots[root] and sign * key[ids[place]] == most:
                            others -= 1
                held = others > 0
            if held:
                found[root, 0] = ~np.uint64(0)
