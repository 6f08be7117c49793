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
    ThresholdOption,
    Thresholds,
    text_argument,
)


def check(
    *,
    formula: FormulaArgument,
    archive: ArchiveOption,
    image: Annotated[str, typer.Option("--image", metavar="ID", help="The image_id, as a ranking shows it.")],
    threshold: ThresholdOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> ExitCode:
    """Judge one image by a formula: the verdict, and the witness or what it would take."""
    import sys

    from tools.archive import Archive
    from tools.check import check_image
    from tools.explanation import explain
    from tui.failures import to_json
    from tui.render import render_check
    from tui.text import Style, emit

    text = text_argument(formula, "formula")
    opened = Archive.open(archive)
    operating = Thresholds.of(threshold).within(opened.ontology)
    if output is OutputFormat.JSON:
        emit(to_json(check_image(text, archive=opened, image_id=image, threshold=operating).model_dump()))
    else:
        explanation = explain(text, archive=opened, image_id=image, threshold=operating)
        emit(render_check(explanation.check, explanation.words, Style.of(sys.stdout)))
    return ExitCode.DONE


CHECK = Command(
    name="check",
    summary="Judge one image by a formula",
    body=check,
    failed=check_failed,
    examples=(
        'rune check "exists x. ship(x)" --archive coast --image P0706',
        'rune check "exists x y. ship(x) & harbor(y) & near(x, y)" --archive coast --image P0706 --output json',
    ),
)
