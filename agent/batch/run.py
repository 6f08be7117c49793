"""A batch from its two files: what is to be done, the doing, and the summary."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from pydantic import Field

from agent.batch.answers import BatchAnswer, BatchSettings, answers
from agent.batch.queries import BatchQueries, read_queries
from agent.batch.results_file import ResultsFile
from agent.budget import Budget
from agent.cancelling import CancelToken
from agent.choice import OFFLINE, choose_model
from solvers.errors import InputError
from tools.archive import Archive
from tools.progress import Progress, ProgressListener, ignore_progress
from tools.registry import Threshold
from tools.results import SCHEMA_VERSION, Model, StatusName

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

DEFAULT_JOBS = 4
MAX_JOBS = 64
# What another try may mend; an answer and a question that no logic can express stay.
RETRIED: frozenset[StatusName] = frozenset({"provider_error", "limit", "error"})


class BatchSummary(Model):
    """What a batch came to: of `queries`, `done` were answered by this run and `skipped` had been before.

    `statuses` counts all answers in the file `out`; `seconds` is the time that this run took. `status` is
    `provider_error` where not one answer was anything else.
    """

    schema_version: int = SCHEMA_VERSION
    status: StatusName
    queries: int | None
    done: int | None
    skipped: int | None
    statuses: dict[StatusName, int]
    out: str | None
    seconds: float | None = None
    warnings: list[str] = Field(default_factory=list)
    error: str | None = None


def _unheard(answer: BatchAnswer, /) -> None:
    """Take no note of an answer beyond its line in the file."""


def run_batch(
    queries: str | Path | BatchQueries,
    *,
    archive: str | Path | Archive,
    out: str | Path,
    model: "str | BaseChatModel" = OFFLINE,
    base_url: str | None = None,
    candidates: int = 1,
    top_k: int = 10,
    threshold: Threshold = 0.25,
    certify: bool = False,
    timeout: float = 60.0,
    max_repairs: int = 3,
    budget: Budget | None = None,
    jobs: int = DEFAULT_JOBS,
    fresh: bool = False,
    retry_failed: bool = False,
    progress: ProgressListener = ignore_progress,
    cancel: CancelToken | None = None,
    on_answer: Callable[[BatchAnswer], None] = _unheard,
) -> BatchSummary:
    """Answer every line of a JSON Lines file into another, one line each, in order; what is answered is not redone.

    A line in is {"id", "query"} or {"id", "formula"}, a line out the object of RunResult with that "id". `jobs` is the
    number of model calls at a time; the other settings are those of `agent.stream`, and hold for the lines that are
    still to be answered. `fresh` starts over, `retry_failed` redoes what ended with a status of RETRIED. Raises
    InputError, before any line is answered, for what cannot be used; a question that fails is a line with its status.
    Where `cancel` is called the run ends with RunCancelledError, what is answered is kept, and the same call goes on.
    """
    started = perf_counter()
    batch = queries if isinstance(queries, BatchQueries) else read_queries(queries)
    if not 1 <= jobs <= MAX_JOBS:
        raise InputError(f"jobs is {jobs}; it may be 1 to {MAX_JOBS}")
    settings = BatchSettings(
        model=choose_model(model, base_url),
        archive=archive if isinstance(archive, Archive) else Archive.open(archive),
        candidates=candidates,
        top_k=top_k,
        threshold=threshold,
        certify=certify,
        timeout=timeout,
        max_repairs=max_repairs,
        budget=budget or Budget(),
        jobs=jobs,
    )
    settings.request("a ship")  # for its checks of the settings
    with ResultsFile(out, batch, fresh=fresh) as results:
        places = [place for place, status in enumerate(results.statuses) if _is_to_do(status, retry=retry_failed)]
        total, before = len(results.statuses), len(results.statuses) - len(places)
        progress(Progress("answering", before, total))
        done: list[StatusName] = []
        with closing(answers([batch.queries[place] for place in places], settings, cancel)) as answered:
            for place, answer in zip(places, answered, strict=True):
                results.put(place, answer.result)
                done.append(answer.result.status)
                on_answer(answer)
                progress(Progress("answering", before + len(done), total))
        statuses = [each for each in results.statuses if each is not None]
    return BatchSummary(
        status="provider_error" if set(done or statuses) == {"provider_error"} else "ok",
        queries=total,
        done=len(done),
        skipped=before,
        statuses=_counted(statuses),
        out=str(out),
        seconds=perf_counter() - started,
        warnings=_warnings(batch.ignored),
    )


def _is_to_do(status: StatusName | None, *, retry: bool) -> bool:
    return status is None or (retry and status in RETRIED)


def _counted(statuses: Sequence[StatusName]) -> dict[StatusName, int]:
    return dict(sorted(Counter(statuses).items()))


def _warnings(ignored: Mapping[str, int]) -> list[str]:
    return [
        f"the key {key[:40]!r} means nothing in a batch and was ignored in {count} line{'s' if count != 1 else ''}"
        for key, count in ignored.items()
    ]
