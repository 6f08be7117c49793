"""The node that answers the tools that the model calls; those that need a valid formula are refused without one."""

import asyncio
from dataclasses import dataclass

from langchain_core.messages import AnyMessage, HumanMessage, ToolMessage
from langgraph.runtime import Runtime
from pydantic import ValidationError

from agent.answers import Refusal, ToolRequest, Unreadable, misfit
from agent.events import QueryRefused, ToolFinished, ToolStarted
from agent.prompting import refused_tool_text, unreadable_text
from agent.refusal import located
from agent.state import CandidateState, CandidateUpdate, Outcome, RunContext
from solvers.errors import RuneError
from solvers.fol.diagnostics import FormulaError
from tools.registry import TOOLS, VALIDATE_FORMULA, FormulaArguments, RegisteredTool

_ANSWER_CHARACTERS = 40_000


async def use_tools(state: CandidateState, runtime: Runtime[RunContext]) -> CandidateUpdate:
    """Answer every call that proposes no formula."""
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
            replies.append(reply(step.call_id, unreadable_text(step.reason, left)))
    return {"messages": replies, "informed": informed}


def reply(call_id: str | None, text: str) -> AnyMessage:
    """What the model is told: as the answer of a call, or as a message where it called nothing."""
    return HumanMessage(text) if call_id is None else ToolMessage(text, tool_call_id=call_id)


@dataclass(frozen=True, slots=True)
class _ToolAnswer:
    text: str
    refused: str | None = None


async def _answer_call(request: ToolRequest, context: RunContext) -> _ToolAnswer:
    tool = TOOLS.get(request.tool)
    offered = [each.name for each in context.offered]
    if tool is None or not (tool.name in offered or (tool.requires_valid_formula and tool.available(context.tools))):
        return _ToolAnswer(
            text := f"there is no tool {request.tool[:80]!r}; the tools are {', '.join(offered)}", refused=text
        )
    context.emit(ToolStarted(tool=tool.name, arguments=request.arguments))
    if tool.requires_valid_formula and not await _is_in_force(request.arguments.get("formula"), context):
        answer = _ToolAnswer(refused_tool_text(tool.name), refused="no formula has passed validation yet")
    else:
        answer = await _worked(tool, request, context)
    context.emit(ToolFinished(tool=tool.name, refused=answer.refused))
    return answer


async def _worked(tool: RegisteredTool, request: ToolRequest, context: RunContext) -> _ToolAnswer:
    try:
        async with context.work:
            result = await asyncio.to_thread(tool.call, request.arguments, context.tools)
    except ValidationError as error:
        return _ToolAnswer(f"the arguments of {tool.name} do not fit: {misfit(error)}", refused=misfit(error))
    except (RuneError, FormulaError) as error:
        return _ToolAnswer(str(error), refused=str(error))
    text = result.model_dump_json()
    more = len(text) - _ANSWER_CHARACTERS
    return _ToolAnswer(text if more <= 0 else f"{text[:_ANSWER_CHARACTERS]} ... ({more:,} more characters)")


async def _is_in_force(formula: object, context: RunContext) -> bool:
    """Whether a formula is the one that has passed validation before this question."""
    in_force = context.request.in_force
    if in_force is None or not isinstance(formula, str):
        return False
    async with context.work:
        validation = await asyncio.to_thread(
            VALIDATE_FORMULA.function, FormulaArguments(formula=formula), context.tools
        )
    return validation.ok and validation.canonical == in_force
