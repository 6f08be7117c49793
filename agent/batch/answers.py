"""Answers to many questions, in their order: side by side at the model, one after the other in the ranking."""

import asyncio
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from threading import Event as Flag
from time import perf_counter

from agent.batch.queries import BatchQuery
from agent.budget import Budget
from agent.cancelling import CancelToken, RunCancelledError
from agent.choice import ModelChoice, OfflineChoice
from agent.events import Event, RunFinished
from agent.pump import Emit, emitted_by
from agent.request import RunRequest
from solvers.errors import InputError, LimitError, RuneError
from solvers.fol.diagnostics import FormulaError
from tools.archive import Archive
from tools.english import reading_of
from tools.progress import Progress
from tools.registry import Threshold
from tools.results import AttemptModel, RunResult, StatusName, Timings

# How many questions a job may be ahead of the one whose answer is written next: what a kill can cost.
_AHEAD = 4


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """How the questions of a batch are answered: as `agent.stream` does, `jobs` model calls at a time.

    `timeout` and `budget` are those of one question.
    """

    model: ModelChoice
    archive: Archive
    candidates: int = 1
    top_k: int = 10
    threshold: Threshold = 0.25
    certify: bool = False
    timeout: float = 60.0
    max_repairs: int = 3
    budget: Budget = field(default_factory=Budget)
    jobs: int = 4

    def request(self, query: str) -> RunRequest:
        """One question of English; raises InputError for settings out of range."""
        return RunRequest(
            query=query,
            model=self.model,
            ontology=self.archive.ontology,
            archive=self.archive,
            candidates=self.candidates,
            top_k=self.top_k,
            threshold=self.threshold,
            certify=self.certify,
            timeout=self.timeout,
            max_repairs=self.max_repairs,
            budget=self.budget,
        )

    @property
    def questions_at_once(self) -> int:
        """The candidates of a question are model calls too; the offline model computes, so that more gain nothing."""
        return 1 if isinstance(self.model, OfflineChoice) else max(1, self.jobs // self.candidates)


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """What became of one question; `fault` is the programmer's error behind the status `error`, where it is one."""

    query: BatchQuery
    result: RunResult
    fault: Exception | None = None


def answers(
    queries: Sequence[BatchQuery], settings: BatchSettings, cancel: CancelToken | None = None
) -> Generator[BatchAnswer, None, None]:
    """Answer the questions and yield the answers in the same order; closing the iterator cancels what is under way.

    A question that fails is answered with a status that says how. Raises InputError for what concerns all of them, and
    RunCancelledError where `cancel` was called.
    """
    left = Flag()

    async def work(emit: Emit[BatchAnswer]) -> None:
        await _Answering(settings, left).all_of(queries, emit)

    try:
        yield from emitted_by(work, cancel)
    finally:
        left.set()


@dataclass(frozen=True, slots=True)
class _Answering:
    """Questions being answered in one event loop; `left` is set when nobody waits for them any more."""

    settings: BatchSettings
    left: Flag
    ranking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def all_of(self, queries: Sequence[BatchQuery], emit: Emit[BatchAnswer]) -> None:
        """Answer them all, and emit the answers in order."""
        at_once = self.settings.questions_at_once
        slots = asyncio.Semaphore(at_once)
        waiting = iter(queries)
        tasks = deque(asyncio.create_task(self._answer(query, slots)) for query in islice(waiting, at_once * _AHEAD))
        try:
            while tasks:
                emit(await tasks[0])
                tasks.popleft()
                tasks.extend(asyncio.create_task(self._answer(query, slots)) for query in islice(waiting, 1))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, query: BatchQuery, slots: asyncio.Semaphore) -> BatchAnswer:
        try:
            if query.is_formula:
                return BatchAnswer(query, await self._ranked(query.text))
            async with slots:
                return BatchAnswer(query, await self._asked(query.text))
        except (InputError, RunCancelledError):
            raise
        except RuneError as error:
            return BatchAnswer(query, self._failed(query, "error", str(error)))
        except Exception as error:  # noqa: BLE001  (told by whoever takes the answer; the other questions go on)
            said = f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace").decode("utf-8")
            return BatchAnswer(query, self._failed(query, "error", said), fault=error)

    async def _asked(self, text: str) -> RunResult:
        from agent.runner import execute

        finished: list[RunResult] = []

        def note(event: Event) -> None:
            self._stop_if_left()
            if isinstance(event, RunFinished):
                finished.append(event.result)

        await execute(self.settings.request(text), note, perf_counter(), ranking=self.ranking)
        return finished[-1]

    async def _ranked(self, formula: str) -> RunResult:
        async with self.ranking:
            return await asyncio.to_thread(self._rank, formula)

    def _rank(self, formula: str) -> RunResult:
        from tools.ranking import rank
        from tools.validate import diagnostic_model, validate_formula

        settings = self.settings
        started = perf_counter()
        try:
            ranking = rank(
                formula,
                archive=settings.archive,
                top_k=settings.top_k,
                threshold=settings.threshold,
                certify=settings.certify,
                progress=self._stop_if_left,
            )
        except FormulaError as error:
            found = AttemptModel(formula=formula, diagnostics=[diagnostic_model(each) for each in error.diagnostics])
            return self._formula_result("unrepairable", found, started, str(error))
        except LimitError as error:
            return self._formula_result("limit", AttemptModel(formula=formula), started, str(error))
        diagnostics = validate_formula(formula, settings.archive.ontology).diagnostics
        return RunResult(
            status="ok",
            query=None,
            model=None,
            formula=ranking.formula,
            reading=reading_of(ranking.formula, settings.archive.ontology),
            attempts=[AttemptModel(formula=formula, diagnostics=diagnostics)],
            warnings=ranking.warnings,
            parts=ranking.parts,
            archive=ranking.archive,
            filtered=ranking.filtered,
            counts=ranking.counts,
            results=ranking.results,
            timings_ms=ranking.timings_ms,
        )

    def _formula_result(self, status: StatusName, attempt: AttemptModel, started: float, error: str) -> RunResult:
        return RunResult(
            status=status,
            query=None,
            model=None,
            attempts=[attempt],
            archive=self.settings.archive.size,
            timings_ms=Timings(total=(perf_counter() - started) * 1000),
            error=error,
        )

    def _failed(self, query: BatchQuery, status: StatusName, error: str) -> RunResult:
        if query.is_formula:
            return self._formula_result(status, AttemptModel(formula=query.text), perf_counter(), error)
        return RunResult(
            status=status,
            query=query.text,
            model=self.settings.model.name,
            archive=self.settings.archive.size,
            error=error,
        )

    def _stop_if_left(self, _: Progress | None = None) -> None:
        if self.left.is_set():
            raise RunCancelledError
