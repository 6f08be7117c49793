"""An evaluation: queries, an archive and systems become figures."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from solvers.errors import InputError
from tools.evaluation.asking import Asking, Known
from tools.evaluation.classes import ArchiveUncertainty, leaves_named
from tools.evaluation.complexity import Complexity, complexity_of
from tools.evaluation.curve import controlled_curves
from tools.evaluation.metrics.bootstrap import Bootstrap
from tools.evaluation.queryset import EvaluationQuery, read_query_set, with_canonical_formula
from tools.evaluation.results import (
    Evaluation,
    QueryResult,
    QueryTranslation,
    ShownImage,
    TranslationResult,
)
from tools.evaluation.scoring import Scored
from tools.evaluation.summary import QueryFacts, summarise
from tools.evaluation.systems.base import Question
from tools.evaluation.systems.choose import DEFAULT_SYSTEMS, ENGLISH, SystemOptions
from tools.evaluation.systems.encoder import Checkpoint
from tools.evaluation.translation import Translated, Translator, judge_translation, translation_result
from tools.progress import ProgressListener, ignore_progress

if TYPE_CHECKING:
    from tools.archive import Archive
    from tools.question import Threshold

RESAMPLES = 1000
MANY = 20_000
"""So many pairs of question and image are asked over several processes unless told."""
Queries = str | Path | Sequence[EvaluationQuery]


@dataclass(frozen=True)
class EvaluationSettings:
    """How an evaluation is made.

    `strengths` above 0 add the controlled curve, whose perturbed archives have `curve_seed`s of their own from `seed`;
    `exact_near_misses` finds the share of satisfied clauses wherever images tie, which is slow. Systems are asked over
    `processes`, None for one a core where that pays; the figures do not depend on it.
    """

    threshold: "Threshold" = 0.25
    seed: int = 0
    resamples: int = RESAMPLES
    strengths: tuple[float, ...] = ()
    exact_near_misses: bool = False
    checkpoint: Checkpoint | None = None
    processes: int | None = None

    def __post_init__(self) -> None:
        if self.resamples < 1:
            raise InputError(f"resamples is {self.resamples}; intervals need at least one draw")
        if self.processes is not None and self.processes < 1:
            raise InputError(f"processes is {self.processes}; at least one asks")
        if not all(0 <= each <= 1 for each in self.strengths):
            raise InputError("the strengths of the controlled curve lie between 0 and 1")


def evaluate(
    queries: Queries,
    *,
    archive: "str | Path | Archive",
    truth: "str | Path | Archive | None" = None,
    systems: Sequence[str] | None = None,
    translator: Translator | None = None,
    settings: EvaluationSettings | None = None,
    progress: ProgressListener = ignore_progress,
) -> Evaluation:
    """Measure how well systems retrieve the images of an archive by the questions of a query set.

    `truth` is an archive of the same images with labels: what is relevant to a query that does not say so follows from
    it, and the detections of `archive` are compared with it. `systems` are names (see `tools.evaluation.systems`); with
    a `translator` questions in English are asked too. Raises InputError for what cannot be used.
    """
    from tools.archive import Archive
    from tools.evaluation.detections import compare_detections

    chosen = settings or EvaluationSettings()
    opened = archive if isinstance(archive, Archive) else Archive.open(archive)
    labelled = None if truth is None else truth if isinstance(truth, Archive) else Archive.open(truth)
    if labelled is not None and labelled.image_ids != opened.image_ids:
        raise InputError(_different_images(opened, labelled))
    asked = QuestionSet.of(queries, opened, labelled, translator)
    names = tuple(systems) if systems else _default_systems(asked)
    processes = chosen.processes or _processes(len(asked.queries) * len(opened.image_ids))
    options = SystemOptions(
        chosen.threshold,
        chosen.seed,
        chosen.exact_near_misses,
        asked.all_translated() if processes > 1 and ENGLISH in names else asked.translate,
        chosen.checkpoint,
        progress,
    )
    with Asking(options, processes) as asking:
        scored = asking.ask(names, opened, asked.questions, asked.facts.relevant)
        curves = (
            controlled_curves(
                opened,
                asking,
                (asked.questions, asked.facts),
                scored,
                chosen.strengths,
                seed=chosen.seed,
                resamples=chosen.resamples,
            )
            if chosen.strengths
            else []
        )
    return Evaluation(
        archive=opened.size,
        ontology=opened.ontology.name,
        threshold=chosen.threshold if isinstance(chosen.threshold, float | int) else dict(chosen.threshold),
        seed=chosen.seed,
        resamples=chosen.resamples,
        near_misses="exact" if chosen.exact_near_misses else "bounds",
        calibrated=opened.calibration is not None,
        queries=len(asked.queries),
        without_relevant=int(np.count_nonzero(~asked.facts.answerable)),
        without_complexity=int(np.count_nonzero(asked.facts.complexity == 0)),
        systems=[summarise(each, scored[0], asked.facts, chosen.resamples, chosen.seed) for each in scored],
        curves=curves,
        translation=asked.translation_result(chosen),
        detections=None if labelled is None else compare_detections(opened, labelled, chosen.threshold),
        per_query=[asked.result(place, scored) for place in range(len(asked.queries))],
        warnings=asked.warnings,
    )


def _processes(answers: int) -> int:
    """One a core where there is enough to do that their start pays."""
    return (os.cpu_count() or 1) if answers >= MANY else 1


def _default_systems(asked: "QuestionSet") -> tuple[str, ...]:
    with_english = asked.translator is not None and any(each.query is not None for each in asked.queries)
    return (*DEFAULT_SYSTEMS, ENGLISH) if with_english else DEFAULT_SYSTEMS


def _different_images(archive: "Archive", labelled: "Archive") -> str:
    missing = sorted(set(archive.image_ids) ^ set(labelled.image_ids))
    where = archive.root if missing[0] in set(labelled.image_ids) else labelled.root
    return (
        f"the archive and the labelled one must have the same images; {len(missing):,} are in one only, "
        f"such as {missing[0]!r}, which {where} lacks"
    )


@dataclass(frozen=True)
class QuestionSet:
    """The questions made ready for systems: what is relevant, how complex and how uncertain each is."""

    archive: "Archive"
    queries: tuple[EvaluationQuery, ...]
    translator: Translator | None
    relevant: npt.NDArray[np.bool_]
    warnings: list[str]
    _translated: dict[str, Translated] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        queries: Queries,
        archive: "Archive",
        labelled: "Archive | None",
        translator: Translator | None,
    ) -> "QuestionSet":
        """Read the questions, and find out what is relevant to those that do not say."""
        from tools.evaluation.relevance import relevance_of

        ontology = archive.ontology
        if isinstance(queries, str | Path):
            read = read_query_set(queries, ontology)
        else:
            read = [with_canonical_formula(each, ontology) for each in queries]
        if not read:
            raise InputError("there are no queries to evaluate")
        relevant, warnings = relevance_of(read, archive, labelled)
        return cls(archive, tuple(read), translator, relevant, warnings)

    def translate(self, english: str) -> Translated:
        """What the translator makes of a question, asked once."""
        if self.translator is None:
            raise InputError("questions in English need a translator")
        if english not in self._translated:
            self._translated[english] = self.translator.translate(english)
        return self._translated[english]

    def all_translated(self) -> Known:
        """The translations of every question in English."""
        return Known({each.query: self.translate(each.query) for each in self.queries if each.query is not None})

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions as systems see them; where there is no gold formula the translator's stands for it."""
        return tuple(Question(each.id, each.query, self._formula(each)) for each in self.queries)

    @cached_property
    def facts(self) -> QueryFacts:
        """What is known of the questions whatever the system."""
        measured = [self._complexity(each) for each in self.queries]
        uncertainty, ontology = ArchiveUncertainty(self.archive), self.archive.ontology
        return QueryFacts(
            relevant=self.relevant,
            uncertainty=np.stack([uncertainty.of(leaves_named(each.formula, ontology)) for each in self.questions]),
            complexity=np.array([each[0] for each in measured], np.int64),
            level=np.array([each[1] for each in measured], np.int64),
            kinds=tuple(each.kinds for each in self.queries),
        )

    @cached_property
    def translations(self) -> dict[str, QueryTranslation]:
        """What became of the questions that are in English and have a gold formula, by id."""
        if self.translator is None:
            return {}
        return {
            each.id: judge_translation(self.translate(each.query), each.formula, self.archive.ontology)
            for each in self.queries
            if each.query is not None and each.formula is not None
        }

    def translation_result(self, settings: EvaluationSettings) -> TranslationResult | None:
        """The translator's figures."""
        if self.translator is None or not self.translations:
            return None
        judged = list(self.translations.values())
        bootstrap = Bootstrap(len(judged), settings.resamples, settings.seed)
        return translation_result(self.translator.name, judged, bootstrap)

    def result(self, place: int, scored: Sequence[Scored]) -> QueryResult:
        """One question under all systems."""
        query, facts = self.queries[place], self.facts
        return QueryResult(
            id=query.id,
            query=query.query,
            formula=self.questions[place].formula,
            complexity=int(facts.complexity[place]) or None,
            level=int(facts.level[place]) or None,
            kinds=list(query.kinds),
            relevant=int(np.count_nonzero(facts.relevant[place])),
            uncertainty=float(facts.uncertainty[place].mean()) if facts.uncertainty.size else 0.0,
            systems={each.name: each.figures[place] for each in scored},
            shown=[
                ShownImage(
                    rank=rank,
                    image_id=self.archive.image_ids[image],
                    score=float(scored[0].scores[place, image]),
                    relevant=bool(facts.relevant[place, image]),
                )
                for rank, image in scored[0].shown[place]
            ],
            translation=self.translations.get(query.id),
        )

    def _formula(self, query: EvaluationQuery) -> str | None:
        if query.formula is not None or query.query is None or self.translator is None:
            return query.formula
        return self.translate(query.query).formula

    def _complexity(self, query: EvaluationQuery) -> tuple[int, int]:
        """The complexity and level that the set gives, else those of the gold formula; 0 where there is neither."""
        if query.formula is not None:
            found = complexity_of(query.formula, self.archive.ontology)
            return found.total, found.level
        total = query.complexity or 0
        return total, query.level or Complexity(variables=total).level
