"""Rank an archive by a formula: every image judged, the best ones proved by Z3."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solvers.columnar.compilation import compilation_told
from solvers.errors import InputError
from solvers.limits import DeadlineError
from solvers.ranking import first_images
from tools.certifying import certify_archive
from tools.describe import plan_parts
from tools.filters import Filters
from tools.progress import Progress, ProgressListener, ignore_progress
from tools.question import Threshold, prepare, unique, why_unknown
from tools.results import ImageResult, Ranking, Timings, VerdictCounts
from tools.shown import show_ranked

COMPILING = "compiling for the first time, kernel"
"""The phase of a ranking in which machine code is made that later ones find on disk."""
PROCESSES = 2
"""How many processes certify an archive."""

if TYPE_CHECKING:
    from solvers.columnar.archive import ArchiveJudge
    from tools.archive import Archive


def rank(
    formula: str,
    *,
    archive: "str | Path | Archive",
    top_k: int = 10,
    threshold: Threshold = 0.25,
    certify: bool = False,
    timeout: float | None = None,
    filters: Filters | None = None,
    progress: ProgressListener = ignore_progress,
) -> Ranking:
    """Order the images of an archive by how probably they satisfy a formula; the shown ones carry Z3's verdict.

    With `filters` only the images that pass them are looked at, and counted.
    `top_k` 0 shows all; `threshold` is one confidence, or one a class; `certify` has Z3 confirm every image's verdict;
    `timeout` in seconds is a last resort. Raises FormulaError, InputError, LimitError past the time-out, and
    DisagreementError where Z3 and the vectorised pass differ.
    """
    if top_k < 0:
        raise InputError(f"top_k is {top_k}; it is a number of images, or 0 for all")

    def compiling(count: int) -> None:
        progress(Progress(COMPILING, count, None))

    with compilation_told(compiling):
        return _ranked(
            formula,
            archive,
            top_k=top_k,
            threshold=threshold,
            certify=certify,
            timeout=timeout,
            filters=filters,
            progress=progress,
        )


def _ranked(
    formula: str,
    archive: "str | Path | Archive",
    *,
    top_k: int,
    threshold: Threshold,
    certify: bool,
    timeout: float | None,
    filters: Filters | None,
    progress: ProgressListener,
) -> Ranking:
    clock = _Clock.start(timeout)
    question = prepare(formula, archive, threshold, filters=filters, tick=clock.check)
    planned = clock.lap()
    judge = question.archive_judge()
    total = len(judge.store.images)
    counts = _counted(judge)
    progress(Progress("ranking", total, total))
    chosen = first_images(judge, top_k)
    clock.check()
    judged = clock.lap()
    results: list[ImageResult] = []
    for result in show_ranked(question, judge, chosen, question.archive.backend):
        results.append(result)
        clock.check()
        progress(Progress("proving", len(results), len(chosen)))
    if certify:
        certify_archive(judge, processes=PROCESSES, tick=clock.check, progress=progress)
    solved = clock.lap()
    return Ranking(
        formula=question.plan.text,
        warnings=unique(
            (
                *question.warnings(sat=counts.sat > 0, unsat=counts.unsat > 0),
                *why_unknown(question.plan, judge.store.images, judge.limits.values()),
            )
        ),
        parts=plan_parts(question.plan),
        archive=question.archive.size,
        filtered=question.archive.filtered,
        counts=counts,
        results=results,
        timings_ms=Timings(plan=planned, prefilter=judged, solve=solved, total=planned + judged + solved),
    )


def _counted(judge: "ArchiveJudge") -> VerdictCounts:
    unsat, sat, unknown = (int(np.count_nonzero(judge.verdicts == each)) for each in range(3))
    return VerdictCounts(unsat=unsat, sat=sat, unknown=unknown)


@dataclass
class _Clock:
    """Laps in milliseconds, and the wall-clock limit."""

    last: float
    end: float | None
    timeout: float | None

    @classmethod
    def start(cls, timeout: float | None) -> "_Clock":
        now = time.perf_counter()
        return cls(now, None if timeout is None else now + timeout, timeout)

    def lap(self) -> float:
        now = time.perf_counter()
        passed, self.last = (now - self.last) * 1000, now
        return passed

    def check(self) -> None:
        if self.end is not None and time.perf_counter() > self.end:
            raise DeadlineError(f"the ranking took longer than the time-out of {self.timeout:g} s")
