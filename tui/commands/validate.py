"""`rune validate`: a formula's canonical form, or what is wrong with it."""

from tui.answers import validation_failed
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.options import FormulaArgument, OntologyOption, OutputFormat, OutputOption, text_argument


def validate(
    *,
    formula: FormulaArgument,
    ontology: OntologyOption = "dota",
    output: OutputOption = OutputFormat.TEXT,
) -> ExitCode:
    """Check a formula without any image: its canonical form on stdout, or diagnostics and exit code 5."""
    import sys

    from tools.validate import validate_formula
    from tui.diagnostics import render_diagnostics
    from tui.failures import to_json
    from tui.text import Style, emit, narrate, safe

    text = text_argument(formula, "formula")
    validation = validate_formula(text, ontology)
    if output is OutputFormat.JSON:
        emit(to_json(validation.model_dump()))
    else:
        if validation.diagnostics:
            narrate(render_diagnostics(text, validation.diagnostics, Style.of(sys.stderr)))
        if validation.canonical is not None:
            emit(safe(validation.canonical))
    return ExitCode.DONE if validation.ok else ExitCode.UNREPAIRABLE


VALIDATE = Command(
    name="validate",
    summary="A formula's canonical form, or its mistakes",
    body=validate,
    failed=validation_failed,
    examples=(
        'rune validate "exists x. plane(x) & ~exists y. (ship(y) & near(x, y))"',
        'rune validate "∃x (bridge(x) ∧ at_border(x))" --output json',
        'rune validate "exists x. airport(x)" --ontology dior',
    ),
)
