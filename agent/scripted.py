"""A chat model that replays answers: for tests of what is built on the agent, without a network and always the same."""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import ToolCall
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import ConfigDict, Field, SkipValidation

from agent.refusal import REFUSE_QUERY
from tools.registry import VALIDATE_FORMULA

Answer = str | AIMessage | Exception


class ScriptEndedError(Exception):
    """The model was asked more often than its script has answers."""


class ScriptedModel(BaseChatModel):
    """Gives `answers` in order, the last one again and again with `repeat`; `asked` keeps what it was asked.

    An answer is a text, a message (see `formula`, `refusal` and `call`), or an exception to raise. It goes wherever
    `model=` does. Raises ScriptEndedError past the last answer.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    # Not validated: pydantic would make a message of an exception.
    answers: SkipValidation[Sequence[Answer]]
    repeat: bool = False
    asked: list[list[BaseMessage]] = Field(default_factory=list)

    @classmethod
    def of(cls, *answers: Answer, repeat: bool = False) -> "ScriptedModel":
        """A model of these answers."""
        return cls(answers=answers, repeat=repeat)

    @staticmethod
    def formula(text: str) -> AIMessage:
        """An answer that submits a formula."""
        return ScriptedModel.call(VALIDATE_FORMULA.name, formula=text)

    @staticmethod
    def refusal(word: str, message: str) -> AIMessage:
        """An answer that says which word of the question cannot be put into logic, and why."""
        return ScriptedModel.call(REFUSE_QUERY, problems=[{"word": word, "message": message}])

    @staticmethod
    def call(tool: str, **arguments: object) -> AIMessage:
        """An answer that calls a tool."""
        return AIMessage(content="", tool_calls=[ToolCall(name=tool, args=arguments, id="scripted", type="tool_call")])

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(
        self,
        tools: Sequence[dict[str, object] | type | Callable[..., object] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: object,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The model itself, whatever the tools."""
        del tools, tool_choice, kwargs
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages))])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> AsyncIterator[ChatGenerationChunk]:
        # Without a thread, so that candidates side by side get their answers in the order in which they ask.
        for piece in _pieces(self._next(messages)):
            yield ChatGenerationChunk(message=piece)

    def _next(self, messages: list[BaseMessage]) -> AIMessage:
        self.asked.append(list(messages))
        number = len(self.asked)
        if number > len(self.answers) and not (self.repeat and self.answers):
            raise ScriptEndedError(f"the script has {len(self.answers)} answers, and the model is asked again")
        answer = self.answers[min(number, len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return AIMessage(answer) if isinstance(answer, str) else answer


def _pieces(message: AIMessage) -> Iterator[AIMessageChunk]:
    """The message as a stream gives it: word by word, then the calls."""
    for word in re.findall(r"\S*\s*", message.text):
        if word:
            yield AIMessageChunk(content=word)
    yield AIMessageChunk(
        content="",
        additional_kwargs=message.additional_kwargs,
        response_metadata=message.response_metadata,
        usage_metadata=message.usage_metadata,
        tool_calls=message.tool_calls,
        invalid_tool_calls=message.invalid_tool_calls,
    )
