"""`rune sessions`: the conversations that are kept, listed, shown, exported and deleted."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tui.answers import sessions_failed
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.options import OutputFormat, OutputOption

if TYPE_CHECKING:
    from tui.failures import JsonObject


class Action(StrEnum):
    """What to do with sessions."""

    LIST = "list"
    SHOW = "show"
    EXPORT = "export"
    DELETE = "delete"


def sessions(
    *,
    action: Annotated[Action, typer.Argument(help="list, or with NAME show, export (JSON Lines) or delete.")],
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The session.")] = None,
    output: OutputOption = OutputFormat.TEXT,
) -> ExitCode:
    """See to the conversations that `rune ask --session NAME` keeps.

    Each is one line of `list`, the latest first. `export` prints one JSON object a turn.
    """
    import sys

    from agent import sessions as kept
    from solvers.errors import InputError
    from tools.results import SCHEMA_VERSION
    from tui.failures import to_json
    from tui.sessions import render_sessions, render_turn
    from tui.text import Style, emit, narrate, safe

    def answer(text: str, document: "JsonObject") -> None:
        if output is OutputFormat.JSON:
            emit(to_json({"schema_version": SCHEMA_VERSION, **document}))
        elif text:
            emit(text)

    style = Style.of(sys.stdout)
    if action is Action.LIST:
        if name is not None:
            raise InputError(f"list takes no name; to see the session {name!r} say: rune sessions show {name}")
        found = kept.list_sessions()
        answer(render_sessions(found, style), {"sessions": [each.model_dump() for each in found]})
        if not found and output is OutputFormat.TEXT:
            narrate('there are no sessions; one is begun by: rune ask "..." --archive DIR --session NAME')
        return ExitCode.DONE
    if name is None:
        raise InputError(f"{action.value} takes the name of a session; rune sessions list shows them")
    if action is Action.DELETE:
        kept.delete(name)
        answer("", {"sessions": [], "deleted": name})
        narrate(f"the session {safe(name)} is deleted")
    elif action is Action.EXPORT:
        for line in kept.export(name):
            emit(line)
    else:
        turns = kept.turns_of(name)
        document = [each.model_dump(exclude={"result"}) for each in turns]
        answer("\n".join(render_turn(each, style) for each in turns), {"session": name, "turns": document})
    return ExitCode.DONE


SESSIONS = Command(
    name="sessions",
    summary="See to the conversations that are kept",
    body=sessions,
    failed=sessions_failed,
    examples=(
        "rune sessions list",
        "rune sessions show fleet",
        "rune sessions export fleet > fleet.jsonl",
        "rune sessions delete fleet",
    ),
)
