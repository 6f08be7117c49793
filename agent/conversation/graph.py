"""The graph of a conversation: one turn from what was said to the standing after it, kept by a checkpointer.

    START -> turn -> END

A turn is kept when it has ended, whatever became of it; one that is cancelled or killed leaves all as it was.
"""

import operator
from dataclasses import replace
from typing import Annotated, TypedDict, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from agent.conversation.taking import Setting, take_turn
from agent.conversation.turns import Standing, Turn

MAX_UNDO = 50


class ConversationState(TypedDict, total=False):
    """What a session keeps, as texts that need no classes to be read: turns, standings and undone ones as JSON."""

    archive: str
    text: str
    turns: Annotated[list[str], operator.add]
    standing: str
    past: list[str]


ConversationGraph = CompiledStateGraph[ConversationState, Setting, ConversationState, ConversationState]


def conversation_graph(checkpointer: BaseCheckpointSaver[str]) -> ConversationGraph:
    """The graph, compiled to keep its state with a checkpointer."""
    graph = StateGraph(ConversationState, context_schema=Setting)
    graph.add_node("turn", _turn)
    graph.add_edge(START, "turn")
    graph.add_edge("turn", END)
    return graph.compile(checkpointer=checkpointer)


async def say(text: str, thread: str, setting: Setting, checkpointer: BaseCheckpointSaver[str]) -> Turn:
    """Take one turn of a thread; what happens meanwhile goes to the setting's listener."""
    taken: list[Turn] = []
    state: ConversationState = {"text": text, "archive": str(setting.archive.root)}
    context = replace(setting, taken=taken.append)
    # Only the end of a turn is written, so that one which is killed leaves nothing.
    await conversation_graph(checkpointer).ainvoke(state, thread_config(thread), context=context, durability="exit")
    return taken[-1]


def thread_config(thread: str) -> RunnableConfig:
    """Which thread of a checkpointer is meant."""
    return RunnableConfig(configurable={"thread_id": thread})


def turns_in(values: ConversationState) -> list[Turn]:
    """The turns of a state."""
    return [Turn.model_validate_json(each) for each in values.get("turns", [])]


def standing_in(values: ConversationState) -> Standing | None:
    """What holds in a state; None before the first turn."""
    return Standing.model_validate_json(values["standing"]) if "standing" in values else None


async def _turn(state: ConversationState, runtime: Runtime[Setting]) -> ConversationState:
    setting = runtime.context
    past = [Standing.model_validate_json(each) for each in state.get("past", [])]
    before = standing_in(state) or setting.initial
    turn = await take_turn(state["text"], setting, turns_in(state), before, past)
    after = turn.standing
    if turn.kind == "undo":
        past = past[:-1] if after == past[-1] else past
    elif turn.kind == "start_over":
        past = []
    elif after != before:
        past = [*past, before][-MAX_UNDO:]
    setting.taken(turn)
    kept = turn.model_copy(update={"result": None})
    return cast(
        ConversationState,
        {
            "turns": [kept.model_dump_json()],
            "standing": after.model_dump_json(),
            "past": [each.model_dump_json() for each in past],
        },
    )
