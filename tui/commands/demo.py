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
    "a storage tank near a plane",
    "a harbor and at least two ships but no plane",
    "a ship near a harbor and no storage tank",
)
SHOWN = 3
TRUTH = "The boxes are the renderer's own truth, no detector is involved."


def demo(
    *,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dir", metavar="DIR", parser=path, help="Where scenes, archive and pictures go; RUNE's cache unless told."
        ),
    ] = None,
    output: OutputOption = OutputFormat.TEXT,
) -> ExitCode:
    """Show the whole on a sample archive: questions, formulas, rankings, proofs, and pictures of them."""
    import sys

    import agent
    from tools.index import index_images
    from tools.paths import sample_dir
    from tools.results import SCHEMA_VERSION
    from tools.sample import write_sample
    from tui.deliver import CODES
    from tui.failures import to_json
    from tui.overlays import save_overlays
    from tui.progress import progress_on_stderr
    from tui.render import render_run
    from tui.text import Style, emit, narrate, safe

    home = folder or sample_dir()
    style = Style.of(sys.stdout)
    with progress_on_stderr() as progress:
        sample = write_sample(home, progress=progress)
        report = index_images([sample.images], archive=home / "archive", labels=sample.labels, progress=progress)
    narrate(f"{report.images} rendered scenes with {report.entities} objects in {safe(str(home))}. {TRUTH}")
    answers, texts, code = [], [], ExitCode.DONE
    for number, question in enumerate(QUESTIONS, start=1):
        result = agent.run(question, archive=home / "archive", model="offline", top_k=SHOWN)
        overlays = save_overlays(result.results, home / "overlays" / f"question-{number}")
        answers.append({**result.model_dump(), "overlays": [str(each) for each in overlays]})
        texts.append(render_run(result, style, threshold=str(Thresholds()), overlays=overlays))
        code = max(code, CODES[result.status])
    if output is OutputFormat.JSON:
        emit(to_json({"schema_version": SCHEMA_VERSION, "status": "ok", "queries": answers, "error": None}))
    else:
        emit("\n\n".join([TRUTH, *texts]))
    return code


DEMO = Command(
    name="demo",
    summary="The whole on a sample archive",
    body=demo,
    failed=demo_failed,
    examples=("rune demo", "rune demo --dir demo --output json"),
)
