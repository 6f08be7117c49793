"""The offline translator as a chat model: it speaks the same tool-call protocol, so that the graph is one."""

import re
from collections.abc import Callable, Sequence

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.tool import ToolCall
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import ConfigDict

from agent.choice import OFFLINE
from agent.prompting import question_of
from agent.refusal import MAX_PROBLEMS, REFUSE_QUERY, RefuseArguments, RefusedWord
from solvers.ontology import Ontology
from tools.registry import VALIDATE_FORMULA

_CANNOT_REPAIR = "the offline model's formula did not pass validation, and it has no other"
# A question that begins with a quantifier is a formula, in one of the notations that the parser reads.
_LOGIC = re.compile(r"[\s~¬!(\[-]*(?:exists|forall|∃|∀|\\exists|\\forall|(?:all|some) [a-z]\d*\s*[.(])", re.IGNORECASE)


class OfflineChatModel(BaseChatModel):
    """Translates the question of a conversation by grammar, once: it submits a formula, or refuses by name.

    It never repairs: a second call, with diagnostics in the conversation, is a refusal.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    ontology: Ontology

    @property
    def _llm_type(self) -> str:
        return OFFLINE

    def bind_tools(
        self,
        tools: Sequence[dict[str, object] | type | Callable[..., object] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: object,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The model itself: the two tools that it calls are part of every conversation."""
        del tools, tool_choice, kwargs
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> ChatResult:
        said = [each for each in messages if not isinstance(each, SystemMessage)]
        match said:
            case [HumanMessage() as question]:
                call = self._translate(question_of(question))
            case _:
                call = _refuse(RefusedWord(word="", message=_CANNOT_REPAIR))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content="", tool_calls=[call]))])

    def _translate(self, query: str) -> ToolCall:
        if _LOGIC.match(query):
            return _call(VALIDATE_FORMULA.name, {"formula": query.strip()})
        from agent.offline import translate_english

        translation = translate_english(query, self.ontology)
        if translation.formula is not None:
            return _call(VALIDATE_FORMULA.name, {"formula": translation.formula})
        return _refuse(
            *(
                RefusedWord(
                    word=problem.word,
                    message=problem.message,
                    start=problem.start,
                    end=problem.end,
                    suggestions=tuple(problem.suggestions),
                )
                for problem in translation.problems[:MAX_PROBLEMS]
            )
        )


def _refuse(*words: RefusedWord) -> ToolCall:
    return _call(REFUSE_QUERY, RefuseArguments(problems=words).model_dump(mode="json"))


def _call(tool: str, arguments: dict[str, object]) -> ToolCall:
    return ToolCall(name=tool, args=arguments, id="offline", type="tool_call")
