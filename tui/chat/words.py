"""A turn in words: what is said of each event and of the outcome, as styled lines without markup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from tui.chat.pace import duration
from tui.chat.safe_text import MUTED, VERDICTS, lines, plain

if TYPE_CHECKING:
    from agent.conversation.turns import Turn
    from tools.results import RunResult, VerdictCounts

MANY_SHOWN = 5
MANY_WARNINGS = 4
ROOM = 100
_LEAST_WINDOW, _BESIDE_WINDOW = 12, 10


def outcome(turn: Turn, room: int = ROOM) -> Iterator[Content]:
    """What came of a turn: its reading, what it changed, how many images there are, or why there are none.

    `room` is how many columns there are.
    """
    if turn.kind == "start_over":
        yield plain("Begun anew: there is no question.")
        return
    if turn.kind == "explanation" and turn.error is None:
        yield from (lines(each) for each in turn.words)
        return
    ranked = turn.result is not None and turn.result.counts is not None
    if turn.reading is not None and (ranked or turn.result is None) and turn.status in ("ok", "limit"):
        yield plain(turn.reading)
    if turn.kind != "question" or (turn.result is None and turn.changed):
        yield from (plain(f"• {each}", MUTED) for each in turn.changed)
    if turn.result is not None:
        yield from _answer(turn.result)
    elif turn.shown:
        yield _first(turn)
    if turn.error is not None:
        yield from failure(turn, room)


def _answer(result: RunResult) -> Iterator[Content]:
    if result.counts is not None:
        yield counts(result.counts)
    if result.agreement is not None:
        agreed = result.agreement
        yield plain(f"{agreed.agreeing} of {agreed.candidates} formulas agree.", MUTED)
    for each in result.warnings[:MANY_WARNINGS]:
        yield plain(f"! {each}", "$text-warning")
    if len(result.warnings) > MANY_WARNINGS:
        yield plain(f"! and {len(result.warnings) - MANY_WARNINGS} more warnings, in Trace", "$text-warning")


def counts(found: VerdictCounts) -> Content:
    """How many images have which verdict."""
    total = found.sat + found.unsat + found.unknown
    head = f"{found.sat:,} of {total:,} images {'satisfies' if found.sat == 1 else 'satisfy'} it"
    pieces = [Content.styled(head, "bold")]
    if found.unknown:
        pieces.append(Content.styled(f" · {found.unknown:,} {VERDICTS['unknown'][0]}", VERDICTS["unknown"][1]))
    return Content("").join(pieces)


def failure(turn: Turn, room: int = ROOM) -> Iterator[Content]:
    """Why a turn has no answer, with the diagnostics as a good compiler prints them."""
    from tui.deliver import best_attempt
    from tui.diagnostics import render_diagnostics
    from tui.text import Style

    attempts = [] if turn.result is None else turn.result.attempts
    if attempts:
        best = best_attempt(attempts)
        window = max(_LEAST_WINDOW, room - _BESIDE_WINDOW)
        text = render_diagnostics(best.formula or turn.text, best.diagnostics, Style(), window)
        if text:
            yield Content.styled(text, "")
        if not best.formula:
            return
    yield Content.assemble(("✗ ", "bold $text-error"), plain(turn.error or turn.status, "$text-error"))


def _first(turn: Turn) -> Content:
    shown = ", ".join(f"{each.image_id} {each.verdict} {each.score:.3f}" for each in turn.shown[:MANY_SHOWN])
    return plain(f"{shown}{' ...' if len(turn.shown) > MANY_SHOWN else ''}", MUTED)


def step_line(name: str, state: str, seconds: float | None) -> str:
    """One step on one line: what, how it stands, and how long it took."""
    time = "" if seconds is None else f"  {duration(seconds)}"
    return f"{name}{': ' + state if state else ''}{time}"
