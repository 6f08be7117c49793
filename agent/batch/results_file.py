"""The file that a batch's answers go to: whole lines in the order of the questions, through any kill.

While the file grows, each line is appended and synced before the next. Lines that belong among those that are there
(redone ones, or those of questions that were put in between) go to a second file beside it first, and are merged into
place by an atomic rename; a run that finds a second file merges it before anything else.
"""

import heapq
import json
import os
import sys
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Self, get_args

from agent.batch.queries import BatchQueries, BatchQuery, as_id, shown_id
from solvers.errors import InputError, RuneError
from tools.results import RunResult, StatusName

_BEGINNING = b'{"id": '
_STATUSES = frozenset(get_args(StatusName))
_START_OVER = "name another --out, or start over with --fresh"


class ResultsFile:
    """The answers to the questions of one batch, open for one writer; use as a context manager.

    `statuses` has the status of every question, None where there is no answer yet. Raises InputError where the file
    belongs to other questions, is none of a batch, or is being written by another run; then nothing in it is changed.
    """

    def __init__(self, path: str | Path, batch: BatchQueries, *, fresh: bool = False) -> None:
        self.path = Path(os.path.realpath(path))
        self._shown = str(path)
        self._staged_path = self.path.with_name(self.path.name + ".redone")
        self._merging_path = self.path.with_name(self.path.name + ".merging")
        self._batch = batch
        self._places = {query.id: place for place, query in enumerate(batch.queries)}
        self._file = self._opened()
        self._staged: BinaryIO | None = None
        self._last = -1
        self.statuses: list[StatusName | None] = [None] * len(batch.queries)
        try:
            self._take_up(fresh=fresh)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.merge()
        finally:
            self._file.close()

    def put(self, place: int, result: RunResult) -> None:
        """Write the answer to one question, whole and synced; `merge` puts those that are not last into place."""
        query = self._batch.queries[place]
        line = (json.dumps({"id": query.id, **result.model_dump()}, allow_nan=False) + "\n").encode("ascii")
        if place <= self._last:
            if self._staged is None:
                self._staged = self._staged_path.open("wb", buffering=0)
                _sync_folder(self.path.parent)
            self._write(self._staged, line)
        else:
            self.merge()
            self._write(self._file, line)
            self._last = place
        self.statuses[place] = result.status

    def merge(self) -> None:
        """Put the lines of the second file, if there is one, into their places."""
        if self._staged is not None:
            self._staged.close()
            self._staged = None
        if not self._staged_path.exists():
            return
        merged = self._merging_path.open("w+b", buffering=0)
        try:
            self._lock(merged)
            written = -1
            # Of two lines for one question the second file's comes first, and counts.
            both = heapq.merge(self._lines(self._staged_path), self._lines(self.path), key=itemgetter(0))
            for place, _, line in both:
                if place > written:
                    self._write(merged, line, sync=False)
                    written = place
            os.fsync(merged.fileno())
            self._merging_path.replace(self.path)
        except BaseException:
            merged.close()
            self._merging_path.unlink(missing_ok=True)
            raise
        self._file.close()
        self._file = merged
        _sync_folder(self.path.parent)
        self._staged_path.unlink()

    def _opened(self) -> BinaryIO:
        """The file, made where it is not there, locked, at its end."""
        try:
            if self.path.exists() and not self.path.is_file():
                raise InputError(f"the results cannot go to {self._shown}: it is not a file")
            if self._is_the_queries():
                raise InputError(f"the results cannot go to {self._shown}: the queries are in that file")
            file = self.path.open("a+b", buffering=0)
        except OSError as error:
            raise InputError(f"the results cannot go to {self._shown}: {error.strerror or error}") from error
        try:
            self._lock(file)
        except BaseException:
            file.close()
            raise
        return file

    def _is_the_queries(self) -> bool:
        source = Path(self._batch.name)
        return source.exists() and self.path.exists() and self.path.samefile(source)

    def _take_up(self, *, fresh: bool) -> None:
        """Look at what is there, all of it before anything is changed, and then cut off what is torn."""
        whole, staged_whole = self._whole_bytes(self.path), self._whole_bytes(self._staged_path)
        if fresh:
            self._staged_path.unlink(missing_ok=True)
            self._file.truncate(0)
            return
        self._look_at(self.path)
        if staged_whole is not None:
            self._look_at(self._staged_path)
            os.truncate(self._staged_path, staged_whole)
        self._file.truncate(whole or 0)
        self.merge()

    def _whole_bytes(self, path: Path) -> int | None:
        """How many bytes of whole lines a file has, None where there is no file.

        What a kill or a loss of power has left of a line is no reason to stop; what is no line of a batch at all is.
        """
        if not path.exists():
            return None
        whole, last = 0, b""
        with path.open("rb") as file:
            for last in file:
                if whole == 0:
                    self._check_beginning(path, last)
                if last.endswith(b"\n"):
                    whole += len(last)
        if last and not last.endswith(b"\n"):
            self._check_beginning(path, last)
        return whole

    def _check_beginning(self, path: Path, line: bytes) -> None:
        begins = line[: len(_BEGINNING)].rstrip(b"\0")
        if not _BEGINNING.startswith(begins):
            raise InputError(f"{path} is not a file of results that rune batch has written: name another --out")

    def _look_at(self, path: Path) -> None:
        for place, status, _ in self._lines(path):
            self.statuses[place] = status
            self._last = max(self._last, place)

    def _lines(self, path: Path) -> Iterator[tuple[int, StatusName, bytes]]:
        """Place, status and bytes of every whole line; raises InputError for one that is not of these questions."""
        before = -1
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    return
                query, status = self._answered(f"{path}:{number}", line)
                place = self._places[query.id]
                if place <= before:
                    raise InputError(
                        f"{path}:{number}: the results are in another order than the queries: {shown_id(query.id)} "
                        f"comes after {shown_id(self._batch.queries[before].id)}; {_START_OVER}"
                    )
                before = place
                yield place, status, line

    def _answered(self, where: str, line: bytes) -> tuple[BatchQuery, StatusName]:
        try:
            answer: object = json.loads(line)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or as_id(answer.get("id")) is None or answer.get("status") not in _STATUSES:
            raise InputError(f"{where}: this is not a line that rune batch has written; {_START_OVER}")
        place = self._places.get(answer["id"])
        if place is None:
            raise InputError(
                f"{where}: the results belong to other queries: {self._batch.name} has no id "
                f"{shown_id(answer['id'])}; {_START_OVER}"
            )
        query = self._batch.queries[place]
        if _asked(answer, is_formula=query.is_formula) != query.text:
            raise InputError(
                f"{where}: the result of {shown_id(query.id)} answers another question than line {query.line} of "
                f"{self._batch.name} asks; {_START_OVER}"
            )
        return query, answer["status"]

    def _lock(self, file: BinaryIO) -> None:
        if sys.platform == "win32":
            return
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"another run is writing to {self._shown}; wait for it to end, then run again") from error
        except OSError as error:
            raise InputError(f"{self._shown} cannot be locked: {error.strerror or error}; name a local file") from error
        if not os.path.samestat(os.fstat(file.fileno()), Path(file.name).stat()):
            raise InputError(f"another run has just written to {self._shown}; run again")

    def _write(self, file: BinaryIO, line: bytes, *, sync: bool = True) -> None:
        try:
            left = memoryview(line)
            while left:
                left = left[file.write(left) :]
            if sync:
                os.fsync(file.fileno())
        except OSError as error:
            raise RuneError(
                f"the results cannot be written to {self._shown}: {error.strerror or error}; what is there is kept, "
                "and the same command goes on from there"
            ) from error


def _asked(answer: dict[str, object], *, is_formula: bool) -> object:
    """The question that an answer names: a formula as it was given is its first attempt."""
    if not is_formula:
        return answer.get("query")
    match answer:
        case {"query": None, "attempts": [{"formula": formula}, *_]}:
            return formula
        case _:
            return None


def _sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder outlive a loss of power."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
