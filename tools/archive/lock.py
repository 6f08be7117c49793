"""One writer at a time: a lock that the system takes back when its holder dies."""

import os
import sys
from pathlib import Path

from solvers.errors import InputError
from tools.archive.files import LOCK_FILE


class WriteLock:
    """The right to write one archive, held from construction to `release`; InputError where another holds it."""

    def __init__(self, root: Path) -> None:
        self._path = root / LOCK_FILE
        while True:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                lock_file(descriptor)
            except (BlockingIOError, PermissionError) as error:
                os.close(descriptor)
                raise InputError(
                    f"the archive {root} is being written by another run; wait for it to end, then run again"
                ) from error
            if self._is_in_place(descriptor):
                self._descriptor = descriptor
                return
            os.close(descriptor)

    def release(self, *, remove: bool = False) -> None:
        """Let others write; `remove` takes the lock's file away as well."""
        if remove:
            self._path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def _is_in_place(self, descriptor: int) -> bool:
        """Whether the locked file is still the one at its path: a holder before may have removed it in between."""
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False


def lock_file(descriptor: int) -> None:
    """Lock an open file until it is closed; raises BlockingIOError or PermissionError where another holds it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
