"""`too-expensive`: what would cost too much is named, with what would be cheaper, before any pass makes it grow."""

from collections.abc import Iterator
from dataclasses import dataclass

from solvers.fol.ast import Atom, Comparator, Counted, Formula, Iff, Xor, subformulas
from solvers.fol.cost import Measure, evaluation_size, normal_form_size, smallest_beyond, variables_together
from solvers.fol.diagnostics import Code, Diagnostic, Severity

MAX_NORMAL_FORM = 2_000
MAX_EVALUATION = 20_000
MAX_VARIABLES = 100
_MOST_SHOWN = 60
_LONG_GROUP = 4


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so much of a measure; `would_have` says what a formula beyond it would have, {0} of it."""

    measure: Measure
    most: int
    would_have: str


LIMITS = (
    Limit(normal_form_size, MAX_NORMAL_FORM, "{0} nodes without <-> and ^, and with groups written out"),
    Limit(evaluation_size, MAX_EVALUATION, "{0} nodes to look at, since each exact count is judged as two"),
    Limit(variables_together, MAX_VARIABLES, "{0} variables to judge at once"),
)


def too_expensive(formula: Formula, text: str) -> tuple[Diagnostic, ...]:
    """The innermost sub-formula that is beyond a limit, quoted from the text; nothing where all is within."""
    for limit in LIMITS:
        large = smallest_beyond(formula, limit.measure, limit.most)
        if large is not None:
            has = limit.would_have.format(f"{limit.measure(large):,}")
            cheaper = ", or ".join((*_advice(large, limit), "several questions"))
            message = f"{_quoted(large, text)} has {has}; at most {limit.most:,} are judged; cheaper: {cheaper}"
            return (Diagnostic(Code.TOO_EXPENSIVE, Severity.ERROR, *large.span, message),)
    return ()


def _advice(formula: Formula, limit: Limit) -> Iterator[str]:
    """What would be cheaper than what makes a formula expensive."""
    if limit.measure is variables_together:
        yield "a count, as in exists>=5 x. plane(x), in place of a variable for each"
        return
    parts = tuple(subformulas(formula))
    if any(isinstance(each, Iff | Xor) for each in parts):
        yield "the cases told by & and |, since each <-> and ^ doubles what it joins"
    if any(isinstance(each, Atom) and len(each.arguments) > _LONG_GROUP for each in parts):
        yield "groups of fewer variables, since every pair of a group is compared"
    if any(isinstance(each, Counted) and each.comparator is Comparator.EQ for each in parts):
        yield "exists>=n in place of exists=n, or exact counts side by side and not one within the other"


def _quoted(formula: Formula, text: str) -> str:
    words = " ".join(text[slice(*formula.span)].split())
    return f'"{words}"' if len(words) <= _MOST_SHOWN else f'"{words[:_MOST_SHOWN]}..."'
