"""The lines that go into a batch, checked before anything runs."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.request import check_query
from solvers.errors import InputError

EXAMPLE = '{"id": "q1", "query": "two ships"} or {"id": "q2", "formula": "exists x. ship(x)"}'
_KEYS = frozenset({"id", "query", "formula"})
_SHOWN = 60

Id = str | int


@dataclass(frozen=True, slots=True)
class BatchQuery:
    """One question of a batch: English, or a formula; `line` counts from 1."""

    id: Id
    text: str
    is_formula: bool
    line: int


@dataclass(frozen=True, slots=True)
class BatchQueries:
    """The questions of a batch in order; `ignored` counts the lines by each key that means nothing here."""

    name: str
    queries: tuple[BatchQuery, ...]
    ignored: Mapping[str, int] = field(default_factory=dict)


def read_queries(path: str | Path) -> BatchQueries:
    """The questions of a JSON Lines file; raises InputError that names file and line."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"the queries {path} cannot be read: {error.strerror or error}") from error
    return parse_queries(content, str(path))


def parse_queries(content: bytes, name: str) -> BatchQueries:
    """The questions of JSON Lines in UTF-8, blank lines left out; raises InputError that names file and line.

    Each line is an object with `id`, a text or a whole number that no other line has, and either `query` or `formula`.
    """
    queries: list[BatchQuery] = []
    lines_by_id: dict[Id, int] = {}
    ignored: Counter[str] = Counter()
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            fields = _object(raw)
            query = _query(fields, number)
        except InputError as error:
            raise InputError(f"{name}:{number}: {error}") from None
        if query.id in lines_by_id:
            raise InputError(
                f"{name}:{number}: the id {shown_id(query.id)} is that of line {lines_by_id[query.id]} too"
            )
        lines_by_id[query.id] = number
        queries.append(query)
        ignored.update(fields.keys() - _KEYS)
    return BatchQueries(name, tuple(queries), dict(sorted(ignored.items())))


def shown_id(id_: Id) -> str:
    """An id as JSON has it, shortened where it is long."""
    text = json.dumps(id_, ensure_ascii=True)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def as_id(value: object) -> Id | None:
    """The value where it can be an id; a truth value, which Python counts among the numbers, cannot."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return None if isinstance(value, str) and not value.strip() else value


def _object(raw: bytes) -> Mapping[str, object]:
    try:
        value: object = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"this is not UTF-8 text: {error.reason} at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise InputError(f"this is not JSON: {error.msg} at column {error.colno}; a line is {EXAMPLE}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets thousands deep
        raise InputError(f"this is JSON beyond all bounds; a line is {EXAMPLE}") from None
    if not isinstance(value, dict):
        raise InputError(f"this is JSON, but not an object; a line is {EXAMPLE}")
    return value


def _query(fields: Mapping[str, object], line: int) -> BatchQuery:
    if fields.get("id") is None:
        raise InputError(f"there is no id; a line is {EXAMPLE}")
    id_ = as_id(fields["id"])
    if id_ is None:
        raise InputError("the id is neither a text that is not blank nor a whole number")
    given = [each for each in ("query", "formula") if fields.get(each) is not None]
    if len(given) != 1:
        problem = "there are both a query and a formula" if given else "there is neither a query nor a formula"
        raise InputError(f"{problem}; a line is {EXAMPLE}")
    [kind] = given
    text = fields[kind]
    if not isinstance(text, str):
        raise InputError(f"the {kind} is not a text")
    if kind == "query":
        check_query(text)
    elif not text.strip():
        raise InputError("the formula is blank; it looks like exists x. ship(x)")
    elif any("\ud800" <= each <= "\udfff" for each in text):
        raise InputError("the formula is not a text in UTF-8: it holds half of a character")
    return BatchQuery(id_, text, kind == "formula", line)
