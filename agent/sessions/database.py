"""The one database of sessions: opened with care, in write-ahead mode, refused where it is damaged or newer."""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from solvers.errors import InputError
from tools.archive.lock import lock_file
from tools.paths import sessions_file

if TYPE_CHECKING:
    from langgraph.checkpoint.serde.base import SerializerProtocol
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

VERSION = 1
BUSY_SECONDS = 30.0
MAX_NAME = 80


def check_name(name: str) -> str:
    """The name of a session, without blanks around it; raises InputError for one that cannot be used."""
    stripped = name.strip()
    if not stripped or len(stripped) > MAX_NAME or not stripped.isprintable():
        raise InputError(f"{name[:MAX_NAME]!r} names no session: give 1 to {MAX_NAME} printable characters")
    return stripped


@contextmanager
def in_use(name: str) -> Iterator[None]:
    """Hold a session for one turn; raises InputError where another process holds it."""
    folder = sessions_file().parent / "in_use"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder / hashlib.sha256(name.encode()).hexdigest()[:32], os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise InputError(f"the sessions in {folder.parent} cannot be used: {error.strerror or error}") from error
    try:
        lock_file(descriptor)
        yield
    except (BlockingIOError, PermissionError) as error:
        raise InputError(f"the session {name!r} is in use by another process: wait for its turn to end") from error
    finally:
        os.close(descriptor)


@asynccontextmanager
async def writing() -> "AsyncIterator[AsyncSqliteSaver]":
    """A checkpointer over the database, which is made if it is not there; for one event loop."""
    import aiosqlite
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    path = sessions_file()
    with told_plainly(path):
        _prepare(path)
        async with aiosqlite.connect(path, timeout=BUSY_SECONDS) as connection:
            saver = AsyncSqliteSaver(connection, serde=_serializer())
            yield saver


async def prune(saver: "AsyncSqliteSaver", name: str) -> None:
    """Keep the last state of a session only: it holds all that came before."""
    async with saver.lock:
        for table in ("writes", "checkpoints"):
            await saver.conn.execute(
                f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id < "  # noqa: S608  (two fixed names)
                "(SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?)",
                (name, name),
            )
        await saver.conn.commit()


@contextmanager
def reading() -> "Iterator[SqliteSaver | None]":
    """A checkpointer over the database as it is; None where there is none yet."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    path = sessions_file()
    if not path.exists():
        yield None
        return
    with told_plainly(path):
        _prepare(path)
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)) as connection:
            yield SqliteSaver(connection, serde=_serializer())


@contextmanager
def told_plainly(path: Path) -> Iterator[None]:
    """Failures of the database in one sentence."""
    try:
        yield
    except sqlite3.OperationalError as error:
        said = str(error)
        if "locked" in said or "busy" in said:
            raise InputError(f"another process has held the sessions in {path} for {BUSY_SECONDS:g} s") from error
        raise InputError(f"the sessions in {path} cannot be used: {said}") from error
    except sqlite3.DatabaseError as error:
        raise InputError(
            f"{path} is damaged, or no database of sessions ({error}): move it away, and a new one is begun"
        ) from error


def _prepare(path: Path) -> None:
    """Make the file, readable by its owner only, and check its version."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise InputError(f"the sessions in {path} cannot be used: {error.strerror or error}") from error
    with contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found > VERSION:
            raise InputError(
                f"{path} was written by a newer RUNE (its version is {found}, and this one reads up to {VERSION}): "
                "use that one, or move the file away"
            )
        connection.execute("PRAGMA journal_mode=WAL")
        if found < VERSION:
            connection.execute(f"PRAGMA user_version={VERSION}")


def _serializer() -> "SerializerProtocol":
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    # The state is texts and numbers, so nothing else is ever revived.
    return JsonPlusSerializer(pickle_fallback=False, allowed_msgpack_modules=[])
