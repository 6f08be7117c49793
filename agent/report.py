"""From the end of a run to its result."""

from collections.abc import Sequence
from time import perf_counter

from agent.events import Problem
from agent.prompting import error_count
from agent.request import RunRequest
from agent.state import Candidate, Outcome, RunState
from tools.english import reading_of
from tools.results import AttemptModel, DiagnosticModel, RunResult, StatusName, Timings

_STATUS: dict[Outcome, StatusName] = {
    Outcome.VALID: "ok",
    Outcome.REFUSED: "unrepairable",
    Outcome.EXHAUSTED: "unrepairable",
    Outcome.LIMIT: "limit",
    Outcome.PROVIDER_ERROR: "provider_error",
}
_SHOWN_DIAGNOSTICS = 3


def result_of(request: RunRequest, final: RunState, started: float) -> RunResult:
    """The result of a run that came to an end; `started` is when it began, on the clock of perf_counter."""
    chosen, outcome, ranking = final["chosen"], final["outcome"], final["ranking"]
    if chosen is None or outcome is None:
        raise RuntimeError("the run ended without an outcome")
    candidates = sorted(final["candidates"], key=lambda each: each.index)
    attempts = [attempt for each in candidates for attempt in (chosen if each.index == chosen.index else each).attempts]
    plan = ranking.timings_ms if ranking else Timings()
    accepted = chosen.best if chosen.formula is not None else None
    warnings = [*_own_warnings(request), *final["warnings"]]
    warnings += ranking.warnings if ranking else _formula_warnings(accepted)
    return RunResult(
        status=_STATUS[outcome],
        query=request.query,
        model=request.model.name,
        formula=chosen.formula,
        reading=None if chosen.formula is None else reading_of(chosen.formula, request.ontology),
        agreement=final["agreement"],
        attempts=[*attempts, *_refusals(chosen)],
        warnings=list(dict.fromkeys(warnings)),
        parts=final["parts"] if chosen.formula is not None else [],
        archive=request.archive.size if request.archive is not None else None,
        filtered=ranking.filtered if ranking else None,
        counts=ranking.counts if ranking else None,
        results=ranking.results if ranking else [],
        timings_ms=Timings(
            translate=final["translate_ms"],
            plan=plan.plan,
            prefilter=plan.prefilter,
            solve=plan.solve,
            total=(perf_counter() - started) * 1000,
        ),
        error=_error(outcome, final["error"], chosen),
    )


def _own_warnings(request: RunRequest) -> list[str]:
    if request.samples < request.candidates:
        return ["the offline model always answers the same, so one candidate was asked for"]
    return []


def _formula_warnings(accepted: AttemptModel | None) -> list[str]:
    return [each.message for each in accepted.diagnostics if each.severity == "warning"] if accepted else []


def _refusals(chosen: Candidate) -> Sequence[AttemptModel]:
    """The words that no formula can express, as the diagnostics of an attempt that came to no formula.

    Their offsets are in the question.
    """
    if not chosen.problems:
        return []
    return [AttemptModel(formula="", diagnostics=[_as_diagnostic(each) for each in chosen.problems])]


def _as_diagnostic(problem: Problem) -> DiagnosticModel:
    return DiagnosticModel(
        code="syntax",
        severity="error",
        message=_sentence(problem),
        start=problem.start or 0,
        end=problem.end or 0,
        suggestions=problem.suggestions,
    )


def _sentence(problem: Problem) -> str:
    """What the model said, with the word that it is about where it does not name it."""
    named = not problem.word or problem.word.lower() in problem.message.lower()
    return problem.message if named else f"{problem.word}: {problem.message}"


def _error(outcome: Outcome, error: str | None, chosen: Candidate) -> str | None:
    match outcome:
        case Outcome.VALID:
            return None
        case Outcome.REFUSED:
            return "the question cannot be put into logic: " + "; ".join(map(_sentence, chosen.problems))
        case Outcome.EXHAUSTED if error is None and chosen.best is not None:
            found = [each.message for each in chosen.best.diagnostics if each.severity == "error"]
            more = f" (and {len(found) - _SHOWN_DIAGNOSTICS} more)" if len(found) > _SHOWN_DIAGNOSTICS else ""
            return (
                f"the model came to no valid formula in {len(chosen.attempts)} attempts; the best, "
                f"{chosen.best.formula!r}, has {error_count(chosen.best)} error(s): "
                + "; ".join(found[:_SHOWN_DIAGNOSTICS])
                + more
            )
        case Outcome.EXHAUSTED if error is None:
            return "the model wrote no formula at all"
        case _:
            return error
