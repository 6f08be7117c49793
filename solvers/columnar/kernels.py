"""The loops over entities of an archive, compiled: semi-joins, counts and joins, bit-parallel over possible worlds.

A domain is the entities that a variable may stand for, image after image and from left to right: `ids` (k), `offsets`
(images + 1), and `words` (k, W), one bit a world in which the entity is there; with `stride` 0 all share the first row.
A clause is a disjunction of literals over the slots of a block (0 is the root); it is looked at as soon as its last
slot is filled. What a clause says of where that entity's centroid can lie is its window: only entities within it are
looked at. Where the predicates cannot decide a literal the image is marked open, for the exact evaluator.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solvers.columnar.compiled import compiled_inline, compiled_loop, compiled_part
from solvers.columnar.predicates import NO, OPEN, YES, Geometry, holds
from solvers.tables import Words

Places = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Reals = npt.NDArray[np.floating]
Wholes = npt.NDArray[np.integer]

WINDOW_NONE, WINDOW_SIZES, WINDOW_GAP, WINDOW_SIDE = 0, 1, 2, 3
STOP_NEVER, STOP_AT_HIT, STOP_AT_MISS = 0, 1, 2
"""Whether an image is done with the first entity for which a block holds, or fails: the others count as failing."""
_ROUND_UP = 1 + 1e-6
"""Windows are wider than rounding could make the relation."""


class Clauses(NamedTuple):
    """Clauses as arrays; clause i has the literals `starts[i]:starts[i + 1]`, sorted by the slot that completes them.

    `at_slot` (slots + 1) says which clauses slot s completes: `at_slot[s]:at_slot[s + 1]`. `scale` is 0 for pixels, 1
    for metres, 2 for square metres. `window` (clauses) tells what a clause says of the completing slot's place beside
    the entity in slot `beside`: its gap is at most `reach` sizes of the larger one, or at most `reach` in `scale`;
    or its centroid lies on one side (`side_x`, `side_y`: 1 further right or down, -1 left or up, 0 either).
    """

    starts: Places
    at_slot: Places
    code: Places
    negated: Bytes
    slots: Places
    value: Floats
    scale: Places
    window: Places
    beside: Places
    reach: Floats
    side_x: Places
    side_y: Places


class Ground(NamedTuple):
    """The images of a batch: `gsd` (b) and `north` (b, 2), NaN where not known."""

    gsd: Floats
    north: Floats


class Scratch(NamedTuple):
    """Working memory of one thread for so many slots: kernels make no arrays, which would cost more than they do."""

    carry: Words
    place: Places
    stop: Places
    chosen: Ids
    window: Floats
    widest: Floats


def scratch(slots: int, width: int) -> Scratch:
    """Room for a join of so many slots."""
    return Scratch(
        np.zeros((slots, width), np.uint64), np.zeros(slots, np.int64), np.zeros(slots, np.int64),
        np.zeros(max(3, slots), np.int32), np.zeros((slots, 3)), np.zeros((slots, 3)),
    )  # fmt: skip


@compiled_inline
def _scaled(kind: int, gsd: float) -> float:
    if kind == 1:
        return gsd
    return gsd * gsd if kind == 2 else 1.0


@compiled_part
def _clause_holds(
    clause: int,
    entities: Ids,
    clauses: Clauses,
    gsd: float,
    north_x: float,
    north_y: float,
    geometry: Geometry,
    settings: Floats,
) -> int:
    """Whether any literal of a clause holds of the entities in the slots: no, yes or open."""
    answer = NO
    for literal in range(clauses.starts[clause], clauses.starts[clause + 1]):
        found = holds(
            clauses.code[literal], entities[clauses.slots[literal, 0]], entities[clauses.slots[literal, 1]],
            entities[clauses.slots[literal, 2]], clauses.value[literal], _scaled(clauses.scale[literal], gsd),
            north_x, north_y, geometry, settings,
        )  # fmt: skip
        if found == OPEN:
            answer = OPEN
        elif (found == YES) != (clauses.negated[literal] == 1):
            return YES
    return answer


@compiled_part
def _clauses_hold(
    slot: int,
    entities: Ids,
    clauses: Clauses,
    gsd: float,
    north_x: float,
    north_y: float,
    geometry: Geometry,
    settings: Floats,
) -> int:
    """Whether all clauses that a slot completes hold: a no wins over an open."""
    answer = YES
    for clause in range(clauses.at_slot[slot], clauses.at_slot[slot + 1]):
        found = _clause_holds(clause, entities, clauses, gsd, north_x, north_y, geometry, settings)
        if found == NO:
            return NO
        if found == OPEN:
            answer = OPEN
    return answer


@compiled_part
def _widest(slot: int, ids: Ids, first: int, last: int, clauses: Clauses, geometry: Geometry, scratch: Scratch) -> None:
    """How far any entity of a slot in one image reaches from its centroid, and its greatest size, where gaps ask."""
    asked = False
    for clause in range(clauses.at_slot[slot], clauses.at_slot[slot + 1]):
        if clauses.window[clause] in (WINDOW_SIZES, WINDOW_GAP):
            asked = True
    if not asked:
        return
    across, down, area = 0.0, 0.0, 0.0
    for place in range(first, last):
        entity = ids[place]
        x, y = geometry.centroid[entity, 0], geometry.centroid[entity, 1]
        bounds = geometry.bounds
        across = max(across, x - bounds[entity, 0], bounds[entity, 2] - x)
        down = max(down, y - bounds[entity, 1], bounds[entity, 3] - y)
        area = max(area, geometry.area[entity])
    scratch.widest[slot, 0], scratch.widest[slot, 1], scratch.widest[slot, 2] = across, down, math.sqrt(area)


@compiled_part
def _open_window(
    slot: int,
    ids: Ids,
    base: int,
    first: int,
    last: int,
    clauses: Clauses,
    gsd: float,
    geometry: Geometry,
    scratch: Scratch,
) -> None:
    """Set where a slot's entities can lie beside those that are chosen: its first place, and its window."""
    left, right, top, bottom = -np.inf, np.inf, -np.inf, np.inf
    for clause in range(clauses.at_slot[slot], clauses.at_slot[slot + 1]):
        kind = clauses.window[clause]
        if kind == WINDOW_NONE:
            continue
        other = scratch.chosen[clauses.beside[clause]]
        if kind == WINDOW_SIDE:
            x, y = geometry.centroid[other, 0], geometry.centroid[other, 1]
            if clauses.side_x[clause] > 0:
                left = max(left, x)
            elif clauses.side_x[clause] < 0:
                right = min(right, x)
            if clauses.side_y[clause] > 0:
                top = max(top, y)
            elif clauses.side_y[clause] < 0:
                bottom = min(bottom, y)
            continue
        reach = clauses.reach[clause]
        if kind == WINDOW_SIZES:
            reach *= max(math.sqrt(geometry.area[other]), scratch.widest[slot, 2])
        else:
            reach /= _scaled(clauses.scale[clauses.starts[clause]], gsd)
        if not reach >= 0:  # an unknown scale, or no gap is small enough: nothing is known of where
            continue
        across = (reach + scratch.widest[slot, 0]) * _ROUND_UP + 1e-6
        down = (reach + scratch.widest[slot, 1]) * _ROUND_UP + 1e-6
        left, right = max(left, geometry.bounds[other, 0] - across), min(right, geometry.bounds[other, 2] + across)
        top, bottom = max(top, geometry.bounds[other, 1] - down), min(bottom, geometry.bounds[other, 3] + down)
    low, high = first, last
    if left > -np.inf:
        while low < high:
            middle = (low + high) >> 1
            if geometry.centroid[ids[base + middle], 0] < left:
                low = middle + 1
            else:
                high = middle
    scratch.place[slot], scratch.stop[slot] = low, last
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
) -> None:
    """In which worlds some entities of the other slots make all clauses hold, for each entity of slot 0, the root.

    `ids` and `words` have the other slots' domains one after the other, slot s from `base[s]` and `word_base[s]`;
    `offsets` has a row of images + 1 a slot. Images that are not `wanted` are passed over. `found` gets a row an entity
    of the root, or with `by_image` one an image.
    """
    slots = len(base)
    width = found.shape[1]
    carry, place, chosen, window = scratch.carry, scratch.place, scratch.chosen, scratch.window
    for image in range(first, last):
        if wanted[image] == 0:
            continue
        gsd, north_x, north_y = ground.gsd[image], ground.north[image, 0], ground.north[image, 1]
        for slot in range(1, slots):
            _widest(
                slot, ids, base[slot] + offsets[slot, image], base[slot] + offsets[slot, image + 1], clauses, geometry,
                scratch,
            )  # fmt: skip
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
            slot = 1
            _open_window(1, ids, base[1], offsets[1, image], offsets[1, image + 1], clauses, gsd, geometry, scratch)
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
                answer = _clauses_hold(slot, chosen, clauses, gsd, north_x, north_y, geometry, settings)
                if answer != YES:
                    if answer == OPEN:
                        is_open[image] = 1
                    place[slot] += 1
                    continue
                if slot < slots - 1:
                    slot += 1
                    _open_window(
                        slot, ids, base[slot], offsets[slot, image], offsets[slot, image + 1], clauses, gsd, geometry,
                        scratch,
                    )  # fmt: skip
                    continue
                whole = True
                for word in range(width):
                    found[row, word] |= carry[slot, word]
                    whole &= (root_words[root * root_stride, word] & ~found[row, word]) == 0
                if whole:
                    break
                place[slot] += 1
            if steps > most_steps:
                is_open[image] = 1
                break
            if stop_at != STOP_NEVER and (found[row, 0] != 0) == (stop_at == STOP_AT_HIT):
                break


@compiled_loop
def count(
    first: int,
    last: int,
    least: int,
    parents: Ids,
    parent_offsets: Places,
    parent_words: Words,
    parent_stride: int,
    ids: Ids,
    offsets: Places,
    words: Words,
    stride: int,
    clauses: Clauses,
    ground: Ground,
    geometry: Geometry,
    settings: Floats,
    planes: Words,
    stop_at: int,
    wanted: Bytes,
    scratch: Scratch,
    found: Words,
    is_open: Bytes,
) -> None:
    """In which worlds at least so many entities make all clauses hold with each parent; a row of `found` a parent.

    The worlds are counted all at once: plane p holds bit p of every world's count, and one more entity is a ripple
    of ands and exclusive ors (`planes` has as many rows as `least` has bits). A world with enough is counted no more.
    """
    bits, width = planes.shape
    chosen, place, window = scratch.chosen, scratch.place, scratch.window
    for image in range(first, last):
        gsd, north_x, north_y = ground.gsd[image], ground.north[image, 0], ground.north[image, 1]
        start, stop = offsets[image], offsets[image + 1]
        if wanted[image] == 0 or stop - start < least or parent_offsets[image] == parent_offsets[image + 1]:
            continue
        _widest(1, ids, start, stop, clauses, geometry, scratch)
        for parent in range(parent_offsets[image], parent_offsets[image + 1]):
            for bit in range(bits):
                for word in range(width):
                    planes[bit, word] = 0
            chosen[0] = parents[parent]
            _open_window(1, ids, 0, start, stop, clauses, gsd, geometry, scratch)
            for child in range(place[1], stop):
                entity = ids[child]
                if geometry.centroid[entity, 0] > window[1, 0]:
                    break
                y = geometry.centroid[entity, 1]
                if y < window[1, 1] or y > window[1, 2]:
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
                answer = _clauses_hold(1, chosen, clauses, gsd, north_x, north_y, geometry, settings)
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
            if stop_at != STOP_NEVER and (found[parent, 0] != 0) == (stop_at == STOP_AT_HIT):
                break


@compiled_loop
def combinations(
    first: int, last: int, slots: int, ids: Ids, base: Places, offsets: Places, clauses: Clauses, ground: Ground,
    geometry: Geometry, settings: Floats, scratch: Scratch, starts: Places, rows: Ids, fill: bool, is_open: Bytes,
) -> None:  # fmt: skip
    """The combinations of places, of two or three slots, that clauses allow: how many an image, then, to `fill`, which.

    `starts` (images + 1) gets the numbers, and is their running sum when `rows` (all, slots) is filled.
    """
    chosen, place, window = scratch.chosen, scratch.place, scratch.window
    for image in range(first, last):
        gsd, north_x, north_y = ground.gsd[image], ground.north[image, 0], ground.north[image, 1]
        for slot in range(1, slots):
            _widest(
                slot, ids, base[slot] + offsets[slot, image], base[slot] + offsets[slot, image + 1], clauses, geometry,
                scratch,
            )  # fmt: skip
        number = starts[image] if fill else 0
        slot = 0
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
                    answer = _clauses_hold(slot, chosen, clauses, gsd, north_x, north_y, geometry, settings)
                if answer == OPEN:
                    is_open[image] = 1
                if answer != YES:
                    place[slot] += 1
                    continue
            if slot < slots - 1:
                slot += 1
                _open_window(
                    slot, ids, base[slot], offsets[slot, image], offsets[slot, image + 1], clauses, gsd, geometry,
                    scratch,
                )  # fmt: skip
                continue
            if fill:
                for each in range(slots):
                    rows[number, each] = place[each] - offsets[each, image]
            number += 1
            place[slot] += 1
        if not fill:
            starts[image + 1] = number
