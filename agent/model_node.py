"""The node that asks the model, within the budget, and reads its answer into steps."""

import asyncio
from time import perf_counter

from langchain_core.messages import BaseMessage
from langgraph.runtime import Runtime

from agent.answers import Redact, clean_text, read_answer, unreadable_answer
from agent.budget import BudgetError, estimated_tokens
from agent.events import ModelAnswered, ModelCalled, ModelStreamed
from agent.hearing import Part, Spoken
from agent.provider import BrokenAnswerError
from agent.state import CandidateState, CandidateUpdate, Outcome, RunContext
from solvers.errors import ProviderError


async def ask_model(state: CandidateState, runtime: Runtime[RunContext]) -> CandidateUpdate:
    """Ask the model, and read its answer into steps."""
    context, index, call = runtime.context, state["index"], state["calls"] + 1
    if call > context.most_calls:
        error = f"the model was asked {call - 1} times and came to no formula"
        return {"outcome": Outcome.LIMIT, "error": error}
    started = perf_counter()
    spoken: Spoken | None = None
    try:
        context.meter.take_call()
        context.emit(ModelCalled(candidate=index, call=call))
        spoken = await _answer(state, context, call)
        answer = read_answer(spoken, call, context.provider.redact)
    except BrokenAnswerError as error:
        answer = unreadable_answer(str(error))
    except BudgetError as error:
        return {"outcome": Outcome.LIMIT, "error": str(error), "calls": call}
    except ProviderError as error:
        return {"outcome": Outcome.PROVIDER_ERROR, "error": str(error), "calls": call}
    tokens = None if spoken is None else spoken.message.usage_metadata
    context.emit(
        ModelAnswered(
            candidate=index,
            call=call,
            seconds=perf_counter() - started,
            input_tokens=tokens["input_tokens"] if tokens else None,
            output_tokens=tokens["output_tokens"] if tokens else None,
        )
    )
    return {
        "messages": [answer.message],
        "steps": answer.steps,
        "calls": call,
        "informed": False,
        "questioned": False,
        "log_probability": None if spoken is None else spoken.log_probability,
    }


async def _answer(state: CandidateState, context: RunContext, call: int) -> Spoken:
    """The model's answer, its pieces told as they come, its tokens taken from the budget whatever becomes of it."""
    asked = estimated_tokens(sum(_characters(each) for each in state["messages"]))
    stream = _Stream(context, state["index"], call, asked)
    spoken: Spoken | None = None
    try:
        async with asyncio.timeout(context.meter.seconds_left):
            spoken = await context.provider.answer(state["messages"], context.offered, stream)
            stream.end()
            return spoken
    except TimeoutError:
        raise context.meter.time_is_up() from None
    finally:
        usage = None if spoken is None else spoken.message.usage_metadata
        context.meter.spend(stream.tokens if usage is None else usage["total_tokens"])


def _characters(message: BaseMessage) -> int:
    calls = getattr(message, "tool_calls", [])
    return len(message.text) + sum(len(str(each["args"])) for each in calls)


class _Stream:
    """The pieces of one answer on their way to the events; `tokens` is what the answer has come to, with its question.

    A secret may come in pieces: as many characters as might begin one are held back until more is known.
    """

    def __init__(self, context: RunContext, candidate: int, call: int, asked: int) -> None:
        self._context = context
        self._candidate = candidate
        self._call = call
        self._asked = asked
        self._characters = 0
        self._parts: dict[Part, _HeldBack] = {}

    @property
    def tokens(self) -> int:
        """What the question and the answer have come to so far."""
        return self._asked + estimated_tokens(self._characters)

    def hear(self, part: Part, piece: str) -> None:
        """Tell of a piece; raises BudgetError where the answer is more than the budget has left."""
        self._characters += len(piece)
        self._context.meter.check_stream(self.tokens)
        provider = self._context.provider
        held = self._parts.setdefault(part, _HeldBack(provider.redact, max(0, provider.longest_secret - 1)))
        self._tell(part, held.add(piece))

    def begin_again(self) -> None:
        """Forget what was held back; what was told stays, as do its tokens: they were paid for."""
        self._parts.clear()

    def end(self) -> None:
        """Tell what was held back."""
        for part, held in self._parts.items():
            self._tell(part, held.rest())

    def _tell(self, part: Part, piece: str) -> None:
        if piece:
            self._context.emit(ModelStreamed(candidate=self._candidate, call=self._call, part=part, piece=piece))


class _HeldBack:
    def __init__(self, redact: Redact, characters: int) -> None:
        self._redact = redact
        self._characters = characters
        self._text = ""

    def add(self, piece: str) -> str:
        self._text = clean_text(self._text + piece, self._redact)
        ready = len(self._text) - self._characters
        if ready <= 0:
            return ""
        said, self._text = self._text[:ready], self._text[ready:]
        return said

    def rest(self) -> str:
        said, self._text = self._text, ""
        return said
