"""`rune eval make`: questions with gold formulas and relevant images, made from a labelled archive."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.answers import no_answer
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.failures import Failure, JsonObject
from tui.options import ArchiveOption, OutputFormat, OutputOption, path

if TYPE_CHECKING:
    from tools.evaluation.making.report import QuerySetReport


def queries_number(value: object) -> int:
    """How many queries to make."""
    text = str(value)
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise typer.BadParameter(f"{text!r} is not a number of queries; give a whole number above 0, such as 500")
    return int(text)


def make(
    *,
    archive: ArchiveOption,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", parser=path, help="Where the queries go, as JSON Lines.")
    ],
    count: Annotated[
        int, typer.Option("--count", metavar="N", parser=queries_number, help="How many queries to make.")
    ] = 500,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="Other seeds make other queries; the same one the same file.")
    ] = 0,
    output: OutputOption = OutputFormat.TEXT,
) -> ExitCode:
    """Make English questions with gold formulas from the objects of an archive, whose labels are taken for the truth.

    Each line has an id, the question, its formula, the ids of the relevant images (found by brute force, without the
    solver), a complexity, its level from 1 to 5, and the kinds of phenomena. Between 2 and 60 per cent of the images
    are relevant to each where the archive allows it.
    """
    import sys

    from tools.archive import Archive
    from tools.evaluation import make_queries
    from tools.evaluation.making.report import report_on
    from tools.evaluation.queryset import check_writable, write_query_set
    from tui.failures import to_json
    from tui.progress import progress_on_stderr
    from tui.text import Style, emit, narrate, safe

    check_writable(out)
    opened = Archive.open(archive)
    with progress_on_stderr() as progress:
        queries = make_queries(opened, count, seed, progress=progress)
    write_query_set(out, queries)
    report = report_on(queries, archive=str(opened.root), images=opened.size.images, out=str(out), asked=count)
    for warning in report.warnings:
        narrate(f"{Style.of(sys.stderr).yellow('warning')}: {safe(warning)}")
    emit(to_json(report.model_dump()) if output is OutputFormat.JSON else render_query_set(report))
    return ExitCode.DONE


def render_query_set(report: "QuerySetReport") -> str:
    """The text that people read."""
    from tui.text import pad, safe

    levels = ", ".join(f"{number} of level {level}" for level, number in report.levels.items())
    lines = [f"{safe(report.out)}: {report.queries} queries over {report.images} images: {levels}"]
    lines += [f"  {pad(kind, 12)} {number:>5}" for kind, number in report.kinds.items()]
    share = f"{report.least_share:.1%} to {report.most_share:.1%}"
    return "\n".join([*lines, f"relevant to each: {share} of the images, median {report.median_share:.1%}"])


def make_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """The keys of the answer where there is none."""
    from tools.evaluation.making.report import QuerySetReport

    return no_answer(QuerySetReport, failure, arguments)


MAKE = Command(
    name="make",
    summary="Make questions with gold formulas from an archive",
    body=make,
    failed=make_failed,
    examples=(
        "rune eval make --archive coast --out queries.jsonl",
        "rune eval make --archive coast --out queries.jsonl --count 100 --seed 7 --output json",
    ),
    group="eval",
)
