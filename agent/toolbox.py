"""The registry's tools as a chat model is offered them."""

from langchain_core.tools import BaseTool, StructuredTool

from agent.refusal import REFUSE_DESCRIPTION, REFUSE_QUERY, RefuseArguments
from tools.registry import TOOLS, RegisteredTool, ToolContext


def langchain_tool(tool: RegisteredTool, context: ToolContext) -> BaseTool:
    """A registered tool as a LangChain tool that works in a context and answers in JSON."""

    def call(**arguments: object) -> str:
        return tool.call(arguments, context).model_dump_json()

    return StructuredTool.from_function(
        func=call, name=tool.name, description=tool.description, args_schema=tool.arguments
    )


def offered_tools(context: ToolContext, *, formula_is_valid: bool) -> list[BaseTool]:
    """What the model may call now: what the context allows, and what needs a valid formula only once there is one."""
    offered = [
        langchain_tool(tool, context)
        for tool in TOOLS.values()
        if tool.available(context) and (formula_is_valid or not tool.requires_valid_formula)
    ]
    return [*offered, _refuse_tool()]


def _refuse_tool() -> BaseTool:
    def accept(**arguments: object) -> str:
        return RefuseArguments.model_validate(arguments).model_dump_json()

    return StructuredTool.from_function(
        func=accept, name=REFUSE_QUERY, description=REFUSE_DESCRIPTION, args_schema=RefuseArguments
    )
