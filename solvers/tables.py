"""Truth tables over tuples of entities and many worlds at once: one bit a world, in 64-bit words.

A table has one axis a variable and a last axis of words; a table that is the same in every world has one word. Joins
are `&` after broadcasting, quantifiers are reductions, counts add bits. A cell budget keeps a table from outgrowing
the memory: beyond it TableTooLargeError, the same on every run.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solvers.geometry import Booleans, Indices
from solvers.limits import ImageLimitError

Words = npt.NDArray[np.uint64]

ALL_ONES = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
MAX_CELLS = 1 << 22
MAX_CELLS_OF_THREE = 1 << 20
MAX_AXES = 24
_CELLS_AT_ONCE = 1 << 22


class TableTooLargeError(ImageLimitError):
    """A table would outgrow the memory; the same question over fewer entities at a time may still be answered."""


@dataclass(frozen=True, slots=True)
class Table:
    """Which tuples hold in which worlds; `bits` has one axis a name, then the words."""

    names: tuple[str, ...]
    bits: Words


def from_booleans(names: tuple[str, ...], held: Booleans) -> Table:
    """A table that is the same in every world."""
    return Table(names, np.where(held, ALL_ONES, np.uint64(0))[..., None])


def constant(held: bool) -> Table:
    """A table without variables."""
    return Table((), np.array([ALL_ONES if held else 0], dtype=np.uint64))


def complement(table: Table) -> Table:
    """Where the table does not hold."""
    return Table(table.names, ~table.bits)


def aligned(table: Table, names: tuple[str, ...]) -> Words:
    """The bits with the axes of `names`, of length 1 where the table lacks one."""
    order = [table.names.index(name) for name in names if name in table.names]
    bits = np.transpose(table.bits, (*order, len(table.names)))
    sizes = iter(bits.shape)
    shape = [next(sizes) if name in table.names else 1 for name in names]
    return bits.reshape(*shape, bits.shape[-1])


def union_names(tables: Iterable[Table]) -> tuple[str, ...]:
    """The variables of some tables, in the order of their first use."""
    return tuple(dict.fromkeys(name for table in tables for name in table.names))


def conjoin(tables: Sequence[Table]) -> Table:
    """Where all tables hold."""
    return _fold(tables, np.bitwise_and)


def disjoin(tables: Sequence[Table]) -> Table:
    """Where any table holds."""
    return _fold(tables, np.bitwise_or)


def _fold(tables: Sequence[Table], operation: np.ufunc) -> Table:
    names = union_names(tables)
    bits = aligned(tables[0], names)
    for table in tables[1:]:
        other = aligned(table, names)
        _joined_shape((bits, other), len(names))
        bits = operation(bits, other)
    return Table(names, bits)


def check_cells(shape: Sequence[int], variables: int) -> int:
    """How many cells a table of this shape has; raises TableTooLargeError where they are too many."""
    cells = math.prod(shape)
    if cells > (MAX_CELLS if variables < 3 else MAX_CELLS_OF_THREE):
        raise TableTooLargeError(f"a part of the formula relates {cells:.2g} combinations of objects in one image")
    return cells


def _joined_shape(parts: Sequence[Words], variables: int) -> tuple[int, ...]:
    """The shape that some aligned tables have together."""
    shape = tuple(max(sizes) if min(sizes) else 0 for sizes in zip(*(part.shape for part in parts), strict=True))
    check_cells(shape, variables)
    return shape


def is_full(table: Table) -> bool:
    """Whether every tuple holds in every world."""
    return bool((table.bits == ALL_ONES).all())


def restrict(table: Table, name: str, kept: Indices) -> Table:
    """The table with only some places along one variable's axis."""
    if name not in table.names:
        return table
    return Table(table.names, np.take(table.bits, kept, axis=table.names.index(name)))


def concatenate(tables: Sequence[Table], name: str) -> Table:
    """Tables over different entities of one variable as one; their other axes agree or are broadcast."""
    names = (*(each for each in union_names(tables) if each != name), name)
    parts = [aligned(table, names) for table in tables]
    place = len(names) - 1
    others = np.broadcast_shapes(*(part.shape[:place] for part in parts))
    words = max(part.shape[-1] for part in parts)
    whole = [np.broadcast_to(part, (*others, part.shape[place], words)) for part in parts]
    return Table(names, np.concatenate(whole, axis=place))


def supported(table: Table, name: str) -> Booleans:
    """Which places along one variable's axis hold in any tuple and any world."""
    axis = table.names.index(name)
    others = tuple(each for each in range(table.bits.ndim) if each != axis)
    return np.asarray(table.bits.any(axis=others))


def eliminate_all(tables: Sequence[Table], eliminated: Sequence[str], sizes: Mapping[str, int]) -> Table:
    """Where some choice of the eliminated variables makes all tables hold; cheapest variable first."""
    waiting = list(tables)
    remaining = list(eliminated)
    while remaining:
        name = min(remaining, key=lambda each: _cost(each, waiting, sizes))  # the earliest of equals
        involved = [table for table in waiting if name in table.names]
        waiting = [table for table in waiting if name not in table.names]
        waiting.append(_eliminate(involved, name, sizes[name]))
        remaining.remove(name)
    return conjoin(waiting) if waiting else constant(held=True)


def _cost(name: str, tables: Sequence[Table], sizes: Mapping[str, int]) -> float:
    names = union_names([table for table in tables if name in table.names])
    return float(np.prod([float(sizes[each]) for each in names])) if names else 0.0


def _eliminate(tables: Sequence[Table], name: str, size: int) -> Table:
    names = tuple(each for each in union_names(tables) if each != name)
    parts = [aligned(table, (name, *names)) for table in tables]
    if len(names) >= MAX_AXES:
        raise TableTooLargeError(f"a part of the formula relates {len(names) + 1} objects all at once")
    shape = _joined_shape([part[:1] for part in parts], len(names) + 1)[1:]
    found = np.zeros(shape, dtype=np.uint64)
    step = max(1, _CELLS_AT_ONCE // max(1, found.size))
    for start in range(0, size, step):
        some = [part[start : start + step] for part in parts]
        joined = some[0]
        for each in some[1:]:
            joined = joined & each
        found |= np.bitwise_or.reduce(np.broadcast_to(joined, (joined.shape[0], *shape)), axis=0)
    return Table(names, found)


def count_at_least(table: Table, name: str, least: int) -> Table:
    """Where at least so many places along one variable's axis hold."""
    names = tuple(each for each in table.names if each != name)
    bits = aligned(table, (*names, name))
    if least <= 0:
        return Table(names, np.full((*bits.shape[:-2], bits.shape[-1]), ALL_ONES))
    if least > bits.shape[-2]:
        return Table(names, np.zeros((*bits.shape[:-2], bits.shape[-1]), dtype=np.uint64))
    flat = np.ascontiguousarray(bits.reshape(-1, *bits.shape[-2:]))
    found = np.empty((len(flat), flat.shape[-1]), dtype=np.uint64)
    step = max(1, _CELLS_AT_ONCE // (64 * max(1, flat[0].size if len(flat) else 1)))
    for start in range(0, len(flat), step):
        some = flat[start : start + step]
        unpacked = np.unpackbits(some.view(np.uint8), axis=-1, bitorder="little")
        enough = unpacked.sum(axis=1, dtype=np.int32) >= least
        found[start : start + step] = np.packbits(enough, axis=-1, bitorder="little").view(np.uint64)
    return Table(names, found.reshape(*bits.shape[:-2], bits.shape[-1]))
