"""`rune check`: one image judged by one formula."""

from typing import Annotated

import typer

from tui.answers import check_failed
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.options import (
    ArchiveOption,
    FormulaArgument,
    OutputFormat,
    OutputOption,
    OverlaysOption,
    SkipCorruptOption,
    ThresholdOption,
    Thresholds,
    text_argument,
    witnesses_number,
)


def check(
    *,
    formula: FormulaArgument,
    archive: ArchiveOption,
    image: Annotated[str, typer.Option("--image", metavar="ID", help="The image_id, as a ranking shows it.")],
    threshold: ThresholdOption = None,
    skip_corrupt: SkipCorruptOption = False,
    witnesses: Annotated[
        int,
        typer.Option(
            "--witnesses",
            metavar="N",
            parser=witnesses_number,
            help="List up to N witnesses of each part that holds, and every object that takes part in any.",
        ),
    ] = 0,
    save_overlays: OverlaysOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> ExitCode:
    """Judge one image by a formula: the verdict, and the witness or what it would take.

    With --witnesses every match is listed: assignments that bind the same objects in another order are told apart,
    and the number of distinct sets is given.
    """
    import sys

    from tools.archive import Archive
    from tools.explanation import explain
    from tui.failures import to_json
    from tui.render import render_check
    from tui.text import Style, emit, narrate, safe

    text = text_argument(formula, "formula")
    opened = Archive.open(archive, skip_corrupt=skip_corrupt)
    operating = Thresholds.of(threshold).within(opened.ontology)
    explanation = explain(text, archive=opened, image_id=image, threshold=operating, witnesses=witnesses)
    result = explanation.check
    if save_overlays is not None:
        from tui.overlays import save_overlay

        drawn = save_overlay(result, opened.scene(image).path, save_overlays, text)
        narrate("\n".join(f"overlay: {safe(str(each))}" for each in drawn))
    if output is OutputFormat.JSON:
        emit(to_json(result.model_dump()))
    else:
        emit(render_check(result, explanation.words, Style.of(sys.stdout)))
    return ExitCode.DONE


CHECK = Command(
    name="check",
    summary="Judge one image by a formula",
    body=check,
    failed=check_failed,
    examples=(
        'rune check "exists x. ship(x)" --archive coast --image P0706',
        'rune check "exists x y. ship(x) & harbor(y) & near(x, y)" --archive coast --image P0706 --output json',
        'rune check "exists x y. ship(x) & harbor(y) & near(x, y)" --archive coast --image P0706 --witnesses 100',
    ),
)
