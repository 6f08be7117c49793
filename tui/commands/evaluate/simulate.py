"""`rune eval simulate`: an archive of detections that a stated model gives for labels."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from tui.answers import no_answer
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.failures import Failure, JsonObject
from tui.options import ArchiveOption, OutputFormat, OutputOption, path


def simulate(
    *,
    archive: ArchiveOption,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", parser=path, help="The archive of detections to make.")],
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed gives the same detections.")] = 0,
    noise: Annotated[
        Path | None,
        typer.Option("--noise", metavar="FILE", parser=path, help="A model in TOML; a DOTA detector's unless told."),
    ] = None,
    output: OutputOption = OutputFormat.TEXT,
) -> ExitCode:
    """Simulate the detections of a stated noise model for a labelled archive, without pixels.

    The model says how much of each class is found, how sure real and false detections are, and how far boxes are off.
    """
    from tools.evaluation.noise.simulate import simulate as simulate_detections
    from tui.failures import to_json
    from tui.progress import progress_on_stderr
    from tui.text import emit, safe

    with progress_on_stderr() as progress:
        found = simulate_detections(archive, out=out, seed=seed, noise=noise, progress=progress)
    text = (
        f"{safe(found.archive)}: {found.found:,} of {found.objects:,} objects found, {found.false:,} false detections, "
        f"on {found.images:,} images\nmodel: {safe(found.model)}, seed {found.seed}; {safe(found.source)}"
    )
    emit(to_json(found.model_dump()) if output is OutputFormat.JSON else text)
    return ExitCode.DONE


def simulate_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """The keys of the answer where there is none."""
    from tools.evaluation.noise.simulate import SimulationReport

    return no_answer(SimulationReport, failure, arguments)


SIMULATE = Command(
    name="simulate",
    summary="Make an archive of simulated detections from labels",
    body=simulate,
    failed=simulate_failed,
    examples=(
        "rune eval simulate --archive labelled --out simulated",
        "rune eval simulate --archive labelled --out simulated --seed 7 --noise my-detector.toml",
    ),
    group="eval",
)
