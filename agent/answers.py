"""What a model's answer asks for: read once, at the edge, into a closed set of steps."""

import re
from collections.abc import Callable, Iterator
from typing import Literal

from langchain_core.messages import AIMessage
from langchain_core.messages.tool import ToolCall
from pydantic import ValidationError

from agent.hearing import Spoken
from agent.refusal import MAX_MESSAGE, REFUSE_QUERY, RefuseArguments, RefusedWord
from agent.text_answer import formula_in_text, refusal_in_text
from solvers.fol.lexer import MAX_LENGTH
from tools.registry import RANK, VALIDATE_FORMULA, FormulaArguments
from tools.results import Model

MAX_CALLS_PER_ANSWER = 8
_MAX_DEPTH = 8
# Servers refuse conversations in which an assistant's message is empty.
_EMPTY = "(an empty answer)"
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
Redact = Callable[[str], str]
_CUT_OFF = "the answer was cut off, since it is longer than the server lets it be: say less"
_NO_FORMULA = (
    "the answer holds no formula: call validate_formula, or write the formula alone in a fenced block, or on a line "
    "that starts with formula:"
)


class Proposal(Model):
    """A formula to validate; `call_id` is None where the model wrote it as text, `tool` the tool that it came by."""

    kind: Literal["proposal"] = "proposal"
    call_id: str | None
    formula: str
    tool: str = VALIDATE_FORMULA.name


class ToolRequest(Model):
    """A call of any other tool, existing or not; the arguments are not checked yet."""

    kind: Literal["tool"] = "tool"
    call_id: str
    tool: str
    arguments: dict[str, object]


class Refusal(Model):
    """The model says that parts of the question cannot be put into logic."""

    kind: Literal["refusal"] = "refusal"
    words: tuple[RefusedWord, ...]


class Unreadable(Model):
    """A call whose arguments do not fit, or an answer without a formula; `reason` is told to the model."""

    kind: Literal["unreadable"] = "unreadable"
    call_id: str | None
    tool: str | None
    reason: str


Step = Proposal | ToolRequest | Refusal | Unreadable


class Answer(Model):
    """An answer as it goes into the conversation, and what it asks for, in order; there is at least one step."""

    message: AIMessage
    steps: tuple[Step, ...]


def read_answer(spoken: Spoken, number: int, redact: Redact) -> Answer:
    """Read the `number`-th answer of a conversation; of one that was cut off nothing counts, since some may be missing.

    The calls get ids of our own, since servers send them doubled or not at all; arguments that were no JSON object are
    kept out of the conversation, since servers fail on them when they come back; `redact` takes secrets out of texts.
    """
    message = spoken.message
    cut_off = spoken.finish_reason == "length"
    text = clean_text(message.text, redact)
    calls: list[ToolCall] = []
    steps: list[Step] = []
    for name, arguments in _calls(message):
        if len(calls) == MAX_CALLS_PER_ANSWER:
            break
        call_id = f"call_{number}_{len(calls)}"
        tool = clean_text(name, redact)
        clean = None if arguments is None else _clean_arguments(arguments, redact)
        calls.append(ToolCall(name=tool, args=clean or {}, id=call_id, type="tool_call"))
        steps.append(
            Unreadable(call_id=call_id, tool=tool, reason=_CUT_OFF) if cut_off else _step(tool, clean, call_id)
        )
    if not steps:
        steps.append(_cut_off_step() if cut_off else _text_step(text, message, redact))
    return Answer(message=AIMessage(content=text or ("" if calls else _EMPTY), tool_calls=calls), steps=tuple(steps))


def unreadable_answer(reason: str) -> Answer:
    """The answer that stands for one so broken that no message could be made of it."""
    return Answer(message=AIMessage(content=_EMPTY), steps=(Unreadable(call_id=None, tool=None, reason=reason),))


def _cut_off_step() -> Step:
    return Unreadable(call_id=None, tool=None, reason=_CUT_OFF)


def _calls(message: AIMessage) -> Iterator[tuple[str, dict[str, object] | None]]:
    for call in message.tool_calls:
        yield call["name"] or "unnamed", call["args"]
    for broken in message.invalid_tool_calls:
        yield broken["name"] or "unnamed", None


def _step(name: str, arguments: dict[str, object] | None, call_id: str) -> Step:
    if arguments is None:
        reason = f"the arguments of {name} are not a JSON object: write them again"
        return Unreadable(call_id=call_id, tool=name, reason=reason)
    try:
        if name == VALIDATE_FORMULA.name:
            return _proposal(call_id, FormulaArguments.model_validate(arguments).formula, name)
        if name == RANK.name and isinstance(formula := arguments.get("formula"), str):
            return _proposal(call_id, formula, name)
        if name == REFUSE_QUERY:
            return Refusal(words=RefuseArguments.model_validate(arguments).problems)
    except ValidationError as error:
        return Unreadable(call_id=call_id, tool=name, reason=f"the arguments of {name} do not fit: {misfit(error)}")
    return ToolRequest(call_id=call_id, tool=name, arguments=arguments)


def _text_step(text: str, message: AIMessage, redact: Redact) -> Step:
    refusal = message.additional_kwargs.get("refusal")
    if isinstance(refusal, str) and refusal.strip():
        return _said_refusal(clean_text(refusal, redact))
    formula = formula_in_text(text)
    if formula is not None:
        return _proposal(None, formula, VALIDATE_FORMULA.name)
    cannot = refusal_in_text(text)
    if cannot is not None:
        return _said_refusal(cannot)
    return Unreadable(call_id=None, tool=None, reason=_NO_FORMULA)


def _proposal(call_id: str | None, formula: str, tool: str) -> Proposal | Unreadable:
    if len(formula) <= MAX_LENGTH:
        return Proposal(call_id=call_id, formula=formula, tool=tool)
    reason = f"the formula has {len(formula):,} characters; at most {MAX_LENGTH:,} are read"
    return Unreadable(call_id=call_id, tool=tool, reason=reason)


def _said_refusal(text: str) -> Refusal:
    return Refusal(words=(RefusedWord(word="", message=text.strip()[:MAX_MESSAGE]),))


def misfit(error: ValidationError) -> str:
    """What is wrong with a tool's arguments, without their values."""
    found = [f"{'.'.join(map(str, each['loc'])) or 'arguments'}: {each['msg']}" for each in error.errors()[:3]]
    return "; ".join(found)


def clean_text(text: str, redact: Redact) -> str:
    """The text without secrets, half characters and terminal controls."""
    return redact(_CONTROLS.sub("\ufffd", text.encode("utf-8", "replace").decode("utf-8")))


def _clean_arguments(arguments: dict[str, object], redact: Redact) -> dict[str, object]:
    return {clean_text(key, redact): _clean_value(value, redact, _MAX_DEPTH) for key, value in arguments.items()}


def _clean_value(value: object, redact: Redact, depth: int) -> object:
    match value:
        case str():
            return clean_text(value, redact)
        case dict() if depth:
            return {
                clean_text(str(key), redact): _clean_value(inner, redact, depth - 1) for key, inner in value.items()
            }
        case list() if depth:
            return [_clean_value(inner, redact, depth - 1) for inner in value]
        case dict() | list():
            return None
        case _:
            return value
