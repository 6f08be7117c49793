"""Whether two formulas mean the same: hold in the same scenes, of those whose source knows all classes.

`yes` is a proof by Z3 under the axioms of the relations; `no` is a scene that tells the two apart, built and judged,
never the mere existence of a model of Z3's, since the axioms do not say all about geometry. Where a formula speaks of
metres or of north, images that lack a ground sample distance or a direction to north count as scenes as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import z3

from solvers.axioms import axioms_for
from solvers.fol.ast import Formula
from solvers.fol.cost import normal_form_size
from solvers.fol.passes.expand_groups import expand_groups
from solvers.fol.passes.standard_order import standard_order
from solvers.hard_stop import HardStopError, run_with_hard_stop
from solvers.ontology import Ontology
from solvers.semantics import MAX_HERE
from solvers.telling_scene import TellingScene, find_telling_scene
from solvers.theory import Lack, NotEncodedError, Theory, lacks_of
from solvers.z3_limits import PATIENT, QUICK, Z3Limits


class Equivalence(StrEnum):
    """Whether two formulas hold in the same scenes."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class EquivalenceAnswer:
    """The answer with what shows it.

    `reason` says it in one sentence. Of `yes`, `axioms` are those that Z3's proof uses; of `no`, `scene` is one that
    one of the two formulas holds in, and the other does not.
    """

    answer: Equivalence
    reason: str
    axioms: tuple[str, ...] = ()
    scene: TellingScene | None = None


class _Outcome(StrEnum):
    PROVED = "proved"
    REFUTED = "refuted"
    """There is a model under the axioms, which need not be a scene."""
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class _Proof:
    outcome: _Outcome
    axioms: tuple[str, ...] = ()


def equivalent(first: Formula, second: Formula, ontology: Ontology) -> EquivalenceAnswer:
    """Whether two canonical formulas hold in exactly the same scenes, under the axioms of the relations."""
    if first == second:
        return EquivalenceAnswer(Equivalence.YES, "the two are one formula")
    one, other = (standard_order(expand_groups(each)) for each in (first, second))
    if one == other:
        return EquivalenceAnswer(Equivalence.YES, "the two are one formula but for names and the order of their parts")
    small = normal_form_size(first) + normal_form_size(second) <= MAX_HERE
    proof = (prove if small else _prove_outside)(first, second, ontology, QUICK)
    if proof.outcome is not _Outcome.PROVED:
        scene = find_telling_scene(first, second, ontology, lacks_of(first) | lacks_of(second))
        if scene is not None:
            told = f"the first is {scene.first} and the second {scene.second} in a scene that was built"
            return EquivalenceAnswer(Equivalence.NO, told, scene=scene)
    if proof.outcome is not _Outcome.PROVED:
        proof = _prove_outside(one, other, ontology, PATIENT)
    match proof.outcome:
        case _Outcome.PROVED:
            used = ", ".join(proof.axioms) or "no axiom of the relations, logic and the classes alone"
            return EquivalenceAnswer(Equivalence.YES, f"Z3 proves it from {used}", proof.axioms)
        case _Outcome.REFUTED:
            told = "the axioms of the relations leave it open, and no scene was built that tells them apart"
            return EquivalenceAnswer(Equivalence.UNKNOWN, told)
        case _Outcome.OPEN:
            return EquivalenceAnswer(Equivalence.UNKNOWN, "Z3 reached its limit, and no scene tells them apart")


def prove(first: Formula, second: Formula, ontology: Ontology, limits: Z3Limits) -> _Proof:
    """Whether Z3 refutes, in every situation, that one formula holds where the other does not."""
    used: dict[str, None] = {}
    try:
        for lacking in _situations(lacks_of(first) | lacks_of(second)):
            theory = Theory(ontology)
            solver = limits.solver(theory.context)
            expanded = [expand_groups(first), expand_groups(second)]
            one, other = (theory.encode(each, {}, lacking=lacking) for each in expanded)
            for axiom in axioms_for(expanded, theory):
                solver.assert_and_track(axiom.formula, axiom.statement)
            solver.add(*theory.large_counts.facts())
            for statement in (z3.And(one, z3.Not(other)), z3.And(other, z3.Not(one))):
                solver.push()
                solver.add(statement)
                outcome = solver.check()
                if outcome != z3.unsat:
                    return _Proof(_Outcome.REFUTED if outcome == z3.sat else _Outcome.OPEN)
                used.update(dict.fromkeys(map(str, solver.unsat_core())))
                solver.pop()
    except (NotEncodedError, z3.Z3Exception):
        return _Proof(_Outcome.OPEN)
    return _Proof(_Outcome.PROVED, tuple(sorted(used)))


def _prove_outside(first: Formula, second: Formula, ontology: Ontology, limits: Z3Limits) -> _Proof:
    """The same in a process of its own that is stopped when it overruns."""
    try:
        return run_with_hard_stop(limits.seconds, prove, first, second, ontology, limits)
    except HardStopError:
        return _Proof(_Outcome.OPEN)


def _situations(lacks: frozenset[Lack]) -> Iterator[frozenset[Lack]]:
    """What an image may lack; nothing, first."""
    for count in range(len(lacks) + 1):
        yield from map(frozenset, combinations(sorted(lacks), count))
