"""Blocks of existentials as clauses, for many images at once: numpy makes all literals, no loop over objects.

One selector says that a variable takes an entity; every variable takes some. For a relation, every choice of all its
variables but the last, its body, leaves the body its partners only. Variables are chosen in an order in which few are
the body of two relations: only those have to take one entity at most. Where a variable without that may take several,
one of them goes with the choices before it, and no other relation looks at it but those of later variables.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solvers.problem import BlockArrays, Edge, Int64s, offsets_of
from solvers.z3_raw import Clauses

_Literals = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Encoding:
    """Clauses of many images, and the numbers of what may be assumed of them.

    `switches`: one proposition an image, without which its block asks for nothing; empty where it is asked for at
    once. `selectors`: for image and variable the number of its first entity's selector. `trackers`: one an edge,
    without which it asks for nothing; empty where not wanted.
    """

    clauses: Clauses
    switches: Int64s
    selectors: Int64s
    trackers: Int64s


def encode(blocks: BlockArrays, *, switched: bool = False, tracked: bool = False, first: int = 1) -> Encoding:
    """The blocks of all images as clauses over the propositions from `first` on.

    An assignment of the clauses gives a choice of entities that satisfies the blocks that are switched on, and the
    other way round.
    """
    images, variables = blocks.sizes.shape
    switches = np.arange(first, first + (images if switched else 0), dtype=np.int64)
    trackers = np.arange(first + len(switches), first + len(switches) + (len(blocks.edges) if tracked else 0))
    begin = first + len(switches) + len(trackers)
    flat_sizes = blocks.sizes.ravel().astype(np.int64)
    flat_starts = begin + offsets_of(flat_sizes)
    selectors = flat_starts[:-1].reshape(images, variables)
    order = order_of_choice(variables, [edge.variables for edge in blocks.edges if not edge.forbidden])
    off = -np.repeat(switches, variables)[:, None] if switched else np.zeros((images * variables, 0), dtype=np.int64)
    pieces = [_with_tails(off, np.arange(begin, flat_starts[-1]), flat_sizes)]
    bodies: list[int] = []
    for number, edge in enumerate(blocks.edges):
        guard = -trackers[number : number + 1] if tracked else trackers[:0]
        if not edge.variables:
            pieces.append(_nullary(edge, images, -switches if switched else None, guard))
        elif edge.forbidden or len(edge.variables) == 1:
            pieces.append(_conflicts(_as_forbidden(edge, blocks), selectors, guard))
        else:
            body = max(edge.variables, key=order.index)
            bodies.append(body)
            pieces.append(_supports(edge, body, blocks, selectors, guard))
    single = [variable for variable in range(variables) if bodies.count(variable) > 1]
    if single:
        pieces += _at_most_one(blocks.sizes[:, single].ravel(), selectors[:, single].ravel(), int(flat_starts[-1]))
    return Encoding(_joined(pieces), switches, selectors, trackers)


def order_of_choice(variables: int, edges: Sequence[tuple[int, ...]]) -> list[int]:
    """An order of the variables in which few come last in two edges; none does where the edges are a tree."""
    waiting = sorted(range(variables), key=lambda each: -sum(each in edge for edge in edges))
    order: list[int] = []

    def closes(variable: int) -> tuple[bool, int]:
        closed = sum(variable in edge and set(edge) <= {*order, variable} for edge in edges)
        return closed == 0, closed  # what hangs on the ones before, on as few as possible

    while waiting:
        chosen = min(waiting, key=closes)
        order.append(chosen)
        waiting.remove(chosen)
    return order


_Piece = tuple[_Literals, Int64s]
"""Literals of clauses one after the other, and the clauses' lengths."""


def _with_tails(heads: _Literals, tails: _Literals, lengths: Int64s) -> _Piece:
    """Clauses of a row of heads and so many of the tails each."""
    width = heads.shape[1]
    whole = lengths + width
    if width == 0:
        return tails, whole
    literals = np.empty(len(tails) + heads.size, dtype=np.int64)
    places = offsets_of(whole)[:-1, None] + np.arange(width)
    is_tail = np.ones(len(literals), dtype=np.bool_)
    is_tail[places] = False
    literals[places] = heads
    literals[is_tail] = tails
    return literals, whole


def _rectangle(literals: _Literals) -> _Piece:
    return literals.ravel(), np.full(len(literals), literals.shape[1], dtype=np.int64)


def _guarded(literals: _Literals, guard: _Literals) -> _Literals:
    return np.hstack([np.broadcast_to(guard, (len(literals), len(guard))), literals]) if len(guard) else literals


def _nullary(edge: Edge, images: int, off: _Literals | None, guard: _Literals) -> _Piece:
    """A truth value: where it is false, the image's block fails."""
    rows = np.diff(edge.starts)
    false = np.flatnonzero((rows > 0) if edge.forbidden else (rows == 0))
    heads = off[false][:, None] if off is not None else np.zeros((len(false), 0), dtype=np.int64)
    return _rectangle(_guarded(heads, guard))


def _as_forbidden(edge: Edge, blocks: BlockArrays) -> Edge:
    """A relation of one variable by the entities that it forbids."""
    if edge.forbidden:
        return edge
    sizes = blocks.sizes[:, edge.variables[0]].astype(np.int64)
    starts = offsets_of(sizes)
    forbidden = np.ones(int(starts[-1]), dtype=np.bool_)
    forbidden[np.repeat(starts[:-1], np.diff(edge.starts)) + edge.rows[:, 0]] = False
    images = np.repeat(np.arange(len(sizes)), sizes)[forbidden]
    rows = (np.flatnonzero(forbidden) - starts[images])[:, None].astype(np.int32)
    return Edge(edge.variables, offsets_of(np.bincount(images, minlength=len(sizes))), rows, forbidden=True)


def _conflicts(edge: Edge, selectors: Int64s, guard: _Literals) -> _Piece:
    """No forbidden combination is taken whole."""
    images = np.repeat(np.arange(len(selectors)), np.diff(edge.starts))
    return _rectangle(_guarded(-(selectors[images][:, edge.variables] + edge.rows), guard))


def _supports(edge: Edge, body: int, blocks: BlockArrays, selectors: Int64s, guard: _Literals) -> _Piece:
    """Every choice of the other variables leaves the body its partners; choices that leave it all say nothing."""
    others = [variable for variable in edge.variables if variable != body]
    column = [edge.variables.index(variable) for variable in others]
    sizes = blocks.sizes[:, others].astype(np.int64)
    strides = np.ones_like(sizes)
    np.cumprod(sizes[:, :0:-1], axis=1, out=strides[:, -2::-1]) if len(others) > 1 else None
    choices = offsets_of(sizes.prod(axis=1))
    images = np.repeat(np.arange(len(sizes)), np.diff(edge.starts))
    rows = choices[images] + (edge.rows[:, column] * strides[images]).sum(axis=1)
    tails = selectors[images, body] + edge.rows[:, edge.variables.index(body)]
    if ((rows[1:] < rows[:-1]) | ((rows[1:] == rows[:-1]) & (tails[1:] <= tails[:-1]))).any():
        order = np.lexsort((tails, rows))
        rows, tails = rows[order], tails[order]
        is_new = np.append([True], (rows[1:] != rows[:-1]) | (tails[1:] != tails[:-1]))
        rows, tails = rows[is_new], tails[is_new]
    partners = np.bincount(rows, minlength=int(choices[-1])).astype(np.int64)
    owner = np.repeat(np.arange(len(sizes)), np.diff(choices))
    telling = partners < blocks.sizes[owner, body]
    if not telling.all():
        tails, partners, owner = tails[telling[rows]], partners[telling], owner[telling]
    places = np.flatnonzero(telling) - choices[owner]
    heads = -(selectors[owner][:, others] + places[:, None] // strides[owner] % sizes[owner])
    return _with_tails(_guarded(heads, guard), tails, partners)


def _at_most_one(sizes: npt.NDArray[np.int32], starts: Int64s, free: int) -> list[_Piece]:
    """A ladder over each run of selectors: proposition `free` + n says that one of them up to the n-th is true."""
    lengths = sizes.astype(np.int64)
    places = np.arange(int(lengths.sum())) - np.repeat(offsets_of(lengths)[:-1], lengths)
    selector = np.repeat(starts, lengths) + places
    rung = free + np.arange(len(places))
    later = np.flatnonzero(places > 0)
    return [
        _rectangle(np.stack([-selector, rung], axis=1)),
        _rectangle(np.stack([-rung[later - 1], rung[later]], axis=1)),
        _rectangle(np.stack([-rung[later - 1], -selector[later]], axis=1)),
    ]


def _joined(pieces: Sequence[_Piece]) -> Clauses:
    literals = np.concatenate([literals for literals, _ in pieces])
    lengths = np.concatenate([lengths for _, lengths in pieces])
    return Clauses(literals.astype(np.int32), offsets_of(lengths))
