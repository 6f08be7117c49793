"""Semi-joins and counts: which entities of one slot find partners, or enough of them, in one other."""

import numpy as np

from solvers.columnar.compiled import compiled_loop
from solvers.columnar.distance import Distance, is_within, window_within
from solvers.columnar.kernels import (
    FIRST,
    STOP_AT_HIT,
    STOP_NEVER,
    Bytes,
    Clauses,
    Exact,
    Floats,
    Ground,
    Ids,
    Places,
    Scratch,
    clauses_hold,
    first_from,
    window_of,
)
from solvers.columnar.measured import ASK, OPEN, YES, Geometry
from solvers.tables import Words


@compiled_loop
def semi_join(
    first: int, last: int, by_image: bool, roots: Ids, root_offsets: Places, root_words: Words, root_stride: int,
    ids: Ids, offsets: Places, words: Words, stride: int, always: bool, reach: Floats, clauses: Clauses | None,
    distance: Distance, ground: Ground, geometry: Geometry, settings: Floats, most_steps: int, stop_at: int,
    wanted: Bytes, scratch: Scratch, found: Words, is_open: Bytes, asked: Bytes, exact: Exact,
) -> None:  # fmt: skip
    """In which worlds some entity of the leaf makes all clauses hold, for each entity of the root.

    Images that are not `wanted` are passed over; `always` says that every entity of the leaf is in all worlds; `reach`
    (images, 3) is that of the leaf's entities. `found` gets a row an entity of the root, or with `by_image` an image;
    `asked` those that are left, with `exact` None. Without `clauses` the distance is all that is asked for.
    """
    width, centroid = found.shape[1], geometry.centroid
    goal, chosen = scratch.carry[0], scratch.chosen
    for image in range(first, last):
        start, stop = offsets[image], offsets[image + 1]
        if wanted[image] == 0 or start == stop or root_offsets[image] == root_offsets[image + 1]:
            continue
        gsd, north_x, north_y = ground.gsd[image], ground.north[image, 0], ground.north[image, 1]
        across, down, size = reach[image, 0], reach[image, 1], reach[image, 2]
        steps = 0
        for root in range(root_offsets[image], root_offsets[image + 1]):
            row = image if by_image else root
            alive = False
            for word in range(width):
                goal[word] = root_words[root * root_stride, word] & ~found[row, word]
                alive |= goal[word] != 0
            if not alive:
                if by_image and width == 1 and ~found[row, 0] == 0:
                    break
                continue
            chosen[0] = roots[root]
            if clauses is None:  # then numba leaves out the other branch, and compiles nothing of it
                gap = distance.gap[image]
                left, right, top, bottom = window_within(roots[root], across, down, size, distance.sizes, gap, geometry)
            else:
                left, right, top, bottom = window_of(FIRST, chosen, across, down, size, clauses, gsd, geometry)
            begin = first_from(left, ids, start, stop, centroid)
            from_right = left > -np.inf and right == np.inf  # a cone to the right is the widest far away
            for step in range(stop - begin):
                place = stop - 1 - step if from_right else begin + step
                entity = ids[place]
                if centroid[entity, 0] > right:
                    break
                y = centroid[entity, 1]
                if y < top or y > bottom:
                    continue
                if not always:
                    alive = False
                    for word in range(width):
                        alive |= (goal[word] & words[place * stride, word]) != 0
                    if not alive:
                        continue
                steps += 1
                if steps > most_steps:
                    break
                chosen[1] = entity
                if clauses is None:
                    answer = is_within(roots[root], entity, distance.sizes, distance.gap[image], geometry)
                else:
                    answer = clauses_hold(FIRST, chosen, clauses, gsd, north_x, north_y, geometry, settings, exact)
                if answer == ASK:
                    asked[image] = 1
                    break
                if answer != YES:
                    if answer == OPEN:
                        is_open[image] = 1
                    continue
                whole = True
                for word in range(width):
                    hit = goal[word] & words[place * stride, word]
                    found[row, word] |= hit
                    goal[word] ^= hit
                    whole &= goal[word] == 0
                if whole:
                    break
            if asked[image] != 0:
                break
            if steps > most_steps:
                is_open[image] = 1
                break
            if stop_at != STOP_NEVER and (found[row, 0] != 0) == (stop_at == STOP_AT_HIT):
                break


@compiled_loop
def count(
    first: int, last: int, least: int, parents: Ids, parent_offsets: Places, parent_words: Words, parent_stride: int,
    ids: Ids, offsets: Places, words: Words, stride: int, reach: Floats, clauses: Clauses, ground: Ground,
    geometry: Geometry, settings: Floats, planes: Words, stop_at: int, wanted: Bytes, scratch: Scratch, found: Words,
    is_open: Bytes, asked: Bytes, exact: Exact,
) -> None:  # fmt: skip
    """In which worlds at least so many entities make all clauses hold with each parent; a row of `found` a parent.

    The worlds are counted all at once: plane p holds bit p of every world's count, and one more entity is a ripple
    of ands and exclusive ors (`planes` has as many rows as `least` has bits). A world with enough is counted no more.
    """
    bits, width = planes.shape
    chosen, centroid = scratch.chosen, geometry.centroid
    for image in range(first, last):
        gsd, north_x, north_y = ground.gsd[image], ground.north[image, 0], ground.north[image, 1]
        start, stop = offsets[image], offsets[image + 1]
        if wanted[image] == 0 or stop - start < least or parent_offsets[image] == parent_offsets[image + 1]:
            continue
        across, down, size = reach[image, 0], reach[image, 1], reach[image, 2]
        for parent in range(parent_offsets[image], parent_offsets[image + 1]):
            for bit in range(bits):
                for word in range(width):
                    planes[bit, word] = 0
            chosen[0] = parents[parent]
            left, right, top, bottom = window_of(FIRST, chosen, across, down, size, clauses, gsd, geometry)
            for child in range(first_from(left, ids, start, stop, centroid), stop):
                entity = ids[child]
                if centroid[entity, 0] > right:
                    break
                y = centroid[entity, 1]
                if y < top or y > bottom:
                    continue
                whole = True
                alive = False
                for word in range(width):
                    goal = parent_words[parent * parent_stride, word] & ~found[parent, word]
                    whole &= goal == 0
                    alive |= (goal & words[child * stride, word]) != 0
                if whole:
                    break
                if not alive:
                    continue
                chosen[1] = entity
                answer = clauses_hold(FIRST, chosen, clauses, gsd, north_x, north_y, geometry, settings, exact)
                if answer == ASK:
                    asked[image] = 1
                    break
                if answer != YES:
                    if answer == OPEN:
                        is_open[image] = 1
                    continue
                for word in range(width):
                    goal = parent_words[parent * parent_stride, word] & ~found[parent, word]
                    carry = goal & words[child * stride, word]
                    reached = carry
                    for bit in range(bits):
                        kept = planes[bit, word]
                        planes[bit, word] = kept ^ carry
                        carry = kept & carry
                    for bit in range(bits):
                        if (least >> bit) & 1:
                            reached &= planes[bit, word]
                        else:
                            reached &= ~planes[bit, word]
                    found[parent, word] |= reached
            if asked[image] != 0:
                break
            if stop_at != STOP_NEVER and (found[parent, 0] != 0) == (stop_at == STOP_AT_HIT):
                break
