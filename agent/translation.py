"""The graph that makes one candidate: ask the model, use tools, validate, and repair within bounds.

    model -> tools -> validate -> judge -> model ...

Only `validate` can make a formula count, and every formula of the model goes through it.
"""

from collections.abc import Callable
from functools import cache
from typing import cast

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agent.gates import judge, validate
from agent.model_node import ask_model
from agent.prompting import question_message, system_message
from agent.state import Candidate, CandidateState, Outcome, RunContext
from agent.tool_node import use_tools

CandidateGraph = CompiledStateGraph[CandidateState, RunContext, CandidateState, CandidateState]
_NODES_PER_CALL = 4


async def translate_candidate(index: int, context: RunContext) -> Candidate:
    """Make one candidate; whatever the model or its server does, it ends with an outcome."""
    request = context.request
    start: CandidateState = {
        "index": index,
        "messages": [
            system_message(context.tools.ontology, request.query),
            *request.earlier,
            question_message(request.query),
        ],
        "steps": (),
        "attempts": [],
        "best": None,
        "formula": None,
        "problems": (),
        "calls": 0,
        "informed": False,
        "repairs": 0,
        "outcome": None,
        "error": None,
        "held": None,
        "questioned": False,
        "log_probability": None,
    }
    limit = _NODES_PER_CALL * (context.most_calls + 1) + 1
    config = RunnableConfig(recursion_limit=limit)
    final = cast(CandidateState, await candidate_graph().ainvoke(start, config, context=context))
    return _candidate(final)


def _candidate(final: CandidateState) -> Candidate:
    """What became of a translation; a valid formula that the model was asked about again outlives what came after."""
    outcome, held = final["outcome"], final["held"]
    if outcome is None:
        raise RuntimeError("the graph of a candidate ended without an outcome")
    attempts = tuple(final["attempts"])
    if held is not None and outcome not in {Outcome.VALID, Outcome.REFUSED}:
        why = f" ({final['error']})" if final["error"] else ""
        return Candidate(
            index=final["index"],
            outcome=Outcome.VALID,
            formula=held.formula,
            attempts=attempts,
            best=held.attempt,
            warnings=(f"the model was asked to look at its formula again, and came to no other{why}",),
            log_probability=held.log_probability,
        )
    return Candidate(
        index=final["index"],
        outcome=outcome,
        formula=final["formula"],
        attempts=attempts,
        best=final["best"],
        problems=final["problems"],
        error=final["error"],
        log_probability=final["log_probability"],
    )


@cache
def candidate_graph() -> CandidateGraph:
    """The compiled graph of one candidate; it holds no state of its own."""
    graph = StateGraph(CandidateState, context_schema=RunContext)
    graph.add_node("model", ask_model)
    graph.add_node("tools", use_tools)
    graph.add_node("validate", validate)
    graph.add_node("judge", judge)
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", _ended_or("tools"), ["tools", END])
    graph.add_conditional_edges("tools", _ended_or("validate"), ["validate", END])
    graph.add_edge("validate", "judge")
    graph.add_conditional_edges("judge", _ended_or("model"), ["model", END])
    return graph.compile()


def _ended_or(node: str) -> Callable[[CandidateState], str]:
    def route(state: CandidateState) -> str:
        return node if state["outcome"] is None else END

    return route
