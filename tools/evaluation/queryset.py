"""Query sets: questions with their gold formulas and the images that are relevant, as JSON Lines."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from solvers.errors import InputError, RuneError
from solvers.fol.analysis import analyse
from solvers.fol.diagnostics import Severity
from solvers.ontology import Ontology
from tools.archive.files import write_atomically
from tools.nearest import did_you_mean
from tools.readers.text_file import read_bytes
from tools.results import Model

EXAMPLE = '{"id": "q1", "query": "two ships", "formula": "exists>=2 x. ship(x)"}'
LEVELS = 5
MAX_CHARACTERS = 20_000
_SHOWN = 60


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("it is blank")
    return text


Text = Annotated[str, Field(max_length=MAX_CHARACTERS), AfterValidator(_not_blank)]


class EvaluationQuery(Model):
    """One question of a query set, with what is right: a gold `formula`, or the `relevant` images, or both.

    `relevant` are image ids, sorted; None means those that satisfy the formula. `level` is 1 to 5 and `complexity` the
    measure it comes from; `kinds` names the phenomena in the question (count, negation, distance ...), sorted.
    """

    id: Text
    query: Text | None = None
    formula: Text | None = None
    relevant: tuple[Text, ...] | None = None
    level: Annotated[int, Field(ge=1, le=LEVELS)] | None = None
    complexity: Annotated[int, Field(ge=0)] | None = None
    kinds: tuple[Text, ...] = ()

    @field_validator("id", mode="before")
    @classmethod
    def _id_as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("relevant", "kinds")
    @classmethod
    def _sorted_once(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is None:
            return None
        ordered = tuple(sorted(value))
        if len(set(ordered)) < len(ordered):
            twice = next(each for each in ordered if ordered.count(each) > 1)
            raise ValueError(f"{_shown(twice)} is there twice")
        return ordered

    @model_validator(mode="after")
    def _says_what_is_right(self) -> Self:
        if self.query is None and self.formula is None:
            raise ValueError("there is neither a query nor a formula")
        if self.formula is None and self.relevant is None:
            raise ValueError("there is neither a formula nor a list of relevant images, so nothing says what is right")
        return self


def read_query_set(path: str | Path, ontology: Ontology | None = None) -> list[EvaluationQuery]:
    """The questions of a JSON Lines file, formulas made canonical over an ontology where one is given.

    Raises InputError that names file and line: what is no question, an id that is there twice, a formula with errors.
    """
    return parse_query_set(read_bytes(Path(path)), str(path), ontology)


def parse_query_set(content: bytes, name: str, ontology: Ontology | None = None) -> list[EvaluationQuery]:
    """The same from the bytes of such a file; blank lines are left out."""
    queries: list[EvaluationQuery] = []
    line_of: dict[str, int] = {}
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            query = _query(raw)
            if ontology is not None:
                query = with_canonical_formula(query, ontology)
        except InputError as error:
            raise InputError(f"{name}:{number}: {error}") from None
        if query.id in line_of:
            raise InputError(f"{name}:{number}: the id {_shown(query.id)} is that of line {line_of[query.id]} too")
        line_of[query.id] = number
        queries.append(query)
    if not queries:
        raise InputError(f"{name}: there are no queries in it; a line is {EXAMPLE}")
    return queries


def with_canonical_formula(query: EvaluationQuery, ontology: Ontology) -> EvaluationQuery:
    """The question with its formula in canonical form; raises InputError with the first thing that is wrong in it."""
    if query.formula is None:
        return query
    analysis = analyse(query.formula, ontology)
    if analysis.canonical is None:
        first = next(each for each in analysis.diagnostics if each.severity is Severity.ERROR)
        raise InputError(f"formula: character {first.start + 1}: {first.message}")
    return query.model_copy(update={"formula": analysis.canonical})


def write_query_set(path: str | Path, queries: Iterable[EvaluationQuery]) -> None:
    """Write the questions as JSON Lines, keys in one order and what is None left out; the file is whole or not there.

    Raises RuneError where it cannot be written.
    """
    try:
        write_atomically(Path(path), query_set_lines(queries).encode())
    except OSError as error:
        raise RuneError(f"the query set {path} cannot be written: {error.strerror or error}") from error


def check_writable(path: str | Path) -> None:
    """Raise InputError where no file can be written to a path, before the work that fills it."""
    target = Path(path)
    if target.is_dir():
        raise InputError(f"{target} is a folder; name a file for the queries")
    if not target.parent.is_dir():
        raise InputError(f"{target}: there is no folder {target.parent}")


def query_set_lines(queries: Iterable[EvaluationQuery]) -> str:
    """The text of such a file."""
    return "".join(json.dumps(each.model_dump(exclude_none=True), ensure_ascii=False) + "\n" for each in queries)


def _query(raw: bytes) -> EvaluationQuery:
    try:
        value: object = json.loads(raw.decode())
    except UnicodeDecodeError as error:
        raise InputError(f"this is not UTF-8 text: {error.reason} at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise InputError(f"this is not JSON: {error.msg} at column {error.colno}; a line is {EXAMPLE}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets thousands deep
        raise InputError(f"this is JSON beyond all bounds; a line is {EXAMPLE}") from None
    if not isinstance(value, dict):
        raise InputError(f"this is JSON, but not an object; a line is {EXAMPLE}")
    try:
        return EvaluationQuery.model_validate(value)
    except ValidationError as error:
        raise InputError(_first_problem(error)) from None


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    keys = [str(each) for each in first["loc"]]
    if first["type"] == "extra_forbidden":
        return f"the key {_shown(keys[0])} means nothing here{did_you_mean(keys[0], EvaluationQuery.model_fields)}"
    if first["type"] == "missing":
        return f"there is no {keys[0]}; a line is {EXAMPLE}"
    message = first["msg"].removeprefix("Value error, ")
    return f"{'.'.join(keys)}: {message}" if keys else f"{message}; a line is {EXAMPLE}"


def _shown(text: str) -> str:
    """A text as JSON has it, shortened where it is long."""
    shown = json.dumps(text)
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "..."
