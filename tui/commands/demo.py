"""`rune demo`: the whole line, from a question to a picture of the proof, on scenes that RUNE renders itself."""

from pathlib import Path
from typing import Annotated

import typer

from tui.answers import demo_failed
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.options import OutputFormat, OutputOption, Thresholds, path

QUESTIONS = (
    "at least three planes",
    "a ship near a harbor and no storage tank",
    "three storage tanks but no plane",
    "a storage tank next to a plane",
)
FLOOD_QUESTIONS = (
    "at least five flooded buildings",
    "a flooded building with no dry road within 60 m",
    "a dry road that touches a flooded road",
    "a vehicle on a flooded road",
)
SHOWN = 3
DETECTED = "The boxes are what the network found in the pixels; the renderer's truth is not involved."
TRUTH = "The boxes are the renderer's own truth; no detector is involved."


def demo(
    *,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dir", metavar="DIR", parser=path, help="Where scenes, archive and pictures go; RUNE's cache unless told."
        ),
    ] = None,
    post_flood: Annotated[
        bool, typer.Option("--post-flood", help="Scenes after a flood, from masks with FloodNet's classes.")
    ] = False,
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            metavar="FILE",
            help="Detect the objects with these weights; those that RUNE ships for these scenes unless told.",
        ),
    ] = None,
    truth: Annotated[
        bool, typer.Option("--truth", help="Take the renderer's true boxes; no detector has to find the objects.")
    ] = False,
    output: OutputOption = OutputFormat.TEXT,
) -> ExitCode:
    """Show the whole on a sample archive: questions, formulas, rankings, proofs, and pictures of them."""
    import sys

    import agent
    from solvers.errors import InputError
    from tools.kernels import import_without_linear_algebra

    import_without_linear_algebra()
    from tools.archive import Archive
    from tools.detection.shipped import DEMO
    from tools.flood_archive import flood_archive
    from tools.paths import flood_dir, sample_dir
    from tools.results import SCHEMA_VERSION
    from tools.sample_archive import sample_archive
    from tui.deliver import CODES, tell_why
    from tui.failures import to_json
    from tui.overlays import save_overlays
    from tui.progress import progress_on_stderr
    from tui.render import render_run
    from tui.text import Style, emit, narrate, safe

    if post_flood and weights is not None:
        raise InputError("the scenes after a flood have no detector: leave out --weights or --post-flood")
    if truth and weights is not None:
        raise InputError("the truth needs no detector: leave out --weights or --truth")
    is_true = truth or post_flood
    home = folder or (flood_dir() if post_flood else sample_dir())
    with progress_on_stderr() as progress:
        if post_flood:
            sample = flood_archive(home, progress=progress)
        else:
            sample = sample_archive(home, weights=None if is_true else weights or DEMO, progress=progress)
    style = Style.of(sys.stdout)
    scenes = f"{sample.report.images} rendered scenes with {sample.report.entities:,} objects in {home}."
    origin = TRUTH if is_true else DETECTED
    archive = Archive.open(sample.archive)
    pictures = home / ("overlays" if is_true else "detected-overlays")
    results, answers, texts = [], [], [f"{safe(scenes)}\n{origin}"]
    for number, question in enumerate(FLOOD_QUESTIONS if post_flood else QUESTIONS, start=1):
        result = agent.run(question, archive=archive, top_k=SHOWN)
        overlays = save_overlays(result.results, pictures / f"question-{number}", question)
        results.append(result)
        answers.append({**result.model_dump(), "overlays": [str(each) for each in overlays]})
        texts.append(render_run(result, style, threshold=str(Thresholds()), overlays=overlays))
    worst = next((each for each in results if each.status != "ok"), results[0])
    if output is OutputFormat.JSON:
        narrate(texts[0])
        head = {"schema_version": SCHEMA_VERSION, "status": worst.status}
        emit(to_json({**head, "queries": answers, "error": worst.error}))
    else:
        emit("\n\n".join(texts))
    if worst.status != "ok":
        tell_why(worst)
    return CODES[worst.status]


DEMO = Command(
    name="demo",
    summary="The whole on a sample archive",
    body=demo,
    failed=demo_failed,
    examples=(
        "rune demo",
        "rune demo --post-flood --dir flood",
        "rune demo --truth --dir sample",
        "rune demo --dir demo --output json",
    ),
)
