"""Recorded conversations: what was said, and the formula, settings and words after every turn."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from agent.conversation.turns import DEFAULT_THRESHOLD, DEFAULT_TOP_K, Turn

FOLDER = Path(__file__).parent / "fixtures" / "conversations"
NO_QUESTION = "(no question)"


@dataclass
class RecordedTurn:
    """One line that begins with ">", and the lines under it."""

    text: str
    after: list[str] = field(default_factory=list)


def recordings() -> list[Path]:
    return sorted(FOLDER.glob("*.txt"))


def recorded(path: Path) -> list[RecordedTurn]:
    """The turns of a file; a line that begins with "#" says what it is about."""
    turns: list[RecordedTurn] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("> "):
            turns.append(RecordedTurn(line.removeprefix("> ")))
        elif line.startswith("  "):
            turns[-1].after.append(line.strip())
    return turns


def written(turn: Turn) -> Iterator[str]:
    """A turn as the files write it: formula, settings that are not the usual ones, an error, how an answer begins."""
    standing = turn.standing
    yield standing.formula or NO_QUESTION
    settings = [f"threshold {standing.threshold:g}"]
    settings += [f"{name} {value:g}" for name, value in standing.class_thresholds.items()]
    settings.append(f"top {standing.top_k}")
    if settings != [f"threshold {DEFAULT_THRESHOLD:g}", f"top {DEFAULT_TOP_K}"]:
        yield ", ".join(settings)
    if turn.error is not None:
        yield f"! {turn.error}"
    if turn.words:
        yield f"= {turn.words[0].partition(':')[0]}"
