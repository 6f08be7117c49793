"""Query sets made from a labelled archive: drawn from true scenes, judged by brute force, balanced, no two alike."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from solvers.errors import InputError
from solvers.fol.analysis import analyse
from solvers.fol.printer import print_formula
from solvers.ontology import Ontology
from tools.archive import Archive
from tools.evaluation.complexity import complexity
from tools.evaluation.making.logic import formula_of
from tools.evaluation.making.meaning import OnlyKinds, Statement
from tools.evaluation.making.mining import Sight, typical_sizes
from tools.evaluation.making.phenomena import PHENOMENA, asserted, has_another, mentions_of, phenomena_of
from tools.evaluation.making.proposing import Proposer
from tools.evaluation.making.relevance import Relevance
from tools.evaluation.making.sentences import SentenceWriter
from tools.evaluation.making.wording import Nouns
from tools.evaluation.queryset import LEVELS, EvaluationQuery
from tools.progress import Progress, ProgressListener, ignore_progress

LEAST_SHARE, MOST_SHARE = 0.02, 0.6
"""The share of the images that are relevant to a question, where the archive allows it."""
MOST_COMPLEX = 22
"""Beyond this no one would ask it in one sentence."""
MOST_COUNT = 100_000
TRIES = 400
"""Proposals for each question, before less balanced ones are taken as well."""
BATCH = 64
SIMPLE_PHENOMENA: Mapping[int, tuple[str, ...]] = {
    1: ("attribute", "count"),
    2: tuple(each for each in PHENOMENA if each not in {"superlative", "universal"}),
}
"""What the first levels can hold."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    statements: tuple[Statement, ...]
    formula: str
    level: int
    complexity: int
    kinds: tuple[str, ...]


def make_queries(
    archive: str | Path | Archive,
    count: int = 500,
    seed: int = 0,
    *,
    progress: ProgressListener = ignore_progress,
) -> list[EvaluationQuery]:
    """Questions in English with gold formulas, relevant images, levels and phenomena; the same for the same arguments.

    Between 2 and 60 per cent of the images are relevant to each where the archive allows it, else at least one and not
    all; fewer than `count` come back where it allows no more. Raises InputError for an archive whose labels tell too
    little apart: fewer than two images with entities, or one class everywhere.
    """
    if not 1 <= count <= MOST_COUNT:
        raise InputError(f"the count is {count}; a query set has 1 to {MOST_COUNT:,} queries")
    opened = archive if isinstance(archive, Archive) else Archive.open(archive)
    relevance = Relevance(opened.scenes(), opened.ontology)
    if len(relevance.filled) < 2:
        told = f"{len(relevance.filled)} of {len(relevance)} images have objects at the threshold"
        raise InputError(f"{opened.root}: {told}; questions are made where two have")
    return _Maker(relevance, opened.ontology, count, seed, progress).made()


class _Maker:
    def __init__(
        self, relevance: Relevance, ontology: Ontology, count: int, seed: int, progress: ProgressListener
    ) -> None:
        self._relevance = relevance
        self._filled = relevance.filled
        self._ontology = ontology
        self._count = count
        self._progress = progress
        self._random = Random(f"queries {seed}")  # noqa: S311  (no secret)
        self._writer = SentenceWriter(Nouns(ontology), Random(f"words {seed}"))  # noqa: S311
        self._classes = self._classes_here()
        self._typical = typical_sizes(relevance.arrangements)
        self._used: Counter[str] = Counter()
        self._kinds: Counter[tuple[int, str]] = Counter()
        self._misses: Counter[tuple[int, str]] = Counter()
        self._levels: Counter[int] = Counter()
        self._formulas: set[str] = set()
        self._taken: list[tuple[_Candidate, tuple[str, ...]]] = []

    def made(self) -> list[EvaluationQuery]:
        images = len(self._relevance)
        least, most = max(1, math.ceil(LEAST_SHARE * images)), math.floor(MOST_SHARE * images)
        self._fill(least, most, self._quotas(), TRIES)
        anything = dict.fromkeys(range(1, LEVELS + 1), self._count)
        self._fill(least, most, anything, TRIES // 4)
        self._fill(1, images - 1, anything, TRIES // 4)
        if not self._taken:
            raise InputError("the labels tell no image of the archive from another, so there is nothing to ask")
        return self._written()

    def _quotas(self) -> Mapping[int, int]:
        """How many questions of each level there are to be."""
        return {level: (self._count + level - 1) // LEVELS for level in range(1, LEVELS + 1)}

    def _fill(self, least: int, most: int, quotas: Mapping[int, int], tries: int) -> None:
        """Take proposals until the levels are full, or tries for each question that is missing are used up."""
        left = tries * (self._count - len(self._taken))
        while left > 0 and len(self._taken) < self._count:
            open_levels = [level for level in sorted(quotas) if self._levels[level] < quotas[level]]
            if not open_levels:
                return
            batch: list[_Candidate] = []
            for _ in range(BATCH * 8):
                left -= 1
                candidate = self._candidate(self._random.choice(open_levels))
                if candidate is not None and self._levels[candidate.level] < quotas[candidate.level]:
                    self._formulas.add(candidate.formula)
                    batch.append(candidate)
                if len(batch) == BATCH or left <= 0:
                    break
            found = self._relevance.relevant([each.formula for each in batch])
            for candidate, ids in zip(batch, found, strict=True):
                full = self._levels[candidate.level] >= quotas[candidate.level]
                if least <= len(ids) <= most and not full and len(self._taken) < self._count:
                    self._take(candidate, ids)
            self._progress(Progress("making queries", len(self._taken), self._count))

    def _take(self, candidate: _Candidate, ids: tuple[str, ...]) -> None:
        self._taken.append((candidate, ids))
        self._levels[candidate.level] += 1
        self._used.update(sorted(set(mentions_of(candidate.statements))))
        self._kinds.update((candidate.level, kind) for kind in candidate.kinds)

    def _candidate(self, level: int) -> _Candidate | None:
        """A proposal for a level that holds in one scene; None where it does not, or is no new one."""
        place = self._random.choice(self._filled)
        arrangement = self._relevance.arrangements[place]
        sight = Sight(arrangement, self._ontology, self._random, self._used, self._typical)
        proposer = Proposer(sight, self._classes, self._random)
        statements: list[Statement] = []
        lead = self._lead(level)
        self._misses[level, lead] += 1
        for number, extras in enumerate(self._plan(level)):
            kind = lead if number == 0 else self._lead(level)
            proposed = proposer.statement(kind, extras)
            if proposed is None or proposed in statements:
                return None
            statements.append(proposed)
        if not self._go_together(statements):
            return None
        return self._checked(tuple(statements), place)

    def _go_together(self, statements: Sequence[Statement]) -> bool:
        """Whether statements can stand in one question and leave no doubt which things they mean.

        No class is there twice ("a ship ..., and a ship ..."), and where there is "another ship" there is no third one.
        """
        if len(statements) > 1 and any(isinstance(each, OnlyKinds) for each in statements):
            return False
        names = [name for each in statements for name in asserted(each)]
        if len(set(names)) < len(names):
            return False
        if not has_another(statements, self._ontology):
            return True
        times = Counter(leaf for name in mentions_of(statements) for leaf in self._ontology.leaves_of[name])
        return max(times.values()) <= 2

    def _checked(self, statements: tuple[Statement, ...], place: int) -> _Candidate | None:
        text = formula_of(statements, self._ontology)
        if self._relevance.is_open(text, mentions_of(statements)) or not self._relevance.holds_in(text, place):
            return None
        formula = analyse(text, self._ontology).require()
        canonical, measured = print_formula(formula), complexity(formula)
        if canonical in self._formulas or measured.total > MOST_COMPLEX:
            return None
        return _Candidate(statements, canonical, measured.level, measured.total, phenomena_of(statements))

    def _lead(self, level: int) -> str:
        """A phenomenon, those that the level has seldom before others, those that come to nothing after others."""
        kinds = SIMPLE_PHENOMENA.get(level, PHENOMENA)
        weights = [1 / (1 + self._kinds[level, kind]) ** 2.5 / (1 + self._misses[level, kind] / 300) for kind in kinds]
        return self._random.choices(kinds, weights)[0]

    def _plan(self, level: int) -> list[int]:
        """How many statements, and how many further qualities each has, on the way to a level."""
        choose = self._random.choice
        return {
            1: [0],
            2: choose(([0], [0], [1])),
            3: choose(([0], [1], [1], [2], [0, 0])),
            4: choose(([2], [3], [1, 0], [0, 0], [1, 1], [0, 0, 0])),
            5: choose(([3], [2, 1], [1, 1], [2, 0], [1, 0, 0], [0, 0, 0], [1, 1, 1])),
        }[level]

    def _classes_here(self) -> tuple[str, ...]:
        """The classes that the archive's images hold."""
        return tuple(sorted({label for each in self._relevance.arrangements for label in each.labels.tolist()}))

    def _written(self) -> list[EvaluationQuery]:
        """The questions by level, then in the order in which they were found."""
        ordered = sorted(self._taken, key=lambda each: each[0].level)
        digits = max(3, len(str(len(ordered))))
        return [
            EvaluationQuery(
                id=f"q{number:0{digits}}",
                query=self._writer.question(candidate.statements),
                formula=candidate.formula,
                relevant=ids,
                level=candidate.level,
                complexity=candidate.complexity,
                kinds=candidate.kinds,
            )
            for number, (candidate, ids) in enumerate(ordered, start=1)
        ]
