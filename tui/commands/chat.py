"""`rune chat`: the terminal chat."""

from pathlib import Path
from typing import Annotated

import typer

from tui.answers import run_failed
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.options import BaseUrlOption, path


def chat(
    *,
    archive: Annotated[
        Path | None,
        typer.Option("--archive", metavar="DIR", parser=path, help="The archive to ask; /archive opens others."),
    ] = None,
    session: Annotated[
        str | None, typer.Option("--session", metavar="NAME", help="Go on with this session, or begin it.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="MODEL", help="offline (no network), or openai:NAME; key in OPENAI_API_KEY."),
    ] = None,
    base_url: BaseUrlOption = None,
) -> ExitCode:
    """Ask an archive in a conversation, with the ranking, the logic, the pictures and the proofs beside it.

    Without an archive it offers a sample. F1 shows every key and command.
    """
    from tui.chat.launch import launch

    launch(archive=archive, session=session, model=model, base_url=base_url)
    return ExitCode.DONE


CHAT = Command(
    name="chat",
    summary="The terminal chat",
    body=chat,
    failed=run_failed,
    examples=(
        "rune chat",
        "rune chat --archive airports",
        "rune chat --session fleet",
        "rune chat --archive airports --model openai:qwen3 --base-url http://localhost:11434/v1",
    ),
)
