"""The graph of one run: candidates side by side, one chosen, and only then the ranking.

    START -> candidate (n at once) -> choose -> rank -> END

There is no way to `rank` but through `choose`, which hands on none but a validated formula.
"""

import asyncio
from dataclasses import replace
from functools import cache
from time import perf_counter
from typing import cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from agent.events import CandidatesCompared, FormulaChosen, RankingReady, ToolFinished, ToolStarted
from agent.selection import choose
from agent.state import CandidateTask, Outcome, RunContext, RunState, RunUpdate
from agent.translation import translate_candidate
from solvers.errors import LimitError
from solvers.fol.diagnostics import FormulaError
from tools.describe import describe_parts
from tools.english import reading_of
from tools.equivalence import are_equivalent
from tools.registry import RANK, RankArguments
from tools.results import Agreement, AttemptModel
from tools.validate import diagnostic_model

_CANDIDATES_AT_ONCE = 16

RunGraph = CompiledStateGraph[RunState, RunContext, RunState, RunState]


@cache
def run_graph() -> RunGraph:
    """The compiled graph of a run; it holds no state of its own."""
    return build_run_graph()


def build_run_graph(checkpointer: BaseCheckpointSaver[str] | None = None) -> RunGraph:
    """The graph of a run, compiled to keep its state with a checkpointer where one is given."""
    graph = StateGraph(RunState, context_schema=RunContext)
    graph.add_node("candidate", _candidate, input_schema=CandidateTask)
    graph.add_node("choose", _choose)
    graph.add_node("rank", _rank)
    graph.add_conditional_edges(START, _candidates, ["candidate"])
    graph.add_edge("candidate", "choose")
    graph.add_conditional_edges("choose", _rank_or_end, ["rank", END])
    graph.add_edge("rank", END)
    return graph.compile(checkpointer=checkpointer)


async def run(context: RunContext) -> RunState:
    """Run the graph from a fresh state to its end."""
    config = RunnableConfig(max_concurrency=_CANDIDATES_AT_ONCE)
    return cast(RunState, await run_graph().ainvoke(initial_state(), config, context=context))


def initial_state() -> RunState:
    """The state of a run that has not begun."""
    return {
        "candidates": [],
        "chosen": None,
        "agreement": None,
        "warnings": [],
        "parts": [],
        "ranking": None,
        "outcome": None,
        "error": None,
        "translate_ms": 0.0,
    }


def _candidates(_: RunState, runtime: Runtime[RunContext]) -> list[Send]:
    return [Send("candidate", CandidateTask(index=index)) for index in range(runtime.context.request.samples)]


async def _candidate(state: CandidateTask, runtime: Runtime[RunContext]) -> RunUpdate:
    return {"candidates": [await translate_candidate(state["index"], runtime.context)]}


async def _choose(state: RunState, runtime: Runtime[RunContext]) -> RunUpdate:
    context = runtime.context
    ordered = sorted(state["candidates"], key=lambda each: each.index)
    ontology = context.tools.ontology
    choice = await asyncio.to_thread(choose, ordered, lambda one, two: are_equivalent(one, two, ontology) is True)
    chosen, asked = choice.candidate, len(state["candidates"])
    if chosen.formula is not None and asked > 1:
        context.emit(
            CandidatesCompared(
                candidates=asked,
                valid=choice.valid,
                agreement=choice.agreement,
                formula=chosen.formula,
                groups=list(choice.groups),
            )
        )
    if chosen.formula is not None:
        context.emit(FormulaChosen(formula=chosen.formula, reading=reading_of(chosen.formula, ontology)))
    return {
        "chosen": chosen,
        "agreement": Agreement(candidates=asked, valid=choice.valid, agreeing=choice.agreement) if asked > 1 else None,
        "outcome": chosen.outcome,
        "error": chosen.error,
        "warnings": list(choice.warnings),
        "parts": [] if chosen.formula is None else describe_parts(chosen.formula, context.tools.ontology),
        "translate_ms": (perf_counter() - context.started) * 1000,
    }


def _rank_or_end(state: RunState, runtime: Runtime[RunContext]) -> str:
    chosen = state["chosen"]
    ready = chosen is not None and chosen.formula is not None and runtime.context.tools.archive is not None
    return "rank" if ready else END


async def _rank(state: RunState, runtime: Runtime[RunContext]) -> RunUpdate:
    context, chosen = runtime.context, state["chosen"]
    if chosen is None or chosen.formula is None:
        raise RuntimeError("the graph led to a ranking without a validated formula")
    arguments = RankArguments(formula=chosen.formula)
    context.emit(ToolStarted(tool=RANK.name, arguments=arguments.model_dump(exclude_none=True)))
    try:
        async with context.ranking:
            context.meter.check_time()
            within = replace(context.tools, timeout=context.meter.seconds_left)
            ranking = await asyncio.to_thread(RANK.function, arguments, within)
    except LimitError as error:
        context.emit(ToolFinished(tool=RANK.name, refused=str(error)))
        return {"outcome": Outcome.LIMIT, "error": str(error)}
    except FormulaError as error:
        context.emit(ToolFinished(tool=RANK.name, refused=str(error)))
        refused = AttemptModel(formula=error.text, diagnostics=[diagnostic_model(each) for each in error.diagnostics])
        failed = chosen.model_copy(update={"formula": None, "best": refused, "attempts": (*chosen.attempts, refused)})
        return {"chosen": failed, "outcome": Outcome.EXHAUSTED, "error": str(error)}
    context.emit(ToolFinished(tool=RANK.name))
    context.emit(RankingReady(ranking=ranking))
    return {"ranking": ranking}
