"""One run from its request to its result, in an event loop of its own, with nothing sent to anyone but the model."""

import asyncio
from collections.abc import Callable

from langchain_core.utils.env import env_var_is_set
from langsmith import tracing_context

from agent.budget import Meter
from agent.events import Event, ProgressMade, RunFinished, RunStarted
from agent.graph import run as run_graph
from agent.opening import opened_provider
from agent.report import result_of
from agent.request import RunRequest
from agent.state import RunContext
from agent.toolbox import offered_tools
from solvers.errors import InputError
from tools.progress import Progress
from tools.registry import ToolContext


async def execute(
    request: RunRequest, emit: Callable[[Event], None], started: float, *, ranking: asyncio.Lock | None = None
) -> None:
    """Answer a request, telling `emit` all that happens; the last event carries the result.

    Runs side by side in one event loop share `ranking`, so that they rank one after the other.
    Raises InputError where what the user gave turns out not to be usable; `emit` is called from several threads.
    """

    _refuse_old_tracing()
    meter = Meter(request.budget)

    def on_progress(progress: Progress) -> None:
        emit(ProgressMade(phase=progress.phase, done=progress.done, total=progress.total))
        request.progress(progress)

    tools = ToolContext(
        ontology=request.ontology,
        archive=request.archive,
        top_k=request.top_k,
        threshold=request.threshold,
        certify=request.certify,
        sources=request.sources,
        progress=on_progress,
    )
    emit(
        RunStarted(
            query=request.query,
            model=request.model.name,
            candidates=request.samples,
            archive=request.archive.size if request.archive is not None else None,
        )
    )
    # Whatever LANGSMITH_TRACING says: questions go to the model that the user named, and nowhere else.
    with tracing_context(enabled=False):
        async with opened_provider(
            request.model, request.ontology, seconds=request.timeout, samples=request.samples, emit=emit
        ) as provider:
            final = await run_graph(
                RunContext(
                    request=request,
                    provider=provider,
                    tools=tools,
                    offered=offered_tools(tools, formula_is_valid=request.in_force is not None),
                    emit=emit,
                    meter=meter,
                    ranking=ranking or asyncio.Lock(),
                )
            )
    emit(RunFinished(result=result_of(request, final, started)))


def _refuse_old_tracing() -> None:
    """LangChain gives up with a bare exception where its long dead first tracing is switched on."""
    for name in ("LANGCHAIN_TRACING", "LANGCHAIN_HANDLER"):
        if env_var_is_set(name):
            raise InputError(f"the environment variable {name} is set, and LangChain runs no more with it: unset it")
