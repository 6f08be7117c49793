"""Joins by backtracking, for what no semi-joins decide: cycles, and relations of three."""

from solvers.columnar.compiled import compiled_inline, compiled_loop
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
from solvers.columnar.measured import ASK, NO, OPEN, YES, Geometry
from solvers.tables import Words


@compiled_inline
def _open(
    slot: int, image: int, ids: Ids, base: Places, offsets: Places, reach: Floats, clauses: Clauses, gsd: float,
    geometry: Geometry, scratch: Scratch,
) -> None:  # fmt: skip
    """Set where a slot's entities can lie beside those that are chosen: its first place, and its window."""
    left, right, top, bottom = window_of(
        slot, scratch.chosen, reach[slot, image, 0], reach[slot, image, 1], reach[slot, image, 2], clauses, gsd,
        geometry,
    )  # fmt: skip
    low, high = base[slot] + offsets[slot, image], base[slot] + offsets[slot, image + 1]
    scratch.place[slot] = first_from(left, ids, low, high, geometry.centroid) - base[slot]
    scratch.window[slot, 0], scratch.window[slot, 1], scratch.window[slot, 2] = right, top, bottom


@compiled_loop
def join(
    first: int,
    last: int,
    by_image: bool,
    roots: Ids,
    root_words: Words,
    root_stride: int,
    ids: Ids,
    base: Places,
    offsets: Places,
    words: Words,
    word_base: Places,
    strides: Places,
    reach: Floats,
    clauses: Clauses,
    ground: Ground,
    geometry: Geometry,
    settings: Floats,
    most_steps: int,
    stop_at: int,
    wanted: Bytes,
    scratch: Scratch,
    found: Words,
    is_open: Bytes,
    asked: Bytes,
    exact: Exact,
) -> None:
    """In which worlds some entities of the other slots make all clauses hold, for each entity of slot 0, the root.

    `ids` and `words` have the other slots' domains one after the other, slot s from `base[s]` and `word_base[s]`;
    `offsets` has a row of images + 1 a slot; `reach` (slots, images, 3) tells how far the entities of each reach.
    Images that are not `wanted` are passed over. `found` gets a row an entity of the root, or with `by_image` an image;
    `asked` those that are left, with `exact` None.
    """
    slots = len(base)
    width = found.shape[1]
    carry, place, chosen, window = scratch.carry, scratch.place, scratch.chosen, scratch.window
    for image in range(first, last):
        if wanted[image] == 0:
            continue
        gsd, north_x, north_y = ground.gsd[image], ground.north[image, 0], ground.north[image, 1]
        steps = 0
        for root in range(offsets[0, image], offsets[0, image + 1]):
            row = image if by_image else root
            alive = False
            for word in range(width):
                carry[0, word] = root_words[root * root_stride, word] & ~found[row, word]
                alive |= carry[0, word] != 0
            if not alive:
                if by_image and width == 1 and ~found[row, 0] == 0:
                    break
                continue
            chosen[0] = roots[root]
            slot = FIRST
            _open(slot, image, ids, base, offsets, reach, clauses, gsd, geometry, scratch)
            while slot > 0:
                entity = ids[base[slot] + place[slot]] if place[slot] < offsets[slot, image + 1] else -1
                if entity < 0 or geometry.centroid[entity, 0] > window[slot, 0]:
                    slot -= 1
                    if slot > 0:
                        place[slot] += 1
                    continue
                y = geometry.centroid[entity, 1]
                if y < window[slot, 1] or y > window[slot, 2]:
                    place[slot] += 1
                    continue
                alive = False
                at = word_base[slot] + place[slot] * strides[slot]
                for word in range(width):
                    carry[slot, word] = carry[slot - 1, word] & words[at, word] & ~found[row, word]
                    alive |= carry[slot, word] != 0
                if not alive:
                    place[slot] += 1
                    continue
                steps += 1
                if steps > most_steps:
                    break
                chosen[slot] = entity
                answer = clauses_hold(slot, chosen, clauses, gsd, north_x, north_y, geometry, settings, exact)
                if answer == ASK:
                    asked[image] = 1
                    break
                if answer != YES:
                    if answer == OPEN:
                        is_open[image] = 1
                    place[slot] += 1
                    continue
                if slot < slots - 1:
                    slot += 1
                    _open(slot, image, ids, base, offsets, reach, clauses, gsd, geometry, scratch)
                    continue
                whole = True
                for word in range(width):
                    found[row, word] |= carry[slot, word]
                    whole &= (root_words[root * root_stride, word] & ~found[row, word]) == 0
                if whole:
                    break
                place[slot] += 1
            if asked[image] != 0:
                break
            if steps > most_steps:
                is_open[image] = 1
                break
            if stop_at != STOP_NEVER and (found[row, 0] != 0) == (stop_at == STOP_AT_HIT):
                break


@compiled_loop
def combinations(
    first: int, last: int, slots: int, ids: Ids, base: Places, offsets: Places, reach: Floats, clauses: Clauses,
    ground: Ground, geometry: Geometry, settings: Floats, scratch: Scratch, starts: Places, rows: Ids, fill: bool,
    is_open: Bytes, asked: Bytes, exact: Exact,
) -> None:  # fmt: skip
    """The combinations of places, of two or three slots, that clauses allow: how many an image, then, to `fill`, which.

    `starts` (images + 1) gets the numbers, and is their running sum when `rows` (all, slots) is filled. With `exact`
    None images may be left, and are `asked`: the numbers are then of no use.
    """
    chosen, place, window = scratch.chosen, scratch.place, scratch.window
    for image in range(first, last):
        gsd, north_x, north_y = ground.gsd[image], ground.north[image, 0], ground.north[image, 1]
        number = starts[image] if fill else 0
        slot = FIRST - 1
        place[0] = offsets[0, image]
        while slot >= 0:
            entity = ids[base[slot] + place[slot]] if place[slot] < offsets[slot, image + 1] else -1
            if entity < 0 or (slot > 0 and geometry.centroid[entity, 0] > window[slot, 0]):
                slot -= 1
                if slot >= 0:
                    place[slot] += 1
                continue
            chosen[slot] = entity
            y = geometry.centroid[entity, 1]
            if slot > 0:
                answer = NO
                if window[slot, 1] <= y <= window[slot, 2]:
                    answer = clauses_hold(slot, chosen, clauses, gsd, north_x, north_y, geometry, settings, exact)
                if answer == ASK:
                    asked[image] = 1
                    break
                if answer == OPEN:
                    is_open[image] = 1
                if answer != YES:
                    place[slot] += 1
                    continue
            if slot < slots - 1:
                slot += 1
                _open(slot, image, ids, base, offsets, reach, clauses, gsd, geometry, scratch)
                continue
            if fill:
                for each in range(slots):
                    rows[number, each] = place[each] - offsets[each, image]
            number += 1
            place[slot] += 1
        if not fill:
            starts[image + 1] = number
