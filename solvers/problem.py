"""What Z3 is asked of an image, as plain data: a block of existentials or a count, conditioned, geometry decided.

`Problem` is one question of one image, equal and hashed by content. `BlockArrays` is the same block on many images as
flat arrays, so that nothing costs Python time per image or object; it is picklable and can be cut into ranges.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solvers.fol.ast import Comparator

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Relation:
    """Which choices of some of a block's variables go together.

    `variables` are places in the block, each once; `allowed` one byte a combination, 0 or 1, the last variable
    running fastest. Without variables it is a plain truth value.
    """

    variables: tuple[int, ...]
    allowed: bytes

    @classmethod
    def of(cls, variables: tuple[int, ...], held: Booleans) -> "Relation":
        """The relation of a boolean array with one axis a variable."""
        return cls(variables, np.ascontiguousarray(held).tobytes())

    def table(self, sizes: Sequence[int]) -> Booleans:
        """The boolean array with one axis a variable; `sizes` are all of the block's."""
        shape = tuple(sizes[variable] for variable in self.variables)
        return np.frombuffer(self.allowed, dtype=np.bool_).reshape(shape)


@dataclass(frozen=True, slots=True)
class Existential:
    """Whether some choice of one entity a variable, from so many each, satisfies all relations."""

    sizes: tuple[int, ...]
    relations: tuple[Relation, ...]

    @property
    def signature(self) -> "Existential":
        """The least problem that is settled in the same way by exact reductions of single values.

        Entities that no relation tells apart are one; variables and relations that ask for nothing are left out.
        Many images have the same one, which then has to be checked once only.
        """
        if 0 in self.sizes or any(not any(relation.allowed) for relation in self.relations):
            return Existential((0,), ())
        tables = [(relation.variables, relation.table(self.sizes)) for relation in self.relations]
        tables = [(variables, table) for variables, table in tables if not table.all()]
        used = sorted({variable for variables, _ in tables for variable in variables})
        for variable in used:
            kept = _distinct(tables, variable)
            tables = [_restricted(each, variable, kept) for each in tables]
        sizes = {variable: size for each, table in tables for variable, size in zip(each, table.shape, strict=True)}
        place = {variable: number for number, variable in enumerate(used)}
        relations = {Relation.of(tuple(place[each] for each in variables), table) for variables, table in tables}
        return Existential(
            tuple(sizes[variable] for variable in used),
            tuple(sorted(relations, key=lambda each: (each.variables, each.allowed))),
        )


@dataclass(frozen=True, slots=True)
class Count:
    """Whether a number of instances is at least, at most or exactly `count`.

    `least` of the entities are instances for certain; `most` may be, where literals are unknown. At least is asked of
    `least`, at most of `most`, exactly of both. `others` of the entities are no instances.
    """

    comparator: Comparator
    count: int
    least: int
    most: int
    others: int = 0

    def __post_init__(self) -> None:
        if self.comparator not in (Comparator.GE, Comparator.LE, Comparator.EQ):
            raise ValueError(f"a count is compared by >=, <= or =, not by {self.comparator}")

    @property
    def signature(self) -> "Count":
        """The same with every number clipped to what can still make a difference."""
        clip = max(self.count, 0) + 1
        at_least, at_most = self.comparator is not Comparator.LE, self.comparator is not Comparator.GE
        least = min(self.least, clip) if at_least else 0
        most = min(self.most, clip) if at_most else 0
        return Count(self.comparator, self.count, least, most, min(self.others, 1))


Problem = Existential | Count


@dataclass(frozen=True, slots=True)
class Edge:
    """One relation of a block on many images.

    Image i's rows are `rows[starts[i] : starts[i + 1]]`, each one combination of places in that image's domains, a
    column a variable; they are the allowed combinations, or, where `forbidden`, the ones that are not. `starts` has
    shape (images + 1,), `rows` (rows, variables).
    """

    variables: tuple[int, ...]
    starts: Int64s
    rows: Int32s
    forbidden: bool = False

    def part(self, first: int, last: int) -> "Edge":
        """The edge on a range of images."""
        begin, end = self.starts[first], self.starts[last]
        return Edge(self.variables, self.starts[first : last + 1] - begin, self.rows[begin:end], self.forbidden)

    def take(self, images: Int64s) -> "Edge":
        """The edge on chosen images."""
        lengths = np.diff(self.starts)[images]
        starts = offsets_of(lengths)
        return Edge(self.variables, starts, self.rows[ragged(self.starts[:-1][images], lengths)], self.forbidden)


@dataclass(frozen=True, slots=True)
class BlockArrays:
    """One block of existentials on many images: `sizes` of the variables' domains, shape (images, variables)."""

    sizes: Int32s
    edges: tuple[Edge, ...]

    def __post_init__(self) -> None:
        images, variables = self.sizes.shape
        for edge in self.edges:
            if len(set(edge.variables)) != len(edge.variables) or not all(0 <= v < variables for v in edge.variables):
                raise ValueError(f"an edge between {edge.variables} does not fit a block of {variables} variables")
            if edge.starts.shape != (images + 1,) or edge.rows.shape != (int(edge.starts[-1]), len(edge.variables)):
                raise ValueError(f"the edge between {edge.variables} does not have its rows for {images} images")

    def __len__(self) -> int:
        return len(self.sizes)

    def check_places(self) -> None:
        """Raise ValueError where an edge names an entity that its image does not have."""
        for edge in self.edges:
            if (np.diff(edge.starts) < 0).any():
                raise ValueError(f"the edge between {edge.variables} has images that end before they begin")
            images = np.repeat(np.arange(len(self)), np.diff(edge.starts))
            wrong = ((edge.rows < 0) | (edge.rows >= self.sizes[images][:, edge.variables])).any(axis=1)
            if wrong.any():
                first = int(np.argmax(wrong))
                raise ValueError(
                    f"the edge between {edge.variables} names {edge.rows[first].tolist()} on image {images[first]},"
                    f" which has {self.sizes[images[first]].tolist()} entities for the variables"
                )

    def part(self, first: int, last: int) -> "BlockArrays":
        """The block on a range of images."""
        return BlockArrays(self.sizes[first:last], tuple(edge.part(first, last) for edge in self.edges))

    def take(self, images: Int64s) -> "BlockArrays":
        """The block on chosen images."""
        return BlockArrays(self.sizes[images], tuple(edge.take(images) for edge in self.edges))

    def problem(self, image: int) -> Existential:
        """One image's question on its own."""
        sizes = tuple(int(size) for size in self.sizes[image])
        return Existential(sizes, tuple(self._relations(image, sizes)))

    def _relations(self, image: int, sizes: tuple[int, ...]) -> Iterator[Relation]:
        for edge in self.edges:
            rows = edge.rows[edge.starts[image] : edge.starts[image + 1]]
            held = np.full(tuple(sizes[variable] for variable in edge.variables), edge.forbidden)
            held[tuple(rows.T)] = not edge.forbidden
            yield Relation.of(edge.variables, held)


def arrays_of(problem: Existential) -> BlockArrays:
    """The arrays of one problem: of each relation the allowed combinations, or the forbidden where they say it shorter.

    Relations that allow everything are left out.
    """
    return arrays_of_tables(
        problem.sizes, [(relation.variables, relation.table(problem.sizes)) for relation in problem.relations]
    )


def arrays_of_tables(
    sizes: Sequence[int], tables: Sequence[tuple[tuple[int, ...], Booleans]], *, drop_full: bool = True
) -> BlockArrays:
    """The same from boolean arrays with one axis a variable."""
    edges = tuple(_edge_of(variables, held) for variables, held in tables if not (drop_full and held.all()))
    return BlockArrays(np.array(sizes, dtype=np.int32).reshape(1, -1), edges)


def _edge_of(variables: tuple[int, ...], held: Booleans) -> Edge:
    missing = held.size - int(np.count_nonzero(held))
    # A forbidden combination is one short clause; an allowed one is a literal in its row's clause.
    forbidden = held.ndim < 2 or missing <= held.size // held.shape[-1]
    rows = np.argwhere(~held if forbidden else held).astype(np.int32)
    return Edge(variables, np.array([0, len(rows)], dtype=np.int64), rows, forbidden)


def concatenated(blocks: Sequence[BlockArrays]) -> BlockArrays:
    """Blocks of one shape, with the same edges, on all of their images one after the other."""
    edges = tuple(
        Edge(
            alike[0].variables,
            offsets_of(np.concatenate([np.diff(edge.starts) for edge in alike])),
            np.concatenate([edge.rows for edge in alike]),
            alike[0].forbidden,
        )
        for alike in zip(*(block.edges for block in blocks), strict=True)
    )
    return BlockArrays(np.concatenate([block.sizes for block in blocks]), edges)


def offsets_of(lengths: npt.NDArray[np.integer[npt.NBitBase]] | Int64s) -> Int64s:
    """Where pieces of such lengths begin, one after the other, and where the last one ends."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def ragged(starts: Int64s, lengths: Int64s) -> Int64s:
    """The numbers `starts[i], ..., starts[i] + lengths[i] - 1` of every i, one after the other."""
    offsets = offsets_of(lengths)
    return np.arange(offsets[-1], dtype=np.int64) + np.repeat(starts - offsets[:-1], lengths)


def _distinct(tables: Sequence[tuple[tuple[int, ...], Booleans]], variable: int) -> Int64s:
    """The first of each kind of a variable's values; two are of one kind where no table tells them apart."""
    slices = [
        np.moveaxis(table, variables.index(variable), 0).reshape(table.shape[variables.index(variable)], -1)
        for variables, table in tables
        if variable in variables
    ]
    _, first = np.unique(np.concatenate(slices, axis=1), axis=0, return_index=True)
    return np.asarray(first, dtype=np.int64)  # in the order of the contents, not of the images


def _restricted(
    each: tuple[tuple[int, ...], Booleans], variable: int, kept: Int64s
) -> tuple[tuple[int, ...], Booleans]:
    variables, table = each
    return (variables, np.take(table, kept, axis=variables.index(variable))) if variable in variables else each
