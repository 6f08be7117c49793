"""What /export writes: the conversation as Markdown or JSON Lines, the last ranking for other tools."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from solvers.errors import InputError
from tui.chat.host.protocol import Export, Exported

if TYPE_CHECKING:
    from agent.conversation import Turn
    from tui.chat.host.conversing import ConversationHolder


def export(request: Export, holder: ConversationHolder) -> Exported:
    """Write the file, whole or not at all; raises InputError where there is nothing to write, or no such folder."""
    from agent.sessions import export as session_lines
    from tools.exporting import export as export_ranking

    path = Path(request.path).expanduser().absolute()
    conversation = holder.opened()
    if request.format == "md" or request.format == "jsonl":  # noqa: PLR1714  (so that mypy sees what is left)
        turns = conversation.turns
        if not turns or conversation.session is None:
            raise InputError("nothing has been said yet, so there is no conversation to export")
        if request.format == "md":
            text = as_markdown(conversation.session, str(conversation.archive.root), turns)
        else:
            text = "".join(f"{line}\n" for line in session_lines(conversation.session))
        _write_whole(path, text)
        return Exported(number=request.number, path=str(path))
    if holder.ranked is None or holder.ranked.result is None:
        raise InputError("no images have been ranked since the session was opened: ask first, then export the ranking")
    export_ranking(holder.ranked.result, path, format=request.format)
    return Exported(number=request.number, path=str(path))


def as_markdown(session: str, archive: str, turns: Sequence[Turn]) -> str:
    """A conversation as Markdown: every turn with its reading, formula, and a table of its first images."""
    lines = [f"# {_plain(session)}", "", f"Archive: {_code(archive)}"]
    for turn in turns:
        lines += ["", f"## {turn.number}. {_plain(turn.text)}", ""]
        if turn.reading is not None and turn.kind != "explanation":
            lines += [_plain(turn.reading), ""]
        lines += [f"- {_plain(each)}" for each in turn.changed]
        lines += [f"- error: {_plain(turn.error)}"] if turn.error is not None else []
        lines += [f"- {_plain(each)}" for each in turn.words]
        if turn.formula is not None:
            lines += ["", f"Formula: {_code(turn.formula)}"]
        if turn.shown:
            lines += ["", "| rank | image | verdict | score |", "|---:|---|---|---:|"]
            lines += [
                f"| {each.rank} | {_code(each.image_id, in_table=True)} | {each.verdict} | {each.score:.3f} |"
                for each in turn.shown
            ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Text in which no sign means anything to Markdown."""
    joined = " ".join(text.split())
    return "".join(f"\\{each}" if each in "\\`*_{}[]<>()#+-!|~&$" else each for each in joined)


def _code(text: str, *, in_table: bool = False) -> str:
    """Text as a code span, in more backticks than it holds."""
    joined = " ".join(text.split())
    longest = max((len(run) for run in "".join(each if each == "`" else " " for each in joined).split()), default=0)
    fence = "`" * (longest + 1)
    inner = f" {joined} " if longest else joined
    return f"{fence}{inner.replace('|', chr(92) + '|') if in_table else inner}{fence}"


def _write_whole(path: Path, text: str) -> None:
    """Beside the target first, then in its place."""
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(f"{path} is no file that could be written: name one in a folder that is there")
    part = path.with_name(f".{path.name[:100]}.{uuid.uuid4().hex}.part")
    try:
        with part.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        raise InputError(f"{path}: the export cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
