"""What makes a closed block hold, image after image: the first solution, and the little that Z3 needs to see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from solvers.columnar import backtracking, kernels
from solvers.columnar import clauses as joining
from solvers.columnar.blocks import Prepared
from solvers.columnar.clauses import Clause
from solvers.columnar.compiled import is_compiled
from solvers.columnar.joining import Slot, are_few
from solvers.columnar.kernels import Ids
from solvers.columnar.measured import limits_of
from solvers.columnar.program import Program
from solvers.columnar.view import Domain
from solvers.fol.ast import Quantified
from solvers.geometry import Booleans
from solvers.problem import BlockArrays, Edge

FEW_BESIDE = 4
"""So many entities of a variable in an image are few enough to be joined one by one."""
BESIDE = 1
"""How many more entities a variable keeps beside the one of a solution, so that Z3 has a choice."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A block on the images of a view: whether it holds, and the first solution by name, to be read where it does.

    What is left of the domains: where it holds a few entities, where it fails what may have partners on every side.
    """

    holds: Booleans
    first: Mapping[str, Ids]
    prepared: Prepared


def present(prepared: Prepared) -> Prepared:
    """The block with the entities dropped that what speaks of them alone excludes, or that stand in vain."""
    program, slots = prepared.program, dict(prepared.slots)
    for name, slot in prepared.slots.items():
        mask = np.broadcast_to(slot.domain.words[:, 0] != 0, (len(slot.domain),))
        if prepared.aside is not None and prepared.outer in (None, name):
            aside = prepared.aside[:, 0] != 0
            mask = mask & (np.repeat(aside, np.diff(slot.domain.offsets)) if prepared.outer is None else aside)
        slots[name] = Slot(name, plain(program.view.kept(slot.domain, mask), program))
    return replace(prepared, slots=slots, aside=None)


def plain(domain: Domain, program: Program) -> Domain:
    """The domain with its entities always there."""
    return replace(domain, words=program.view.ones())


def semi_joined(prepared: Prepared) -> Prepared:
    """Every slot left with the entities that have partners in each slot beside; exact where the clauses are a tree.

    Up a spanning tree and down again, and once along what closes cycles.
    """
    tree: list[tuple[str, str]] = []
    closing: list[tuple[str, str]] = []
    trees = {name: frozenset({name}) for name in prepared.slots}
    waiting = sorted({tuple(sorted(clause.names)) for clause in prepared.clauses if len(clause.names) == 2})
    while waiting:  # what hangs on the tree that is there comes first
        known = {name for edge in tree for name in edge}
        one, other = edge = next((each for each in waiting if known.intersection(each)), waiting[0])
        waiting.remove(edge)
        if other in trees[one]:
            closing.append((one, other))
            continue
        tree.append((one, other) if other not in known else (other, one))
        trees |= dict.fromkeys(trees[one] | trees[other], trees[one] | trees[other])
    for parent, child in reversed(tree):
        prepared = _supported(prepared, parent, child)
    for one, other in closing:
        prepared = _supported(_supported(prepared, one, other), other, one)
    for parent, child in tree:
        prepared = _supported(prepared, child, parent)
    return prepared


def _supported(prepared: Prepared, name: str, beside: str) -> Prepared:
    slots, program = prepared.slots, prepared.program
    between = [clause for clause in prepared.clauses if clause.names == {name, beside}]
    found = program.joins.join([slots[name], slots[beside]], between, by_image=False)
    return _keeping(prepared, name, found[:, 0] != 0)


def _keeping(prepared: Prepared, name: str, mask: Booleans) -> Prepared:
    domain = plain(prepared.program.view.kept(prepared.slots[name].domain, mask), prepared.program)
    return replace(prepared, slots={**prepared.slots, name: Slot(name, domain)})


Solutions = dict[Quantified, Solved]
"""What closed blocks came to on the images of one view, at the lower setting."""


def solve(prepared: Prepared) -> Solved:
    """The first solution of a block in every image, variable by variable, lowest index first."""
    prepared = present(prepared)
    parents = _parents(prepared)
    prepared, first = _searched(prepared) if parents is None else _walked(prepared, parents)
    holds = np.logical_and.reduce([chosen >= 0 for chosen in first.values()])
    for name, slot in prepared.slots.items():
        prepared = _keeping(prepared, name, _few(slot.domain, first[name], holds))
    return Solved(holds, first, prepared)


def _parents(prepared: Prepared) -> dict[str, str | None] | None:
    """For each variable the one before that it shares clauses with; None where any shares some with two before."""
    found: dict[str, str | None] = {}
    for name in prepared.slots:
        beside = {other for clause in prepared.clauses if name in clause.names for other in clause.names} - {name}
        before = [other for other in found if other in beside]
        if len(before) > 1 or any(len(clause.names) > 2 for clause in prepared.clauses):
            return None
        found[name] = before[0] if before else None
    return found


def _walked(prepared: Prepared, parents: dict[str, str | None]) -> tuple[Prepared, dict[str, Ids]]:
    """Trees up to their roots, so that what is left of these has partners all the way; then down by the first ones."""
    roots: dict[str, str] = {}
    for name, parent in parents.items():
        roots[name] = name if parent is None else roots[parent]
    for name, parent in reversed(parents.items()):
        if parent is not None:
            prepared = _supported(prepared, parent, name)
    for name, root in roots.items():  # what leads to no root is no part of any solution
        some = np.diff(prepared.slots[root].domain.offsets) > 0
        if name != root and not some.all():
            prepared = _keeping(prepared, name, np.repeat(some, np.diff(prepared.slots[name].domain.offsets)))
    whole, first = prepared, {}
    for name, parent in parents.items():
        if parent is not None:
            whole = _supported(whole, name, parent)
        domain = whole.slots[name].domain
        whole, first[name] = _choosing(whole, name, np.ones(len(domain), np.bool_))
    return prepared, first


def _searched(prepared: Prepared) -> tuple[Prepared, dict[str, Ids]]:
    """The same where there is more than one way up: every choice is tried by a join of what is left."""
    whole = prepared = semi_joined(prepared)
    first: dict[str, Ids] = {}
    for name in prepared.slots:
        held = prepared.program.joins.joined(whole.slots, whole.clauses, whole.slots[name])
        whole, first[name] = _choosing(whole, name, np.asarray(held[:, 0] != 0))
    return prepared, first


def _choosing(prepared: Prepared, name: str, held: Booleans) -> tuple[Prepared, Ids]:
    """A variable left with the first of its entities that are held, and that one; -1 without any."""
    domain = prepared.slots[name].domain
    chosen = _first_by_index(domain, held, prepared.program.view.store.index)
    mask = np.zeros(len(domain), np.bool_)
    mask[chosen[chosen >= 0]] = True
    ids = np.where(chosen >= 0, domain.ids[chosen] if len(domain) else -1, -1).astype(np.int32)
    return _keeping(prepared, name, mask), ids


def _first_by_index(domain: Domain, held: Booleans, index: kernels.Wholes) -> kernels.Places:
    """The place of the entity with the lowest index among those that are held, for each image; -1 without any."""
    places = np.flatnonzero(held)
    images = np.searchsorted(domain.offsets, places, side="right") - 1
    order = np.lexsort((index[domain.ids[places]], images))
    found = np.full(len(domain.offsets) - 1, -1, np.int64)
    firsts = order[np.append(True, images[order][1:] != images[order][:-1])] if len(order) else order
    found[images[firsts]] = places[firsts]
    return found


def _few(domain: Domain, first: Ids, holds: Booleans) -> Booleans:
    """All entities where the block fails; where it holds that of the solution, and a few beside."""
    counts = np.diff(domain.offsets)
    rank = np.arange(len(domain)) - np.repeat(domain.offsets[:-1], counts)
    return np.asarray((rank < BESIDE) | (domain.ids == np.repeat(first, counts)) | ~np.repeat(holds, counts))


def facts(prepared: Prepared) -> BlockArrays:
    """A block with little left as Z3 sees it: how many entities each variable has, and which combinations hold."""
    names = list(prepared.slots)
    free = {name for name in names if not any(name in clause.names for clause in prepared.clauses)}
    sizes = [np.diff(prepared.slots[name].domain.offsets) for name in names]
    counts = [np.minimum(size, 1) if name in free else size for name, size in zip(names, sizes, strict=True)]
    edges = tuple(_edge(prepared, clause, names) for clause in prepared.clauses)
    return BlockArrays(np.stack(counts, axis=1).astype(np.int32), edges)


def _edge(prepared: Prepared, clause: Clause, names: Sequence[str]) -> Edge:
    """A clause as rows; of one literal that is denied the rows that it excludes."""
    program, own = prepared.program, [name for name in names if name in clause.names]
    forbidden = len(clause.literals) == 1 and clause.literals[0].negated
    if forbidden:
        clause = replace(clause, literals=(replace(clause.literals[0], negated=False),))
    domains = [prepared.slots[name].domain for name in own]
    variables = tuple(names.index(name) for name in own)
    most = max(int(np.diff(domain.offsets).max(initial=0)) for domain in domains)
    if len(own) == 2 and most <= FEW_BESIDE and not is_compiled(backtracking.combinations):
        return Edge(variables, *_pairs(program, clause, [prepared.slots[name] for name in own]), forbidden)
    offsets = np.stack([domain.offsets for domain in domains])
    base = np.cumsum([0, *(len(domain) for domain in domains[:-1])])
    ids = np.concatenate([domain.ids for domain in domains])
    program.joins.need([clause], [prepared.slots[name] for name in own])
    arrays = joining.arrays_of((clause,), tuple(own), program.settings)
    reach = np.stack([program.joins.reach(domain, arrays) for domain in domains])
    starts = np.zeros(program.view.size + 1, np.int64)

    limits, scratch, geometry = limits_of(program.settings), kernels.scratch, program.view.store.geometry

    def combine(rows: Ids, *, fill: bool, exact: kernels.Exact) -> kernels.Bytes:
        asked = np.zeros(program.view.size, np.uint8)

        def run(first: int, last: int) -> None:
            backtracking.combinations(
                first, last, len(own), ids, base, offsets, reach, arrays, program.view.ground, geometry, limits,
                scratch(len(own), 1), starts, rows, fill, program.is_open, asked, exact,
            )  # fmt: skip

        program.view.run(run, list(offsets))
        return asked

    nothing, exact = np.empty((0, len(own)), np.int32), None if joining.are_plain((clause,)) else True
    asked = combine(nothing, fill=False, exact=exact)
    if asked.any() and are_few(asked, backtracking.combinations):
        np.maximum(program.is_open, asked, out=program.is_open)
    elif asked.any():
        exact = True
        combine(nothing, fill=False, exact=exact)
    np.cumsum(starts, out=starts)
    rows = np.empty((int(starts[-1]), len(own)), np.int32)
    combine(rows, fill=True, exact=exact)
    return Edge(variables, starts, rows, forbidden)


def _pairs(program: Program, clause: Clause, slots: Sequence[Slot]) -> tuple[kernels.Places, Ids]:
    """What `combinations` finds of two slots with few entities, by joins: those are compiled for any question."""
    root, leaf = (slot.domain for slot in slots)
    counts, image = np.diff(leaf.offsets), np.repeat(np.arange(program.view.size), np.diff(root.offsets))
    place = np.arange(len(root)) - root.offsets[image]
    found = [np.zeros((3, 0), np.int64)]
    for number in range(int(counts.max(initial=0))):
        has = counts > number
        ids, offsets = leaf.ids[leaf.offsets[:-1][has] + number], np.concatenate([[0], np.cumsum(has)])
        one = Slot(slots[1].name, plain(replace(leaf, ids=ids, offsets=offsets.astype(np.int64)), program))
        held = np.flatnonzero(program.joins.unstopped.join([slots[0], one], [clause], by_image=False)[:, 0])
        found.append(np.stack([image[held], place[held], np.full(len(held), number)]))
    rows = np.concatenate(found, axis=1)
    rows = rows[:, np.lexsort(rows[::-1])]
    starts = np.searchsorted(rows[0], np.arange(program.view.size + 1)).astype(np.int64)
    return starts, np.ascontiguousarray(rows[1:].T.astype(np.int32))


def instances(prepared: Prepared, name: str) -> Domain:
    """The entities of a count's variable that are instances."""
    prepared = present(prepared)
    held = prepared.program.joins.joined(prepared.slots, prepared.clauses, prepared.slots[name])
    return prepared.program.view.kept(prepared.slots[name].domain, held[:, 0] != 0)
