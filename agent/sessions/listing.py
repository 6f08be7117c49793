"""The sessions there are: listed, resumed, deleted, and exported as JSON Lines."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Unpack, cast

from agent.sessions.database import check_name, in_use, reading
from agent.sessions.summary import SessionSummary
from solvers.errors import InputError
from tools.nearest import did_you_mean

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

    from agent.api import ModelOptions
    from agent.conversation.conversation import Conversation
    from agent.conversation.graph import ConversationState
    from agent.conversation.turns import Turn
    from tools.archive import Archive


def list_sessions() -> list[SessionSummary]:
    """Every session, the latest first."""
    with reading() as saver:
        if saver is None:
            return []
        saver.setup()
        rows = saver.conn.execute("SELECT DISTINCT thread_id FROM checkpoints").fetchall()
        found = [each for (name,) in rows if (each := _summary(saver, str(name))) is not None]
    return sorted(found, key=lambda each: (each.updated, each.name), reverse=True)


def turns_of(name: str) -> "list[Turn]":
    """The turns of a session, oldest first; raises InputError where there is none of that name."""
    from agent.conversation.graph import turns_in

    return turns_in(_known_state(name))


def resume(
    name: str, *, archive: "str | Path | Archive | None" = None, **options: "Unpack[ModelOptions]"
) -> "Conversation":
    """Go on with a session, over its own archive where no other is given; raises InputError where there is none."""
    from agent.conversation.conversation import Conversation

    state = _known_state(name)
    return Conversation(archive=state["archive"] if archive is None else archive, session=name, **options)


def delete(name: str) -> None:
    """Forget a session and all its turns; raises InputError where there is none of that name, or it is in use."""
    checked = check_name(name)
    _known_state(checked)
    with in_use(checked), reading() as saver:
        if saver is not None:
            saver.delete_thread(checked)


def export(name: str) -> Iterator[str]:
    """The turns of a session, oldest first, each as one line of JSON without its line end."""
    for turn in turns_of(name):
        yield json.dumps({"session": check_name(name), **turn.model_dump(exclude={"result"})}, ensure_ascii=False)


def stored_state(name: str) -> "ConversationState":
    """What a session keeps; empty where there is none of that name."""
    with reading() as saver:
        return {} if saver is None else state_in(saver, name)


def state_in(saver: "BaseCheckpointSaver[str]", thread: str) -> "ConversationState":
    """What a checkpointer keeps of a thread."""
    from agent.conversation.graph import ConversationState, thread_config

    found = saver.get_tuple(thread_config(thread))
    return cast(ConversationState, {} if found is None else found.checkpoint["channel_values"])


def _known_state(name: str) -> "ConversationState":
    checked = check_name(name)
    state = stored_state(checked)
    if "standing" not in state:
        names = [each.name for each in list_sessions()]
        raise InputError(f"there is no session {checked!r}{did_you_mean(checked, names)}")
    return state


def _summary(saver: "BaseCheckpointSaver[str]", name: str) -> SessionSummary | None:
    from agent.conversation.graph import ConversationState, thread_config, turns_in

    found = saver.get_tuple(thread_config(name))
    if found is None:
        return None
    state = cast(ConversationState, found.checkpoint["channel_values"])
    turns = turns_in(state)
    if not turns:
        return None
    return SessionSummary(
        name=name,
        turns=len(turns),
        updated=found.checkpoint["ts"],
        archive=state["archive"],
        formula=turns[-1].formula,
        reading=turns[-1].reading,
    )
