"""Copying: to the terminal's clipboard by a sequence, by a tool of the system, or at last into a file."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

MOST_OF_A_SEQUENCE = 74_000
"""Terminals drop longer sequences: xterm and tmux take 100,000 characters in base64 at most."""
_TOOL_S = 2.0
_TOOLS: Sequence[tuple[str, Sequence[str]]] = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
    ("", ("pbcopy",)),
    ("", ("clip.exe",)),
)


def copy(text: str, terminal: Callable[[str], None], file: Path, environment: Mapping[str, str] = os.environ) -> str:
    """Copy a text every way that there is, and say in words where it is now.

    A terminal does not say whether it takes the sequence; so the file is written in any case.
    """
    kept = _to_file(text, file)
    tool = _to_tool(text, environment)
    fits = len(text.encode("utf-8", "replace")) <= MOST_OF_A_SEQUENCE
    if fits:
        terminal(text)
    if tool is not None:
        where = f"copied by {tool}"
    elif fits:
        where = "copied to the terminal's clipboard"
    else:
        where = "too long for the terminal's clipboard"
    return f"{where}; it is also in {file}" if kept else where


def _to_tool(text: str, environment: Mapping[str, str]) -> str | None:
    """Give the text to the first tool that takes it; its name, or None."""
    for variable, command in _TOOLS:
        if (variable and not environment.get(variable)) or shutil.which(command[0]) is None:
            continue
        try:
            done = subprocess.run(  # noqa: S603  (a fixed command, the text goes to its stdin)
                command,
                input=text.encode("utf-8", "replace"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_TOOL_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return command[0]
    return None


def _to_file(text: str, file: Path) -> bool:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
    except OSError:
        return False
    return True
