"""One door to the language: from a text to a canonical formula over an ontology, with every diagnostic."""

from dataclasses import dataclass

from solvers.fol.ast import Formula
from solvers.fol.check import check_signature
from solvers.fol.diagnostics import Code, Diagnostic, FormulaError, Severity
from solvers.fol.expense import too_expensive
from solvers.fol.lexer import MAX_LENGTH
from solvers.fol.lint import lint
from solvers.fol.parser import parse
from solvers.fol.passes.merge_quantifiers import merge_quantifiers
from solvers.fol.passes.normalise_names import normalise_names
from solvers.fol.passes.rename_apart import rename_apart
from solvers.fol.printer import print_formula
from solvers.ontology import Ontology


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a text is worth: `formula` is canonical, and None where a diagnostic is an error."""

    text: str
    formula: Formula | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def canonical(self) -> str | None:
        """The canonical text."""
        return None if self.formula is None else print_formula(self.formula)

    def require(self) -> Formula:
        """The formula; raises FormulaError where there is none."""
        if self.formula is None:
            raise FormulaError(self.text, self.diagnostics)
        return self.formula


def analyse(text: str, ontology: Ontology) -> Analysis:
    """Read, check and canonicalise a formula; never raises for what the text holds."""
    parsed = parse(text)
    if parsed.formula is None:
        return Analysis(text, None, parsed.diagnostics)
    named = normalise_names(parsed.formula, ontology)
    errors = (*check_signature(named, ontology), *too_expensive(named, text))
    if errors:
        return Analysis(text, None, errors)
    canonical = merge_quantifiers(rename_apart(named))
    if beyond := _too_long(canonical):
        return Analysis(text, None, beyond)
    return Analysis(text, canonical, lint(canonical, ontology))


def _too_long(canonical: Formula) -> tuple[Diagnostic, ...]:
    """A formula whose canonical text could not be read again."""
    length = len(print_formula(canonical))
    if length <= MAX_LENGTH:
        return ()
    message = f"the canonical text would have {length:,} characters; at most {MAX_LENGTH:,} are read"
    return (Diagnostic(Code.TOO_EXPENSIVE, Severity.ERROR, *canonical.span, message),)
