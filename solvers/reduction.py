"""Blocks on many images made small before Z3 sees them, by exact steps on flat arrays; equal ones found."""

from dataclasses import replace

import numpy as np

from solvers.problem import BlockArrays, Booleans, Edge, Int64s, offsets_of


def without_dead(blocks: BlockArrays) -> BlockArrays:
    """The same questions without the entities that some relation gives no partner at all.

    Where a variable has no other entity, one such is left in place of all: they cannot be told apart, and it is for
    Z3 to find that it will not do. A variable that no relation speaks of keeps one entity.
    """
    sizes = blocks.sizes.astype(np.int64)
    starts = offsets_of(sizes.ravel())
    owner = np.repeat(np.arange(sizes.size), sizes.ravel())
    firsts = starts[:-1].reshape(sizes.shape)
    alive = np.ones(int(starts[-1]), dtype=np.bool_)
    values = [_values(edge, firsts) for edge in blocks.edges]
    for edge, each in zip(blocks.edges, values, strict=True):
        for place, variable in enumerate(edge.variables if not edge.forbidden else ()):
            partnered = np.zeros(len(alive), dtype=np.bool_)
            partnered[each[:, place]] = True
            alive &= partnered | (owner % sizes.shape[1] != variable)
    for variable in set(range(sizes.shape[1])).difference(*(edge.variables for edge in blocks.edges)):
        alive &= (owner % sizes.shape[1] != variable) | (np.arange(len(alive)) == starts[owner])
    none_left = np.bincount(owner[alive], minlength=sizes.size) == 0
    kept = alive.copy()
    kept[starts[:-1][none_left & (sizes.ravel() > 0)]] = True
    ends = np.concatenate([[0], np.cumsum(kept)])
    place = ends[:-1] - ends[starts[:-1]][owner]
    edges = tuple(
        _renumbered(edge, np.asarray(alive[each].all(axis=1)), place[each].astype(np.int32))
        for edge, each in zip(blocks.edges, values, strict=True)
    )
    left = np.bincount(owner[kept], minlength=sizes.size).reshape(sizes.shape)
    return BlockArrays(left.astype(np.int32), edges)


def distinct(blocks: BlockArrays, holds: Booleans) -> tuple[Int64s, Int64s]:
    """The first image of each kind of question and claim, and for every image the number of its kind."""
    columns = [np.hstack([blocks.sizes, holds[:, None].astype(np.int32)]).astype(np.int32)]
    columns += [np.diff(edge.starts).astype(np.int32)[:, None] for edge in blocks.edges]
    heads = np.ascontiguousarray(np.hstack(columns))
    width = heads.shape[1] * heads.itemsize
    head_bytes = heads.tobytes()
    bodies = [(edge.rows.tobytes(), edge.starts * edge.rows.shape[1] * edge.rows.itemsize) for edge in blocks.edges]
    cuts = [(content, ends.tolist()) for content, ends in bodies]
    kinds: dict[bytes, int] = {}
    firsts: list[int] = []
    numbers = np.empty(len(blocks), dtype=np.int64)
    for image in range(len(blocks)):
        key = head_bytes[image * width : (image + 1) * width]
        for content, ends in cuts:
            key += content[ends[image] : ends[image + 1]]
        number = kinds.setdefault(key, len(firsts))
        if number == len(firsts):
            firsts.append(image)
        numbers[image] = number
    return np.array(firsts, dtype=np.int64), numbers


def _values(edge: Edge, firsts: Int64s) -> Int64s:
    """An edge's rows by the number of the entity among those of all images and variables."""
    images = np.repeat(np.arange(len(firsts)), np.diff(edge.starts))
    return np.asarray(firsts[images][:, edge.variables] + edge.rows)


def _renumbered(edge: Edge, kept: Booleans, places: np.ndarray[tuple[int, ...], np.dtype[np.int32]]) -> Edge:
    before = np.concatenate([[0], np.cumsum(kept)])
    return replace(edge, starts=before[edge.starts], rows=places[kept])
