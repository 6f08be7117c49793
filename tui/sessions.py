"""Conversations as people read them, and one turn of them asked on the command line."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.conversation.turns import Standing, Turn
from agent.sessions import SessionSummary
from tui.exit_codes import ExitCode
from tui.options import OutputFormat, Thresholds
from tui.text import Style, cells, emit, narrate, pad, safe

if TYPE_CHECKING:
    from tools.archive import Archive

NO_QUESTION = "(no question)"
HEADINGS = ("name", "turns", "updated")


def render_sessions(sessions: Sequence[SessionSummary], style: Style) -> str:
    """A line a session: its name, its turns, when it was last used, and what it is about."""
    if not sessions:
        return ""
    rows = [
        (safe(each.name), str(each.turns), each.updated[:16].replace("T", " "), safe(each.formula or NO_QUESTION))
        for each in sessions
    ]
    columns_of = zip(HEADINGS, *(row[:3] for row in rows), strict=True)
    widths = [max(map(cells, column)) for column in columns_of]
    lines = [style.bold("  ".join([*map(pad, HEADINGS, widths), "formula"]))]
    for name, turns, updated, formula in rows:
        columns = (pad(name, widths[0]), pad(turns, widths[1], right=True), pad(updated, widths[2]), formula)
        lines.append("  ".join(columns))
    return "\n".join(lines)


def render_turn(turn: Turn, style: Style) -> str:
    """One turn: what was said, what changed, the formula after it, and the first images or the words of an answer."""
    lines = [style.bold(f"{turn.number}. {safe(turn.text)}")]
    lines += [f"   {safe(each)}" for each in turn.changed]
    if turn.error is not None:
        lines.append(f"   {style.red('error')}: {safe(turn.error)}")
    lines += [f"   {safe(each)}" for each in turn.words]
    if turn.kind != "explanation":
        lines.append(f"   {safe(turn.formula or NO_QUESTION)}")
    if turn.shown:
        shown = ", ".join(f"{safe(each.image_id)} {each.verdict} {each.score:.3f}" for each in turn.shown[:5])
        lines.append(f"   {shown}{' ...' if len(turn.shown) > 5 else ''}")
    return "\n".join(lines)


def thresholds_of(standing: Standing) -> Thresholds:
    """The threshold of a standing as the command line speaks of it."""
    return Thresholds(standing.threshold, standing.class_thresholds)


def deliver_turn(
    turn: Turn,
    output: OutputFormat,
    overlays_into: Path | None,
    *,
    exports: Sequence[Path] = (),
    archive: "Archive | None" = None,
) -> ExitCode:
    """Print what came of one turn: the ranking where there is one, else its words; the changes go to stderr."""
    from tools.results import RunResult
    from tui.deliver import CODES, deliver

    document = {"turn": turn.model_dump(exclude={"result"})}
    if output is OutputFormat.TEXT:
        for each in turn.changed:
            narrate(safe(each))
    result = turn.result or RunResult(
        status=turn.status,
        query=turn.text,
        model=turn.model,
        formula=turn.formula,
        reading=turn.reading,
        error=turn.error,
    )
    if turn.words and output is OutputFormat.TEXT:
        emit("\n".join(map(safe, turn.words)))
    if turn.status == "ok" and turn.result is None and output is OutputFormat.TEXT:
        return CODES[turn.status]
    return deliver(
        result, output, overlays_into, thresholds_of(turn.standing), exports=exports, archive=archive, beside=document
    )
