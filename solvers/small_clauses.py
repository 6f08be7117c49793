"""The clauses of one small problem, made without arrays: what numpy takes for a call would be most of the time.

They say what `solvers.clauses` says, by the same encoding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from solvers.clauses import order_of_choice

MOST_CELLS = 1_000
MOST_LITERALS = 500
"""Beyond so many combinations in its relations, or literals, a problem is better made by arrays.

One so small is over long before its checks reach a limit.
"""

PAIR = 2

Relations = Sequence[tuple[tuple[int, ...], bytes]]
"""For some variables, by their places, one byte a combination, 0 or 1, the last one running fastest."""


@dataclass(frozen=True, slots=True)
class SmallEncoding:
    """Clauses over the propositions 1 to `highest`; `starts` has the number of each variable's first selector."""

    clauses: list[list[int]]
    starts: list[int]
    highest: int


def encode_small(sizes: Sequence[int], relations: Relations) -> SmallEncoding | None:
    """One problem as clauses from proposition 1 on; None where it is large, or has a relation of three."""
    telling = [(variables, allowed) for variables, allowed in relations if 0 in allowed]
    if sum(len(allowed) for _, allowed in telling) > MOST_CELLS or any(len(each) > PAIR for each, _ in telling):
        return None
    starts: list[int] = [1]
    for size in sizes:
        starts.append(starts[-1] + size)
    clauses = [list(range(starts[variable], starts[variable + 1])) for variable in range(len(sizes))]
    by_support: list[tuple[tuple[int, ...], bytes]] = []
    for variables, allowed in telling:
        if not variables:
            clauses.append([])
        elif len(variables) == 1:
            clauses.extend([-(starts[variables[0]] + place)] for place, each in enumerate(allowed) if not each)
        elif allowed.count(0) <= sizes[variables[0]]:
            clauses.extend(_conflicts(variables, allowed, sizes, starts))
        else:
            by_support.append((variables, allowed))
    order = order_of_choice(len(sizes), [variables for variables, _ in by_support])
    bodies = [max(variables, key=order.index) for variables, _ in by_support]
    for (variables, allowed), body in zip(by_support, bodies, strict=True):
        clauses.extend(_supports(variables, allowed, body, sizes, starts))
    free = starts[-1]
    for variable in range(len(sizes)):
        if bodies.count(variable) > 1:
            clauses.extend(_at_most_one(starts[variable], sizes[variable], free))
            free += sizes[variable]
    if sum(map(len, clauses)) > MOST_LITERALS:
        return None
    return SmallEncoding(clauses, starts[:-1], free - 1)


def _conflicts(
    variables: tuple[int, ...], allowed: bytes, sizes: Sequence[int], starts: Sequence[int]
) -> Iterator[list[int]]:
    """No forbidden pair is taken."""
    first, second = variables
    for place, each in enumerate(allowed):
        if not each:
            row, column = divmod(place, sizes[second])
            yield [-(starts[first] + row), -(starts[second] + column)]


def _supports(
    variables: tuple[int, ...], allowed: bytes, body: int, sizes: Sequence[int], starts: Sequence[int]
) -> Iterator[list[int]]:
    """Every choice of the other variable leaves the body its partners."""
    first, second = variables
    width = sizes[second]
    other = first if body == second else second
    for choice in range(sizes[other]):
        row = allowed[choice * width : (choice + 1) * width] if body == second else allowed[choice::width]
        if 0 in row:
            yield [-(starts[other] + choice), *(starts[body] + place for place, each in enumerate(row) if each)]


def _at_most_one(start: int, size: int, free: int) -> Iterator[list[int]]:
    """A ladder over a variable's selectors: proposition `free` + n says that one of them up to the n-th is true."""
    for place in range(size):
        yield [-(start + place), free + place]
        if place > 0:
            yield [-(free + place - 1), free + place]
            yield [-(free + place - 1), -(start + place)]
