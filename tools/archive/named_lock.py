"""A lock for file systems that have none: a file that only one can create, with its holder's name in it."""

import json
import os
import socket
import sys
import uuid
from pathlib import Path
from typing import NamedTuple

from solvers.errors import InputError

HELD_FILE = ".lock.held"
MOST_CHARACTERS = 400


class Holder(NamedTuple):
    """Who holds a lock: a process of a machine; `token` tells this holding from any other."""

    host: str
    process: int
    token: str


class NamedLock:
    """The right to write, by a file that names the holder; InputError where a living one has it.

    A holder that was killed on this machine is known by its process being gone, and its file is taken over. Of one on
    another machine that cannot be known: the message says which file to remove.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / HELD_FILE
        self._own = Holder(socket.gethostname(), os.getpid(), uuid.uuid4().hex)
        while not self._create():
            other = _read(self._path)
            if other is None:  # released in between, or not written to its end
                if not self._path.exists():
                    continue
                raise self._refusal(f"another run, which {self._path} does not name")
            if other.host != self._own.host or _is_alive(other.process):
                raise self._refusal(f"process {other.process} on {other.host}")
            self._clear_away(other)

    def release(self) -> None:
        """Let others write."""
        if _read(self._path) == self._own:
            self._path.unlink(missing_ok=True)

    def _create(self) -> bool:
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            return False
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self._own, file)
        return True

    def _clear_away(self, dead: Holder) -> None:
        """Remove a dead holder's file; one that a quicker taker has put there meanwhile is put back."""
        aside = self._path.with_name(f"{HELD_FILE}-{self._own.token}")
        try:
            self._path.rename(aside)
        except FileNotFoundError:
            return
        if _read(aside) != dead:
            aside.rename(self._path)
            raise self._refusal("another run")
        aside.unlink()

    def _refusal(self, holder: str) -> InputError:
        return InputError(
            f"the archive {self._path.parent} is being written by {holder}; wait for it to end, then run again; if no "
            f"such run is alive, remove {self._path}"
        )


def _read(path: Path) -> Holder | None:
    try:
        with path.open(encoding="utf-8") as file:
            host, process, token = json.loads(file.read(MOST_CHARACTERS))
    except (OSError, ValueError, TypeError):
        return None
    valid = isinstance(host, str) and isinstance(process, int) and process > 0 and isinstance(token, str)
    return Holder(host, process, token) if valid else None


def _is_alive(process: int) -> bool:
    if sys.platform == "win32":  # there a signal 0 would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
