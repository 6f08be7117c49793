"""The clauses of a block: literals of two or three slots, as kernels read them, and the order to take the slots in."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

import numpy as np

from solvers.columnar import kernels
from solvers.columnar.codes import COMPASS, Code, Column, Encoded, encode, needs
from solvers.fol.ast import Atom, Formula, Not, Or, free_variables
from solvers.fol.printer import print_formula
from solvers.geometry import Floats
from solvers.ontology import Ontology
from solvers.quantities import Scale
from solvers.settings import RelationSettings


class NotColumnarError(Exception):
    """A conjunct that no kernel reads; it never leaves the columns."""


@dataclass(frozen=True, slots=True)
class Unknowns:
    """What a group of images, alike in this, cannot tell."""

    classes: frozenset[str] = frozenset()
    metric: bool = False
    compass: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A disjunction of literals; without any it is false."""

    names: frozenset[str]
    literals: tuple[Encoded, ...]


def is_class(literal: Formula, ontology: Ontology) -> bool:
    """Whether a literal, negated or not, is a class."""
    atom = literal.body if isinstance(literal, Not) else literal
    return isinstance(atom, Atom) and atom.predicate in ontology.leaves_of


def without_names(literal: Formula) -> str:
    """The text of a literal of one variable, whatever the variable is called."""
    ((name,),) = (free_variables(literal),)
    return f" {print_formula(literal)}".replace(f"({name}", "(_").replace(f" {name}", " _")


def clause_of(formula: Formula, unknowns: Unknowns, *, lower: bool) -> Clause | None:
    """The clause that a conjunct of two or three variables is; None for one that is true of all."""
    parts = formula.parts if isinstance(formula, Or) else (formula,)
    literals: list[Encoded] = []
    for part in parts:
        encoded = encode(part)
        if encoded is None or len(set(encoded.arguments)) < 2:
            raise NotColumnarError
        found = _known(encoded, unknowns, lower=lower)
        if found is True:
            return None
        if found is not False:
            literals.append(found)
    return Clause(free_variables(formula), tuple(literals))


def _known(encoded: Encoded, unknowns: Unknowns, *, lower: bool) -> Encoded | bool:
    """A literal, or what it counts as where the images cannot tell; no relation holds of an entity and itself."""
    compass = encoded.code in COMPASS and unknowns.compass
    if not compass and not (encoded.scale is not Scale.PIXELS and unknowns.metric):
        return encoded
    if lower is not encoded.negated:
        return encoded.negated
    return replace(encoded, code=Code.SAME, negated=not encoded.negated) if compass else not encoded.negated


def need_rectangles(clauses: Sequence[Clause]) -> bool:
    """Whether any literal looks at length, width or axis."""
    literals = chain.from_iterable(clause.literals for clause in clauses)
    return any(not needs(each).isdisjoint({"length", "width", "axis"}) for each in literals)


def are_plain(clauses: Sequence[Clause]) -> bool:
    """Whether `predicates.quickly` may have an answer to every literal."""
    return all(literal.code in _PLAIN for clause in clauses for literal in clause.literals)


_SIDES = {
    Code.LEFT_OF: (1, 0), Code.RIGHT_OF: (-1, 0), Code.ABOVE: (0, 1), Code.BELOW: (0, -1), Code.UPPER_LEFT_OF: (1, 1),
    Code.UPPER_RIGHT_OF: (-1, 1), Code.LOWER_LEFT_OF: (1, -1), Code.LOWER_RIGHT_OF: (-1, -1),
}  # fmt: skip
"""Where the second entity lies beside the first: to the right, and down."""
_PLAIN = frozenset(
    {
        Code.SAME, Code.LARGER_THAN, Code.SMALLER_THAN, Code.NEAR, Code.ADJACENT, Code.GAP_BELOW, Code.GAP_AT_MOST,
        *_SIDES,
    }
)  # fmt: skip
_MEETING = frozenset({Code.OVERLAPS, Code.INSIDE, Code.CONTAINS, Code.ON})
_WITHIN = frozenset({Code.GAP_BELOW, Code.GAP_AT_MOST, Code.GAP_EQUAL})


@dataclass(frozen=True, slots=True)
class _Window:
    """What a clause tells of where its last slot lies; see `kernels.Clauses`."""

    kind: int = kernels.WINDOW_NONE
    beside: int = 0
    reach: float = 0.0
    side: tuple[int, int] = (0, 0)


def _window(clause: Clause, place: Mapping[str, int], settings: RelationSettings) -> _Window:
    if len(clause.literals) != 1 or len(clause.names) != 2:
        return _Window()
    (literal,) = clause.literals
    if literal.negated or len(literal.arguments) != 2:
        return _Window()
    first, second = (place[name] for name in literal.arguments)
    beside = min(first, second)
    if literal.code in _SIDES:
        right, down = _SIDES[literal.code]
        turn = 1 if first == beside else -1
        return _Window(kernels.WINDOW_SIDE, beside, side=(turn * right, turn * down))
    if literal.code in _MEETING:
        return _Window(kernels.WINDOW_SIZES, beside, 0.0)
    if literal.code in _WITHIN:
        return _Window(kernels.WINDOW_GAP, beside, literal.value)
    sizes = {Code.NEAR: settings.near_sizes, Code.ADJACENT: settings.adjacent_sizes}
    return _Window(kernels.WINDOW_SIZES, beside, sizes[literal.code]) if literal.code in sizes else _Window()


@lru_cache(maxsize=128)
def arrays_of(clauses: tuple[Clause, ...], slots: tuple[str, ...], settings: RelationSettings) -> kernels.Clauses:
    """The clauses for slots in this order, sorted by the slot that completes each; cheap ones first."""
    place = {name: number for number, name in enumerate(slots)}
    complete = [max(place[name] for name in clause.names) for clause in clauses]
    order = sorted(range(len(clauses)), key=lambda each: (complete[each], _effort(clauses[each]), each))
    literals = [literal for each in order for literal in clauses[each].literals]
    starts = np.cumsum([0, *(len(clauses[each].literals) for each in order)])
    at_slot = np.searchsorted([complete[each] for each in order], np.arange(len(slots) + 1))
    arguments = [[place[name] for name in literal.arguments] for literal in literals]
    windows = [_window(clauses[each], place, settings) for each in order]
    return kernels.Clauses(
        starts=starts.astype(np.int64),
        at_slot=at_slot.astype(np.int64),
        code=np.array([literal.code for literal in literals], np.int64),
        negated=np.array([literal.negated for literal in literals], np.uint8),
        slots=np.array([[*each, each[0]][:3] for each in arguments], np.int64).reshape(-1, 3),
        value=np.array([literal.value for literal in literals], np.float64),
        scale=np.array([literal.scale for literal in literals], np.int64),
        window=np.array([each.kind for each in windows], np.int64),
        beside=np.array([each.beside for each in windows], np.int64),
        reach=np.array([each.reach for each in windows], np.float64),
        side_x=np.array([each.side[0] for each in windows], np.int64),
        side_y=np.array([each.side[1] for each in windows], np.int64),
    )


def _effort(clause: Clause) -> int:
    """What looks at centroids and areas only comes first, gaps and shared areas last."""
    return max((int("corners" in needs(literal)) for literal in clause.literals), default=-1)


def next_fold(
    left: Collection[str], clauses: Sequence[Clause], root: str | None, counts: Callable[[str], Floats]
) -> tuple[str, str | None] | None:
    """A slot beside the root that shares clauses with one other only, and that one; None beside it: with none.

    Of several, where more is left than they, the one that is cheapest to fold, by how many entities each slot has in
    each image.
    """
    found: list[tuple[str, str | None, Sequence[Clause]]] = []
    for name in sorted(left):
        if name == root:
            continue
        between = [clause for clause in clauses if name in clause.names]
        others = {other for clause in between for other in clause.names} - {name}
        if not others:
            return name, None
        if len(others) == 1:
            found.append((name, others.pop(), between))
    if len(found) < 2 or len(left) == 2:
        return found[0][:2] if found else None

    def cost(fold: tuple[str, str | None, Sequence[Clause]]) -> float:
        """How many pairs are looked at: for each entity all that are likely to hold, or as many as the first takes."""
        leaf, into, between = fold
        allowed, roots = math.prod(map(_selectivity, between)), counts(into or leaf)
        pairs = float(roots @ counts(leaf)) * allowed
        return min(float(roots.sum()) / allowed, pairs) if allowed else 0.0

    return min(found, key=cost)[:2]


def binding_order(
    left: Collection[str], clauses: Sequence[Clause], root: str | None, sizes: Mapping[str, int]
) -> list[str]:
    """The root, then always the slot that leaves fewest tuples, by its size and what its clauses are likely to allow.

    Without a root the best start is tried: the slot from which the next step leaves fewest.
    """
    pairs = [(sizes[name] * _next_size(name, [name], left, clauses, sizes), sizes[name], name) for name in left]
    order: list[str] = [min(pairs)[-1] if root is None else root]
    while len(order) < len(left):
        waiting = sorted(set(left) - set(order))
        order.append(min(waiting, key=lambda name: (_expected(name, order, clauses, sizes), name)))
    return order


def _next_size(
    name: str, order: list[str], left: Collection[str], clauses: Sequence[Clause], sizes: Mapping[str, int]
) -> float:
    return min((_expected(each, order, clauses, sizes) for each in left if each != name), default=1.0)


def _expected(name: str, order: list[str], clauses: Sequence[Clause], sizes: Mapping[str, int]) -> float:
    bound = {*order, name}
    allowed = [_selectivity(clause) for clause in clauses if name in clause.names and clause.names <= bound]
    return math.prod(allowed, start=float(sizes[name] + 1))


_COMPARED = {Code.LARGER_THAN: -1.0, Code.SMALLER_THAN: 1.0, Code.LESS: 1.0, Code.AT_MOST: 1.0}
"""Whether a greater value of the second entity makes a comparison likelier, or a smaller one."""


@dataclass(frozen=True, slots=True)
class Extreme:
    """What a slot is compared by alone: `sign` times its column exceeds, or where not `strict` equals, the root's.

    `apart` where the two must differ.
    """

    column: Column
    root_column: Column
    sign: float
    strict: bool
    apart: bool


def extreme_of(clauses: Sequence[Clause], leaf: str) -> Extreme | None:
    """The one comparison of a slot with the root, where that and inequality are all that is said of the two."""
    found: list[Extreme] = []
    apart = False
    for clause in clauses:
        if len(clause.literals) != 1:
            return None
        (literal,) = clause.literals
        if literal.code in _COMPARED:
            columns = divmod(int(literal.value), len(Column)) if literal.code >= Code.LESS else (0, 0)
            second = literal.arguments[1] == leaf
            sign = _COMPARED[literal.code] * (1 if second else -1) * (-1 if literal.negated else 1)
            own, other = (Column(columns[1]), Column(columns[0])) if second else map(Column, columns)
            found.append(Extreme(own, other, sign, (literal.code is Code.AT_MOST) == literal.negated, apart=False))
        elif literal.code is Code.SAME and literal.negated:
            apart = True
        else:
            return None
    return replace(found[0], apart=apart) if len(found) == 1 else None


_SELECTIVITY = {
    **dict.fromkeys((Code.ADJACENT, Code.OVERLAPS, Code.INSIDE, Code.CONTAINS, Code.ON), 0.02),
    **dict.fromkeys((Code.NEAR, Code.GAP_BELOW, Code.GAP_AT_MOST, Code.COLLINEAR, Code.BETWEEN), 0.05),
    **dict.fromkeys((Code.ALIGNED, Code.EQUAL, Code.GAP_EQUAL), 0.05),
    **dict.fromkeys(_SIDES, 0.25),
    Code.PERPENDICULAR: 0.1, Code.PARALLEL: 0.2, Code.SAME: 0.01,
}  # fmt: skip


def _selectivity(clause: Clause) -> float:
    """About which share of the tuples a clause allows: guesses that only order the work."""
    shares = [_SELECTIVITY.get(literal.code, 0.5) for literal in clause.literals]
    held = [1 - share if literal.negated else share for literal, share in zip(clause.literals, shares, strict=True)]
    return min(1.0, sum(held))
