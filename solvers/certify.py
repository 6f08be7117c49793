"""Verdicts of many images confirmed by Z3 in few checks.

Claims that a block holds are put side by side: one check finds that all hold together, since they share no
proposition. Claims that a block fails are put as a disjunction: one check finds that none holds. Where a check
disagrees, its core or its model names the culprits. Equal questions are checked once.

Closed blocks and counts are certified one by one; what a formula makes of them is folded in Python
(`solvers.grounding.fold`), in three values.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import partial

import numpy as np
import numpy.typing as npt

from solvers.clauses import encode
from solvers.fol.ast import Comparator
from solvers.judge import DisagreementError
from solvers.limits import Tick, never
from solvers.problem import BlockArrays, Booleans, Count, Existential, Int64s, Problem, arrays_of, concatenated
from solvers.reduction import distinct, without_dead
from solvers.worker_process import Work
from solvers.workers import Progress, Workers, no_progress
from solvers.z3_backend import MAX_LITERALS, Z3Backend
from solvers.z3_raw import Answer, CheckLimits, Clauses, ClauseSolver

BATCH = 64
CHUNK = 16 * BATCH
LITERALS_AT_ONCE = 50_000

Outcomes = npt.NDArray[np.uint8]


class Outcome(IntEnum):
    """What Z3 says to a claim; unknown where a limit came first."""

    CONFIRMED = 0
    DISAGREEMENT = 1
    UNKNOWN = 2


@dataclass(frozen=True, slots=True)
class Claim:
    """That a problem of one image holds, or does not; `image` is the caller's number for it."""

    image: int
    problem: Problem
    holds: bool


def certify_batch(claims: Sequence[Claim], backend: Z3Backend, *, tick: Tick = never) -> list[Outcome]:
    """Z3's answer to each claim, in their order."""
    signatures = [(claim.problem.signature, claim.holds) for claim in claims]
    settled: dict[tuple[Problem, bool], Outcome] = {}
    by_shape: dict[object, list[tuple[Existential, bool, BlockArrays]]] = {}
    for problem, holds in dict.fromkeys(signatures):
        if isinstance(problem, Count):
            settled[problem, holds] = _settle(backend.holds(problem), holds)
            tick()
        else:
            arrays = arrays_of(problem)
            shape = (len(problem.sizes), *((edge.variables, edge.forbidden) for edge in arrays.edges))
            by_shape.setdefault(shape, []).append((problem, holds, arrays))
    for alike in by_shape.values():
        blocks = concatenated([arrays for _, _, arrays in alike])
        outcomes = certify_distinct(blocks, np.array([holds for _, holds, _ in alike]), backend.solver, tick=tick)
        for (problem, holds, _), outcome in zip(alike, outcomes.tolist(), strict=True):
            settled[problem, holds] = Outcome(outcome)
    return [settled[each] for each in signatures]


def certify_blocks(blocks: BlockArrays, holds: Booleans, backend: Z3Backend, *, tick: Tick = never) -> Outcomes:
    """Z3's answer to the claim of every image about one block: an `Outcome` each, shape (images,).

    `holds` says what is claimed, shape (images,).
    """
    blocks.check_places()
    small = without_dead(blocks)
    firsts, kinds = distinct(small, holds)
    return certify_distinct(small.take(firsts), holds[firsts], backend.solver, tick=tick)[kinds]


def certify_counts(
    comparator: Comparator, count: int, least: Int64s, most: Int64s, *, holds: Booleans, backend: Z3Backend
) -> Outcomes:
    """Z3's answer to the claim of every image about one closed count: an `Outcome` each, shape (images,).

    `least` and `most` are the instances for certain and at most (`Count`), `holds` what is claimed, each of shape
    (images,). Numbers that make no difference to the count are clipped, so that few questions are left.
    """
    clip = max(count, 0) + 1
    kinds, of_image = np.unique(
        np.stack([np.minimum(least, clip), np.minimum(most, clip), holds.astype(np.int64)]), axis=1, return_inverse=True
    )
    settled = [
        _settle(backend.holds(Count(comparator, count, few, many).signature), bool(claimed))
        for few, many, claimed in kinds.T.tolist()
    ]
    return np.array(settled, dtype=np.uint8)[of_image.ravel()]


@dataclass(frozen=True, slots=True)
class BlockClaims:
    """Claims of one block on many images, to be cut into chunks for workers."""

    blocks: BlockArrays
    holds: Booleans

    def __len__(self) -> int:
        return len(self.blocks)

    def part(self, first: int, last: int) -> "BlockClaims":
        """The claims on a range of images."""
        return BlockClaims(self.blocks.part(first, last), self.holds[first:last])


def make_certifier(limits: CheckLimits) -> Work[BlockClaims, Sequence[int]]:
    """What a worker does: one solver, made once, then chunk after chunk."""
    solver = ClauseSolver(limits)

    def certify(claims: BlockClaims, tick: Tick) -> Sequence[int]:
        outcomes: list[int] = certify_distinct(claims.blocks, claims.holds, solver, tick=tick).tolist()
        return outcomes

    return certify


def certifiers(processes: int = 1, limits: CheckLimits | None = None) -> Workers[BlockClaims, int]:
    """Workers that certify, to be used in a `with`."""
    return Workers(partial(make_certifier, limits or CheckLimits()), int(Outcome.UNKNOWN), processes)


def certify_archive(
    blocks: BlockArrays,
    holds: Booleans,
    workers: Workers[BlockClaims, int],
    *,
    progress: Progress = no_progress,
    tick: Tick = never,
) -> Outcomes:
    """As `certify_blocks`, by workers; `progress` hears of the different questions settled so far."""
    blocks.check_places()
    small = without_dead(blocks)
    firsts, kinds = distinct(small, holds)
    claims = BlockClaims(small.take(firsts), holds[firsts])
    chunks = (claims.part(first, min(first + CHUNK, len(claims))) for first in range(0, len(claims), CHUNK))
    settled = [outcome for results in workers.map(chunks, progress=progress, tick=tick) for outcome in results]
    return np.array(settled, dtype=np.uint8)[kinds]


def certify_distinct(blocks: BlockArrays, holds: Booleans, solver: ClauseSolver, *, tick: Tick = never) -> Outcomes:
    """The same without looking for equal questions or making them smaller first.

    The solver begins anew, so that a limit depends on these images alone.
    """
    solver.forget()
    outcomes = np.full(len(blocks), Outcome.UNKNOWN, dtype=np.uint8)
    for claimed, check in ((True, _check_positives), (False, _check_negatives)):
        for images in _batches(blocks, np.flatnonzero(holds == claimed)):
            _certify(blocks, images, solver, check, outcomes)
            tick()
    return outcomes


def raise_disagreements(outcomes: Outcomes, image_ids: Sequence[str], holds: Booleans, text: str) -> None:
    """Raise DisagreementError where Z3 denies a claim: the images and what was claimed, the first of them by name."""
    wrong = np.flatnonzero(outcomes == Outcome.DISAGREEMENT)
    if len(wrong):
        said = "sat" if holds[wrong[0]] else "unsat"
        others = f" (and of {len(wrong) - 1:,} more images)" if len(wrong) > 1 else ""
        raise DisagreementError(
            f"image {image_ids[wrong[0]]}: of {text} the vectorised pass says {said}, Z3 does not{others}"
        )


_Check = Callable[[BlockArrays, ClauseSolver], list[bool] | None]
"""Of every block whether the claim is right; None where a limit came first."""


def _certify(blocks: BlockArrays, images: Int64s, solver: ClauseSolver, check: _Check, outcomes: Outcomes) -> None:
    """Check a batch; beyond a limit its halves, down to the image that is too much."""
    right = check(blocks.take(images), solver)
    if right is not None:
        outcomes[images] = np.where(right, Outcome.CONFIRMED, Outcome.DISAGREEMENT)
    elif len(images) > 1:
        for half in np.array_split(images, 2):
            _certify(blocks, half, solver, check, outcomes)


def _batches(blocks: BlockArrays, images: Int64s) -> Iterator[Int64s]:
    """Images in order, at most so many and with at most so many literals at once, if not one alone has more."""
    weights = blocks.sizes.sum(axis=1, dtype=np.int64)
    for edge in blocks.edges:
        weights = weights + np.diff(edge.starts)
    total = np.cumsum(weights[images])
    first = 0
    while first < len(images):
        before = int(total[first] - weights[images[first]])
        fitting = int(np.searchsorted(total, before + LITERALS_AT_ONCE, side="right"))
        last = min(max(fitting, first + 1), first + BATCH)
        yield images[first:last]
        first = last


def _check_positives(blocks: BlockArrays, solver: ClauseSolver) -> list[bool] | None:
    encoding = encode(blocks, switched=True)
    if len(encoding.clauses.literals) > MAX_LITERALS:
        return None
    waiting: list[int] = encoding.switches.tolist()
    wrong: set[int] = set()
    with solver.scope():
        solver.add(encoding.clauses)
        while (answer := solver.check(waiting)) is Answer.UNSAT:
            core = solver.core(waiting)
            # They share nothing: of a core that fails together, one that fails alone is there.
            culprits = {switch for switch in core if solver.check([switch]) is Answer.UNSAT}
            if not culprits:
                return None
            wrong |= culprits
            waiting = [switch for switch in waiting if switch not in culprits]
    return None if answer is Answer.UNKNOWN else [switch not in wrong for switch in encoding.switches.tolist()]


def _check_negatives(blocks: BlockArrays, solver: ClauseSolver) -> list[bool] | None:
    encoding = encode(blocks, switched=True)
    if len(encoding.clauses.literals) > MAX_LITERALS:
        return None
    switches: list[int] = encoding.switches.tolist()
    wrong: set[int] = set()
    with solver.scope():
        solver.add(encoding.clauses)
        solver.add(Clauses.of([switches]))
        while (answer := solver.check()) is Answer.SAT:
            culprits = solver.true_in_model(switches)
            wrong |= set(culprits)
            solver.add(Clauses.of([[-switch] for switch in culprits]))
    return None if answer is Answer.UNKNOWN else [switch not in wrong for switch in switches]


def _settle(answer: bool | None, claimed: bool) -> Outcome:
    if answer is None:
        return Outcome.UNKNOWN
    return Outcome.CONFIRMED if answer is claimed else Outcome.DISAGREEMENT
