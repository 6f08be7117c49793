"""A scene in which two formulas get different verdicts: searched for among many small scenes at once, then checked.

A pool of entities, drawn from a seed around the formulas' own classes and lengths, is evaluated in a thousand of its
subsets at once by the bit-parallel evaluator. A subset in which the two differ is made small, judged anew as a scene
by itself, and proved by Z3. The search is bounded, and the same every time.
"""

from dataclasses import dataclass, replace
from functools import partial
from time import monotonic

import numpy as np

from solvers.evaluate import Evaluator
from solvers.fol.ast import Formula
from solvers.fol.cost import normal_form_size
from solvers.judge import ImageJudge
from solvers.limits import DeadlineError
from solvers.ontology import Ontology
from solvers.plan import Plan, make_plan
from solvers.pools import Pool, as_words, make_pools, subject_of
from solvers.relations import Measured
from solvers.scene import Scene
from solvers.tables import ALL_ONES, Words
from solvers.theory import Lack
from solvers.verdict import Verdict
from solvers.witness import find_witness
from solvers.z3_backend import Z3Backend

POOLS = 24
NODES_IN_ALL = 6_000
"""Of formulas whose normal forms are so large, fewer pools are searched."""
PIECES = 50
SECONDS = 5.0
"""The last resort: the pools are counted."""


@dataclass(frozen=True, slots=True)
class TellingScene:
    """A scene and the two verdicts in it; one of them is sat."""

    scene: Scene
    first: Verdict
    second: Verdict

    @property
    def is_clear(self) -> bool:
        """Whether both formulas have a value in it."""
        return Verdict.UNKNOWN not in (self.first, self.second)


def find_telling_scene(
    first: Formula, second: Formula, ontology: Ontology, lacks: frozenset[Lack]
) -> TellingScene | None:
    """A scene that satisfies one of two canonical formulas and not the other; None where the search finds none.

    One that fails the other is preferred to one in which the other is unknown, for what the scene lacks.
    """
    plans = make_plan(first, ontology), make_plan(second, ontology)
    deadline = monotonic() + SECONDS
    subject = subject_of((first, second), ontology, lacks)
    pools = max(2, min(POOLS, NODES_IN_ALL // (normal_form_size(first) + normal_form_size(second))))
    best: TellingScene | None = None
    try:
        for pool in make_pools(subject, pools):
            found = _Search(plans, pool, deadline).found()
            best = found or best
            if found is not None and found.is_clear:
                break
    except DeadlineError:
        pass  # what was found until then is as good as it is
    return best


@dataclass(frozen=True)
class _Search:
    """The search of one pool."""

    plans: tuple[Plan, Plan]
    pool: Pool
    deadline: float

    def found(self) -> TellingScene | None:
        """A scene of the pool's that tells the two plans apart, as small as leaving out one by one makes it."""
        measured = Measured(self.pool.scene)
        for presence in (self.pool.presence, self._around_witnesses(measured)):
            sat, other_sat = (self._satisfied(plan, measured, presence) for plan in self.plans)
            where = np.flatnonzero(np.unpackbits((sat ^ other_sat).view(np.uint8), bitorder="little"))
            if len(where):
                members = np.unpackbits(presence.view(np.uint8), axis=-1, bitorder="little")[:, where[0]]
                return self._checked(tuple(map(int, np.flatnonzero(members))))
        return None

    def _satisfied(self, plan: Plan, measured: Measured, presence: Words) -> Words:
        """In which small scenes the plan is sat."""
        sat = np.full(presence.shape[1], ALL_ONES)
        for part in plan.parts:
            sat &= self._evaluator(measured, plan, presence).truth(part.formula, lower=True)
        return sat

    def _around_witnesses(self, measured: Measured) -> Words:
        """Small scenes that begin with the entities which prove one of the formulas in the whole pool."""
        size = len(self.pool.scene.entities)
        everything = np.full((size, 1), ALL_ONES)
        scenes = np.zeros((size, -(-len(self.plans) * (size + 1) // 64) * 64), dtype=np.bool_)
        for number, plan in enumerate(self.plans):
            proof = np.zeros(size, dtype=np.bool_)
            for part in plan.parts:
                evaluator = self._evaluator(measured, plan, everything)
                for places in (find_witness(evaluator, part.formula, {}, lower=True) or {}).values():
                    proof[places] = True
            start = number * (size + 1)
            scenes[:, start] = proof
            scenes[:, start + 1 : start + 1 + size] = proof[:, None] ^ np.eye(
                size, dtype=np.bool_
            )  # one more, or fewer
        return as_words(scenes)

    def _evaluator(self, measured: Measured, plan: Plan, presence: Words) -> Evaluator:
        return Evaluator(measured, plan.ontology, presence, partial(_stop_after, self.deadline), PIECES)

    def _checked(self, members: tuple[int, ...]) -> TellingScene | None:
        """The scene of these entities alone, made small, if judging it and Z3 say that it tells the plans apart."""
        best = self._judged(members)
        if best is None:
            return None
        for place in members:
            fewer = tuple(each for each in members if each != place)
            judged = self._judged(fewer)
            if judged is not None and judged.is_clear is best.is_clear:
                members, best = fewer, judged
        backend = Z3Backend()
        proved = [ImageJudge(plan, best.scene).prove(backend).verdict for plan in self.plans]
        return best if proved == [best.first, best.second] else None

    def _judged(self, members: tuple[int, ...]) -> TellingScene | None:
        entities = tuple(replace(self.pool.scene.entities[place], index=n) for n, place in enumerate(members))
        scene = replace(self.pool.scene, image_id="counter-example", entities=entities)
        first, second = (ImageJudge(plan, scene).judgement.verdict for plan in self.plans)
        return TellingScene(scene, first, second) if [first, second].count(Verdict.SAT) == 1 else None


def _stop_after(deadline: float) -> None:
    if monotonic() > deadline:
        raise DeadlineError("the search for a scene took too long")
