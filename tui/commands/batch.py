"""`rune batch`: many questions from one file, answered into another, one line each; a killed run goes on."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.answers import batch_failed
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.filter_options import AreaCrsOption, AreaOption, FolderOption, SinceOption, UntilOption, filters_of
from tui.options import (
    DEFAULT_MODEL_CALLS,
    DEFAULT_MODEL_TIMEOUT_S,
    DEFAULT_SECONDS,
    DEFAULT_TOKENS,
    DEFAULT_TOP_K,
    STDIN,
    ArchiveOption,
    BaseUrlOption,
    CandidatesOption,
    CertifyOption,
    MaxCallsOption,
    MaxSecondsOption,
    MaxTokensOption,
    ModelOption,
    OutputFormat,
    OutputOption,
    SkipCorruptOption,
    ThresholdOption,
    Thresholds,
    TopKOption,
    jobs_number,
    path,
    seconds,
)

if TYPE_CHECKING:
    from agent.batch.answers import BatchAnswer
    from agent.batch.run import BatchSummary
    from tui.text import Style


def batch(
    *,
    queries: Annotated[
        Path,
        typer.Argument(
            metavar="QUERIES", parser=path, help='JSON Lines of {"id", "query"} or {"id", "formula"}; - for stdin.'
        ),
    ],
    archive: ArchiveOption,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE", parser=path, help="Where the answers go; what is there is not redone."),
    ],
    model: ModelOption = "offline",
    base_url: BaseUrlOption = None,
    candidates: CandidatesOption = 1,
    top_k: TopKOption = DEFAULT_TOP_K,
    threshold: ThresholdOption = None,
    area: AreaOption = None,
    area_crs: AreaCrsOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    folder: FolderOption = None,
    skip_corrupt: SkipCorruptOption = False,
    certify: CertifyOption = False,
    max_calls: MaxCallsOption = DEFAULT_MODEL_CALLS,
    max_tokens: MaxTokensOption = DEFAULT_TOKENS,
    max_seconds: MaxSecondsOption = DEFAULT_SECONDS,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="S", parser=seconds, help="Seconds the model has for one question.")
    ] = DEFAULT_MODEL_TIMEOUT_S,
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", parser=jobs_number, help="How many model calls there are at a time.")
    ] = 4,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw away the answers in FILE and start over.")] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Redo lines that ended with provider_error, limit or error.")
    ] = False,
    output: OutputOption = OutputFormat.TEXT,
) -> ExitCode:
    """Answer a file of questions: one line out for each, in order, as `ask --output json` answers, with its id.

    Each answer is written whole before the next. After a kill or control-C the same command goes on where it was; it
    does so too when more questions have been added. A question that fails is a line with its status. With --area,
    --since, --until or --folder only the images that pass all of them are asked and counted.
    """
    from tools.kernels import import_without_linear_algebra

    import_without_linear_algebra()
    from agent.batch.queries import parse_queries, read_queries
    from agent.batch.run import run_batch
    from agent.budget import Budget
    from tools.archive import Archive
    from tui.failures import to_json
    from tui.progress import progress_on_stderr
    from tui.text import Style, emit, narrate, safe

    read = parse_queries(sys.stdin.buffer.read(), "<stdin>") if str(queries) == STDIN else read_queries(queries)
    opened = Archive.open(archive, skip_corrupt=skip_corrupt).only(filters_of(area, area_crs, since, until, folder))
    style = Style.of(sys.stderr)
    try:
        with progress_on_stderr() as progress:
            summary = run_batch(
                read,
                archive=opened,
                out=out,
                model=model,
                base_url=base_url,
                candidates=candidates,
                top_k=top_k,
                threshold=Thresholds.of(threshold).within(opened.ontology),
                certify=certify,
                timeout=timeout,
                budget=Budget(model_calls=max_calls, tokens=max_tokens, seconds=max_seconds),
                jobs=jobs,
                fresh=fresh,
                retry_failed=retry_failed,
                progress=progress,
                on_answer=_tell_of_faults,
            )
    except KeyboardInterrupt:
        again = "the same command" + (" without --fresh" if fresh else "")
        narrate(f"what is answered is kept in {safe(str(out))}; {again} goes on from there")
        raise
    _narrate_summary(summary, style)
    if output is OutputFormat.JSON:
        emit(to_json(summary.model_dump()))
    return ExitCode.PROVIDER if summary.status == "provider_error" else ExitCode.DONE


def _tell_of_faults(answer: "BatchAnswer", /) -> None:
    """A fault of ours in one line shows its traceback; the others are told by their status."""
    if answer.fault is not None:
        from agent.batch.queries import shown_id
        from tui.failures import failure_of, tell
        from tui.text import narrate

        narrate(f"line {answer.query.line}, id {shown_id(answer.query.id)}:")
        tell(answer.fault, failure_of(answer.fault))


def _narrate_summary(summary: "BatchSummary", style: "Style") -> None:
    from tui.text import narrate, safe

    for warning in summary.warnings:
        narrate(f"{style.yellow('warning')}: {safe(warning)}")
    counts = ", ".join(f"{number:,} {status}" for status, number in summary.statuses.items()) or "no queries"
    done, spent = summary.done or 0, summary.seconds or 0.0
    rate = f", {done / spent:.3g} a second" if done and spent else ""
    narrate(f"{safe(str(summary.out))}: {counts}")
    narrate(f"{done:,} answered in {spent:.1f} s{rate}; {summary.skipped or 0:,} had been answered before")
    if summary.status == "provider_error":
        narrate(f"{style.red('error')}: the model answered none of them; --retry-failed asks again")


BATCH = Command(
    name="batch",
    summary="Answer a file of questions, resumably",
    body=batch,
    failed=batch_failed,
    examples=(
        "rune batch queries.jsonl --archive coast --out results.jsonl",
        "rune batch queries.jsonl --archive coast --out results.jsonl --model openai:gpt-5-mini --jobs 8",
        "rune batch queries.jsonl --archive coast --out results.jsonl --retry-failed",
        "rune batch - --archive coast --out results.jsonl --output json",
    ),
)
