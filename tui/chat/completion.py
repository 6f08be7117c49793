"""What may follow what was typed: slash commands and their arguments, images after @, names of the language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

MOST = 8
LEAST_LETTERS = 2
_SLASH = re.compile(r"/(\w*)")
_ARGUMENT = re.compile(r"/(\w+) +(\S*)")
_IMAGE = re.compile(r"(?:^|(?<=\s))@(\S*)$")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text that can take the place of text[start:end]; `meaning` stands beside it."""

    text: str
    meaning: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ImageWanted:
    """The ids of images that begin so are wanted, for the place text[start:end]."""

    beginning: str
    start: int
    end: int


class Named(Protocol):
    """A name and what it means."""

    @property
    def name(self) -> str: ...
    @property
    def meaning(self) -> str: ...


class Command(Protocol):
    """A slash command and the arguments that it knows by name."""

    @property
    def id(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def choices(self) -> Sequence[str]: ...


def suggestions(
    text: str, cursor: int, commands: Sequence[Command], words: Sequence[Named]
) -> list[Suggestion] | ImageWanted:
    """What the text before the cursor could become, at most a few, the likeliest first."""
    before = text[:cursor]
    if wanted := _IMAGE.search(before):
        return ImageWanted(wanted[1], wanted.start(), cursor)
    if found := _SLASH.fullmatch(before):
        return [Suggestion(f"/{each.id}", each.summary, 0, cursor) for each in commands if each.id.startswith(found[1])]
    if found := _ARGUMENT.fullmatch(before):
        known = [choice for each in commands if each.id == found[1] for choice in each.choices]
        return [Suggestion(each, "", found.start(2), cursor) for each in known if each.startswith(found[2])][:MOST]
    if before.startswith("/"):
        return []
    return _named(before, cursor, words)


def _named(before: str, cursor: int, words: Sequence[Named]) -> list[Suggestion]:
    """Names that begin with the word before the cursor, in the middle of a formula or of English."""
    found = _WORD.search(before)
    if found is None or len(found[0]) < LEAST_LETTERS:
        return []
    typed = found[0].lower()
    in_logic = "(" in before or "_" in typed
    fitting = [each for each in words if each.name.startswith(typed) and each.name != typed]
    shown = [
        Suggestion(each.name if in_logic else each.name.replace("_", " "), each.meaning, found.start(), cursor)
        for each in fitting
    ]
    return shown[:MOST]
