"""Compiled loops over the entities of domains: taking some, merging two, keeping what a mask allows."""

import numpy as np
import numpy.typing as npt

from solvers.columnar.compiled import compiled_loop
from solvers.columnar.kernels import Bytes, Floats, Ids, Places, Reals
from solvers.tables import Words


@compiled_loop
def sort_across(first: int, last: int, offsets: Places, x: Floats, order: Places) -> None:
    """Sort each image's entities from left to right, by x; equal ones stay as they were."""
    for image in range(first, last):
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
def select(images: Places, starts: Ids, confidence: Reals, threshold: float, ids: Ids, offsets: Places) -> None:
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
def count_kept(first: int, last: int, mask: npt.NDArray[np.bool_], offsets: Places, kept_offsets: Places) -> None:
    """How many entities a mask allows: image i's number becomes element i + 1."""
    for image in range(first, last):
        count = 0
        for place in range(offsets[image], offsets[image + 1]):
            count += mask[place]
        kept_offsets[image + 1] = count


@compiled_loop
def keep(
    first: int, last: int, mask: npt.NDArray[np.bool_], ids: Ids, offsets: Places, kept: Ids, kept_offsets: Places
) -> None:
    """The entities of a domain that a mask allows, to where those of each image start."""
    for image in range(first, last):
        target, place = kept_offsets[image], offsets[image]
        while target < kept_offsets[image + 1]:  # what is not kept is written over: a mask takes no branch
            kept[target] = ids[place]
            target += mask[place]
            place += 1


@compiled_loop
def any_of(offsets: Places, words: Words, found: Words, first: int, last: int) -> None:
    """In which worlds any entity of each image has its bit set."""
    for image in range(first, last):
        for place in range(offsets[image], offsets[image + 1]):
            for word in range(words.shape[1]):
                found[image, word] |= words[place, word]


@compiled_loop
def surest(
    first: int, last: int, best: Floats, ids: Ids, offsets: Places, confidence: Reals, kept: Ids, kept_offsets: Places
) -> None:
    """The most confident entities of each image, as many as `best` has room for, in the order that they had.

    Of equals the first. `kept_offsets` says where those of each image go.
    """
    most = len(best)
    for image in range(first, last):
        target = kept_offsets[image]
        if offsets[image + 1] - offsets[image] <= most:
            for place in range(offsets[image], offsets[image + 1]):
                kept[target] = ids[place]
                target += 1
            continue
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


@compiled_loop
def firsts(
    images: Places, known: Ids, known_offsets: Places, words: Words, stride: int, kept: Ids, kept_offsets: Places
) -> int:
    """For each image the first known entity that is in its world, if any; how many in all."""
    target = 0
    for row in range(len(images)):
        kept_offsets[row] = target
        for place in range(known_offsets[images[row]], known_offsets[images[row] + 1]):
            if words[place * stride, 0] != 0:
                kept[target] = known[place]
                target += 1
                break
    kept_offsets[len(images)] = target
    return target


@compiled_loop
def in_band(
    ids: Ids, offsets: Places, centroid: Floats, axis: int, extent: Floats, low: float, high: float,
    mask: npt.NDArray[np.bool_], first: int, last: int,
) -> None:  # fmt: skip
    """Leave in the mask the entities whose centroid lies in [low, high) sixths of the image; 0 and 6 are open ends."""
    for image in range(first, last):
        least = low * extent[image] / 6 if low > 0 else -np.inf
        limit = high * extent[image] / 6 if high < 6 else np.inf
        for place in range(offsets[image], offsets[image + 1]):
            value = centroid[ids[place], axis]
            mask[place] &= (value >= least) & (
                value < limit
            )  # no branch, which would be guessed wrong half of the time


@compiled_loop
def count_in_band(
    ids: Ids, offsets: Places, centroid: Floats, axis: int, extent: Floats, low: float, high: float, found: Places,
    first: int, last: int,
) -> None:  # fmt: skip
    """How many entities of each image `in_band` would leave."""
    for image in range(first, last):
        least = low * extent[image] / 6 if low > 0 else -np.inf
        limit = high * extent[image] / 6 if high < 6 else np.inf
        count = 0
        for place in range(offsets[image], offsets[image + 1]):
            value = centroid[ids[place], axis]
            count += (value >= least) & (value < limit)
        found[image] = count


@compiled_loop
def exceeded(
    first: int, last: int, roots: Ids, root_offsets: Places, root_key: Floats, ids: Ids, offsets: Places, key: Floats,
    sign: float, strict: bool, apart: bool, wanted: Bytes, found: Words,
) -> None:  # fmt: skip
    """For which roots an entity of the same image has a greater `sign` times key, or where not `strict` an equal one.

    With `apart` it must be another entity.
    """
    for image in range(first, last):
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


@compiled_loop
def outdone(
    first: int, last: int, roots: Ids, root_offsets: Places, root_order: Places, root_key: Floats, root_words: Words,
    root_stride: int,
    ids: Ids, offsets: Places, order: Places, key: Floats, words: Words, stride: int, strict: bool, apart: bool,
    wanted: Bytes, found: Words,
) -> None:  # fmt: skip
    """In which worlds an entity of the same image has a lesser key than a root, or where not `strict` an equal one.

    The keys, one a place, and the orders ascend within an image. With `apart` it must be another entity.
    """
    width = found.shape[1]
    for image in range(first, last):
        if wanted[image] == 0:
            continue
        place = offsets[image]
        before = -1
        for at in range(root_offsets[image], root_offsets[image + 1]):
            root = root_order[at]
            if before >= 0:
                for word in range(width):
                    found[root, word] = found[before, word]
            while place < offsets[image + 1] and key[order[place]] < root_key[root]:
                for word in range(width):
                    found[root, word] |= words[order[place] * stride, word]
                place += 1
            before = root
        for at in range(root_offsets[image], root_offsets[image + 1]):
            root = root_order[at]
            if not strict:
                low, high = offsets[image], offsets[image + 1]
                while low < high:
                    middle = (low + high) >> 1
                    if key[order[middle]] < root_key[root]:
                        low = middle + 1
                    else:
                        high = middle
                while low < offsets[image + 1] and key[order[low]] == root_key[root]:
                    if not apart or ids[order[low]] != roots[root]:
                        for word in range(width):
                            found[root, word] |= words[order[low] * stride, word]
                    low += 1
            for word in range(width):
                found[root, word] &= root_words[root * root_stride, word]
