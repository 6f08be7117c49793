"""Text for a terminal: what comes from outside is escaped, and colour is used only where it is welcome."""

import os
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

# Control and format characters (bidirectional overrides are among them), lone surrogates, private and unassigned
# code points, line and paragraph separators: all that can move the cursor or show a text as another.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_WIDE = frozenset({"W", "F"})
_COMBINING = frozenset({"Mn", "Me"})
ESCAPE = "\x1b"


def safe_character(character: str) -> str:
    """The character itself, or its escape where a terminal would act on it."""
    if unicodedata.category(character) not in _UNPRINTABLE:
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def safe(text: str) -> str:
    """One line of text without anything that a terminal would act on; line ends and tabs are escaped too."""
    return text if text.isascii() and text.isprintable() else "".join(map(safe_character, text))


def clean(text: str) -> str:
    """The text with lone surrogates escaped (they stand for bytes of an argument that are not UTF-8)."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(
        0 if unicodedata.category(each) in _COMBINING else 2 if unicodedata.east_asian_width(each) in _WIDE else 1
        for each in text
    )


def pad(text: str, width: int, *, right: bool = False) -> str:
    """The text filled with blanks to a number of columns; `right` puts the blanks before it."""
    blanks = " " * max(0, width - cells(text))
    return blanks + text if right else text + blanks


@dataclass(frozen=True, slots=True)
class Style:
    """Colour, or none of it."""

    enabled: bool = False

    @classmethod
    def of(cls, stream: TextIO, environment: Mapping[str, str] = os.environ) -> "Style":
        """Colour for a terminal, unless NO_COLOR is set or the terminal is dumb."""
        welcome = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
        return cls(enabled=welcome and stream.isatty())

    def _sgr(self, code: str, text: str) -> str:
        return f"{ESCAPE}[{code}m{text}{ESCAPE}[0m" if self.enabled else text

    def bold(self, text: str) -> str:
        """For headings."""
        return self._sgr("1", text)

    def dim(self, text: str) -> str:
        """For what matters less."""
        return self._sgr("2", text)

    def red(self, text: str) -> str:
        """For errors and for unsat."""
        return self._sgr("31", text)

    def green(self, text: str) -> str:
        """For sat."""
        return self._sgr("32", text)

    def yellow(self, text: str) -> str:
        """For warnings and for unknown."""
        return self._sgr("33", text)


class OutputClosedError(Exception):
    """Nothing more can be written to stdout: its reader has gone, as `head` does, or its disk is full."""


def emit(text: str) -> None:
    """Write data to stdout, at once."""
    try:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise OutputClosedError from error
    except OSError as error:
        narrate(f"error: the answer cannot be written: {error.strerror or error}")
        raise OutputClosedError from error


def narrate(text: str) -> None:
    """Tell the user something on stderr; a closed stderr is not a reason to stop."""
    try:
        sys.stderr.write(text if text.endswith("\n") else text + "\n")
        sys.stderr.flush()
    except BrokenPipeError:
        return
