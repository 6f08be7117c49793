"""Writing that is whole or not at all, and paths as the archive stores them."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from solvers.errors import RuneError

PARTS_FOLDER = "parts"
MANIFEST_FILE = "manifest.json"
LOCK_FILE = ".lock"
TEMPORARY_PREFIX = ".tmp-"

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Turn a failing file system (a full disk, a missing right) into a RuneError that names the archive."""
    try:
        yield
    except OSError as error:
        kept = "; what was committed is kept, and the same command goes on from there once there is room"
        hint = kept if error.errno in _FULL else ""
        raise RuneError(f"the archive {root} cannot be written: {error.strerror or error}{hint}") from error


def write_atomically(path: Path, data: bytes) -> None:
    """Put a file in place so that after a crash it is there whole, or not at all, or as it was before."""
    temporary = path.with_name(TEMPORARY_PREFIX + path.name)
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable, where the system knows how."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def stored_path(path: Path, root: Path) -> str:
    """An absolute path as the archive stores it: relative where it lies within the archive, so that both can move."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def loaded_path(stored: str, root: Path) -> str:
    """The absolute path of a stored one."""
    return str(root / stored)
