"""The agent as Python calls it: run, stream and translate."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agent.choice import OFFLINE, choose_model
from agent.events import Event, RunFinished
from agent.pump import events_of
from agent.request import RunRequest
from solvers.ontology import Ontology
from tools.archive import Archive
from tools.ontologies import load_ontology
from tools.progress import ProgressListener, ignore_progress
from tools.registry import Threshold
from tools.results import RunResult

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel


def run(
    query: str,
    *,
    archive: str | Path | Archive,
    model: "str | BaseChatModel" = OFFLINE,
    base_url: str | None = None,
    candidates: int = 1,
    top_k: int = 10,
    threshold: Threshold = 0.25,
    certify: bool = False,
    timeout: float = 60.0,
    max_repairs: int = 3,
    progress: ProgressListener = ignore_progress,
) -> RunResult:
    """Translate a question, rank an archive by it, and say what became of it; see `stream` for the arguments."""
    return _last_result(
        stream(
            query,
            archive=archive,
            model=model,
            base_url=base_url,
            candidates=candidates,
            top_k=top_k,
            threshold=threshold,
            certify=certify,
            timeout=timeout,
            max_repairs=max_repairs,
            progress=progress,
        )
    )


def stream(
    query: str,
    *,
    archive: str | Path | Archive,
    model: "str | BaseChatModel" = OFFLINE,
    base_url: str | None = None,
    candidates: int = 1,
    top_k: int = 10,
    threshold: Threshold = 0.25,
    certify: bool = False,
    timeout: float = 60.0,
    max_repairs: int = 3,
    progress: ProgressListener = ignore_progress,
) -> Iterator[Event]:
    """Do as `run` does and yield what happens; the last event carries the result.

    `model` is "offline", "openai:NAME" (with `base_url` where it is not OpenAI's own server, and the key in
    OPENAI_API_KEY) or a LangChain chat model. `timeout` is the time in seconds that the model has for all its answers.
    Closing the iterator cancels the run. Raises InputError at once for what cannot be used, such as a blank query.
    """
    opened = archive if isinstance(archive, Archive) else Archive.open(archive)
    return events_of(
        RunRequest(
            query=query,
            model=choose_model(model, base_url),
            ontology=opened.ontology,
            archive=opened,
            candidates=candidates,
            top_k=top_k,
            threshold=threshold,
            certify=certify,
            timeout=timeout,
            max_repairs=max_repairs,
            progress=progress,
        )
    )


def translate(
    query: str,
    *,
    ontology: str | Ontology = "dota",
    model: "str | BaseChatModel" = OFFLINE,
    base_url: str | None = None,
    timeout: float = 60.0,
    max_repairs: int = 3,
    candidates: int = 1,
) -> RunResult:
    """Translate a question into a validated formula, without an archive; raises InputError as `stream` does."""
    return _last_result(
        events_of(
            RunRequest(
                query=query,
                model=choose_model(model, base_url),
                ontology=ontology if isinstance(ontology, Ontology) else load_ontology(ontology),
                candidates=candidates,
                timeout=timeout,
                max_repairs=max_repairs,
            )
        )
    )


def _last_result(events: Iterator[Event]) -> RunResult:
    for event in events:
        if isinstance(event, RunFinished):
            return event.result
    raise RuntimeError("the run ended without a result")
