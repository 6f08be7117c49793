"""One writer at a time: a lock that the system takes back when its holder dies."""

import errno
import os
import sys
from pathlib import Path

from solvers.errors import InputError
from tools.archive.files import LOCK_FILE
from tools.archive.named_lock import NamedLock

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})
"""What file systems say that cannot lock, some network ones among them."""


class WriteLock:
    """The right to write one archive, held from construction to `release`; InputError where another holds it.

    On a file system without locks a file with the holder's name stands for it; see `NamedLock`.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / LOCK_FILE
        self._named: NamedLock | None = None
        while True:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                self._take(descriptor, root)
            except BaseException:
                os.close(descriptor)
                raise
            if self._is_in_place(descriptor):
                self._descriptor = descriptor
                return
            self._release_named()
            os.close(descriptor)

    def release(self, *, remove: bool = False) -> None:
        """Let others write; `remove` takes the lock's file away as well."""
        if remove:
            self._path.unlink(missing_ok=True)
        self._release_named()
        os.close(self._descriptor)

    def _take(self, descriptor: int, root: Path) -> None:
        try:
            lock_file(descriptor)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                self._named = NamedLock(root)
            elif isinstance(error, BlockingIOError | PermissionError):
                raise InputError(
                    f"the archive {root} is being written by another run; wait for it to end, then run again"
                ) from error
            else:
                raise

    def _release_named(self) -> None:
        if self._named is not None:
            self._named.release()
            self._named = None

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
