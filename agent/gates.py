"""The gates of a translation: no formula counts but one that has passed here, and no model tries for ever."""

import asyncio

from langchain_core.messages import AnyMessage
from langgraph.runtime import Runtime

from agent.answers import Proposal
from agent.events import FormulaProposed, FormulaQuestioned, FormulaValidated, RepairRequested
from agent.prompting import doubt_text, error_count, refused_tool_text, repair_text
from agent.state import CandidateState, CandidateUpdate, Held, Outcome, RunContext
from agent.tool_node import reply
from tools.registry import VALIDATE_FORMULA, FormulaArguments
from tools.results import AttemptModel, Validation

# Well-formed formulas that are hardly meant: they tell no image from another.
_DOUBTFUL = frozenset({"unsatisfiable", "tautology"})


async def validate(state: CandidateState, runtime: Runtime[RunContext]) -> CandidateUpdate:
    """Validate the proposed formulas in order; the first that passes is the candidate's formula.

    One that no scene, or every scene, satisfies goes back once; it counts if the model comes to nothing better.
    """
    context, index = runtime.context, state["index"]
    attempts: list[AttemptModel] = []
    replies: list[AnyMessage] = []
    best, held = state["best"], state["held"]
    left = context.request.repairs - state["repairs"]
    for step in state["steps"]:
        if not isinstance(step, Proposal):
            continue
        validation = await _validated(step.formula, index, context)
        attempt = AttemptModel(formula=step.formula, diagnostics=validation.diagnostics)
        previous = [*state["attempts"], *attempts]
        attempts.append(attempt)
        if validation.ok and validation.canonical is not None:
            found = Held(attempt, validation.canonical, state["log_probability"])
            reasons = [each.message for each in attempt.diagnostics if each.code in _DOUBTFUL]
            settled = _settled(found, state["held"], doubtful=bool(reasons), may_ask=context.request.repairs > 0)
            if settled is not None:
                return {**_accepted(settled), "attempts": attempts}
            held, best = held or found, attempt
            context.emit(FormulaQuestioned(candidate=index, formula=found.formula, reasons=reasons))
            replies.append(reply(step.call_id, doubt_text(reasons)))
            continue
        if best is None or error_count(attempt) < error_count(best):
            best = attempt
        text = repair_text(attempt, best, left, previous[-1] if previous else None)
        if step.tool != VALIDATE_FORMULA.name:
            text = f"{refused_tool_text(step.tool)}\n\n{text}"
        replies.append(reply(step.call_id, text))
    questioned = held is not None and state["held"] is None
    return {"attempts": attempts, "best": best, "messages": replies, "held": held, "questioned": questioned}


def _settled(found: Held, held: Held | None, *, doubtful: bool, may_ask: bool) -> Held | None:
    """The valid formula that counts now, None where the model is to look at it again."""
    if not doubtful or not may_ask:
        return found
    return held  # a second doubtful one is no better, and the earlier of equals stays


def _accepted(settled: Held) -> CandidateUpdate:
    return {
        "best": settled.attempt,
        "formula": settled.formula,
        "log_probability": settled.log_probability,
        "outcome": Outcome.VALID,
    }


async def _validated(formula: str, index: int, context: RunContext) -> Validation:
    context.emit(FormulaProposed(candidate=index, formula=formula))
    async with context.work:
        validation = await asyncio.to_thread(
            VALIDATE_FORMULA.function, FormulaArguments(formula=formula), context.tools
        )
    context.emit(
        FormulaValidated(
            candidate=index,
            formula=formula,
            ok=validation.ok,
            canonical=validation.canonical,
            diagnostics=validation.diagnostics,
        )
    )
    return validation


async def judge(state: CandidateState, runtime: Runtime[RunContext]) -> CandidateUpdate:
    """Whether the model may try again: looking at a valid formula again, and asking for information, is no repair."""
    if state["outcome"] is not None or state["questioned"]:
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
