"""Whether a text is a formula over an ontology, and what is wrong with it if not."""

from solvers.fol.analysis import Analysis, analyse
from solvers.fol.diagnostics import Diagnostic
from solvers.ontology import Ontology
from tools.ontologies import load_ontology
from tools.results import DiagnosticModel, Validation


def validate_formula(formula: str, ontology: str | Ontology = "dota") -> Validation:
    """Read a formula in any notation; `ok` means no error, and warnings and hints may still be given.

    Whether any scene at all, or every scene, satisfies it is judged by Z3 within a limit.
    """
    known = ontology if isinstance(ontology, Ontology) else load_ontology(ontology)
    analysis = analyse(formula, known)
    return Validation(
        ok=analysis.formula is not None,
        canonical=analysis.canonical,
        diagnostics=[diagnostic_model(each) for each in (*analysis.diagnostics, *semantic_warnings(analysis, known))],
    )


def semantic_warnings(analysis: Analysis, ontology: Ontology) -> tuple[Diagnostic, ...]:
    """What Z3 says of a valid formula before any scene; nothing of an invalid one."""
    if analysis.formula is None:
        return ()
    from solvers.semantics import judge_formula

    return judge_formula(analysis.formula, ontology, analysis.text)


def diagnostic_model(diagnostic: Diagnostic) -> DiagnosticModel:
    """A diagnostic in the shape that JSON has."""
    return DiagnosticModel(
        code=diagnostic.code.value,
        severity=diagnostic.severity.value,
        message=diagnostic.message,
        start=diagnostic.start,
        end=diagnostic.end,
        expected=list(diagnostic.expected),
        suggestions=list(diagnostic.suggestions),
    )
