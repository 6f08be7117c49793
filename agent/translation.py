"""The graph that makes one candidate: ask the model, use tools, validate, and repair within bounds.

    model -> tools -> validate -> judge -> model ...

Only `validate` can make a formula count, and every formula of the model goes through it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from time import perf_counter
from typing import cast

from langchain_core.messages import AnyMessage, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from pydantic import ValidationError

from agent.answers import Proposal, Refusal, ToolRequest, Unreadable, misfit, read_answer, unreadable_answer
from agent.events import (
    FormulaProposed,
    FormulaValidated,
    ModelAnswered,
    ModelCalled,
    QueryRefused,
    RepairRequested,
    ToolFinished,
    ToolStarted,
)
from agent.prompting import (
    error_count,
    question_message,
    refused_tool_text,
    repair_text,
    system_message,
    unreadable_text,
)
from agent.provider import BrokenAnswerError
from agent.refusal import located
from agent.state import Candidate, CandidateState, CandidateUpdate, Outcome, RunContext
from solvers.errors import ProviderError, RuneError
from tools.registry import TOOLS, VALIDATE_FORMULA, FormulaArguments
from tools.results import AttemptModel

CandidateGraph = CompiledStateGraph[CandidateState, RunContext, CandidateState, CandidateState]
_NODES_PER_CALL = 4


async def translate_candidate(index: int, context: RunContext) -> Candidate:
    """Make one candidate; whatever the model or its server does, it ends with an outcome."""
    query = context.request.query
    start: CandidateState = {
        "index": index,
        "messages": [system_message(context.tools.ontology, query), question_message(query)],
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
    }
    limit = _NODES_PER_CALL * (context.most_calls + 1) + 1
    config = RunnableConfig(recursion_limit=limit)
    final = cast(CandidateState, await candidate_graph().ainvoke(start, config, context=context))
    if final["outcome"] is None:
        raise RuntimeError("the graph of a candidate ended without an outcome")
    return Candidate(
        index=index,
        outcome=final["outcome"],
        formula=final["formula"],
        attempts=tuple(final["attempts"]),
        best=final["best"],
        problems=final["problems"],
        error=final["error"],
    )


@cache
def candidate_graph() -> CandidateGraph:
    """The compiled graph of one candidate; it holds no state of its own."""
    graph = StateGraph(CandidateState, context_schema=RunContext)
    graph.add_node("model", _ask_model)
    graph.add_node("tools", _use_tools)
    graph.add_node("validate", _validate)
    graph.add_node("judge", _judge)
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


async def _ask_model(state: CandidateState, runtime: Runtime[RunContext]) -> CandidateUpdate:
    """Ask the model, and read its answer into steps."""
    context, index, call = runtime.context, state["index"], state["calls"] + 1
    if call > context.most_calls:
        error = f"the model was asked {call - 1} times and came to no formula"
        return {"outcome": Outcome.LIMIT, "error": error}
    context.emit(ModelCalled(candidate=index, call=call))
    started = perf_counter()
    tokens = None
    try:
        message = await context.provider.answer(state["messages"], context.offered)
        answer = read_answer(message, call, context.provider.redact)
        tokens = message.usage_metadata
    except BrokenAnswerError as error:
        answer = unreadable_answer(str(error))
    except ProviderError as error:
        return {"outcome": Outcome.PROVIDER_ERROR, "error": str(error), "calls": call}
    context.emit(
        ModelAnswered(
            candidate=index,
            call=call,
            seconds=perf_counter() - started,
            input_tokens=tokens["input_tokens"] if tokens else None,
            output_tokens=tokens["output_tokens"] if tokens else None,
        )
    )
    return {"messages": [answer.message], "steps": answer.steps, "calls": call, "informed": False}


async def _use_tools(state: CandidateState, runtime: Runtime[RunContext]) -> CandidateUpdate:
    """Answer every call that proposes no formula; tools that need a valid one are refused."""
    context, index, query = runtime.context, state["index"], runtime.context.request.query
    refused = [word for step in state["steps"] if isinstance(step, Refusal) for word in step.words]
    if refused:
        problems = tuple(located(word, query) for word in refused)
        context.emit(QueryRefused(candidate=index, problems=list(problems)))
        return {"outcome": Outcome.REFUSED, "problems": problems}
    replies: list[AnyMessage] = []
    informed = False
    for step in state["steps"]:
        if isinstance(step, ToolRequest):
            answer = await _answer_call(step, context)
            informed = informed or answer.refused is None
            replies.append(ToolMessage(answer.text, tool_call_id=step.call_id))
        elif isinstance(step, Unreadable):
            left = context.request.repairs - state["repairs"]
            replies.append(_reply(step.call_id, unreadable_text(step.reason, left)))
    return {"messages": replies, "informed": informed}


@dataclass(frozen=True, slots=True)
class _ToolAnswer:
    text: str
    refused: str | None = None


async def _answer_call(request: ToolRequest, context: RunContext) -> _ToolAnswer:
    tool = TOOLS.get(request.tool)
    if tool is None:
        names = ", ".join(each.name for each in context.offered)
        return _ToolAnswer(text := f"there is no tool {request.tool[:80]!r}; the tools are {names}", refused=text)
    context.emit(ToolStarted(tool=tool.name, arguments=request.arguments))
    if tool.requires_valid_formula:
        answer = _ToolAnswer(refused_tool_text(tool.name), refused="no formula has passed validation yet")
    else:
        try:
            async with context.work:
                result = await asyncio.to_thread(tool.call, request.arguments, context.tools)
            answer = _ToolAnswer(result.model_dump_json())
        except ValidationError as error:
            answer = _ToolAnswer(f"the arguments of {tool.name} do not fit: {misfit(error)}", refused=misfit(error))
        except RuneError as error:
            answer = _ToolAnswer(str(error), refused=str(error))
    context.emit(ToolFinished(tool=tool.name, refused=answer.refused))
    return answer


async def _validate(state: CandidateState, runtime: Runtime[RunContext]) -> CandidateUpdate:
    """The gate: validate the proposed formulas in order; the first that passes is the candidate's formula."""
    context, index = runtime.context, state["index"]
    attempts: list[AttemptModel] = []
    replies: list[AnyMessage] = []
    best = state["best"]
    left = context.request.repairs - state["repairs"]
    for step in state["steps"]:
        if not isinstance(step, Proposal):
            continue
        context.emit(FormulaProposed(candidate=index, formula=step.formula))
        async with context.work:
            validation = await asyncio.to_thread(
                VALIDATE_FORMULA.function, FormulaArguments(formula=step.formula), context.tools
            )
        attempt = AttemptModel(formula=step.formula, diagnostics=validation.diagnostics)
        attempts.append(attempt)
        context.emit(
            FormulaValidated(
                candidate=index,
                formula=step.formula,
                ok=validation.ok,
                canonical=validation.canonical,
                diagnostics=validation.diagnostics,
            )
        )
        if validation.ok:
            return {
                "attempts": attempts,
                "best": attempt,
                "formula": validation.canonical,
                "outcome": Outcome.VALID,
            }
        if best is None or error_count(attempt) < error_count(best):
            best = attempt
        text = repair_text(attempt, best, left)
        if step.tool != VALIDATE_FORMULA.name:
            text = f"{refused_tool_text(step.tool)}\n\n{text}"
        replies.append(_reply(step.call_id, text))
    return {"attempts": attempts, "best": best, "messages": replies}


async def _judge(state: CandidateState, runtime: Runtime[RunContext]) -> CandidateUpdate:
    """Whether the model may try again: an answer that brought only information does not count against it."""
    if state["outcome"] is not None:
        return {}
    proposed = any(isinstance(step, Proposal) for step in state["steps"])
    if state["informed"] and not proposed:
        return {}
    most = runtime.context.request.repairs
    if state["repairs"] >= most:
        return {"outcome": Outcome.EXHAUSTED}
    repairs = state["repairs"] + 1
    runtime.context.emit(
        RepairRequested(candidate=state["index"], repair=repairs, repairs_left=most - repairs, best=state["best"])
    )
    return {"repairs": repairs}


def _reply(call_id: str | None, text: str) -> AnyMessage:
    return HumanMessage(text) if call_id is None else ToolMessage(text, tool_call_id=call_id)
