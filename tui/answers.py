"""What each command answers in JSON when it has no answer: the keys of the contract, and `status` and `error`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.failures import Failure, JsonObject
from tui.text import clean

if TYPE_CHECKING:
    from pydantic import BaseModel

TRANSLATION_KEYS = (
    "schema_version",
    "status",
    "query",
    "model",
    "formula",
    "reading",
    "agreement",
    "attempts",
    "warnings",
    "parts",
    "error",
)


def _text(arguments: Mapping[str, object], name: str) -> str | None:
    value = arguments.get(name)
    return None if value is None else clean(str(value))


def _diagnostics(failure: Failure) -> list[JsonObject]:
    return [each.model_dump() for each in failure.diagnostics]


def run_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """For `ask` and `rank`: a RunResult; a formula that was given stands among the attempts."""
    from tools.results import AttemptModel, RunResult

    given = failure.formula
    attempts = [] if given is None else [AttemptModel(formula=given, diagnostics=list(failure.diagnostics))]
    return RunResult(
        status=failure.status,
        query=_text(arguments, "query"),
        model=_text(arguments, "model"),
        attempts=attempts,
        error=failure.error,
    ).model_dump()


def translation_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """For `translate`: the head of a RunResult."""
    answer = run_failed(failure, arguments)
    return {key: answer[key] for key in TRANSLATION_KEYS}


def check_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """For `check`: its keys without a verdict, and the diagnostics of a formula that is not valid."""
    return {
        "image_id": _text(arguments, "image"),
        "verdict": None,
        "score": None,
        "witness": {},
        "parts": [],
        "why_not": [],
        "nearest_miss": None,
        "warnings": [],
        "witnesses": [],
        "entities": [],
        "status": failure.status,
        "error": failure.error,
        "diagnostics": _diagnostics(failure),
    }


def validation_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """For `validate`: not ok, for a reason that is not in the formula."""
    answer = {"ok": False, "canonical": None, "diagnostics": _diagnostics(failure)}
    return {**answer, "status": failure.status, "error": failure.error}


def index_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """For `index`: an IndexReport whose numbers are not known."""
    numbers = dict.fromkeys(("images", "entities", "added", "unchanged", "replaced", "dropped"))
    head: dict[str, object] = {
        "archive": _text(arguments, "archive"),
        **numbers,
        "rejected": [],
        "unmapped": [],
        "warnings": [],
    }
    head["skipped"] = {"count": None, "first": []}
    return {**head, "status": failure.status, "error": failure.error}


def batch_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """For `batch`: a BatchSummary whose numbers are not known."""
    from agent.batch.run import BatchSummary

    return BatchSummary(
        status=failure.status,
        queries=None,
        done=None,
        skipped=None,
        statuses={},
        out=_text(arguments, "out"),
        error=failure.error,
    ).model_dump()


def sessions_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """For `sessions`: none."""
    from tools.results import SCHEMA_VERSION

    return {"schema_version": SCHEMA_VERSION, "status": failure.status, "sessions": [], "error": failure.error}


def no_answer(answer: "type[BaseModel]", failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """The keys of an answer about an archive, of which nothing but the archive is known."""
    from tools.results import SCHEMA_VERSION

    given = _text(arguments, "folder") or _text(arguments, "archive")
    told = {"schema_version": SCHEMA_VERSION, "status": failure.status, "archive": given, "error": failure.error}
    return {**dict.fromkeys(answer.model_fields), **told}


def demo_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """For `demo`: no queries."""
    from tools.results import SCHEMA_VERSION

    return {"schema_version": SCHEMA_VERSION, "status": failure.status, "queries": [], "error": failure.error}
