"""The agent as Python calls it: run, stream and translate, and their twins for an event loop."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from agent.budget import Budget
from agent.cancelling import CancelToken
from agent.choice import OFFLINE, choose_model
from agent.events import Event, RunFinished
from agent.pump import aevents_of, events_of
from agent.request import RunRequest
from solvers.ontology import Ontology
from tools.archive import Archive
from tools.ontologies import load_ontology
from tools.progress import ProgressListener, ignore_progress
from tools.registry import IndexSources, Threshold
from tools.results import RunResult

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel


class ModelOptions(TypedDict, total=False):
    """How a question is translated.

    `model` is "offline" (the default), "openai:NAME" (with `base_url` where it is not OpenAI's own server, and the key
    in OPENAI_API_KEY) or a LangChain chat model. `candidates` (1) formulas are asked for, and the largest group of
    equivalent ones wins. `timeout` (60) is the time in seconds that the model has for all its answers, `max_repairs`
    (3) how often a formula may go back, `budget` what the whole run may spend; `cancel` ends it from any thread.
    """

    model: "str | BaseChatModel"
    base_url: str | None
    candidates: int
    timeout: float
    max_repairs: int
    budget: Budget
    cancel: CancelToken | None


class RunOptions(ModelOptions, total=False):
    """How a question is answered, beside how it is translated.

    `top_k` (10) images are shown, 0 for all; `threshold` (0.25) is the least confidence that counts, one or one a
    class; `certify` has Z3 confirm every image's verdict; `progress` is told how far the work is. `sources` let the
    model bring the archive up to date with them.
    """

    top_k: int
    threshold: Threshold
    certify: bool
    progress: ProgressListener
    sources: IndexSources | None


def run(query: str, *, archive: str | Path | Archive, **options: Unpack[RunOptions]) -> RunResult:
    """Translate a question, rank an archive by it, and say what became of it; see RunOptions and `stream`."""
    return _last_result(stream(query, archive=archive, **options))


def stream(query: str, *, archive: str | Path | Archive, **options: Unpack[RunOptions]) -> Iterator[Event]:
    """Do as `run` does and yield what happens; the last event carries the result.

    Closing the iterator cancels the run. Raises InputError at once for what cannot be used, such as a blank query, and
    RunCancelledError where the token of `cancel` was used.
    """
    return events_of(_run_request(query, archive, options), options.get("cancel"))


async def arun(query: str, *, archive: str | Path | Archive, **options: Unpack[RunOptions]) -> RunResult:
    """Do as `run` does in the running event loop; cancelling the task cancels the run."""
    return await _alast_result(astream(query, archive=archive, **options))


def astream(query: str, *, archive: str | Path | Archive, **options: Unpack[RunOptions]) -> AsyncGenerator[Event, None]:
    """Do as `stream` does in the running event loop."""
    return aevents_of(_run_request(query, archive, options), options.get("cancel"))


def translate(query: str, *, ontology: str | Ontology = "dota", **options: Unpack[ModelOptions]) -> RunResult:
    """Translate a question into a validated formula, without an archive; raises InputError as `stream` does."""
    return _last_result(events_of(_translation_request(query, ontology, options), options.get("cancel")))


async def atranslate(query: str, *, ontology: str | Ontology = "dota", **options: Unpack[ModelOptions]) -> RunResult:
    """Do as `translate` does in the running event loop."""
    return await _alast_result(aevents_of(_translation_request(query, ontology, options), options.get("cancel")))


def _run_request(query: str, archive: str | Path | Archive, options: RunOptions) -> RunRequest:
    opened = archive if isinstance(archive, Archive) else Archive.open(archive)
    return request_of(query, opened.ontology, opened, **options)


def _translation_request(query: str, ontology: str | Ontology, options: ModelOptions) -> RunRequest:
    return request_of(query, ontology if isinstance(ontology, Ontology) else load_ontology(ontology), None, **options)


def request_of(
    query: str,
    ontology: Ontology,
    archive: Archive | None,
    *,
    model: "str | BaseChatModel" = OFFLINE,
    base_url: str | None = None,
    candidates: int = 1,
    top_k: int = 10,
    threshold: Threshold = 0.25,
    certify: bool = False,
    timeout: float = 60.0,
    max_repairs: int = 3,
    budget: Budget | None = None,
    progress: ProgressListener = ignore_progress,
    sources: IndexSources | None = None,
    cancel: CancelToken | None = None,
) -> RunRequest:
    """What `run` and `translate` ask for, as one request, checked; without an archive it is only translated."""
    del cancel  # it is no part of the question
    return RunRequest(
        query=query,
        model=choose_model(model, base_url),
        ontology=ontology,
        archive=archive,
        candidates=candidates,
        top_k=top_k,
        threshold=threshold,
        certify=certify,
        timeout=timeout,
        max_repairs=max_repairs,
        budget=budget or Budget(),
        progress=progress,
        sources=sources,
    )


def _last_result(events: Iterator[Event]) -> RunResult:
    for event in events:
        if isinstance(event, RunFinished):
            return event.result
    raise RuntimeError("the run ended without a result")


async def _alast_result(events: AsyncGenerator[Event, None]) -> RunResult:
    async with aclosing(events):
        async for event in events:
            if isinstance(event, RunFinished):
                return event.result
    raise RuntimeError("the run ended without a result")
