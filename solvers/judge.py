"""One image judged: the verdict of every part and of the whole, the score, and, on demand, Z3's proof of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from solvers import nearest
from solvers.chances import Chance, bounds, chance_of_enough
from solvers.errors import RuneError
from solvers.evaluate import Evaluator
from solvers.fol.ast import And, Counted, Formula, Quantified
from solvers.geometry import Booleans, Floats
from solvers.limits import ImageLimitError, Tick, never
from solvers.plan import Part, Plan
from solvers.relations import Measured
from solvers.scene import Scene
from solvers.settings import RelationSettings
from solvers.tables import ALL_ONES, Words
from solvers.verdict import Verdict
from solvers.witness import Witness, find_witness, witness_variables
from solvers.worlds import CONFIDENCE_FLOOR, Worlds, make_worlds
from solvers.z3_backend import Z3Backend

DEFAULT_THRESHOLD = 0.25
QUICK_PIECES = 400


class DisagreementError(RuneError):
    """The vectorised verdict and Z3's differ: a fault of ours, never to be hidden."""


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """What an image is judged by; `class_thresholds` (by leaf) override `threshold`."""

    threshold: float = DEFAULT_THRESHOLD
    class_thresholds: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    relations: RelationSettings = field(default_factory=RelationSettings)
    tick: Tick = never
    """Called often while an image is judged; it may end the run by DeadlineError."""

    def for_label(self, label: str) -> float:
        """The operating threshold of a leaf class."""
        return self.class_thresholds.get(label, self.threshold)


@dataclass(frozen=True, slots=True)
class PartJudgement:
    """One part's verdict at the threshold, and the probability that it is true."""

    part: Part
    verdict: Verdict
    score: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The vectorised answer for one image; `limit` says which resource limit kept a part from an answer."""

    verdict: Verdict
    score: float
    parts: tuple[PartJudgement, ...]
    limit: str | None = None

    @classmethod
    def of(cls, parts: Sequence[PartJudgement], score: float) -> "Judgement":
        """The judgement that some judged parts make together."""
        return cls(conjunction_of(parts), score, tuple(parts))


@dataclass(frozen=True)
class ImageJudge:
    """One image under one plan."""

    plan: Plan
    scene: Scene
    settings: JudgeSettings = field(default_factory=JudgeSettings)
    given: Judgement | None = None
    """The judgement, where the columns of an archive have given it already."""
    _witnesses: dict[str, Witness] = field(default_factory=dict, repr=False)

    @cached_property
    def measured(self) -> Measured:
        """The scene with its shapes."""
        return Measured(self.scene, self.settings.relations)

    @cached_property
    def at_threshold(self) -> Booleans:
        """Which entities the scene at the threshold has."""
        thresholds = [self.settings.for_label(entity.label) for entity in self.scene.entities]
        confidences = [entity.confidence for entity in self.scene.entities]
        return np.array(confidences, dtype=np.float64) >= np.array(thresholds, dtype=np.float64)

    @property
    def certain(self) -> Evaluator:
        """An evaluator of the scene at the threshold alone, with limits of its own."""
        presence = np.where(self.at_threshold, ALL_ONES, np.uint64(0))[:, None]
        return Evaluator(self.measured, self.plan.ontology, presence, self.settings.tick)

    @property
    def quick(self) -> Evaluator:
        """The same with less patience, for questions that only order or explain."""
        return replace(self.certain, most_pieces=QUICK_PIECES)

    @cached_property
    def judgement(self) -> Judgement:
        """Verdicts and scores by the vectorised evaluator."""
        if self.given is not None:
            return self.given
        worlds = self._worlds
        every = np.full(worlds.presence.shape[1], ALL_ONES)
        parts: list[PartJudgement] = []
        limits: list[str] = []
        for part in self.plan.parts:
            evaluator = Evaluator(self.measured, self.plan.ontology, worlds.presence, self.settings.tick)
            judged, bits = _judge_part(part, evaluator, worlds, self._chance(part.formula))
            parts.append(judged)
            limits += evaluator.limits
            every = every & bits
        formulas = tuple(part.formula for part in self.plan.parts)
        whole = self._chance(formulas[0] if len(formulas) == 1 else And(formulas))
        score = clamped(worlds.probability(every), whole)
        return Judgement(conjunction_of(parts), score, tuple(parts), limits[0] if limits else None)

    def prove(self, backend: Z3Backend) -> Judgement:
        """The judgement with every part's verdict by Z3; raises DisagreementError where the two differ.

        Where Z3 reaches a limit the part is unknown.
        """
        proved = tuple(
            PartJudgement(each.part, self._z3_verdict(each, backend), each.score) for each in self.judgement.parts
        )
        return Judgement(conjunction_of(proved), self.judgement.score, proved, self.judgement.limit)

    def witness(self) -> Witness:
        """The entities, by their source index, that prove a sat verdict; empty for any other."""
        if self.judgement.verdict is not Verdict.SAT:
            return {}
        found: Witness = {}
        named = witness_variables(self.plan.formula)
        for part in self.plan.parts:
            for name, places in self._part_witness(part).items():
                if name in named:
                    found.setdefault(name, self.source_index(places))
        return found

    def source_index(self, places: int | list[int]) -> int | list[int]:
        """From places in the scene to the entities' indices in their source."""
        entities = self.scene.entities
        return entities[places].index if isinstance(places, int) else [entities[place].index for place in places]

    @cached_property
    def _confidences(self) -> Floats:
        return np.array([entity.confidence for entity in self.scene.entities], dtype=np.float64)

    @cached_property
    def _widest(self) -> Evaluator:
        """An evaluator of the scene with all its detections, for what literals allow."""
        everywhere = np.full((len(self.scene.entities), 1), ALL_ONES)
        return Evaluator(self.measured, self.plan.ontology, everywhere)

    @cached_property
    def _worlds(self) -> Worlds:
        relevant = np.zeros(len(self._confidences), dtype=np.bool_)
        for part in self.plan.parts:
            relevant |= self._widest.relevant(part.formula)
        indices = np.array([entity.index for entity in self.scene.entities], dtype=np.int64)
        return make_worlds(self._confidences, indices, relevant, self.at_threshold, seed=self.settings.seed)

    def _chance(self, formula: Formula) -> Chance:
        """What a closed formula's probability lies between."""

        def finds(block: Quantified | Counted, name: str, least: int, lower: bool) -> Chance:
            allowed = self._widest.allowed(block, lower=lower)[name]
            real = self._confidences[allowed]
            found = np.array([chance_of_enough(real[real >= CONFIDENCE_FLOOR], least)])
            return Chance.of(found, found)

        return bounds(formula, finds, self._widest.is_closed_unknown, self.plan.ontology, lower=True)

    def _z3_verdict(self, judged: PartJudgement, backend: Z3Backend) -> Verdict:
        """Z3's verdict on a part; unknown where a limit keeps it from one."""
        part = judged.part
        if judged.verdict is Verdict.UNKNOWN and self.judgement.limit is not None:
            return Verdict.UNKNOWN
        try:
            leading = self._leading_witness(judged)
            holds = backend.decide(part.formula, self.certain, lower=True, witness=leading)
            found = Verdict.UNKNOWN if holds is None else Verdict.SAT if holds else Verdict.UNSAT
            if holds is False and (judged.verdict is not Verdict.UNSAT or self.certain.has_unknown(part.formula)):
                holds = backend.decide(part.formula, self.certain, lower=False)
                found = Verdict.UNSAT if holds is False else Verdict.UNKNOWN
        except ImageLimitError:
            return Verdict.UNKNOWN
        if found is not judged.verdict and holds is not None:
            verdicts = f"the vectorised pass says {judged.verdict}, Z3 {found}"
            raise DisagreementError(f"image {self.scene.image_id}: of {part.text} {verdicts}")
        return found

    def _leading_witness(self, judged: PartJudgement) -> dict[str, int] | None:
        """The witness's places of a sat part's leading variables, for Z3 to accept; None where it has none."""
        if judged.verdict is not Verdict.SAT or not judged.part.variables:
            return None
        proof = self._part_witness(judged.part)
        leading = {name: place for name in judged.part.variables if isinstance(place := proof.get(name), int)}
        return leading if len(leading) == len(judged.part.variables) else None

    def _part_witness(self, part: Part) -> Witness:
        """The witness of one part, as places in the scene; empty where it does not hold."""
        if part.id not in self._witnesses:
            self._witnesses[part.id] = find_witness(self.certain, part.formula, {}, lower=True) or {}
        return self._witnesses[part.id]


def _judge_part(part: Part, evaluator: Evaluator, worlds: Worlds, chance: Chance) -> tuple[PartJudgement, Words]:
    true = evaluator.truth(part.formula, lower=True)
    verdict = Verdict.SAT if worlds.at_threshold(true) else Verdict.UNSAT
    if verdict is Verdict.UNSAT and (evaluator.limits or evaluator.has_unknown(part.formula)):
        possible = evaluator.truth(part.formula, lower=False)
        verdict = Verdict.UNKNOWN if worlds.at_threshold(possible) else Verdict.UNSAT
    return PartJudgement(part, verdict, clamped(worlds.probability(true), chance)), true


def clamped(estimate: float, chance: Chance) -> float:
    """An estimate brought within its bounds, which brings it no further from the truth."""
    return round(float(chance.clamp(np.array([estimate]))[0]), 12)


def conjunction_of(parts: Iterable[PartJudgement]) -> Verdict:
    """unsat beats unknown beats sat."""
    verdicts = {part.verdict for part in parts}
    for verdict in (Verdict.UNSAT, Verdict.UNKNOWN):
        if verdict in verdicts:
            return verdict
    return Verdict.SAT


def clause_share(judge: ImageJudge) -> float:
    """The share of clauses satisfied at the threshold by the best assignment, mean over the parts."""
    shares = [nearest.clause_share(judge.quick, part) for part in judge.plan.parts]  # no verdict is needed for it
    return sum(shares) / len(shares)
