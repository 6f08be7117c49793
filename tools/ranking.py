"""Rank an archive by a formula: every image judged, the best ones proved by Z3."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from solvers.errors import InputError
from solvers.judge import clause_share
from solvers.limits import DeadlineError
from solvers.ranking import Candidate, order
from solvers.verdict import Verdict
from tools.describe import plan_parts
from tools.progress import Progress, ProgressListener, ignore_progress
from tools.question import Question, Threshold, UnknownTally, prepare, unique
from tools.results import ImageResult, Ranking, Timings, VerdictCounts
from tools.shown import show

if TYPE_CHECKING:
    from solvers.z3_backend import Z3Backend
    from tools.archive import Archive

PROGRESS_EVERY = 64


def rank(
    formula: str,
    *,
    archive: "str | Path | Archive",
    top_k: int = 10,
    threshold: Threshold = 0.25,
    certify: bool = False,
    timeout: float | None = None,
    progress: ProgressListener = ignore_progress,
) -> Ranking:
    """Order the images of an archive by how probably they satisfy a formula; the shown ones carry Z3's verdict.

    `top_k` 0 shows all; `threshold` is one confidence, or one a class; `certify` has Z3 confirm every image's verdict;
    `timeout` in seconds is a last resort. Raises FormulaError, InputError, LimitError past the time-out, and
    DisagreementError where Z3 and the vectorised pass differ.
    """
    if top_k < 0:
        raise InputError(f"top_k is {top_k}; it is a number of images, or 0 for all")
    clock = _Clock.start(timeout)
    question = prepare(formula, archive, threshold, tick=clock.check)
    planned = clock.lap()
    counts, candidates, warnings = _judge_all(question, clock, progress, certify=certify)
    chosen = order(candidates, top_k)
    judged = clock.lap()
    backend = _backend()
    results: list[ImageResult] = []
    for number, candidate in enumerate(chosen, start=1):
        judge = question.judge(question.archive.scene(candidate.image_id))
        results.append(show(judge, backend, rank=number))
        clock.check()
        progress(Progress("proving", number, len(chosen)))
    solved = clock.lap()
    return Ranking(
        formula=question.plan.text,
        warnings=unique((*question.warnings, *warnings)),
        parts=plan_parts(question.plan),
        archive=question.archive.size,
        counts=counts,
        results=results,
        timings_ms=Timings(plan=planned, prefilter=judged, solve=solved, total=planned + judged + solved),
    )


def _backend() -> "Z3Backend":
    from solvers.z3_backend import Z3Backend

    return Z3Backend()


def _judge_all(
    question: Question, clock: "_Clock", progress: ProgressListener, *, certify: bool
) -> tuple[VerdictCounts, list[Candidate], list[str]]:
    """Every image's verdict and score; with `certify` by Z3 as well."""
    counts = dict.fromkeys(Verdict, 0)
    candidates: list[Candidate] = []
    tally = UnknownTally(question.plan)
    backend = _backend() if certify else None
    total = question.archive.size.images
    for number, scene in enumerate(question.archive.scenes(), start=1):
        judge = question.judge(scene)
        judgement = judge.judgement if backend is None else judge.prove(backend)
        counts[judgement.verdict] += 1
        tally.look_at(scene)
        if judgement.limit is not None:
            tally.limit(judgement.limit)
        known = 1.0 if judgement.verdict is Verdict.SAT else None
        candidates.append(Candidate(scene.image_id, judgement.score, _share(question, scene.image_id, known)))
        if number % PROGRESS_EVERY == 0 or number == total:
            clock.check()
            progress(Progress("ranking", number, total))
    named = VerdictCounts(sat=counts[Verdict.SAT], unsat=counts[Verdict.UNSAT], unknown=counts[Verdict.UNKNOWN])
    return named, candidates, list(tally.warnings())


def _share(question: Question, image_id: str, known: float | None) -> Callable[[], float]:
    """The clause share of an image, found only where scores tie; the scene is read again then, to keep memory small."""

    def share() -> float:
        return clause_share(question.judge(question.archive.scene(image_id))) if known is None else known

    return share


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
