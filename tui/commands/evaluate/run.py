"""`rune eval`: systems compared by a set of queries with known answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.answers import no_answer
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.failures import Failure, JsonObject
from tui.options import (
    DEFAULT_MODEL_TIMEOUT_S,
    ArchiveOption,
    BaseUrlOption,
    ModelOption,
    ModelTimeoutOption,
    OutputFormat,
    OutputOption,
    ThresholdOption,
    Thresholds,
    path,
)

if TYPE_CHECKING:
    from tools.evaluation.results import Evaluation, SystemResult


def resamples_number(value: object) -> int:
    """How many draws an interval is made from."""
    text = str(value)
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise typer.BadParameter(f"{text!r} is not a number of draws; give a whole number above 0, such as 1000")
    return int(text)


def run(
    *,
    queries: Annotated[
        Path, typer.Argument(metavar="QUERIES", parser=path, help="JSON Lines of questions with what is right.")
    ],
    archive: ArchiveOption,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", parser=path, help="Write evaluation.json, .md and .html there."),
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            "--truth",
            metavar="DIR",
            parser=path,
            help="An archive of the same images with labels: what is relevant.",
        ),
    ] = None,
    system: Annotated[
        list[str] | None,
        typer.Option(
            "--system",
            metavar="NAME",
            help="rune, rune-max-min, rune-hard, bag-of-classes, random, rune-english, embeddings; again for more. "
            "All but the last unless told.",
        ),
    ] = None,
    model: ModelOption = "offline",
    base_url: BaseUrlOption = None,
    timeout: ModelTimeoutOption = DEFAULT_MODEL_TIMEOUT_S,
    threshold: ThresholdOption = None,
    curve: Annotated[
        bool, typer.Option("--curve", help="Also perturb the detections, from not at all to strength 0.3.")
    ] = False,
    exact_order: Annotated[
        bool, typer.Option("--exact-order", help="Order images of equal score as rank does; slow on many images.")
    ] = False,
    clip: Annotated[
        str | None,
        typer.Option("--clip", metavar="MODEL", help="For embeddings: a model of open_clip."),
    ] = None,
    checkpoint: Annotated[
        str | None,
        typer.Option("--checkpoint", metavar="FILE", help="Its weights: a file, or a tag that open_clip fetches."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Of random order, draws and perturbations.")] = 0,
    resamples: Annotated[
        int,
        typer.Option("--resamples", metavar="N", parser=resamples_number, help="Draws that intervals are made from."),
    ] = 1000,
    output: OutputOption = OutputFormat.TEXT,
) -> ExitCode:
    """Measure how well systems retrieve the images of an archive by questions with known answers.

    A question has an id, English or a formula or both, and the ids of the relevant images; without these, what
    satisfies the formula is relevant. `rune eval QUERIES` is short for `rune eval run QUERIES`.
    """
    import sys

    from agent.translator import AgentTranslator
    from solvers.errors import InputError
    from tools.archive import Archive
    from tools.evaluation.curve import DEFAULT_STRENGTHS
    from tools.evaluation.report import write_report
    from tools.evaluation.run import EvaluationSettings, evaluate
    from tools.evaluation.systems.encoder import Checkpoint
    from tui.failures import to_json
    from tui.progress import progress_on_stderr
    from tui.text import Style, emit, narrate, safe

    if (clip is None) != (checkpoint is None):
        raise InputError("--clip and --checkpoint go together: the model, and the file or the tag of its weights")
    opened = Archive.open(archive)
    if out is not None and out.exists() and not out.is_dir():
        raise InputError(f"{out}: the files of an evaluation go into a folder, and this is none")
    with progress_on_stderr() as progress:
        found = evaluate(
            queries,
            archive=opened,
            truth=truth,
            systems=system,
            translator=AgentTranslator(opened.ontology, {"model": model, "base_url": base_url, "timeout": timeout}),
            settings=EvaluationSettings(
                threshold=Thresholds.of(threshold).within(opened.ontology),
                seed=seed,
                resamples=resamples,
                strengths=DEFAULT_STRENGTHS if curve else (),
                exact_near_misses=exact_order,
                checkpoint=None if clip is None else Checkpoint(clip, checkpoint),
            ),
            progress=progress,
        )
        files = None if out is None else write_report(found, out, opened, progress=progress)
    for warning in found.warnings:
        narrate(f"{Style.of(sys.stderr).yellow('warning')}: {safe(warning)}")
    if files is not None:
        narrate(f"written: {safe(str(files.json))}, {safe(files.markdown.name)}, {safe(files.html.name)}")
    emit(to_json(found.model_dump()) if output is OutputFormat.JSON else render_evaluation(found))
    return ExitCode.DONE


def render_evaluation(found: "Evaluation") -> str:
    """The text that people read."""
    from tools.evaluation.report.markdown import summary_line
    from tools.evaluation.report.numbers import interval, value
    from tui.text import pad, safe

    def row(cells: Sequence[str]) -> str:
        return "".join([pad(safe(cells[0]), 16), *(pad(each, 23, right=True) for each in cells[1:])])

    def figures(system: "SystemResult") -> list[str]:
        return [interval(each) for each in (system.mean_ap, system.ndcg, system.f1, system.rrqc, system.rriu)]

    lines = [summary_line(found), "", row(["system", "mAP", "nDCG", "F1", "RRQC", "RRIU"])]
    lines += [row([system.name, *figures(system)]) for system in found.systems]
    refusing = [f"{system.name} {system.refused:,}" for system in found.systems if system.refused]
    lines += ["", f"queries that a system has no ranking for: {', '.join(refusing)}"] if refusing else []
    if found.translation is not None:
        told = found.translation
        lines += [
            "",
            f"{safe(told.translator)} reads {interval(told.executable)} of {told.questions:,} questions; equivalent to "
            f"gold: {interval(told.equivalent)}",
        ]
    for curve in found.curves:
        points = ", ".join(f"{point.strength:g}: {value(point.mean_ap.value)}" for point in curve.points)
        lines.append(f"{curve.system} perturbed: {points}; area {interval(curve.area)}")
    return "\n".join(lines)


def run_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """The keys of the answer where there is none."""
    from tools.evaluation.results import Evaluation

    return no_answer(Evaluation, failure, arguments)


RUN = Command(
    name="run",
    summary="Compare systems by questions with known answers; `run` may be left out",
    body=run,
    failed=run_failed,
    examples=(
        "rune eval run queries.jsonl --archive coast --out evaluation",
        "rune eval run queries.jsonl --archive detected --truth labelled --out evaluation --curve",
        "rune eval run queries.jsonl --archive coast --system rune --system random --output json",
        "rune eval run queries.jsonl --archive coast --system embeddings --clip ViT-B-32 --checkpoint RemoteCLIP.pt",
    ),
    group="eval",
)
