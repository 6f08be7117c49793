"""What can be wrong with a formula, said so that a person or a model can mend it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is: an error stops the run, a warning and a hint do not."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Code(StrEnum):
    """Every kind of diagnostic."""

    SYNTAX = "syntax"
    UNKNOWN_PREDICATE = "unknown-predicate"
    WRONG_ARITY = "wrong-arity"
    FREE_VARIABLE = "free-variable"
    UNIT_MISMATCH = "unit-mismatch"
    TOO_EXPENSIVE = "too-expensive"
    UNSATISFIABLE = "unsatisfiable"
    TAUTOLOGY = "tautology"
    UNUSED_VARIABLE = "unused-variable"
    NOT_DISTINCT = "not-distinct"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding; `start` and `end` are character offsets in the text that was given, end exclusive."""

    code: Code
    severity: Severity
    start: int
    end: int
    message: str
    expected: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()


class FormulaError(Exception):
    """A text is not a formula over the ontology; whoever wrote it, a person or a model, may mend it and try again."""

    def __init__(self, text: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        errors = [each.message for each in diagnostics if each.severity is Severity.ERROR]
        super().__init__("; ".join(errors) or "the formula is not valid")
        self.text = text
        self.diagnostics = diagnostics
