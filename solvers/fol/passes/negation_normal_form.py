"""`~(p | ~q)` -> `~p & q`: negations of the core stand before literals and counts only.

    ~exists x. p -> forall x. ~p      ~exists>=k x. p -> exists<=k-1 x. p      ~~p -> p

Comparisons absorb a negation (`~(a < b)` -> `a >= b`). An unknown literal stays unknown, so all three
values are preserved.
"""

from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    Not,
    Or,
    Quantified,
    Quantifier,
    conjunction,
    disjunction,
)

_OPPOSITE = {
    Comparator.LT: Comparator.GE,
    Comparator.GE: Comparator.LT,
    Comparator.GT: Comparator.LE,
    Comparator.LE: Comparator.GT,
    Comparator.EQ: Comparator.NE,
    Comparator.NE: Comparator.EQ,
}
_DUAL = {Quantifier.EXISTS: Quantifier.FORALL, Quantifier.FORALL: Quantifier.EXISTS}


def negation_normal_form(formula: Formula, *, negated: bool = False) -> Formula:
    """The desugared formula, or its negation, in negation normal form; TypeError for what is not of the core."""
    match formula:
        case Atom():
            return Not(formula, formula.span) if negated else formula
        case Comparison(left, comparator, right, span):
            return Comparison(left, _OPPOSITE[comparator], right, span) if negated else formula
        case Not(body):
            return negation_normal_form(body, negated=not negated)
        case And(parts, span) | Or(parts, span):
            join = conjunction if isinstance(formula, And) is not negated else disjunction
            return join(tuple(negation_normal_form(part, negated=negated) for part in parts), span)
        case Quantified(quantifier, variables, body, span):
            kind = _DUAL[quantifier] if negated else quantifier
            return Quantified(kind, variables, negation_normal_form(body, negated=negated), span)
        case Counted():
            return _counted(formula, negated=negated)
        case _:
            raise TypeError(f"{type(formula).__name__} is not of the core: desugar the formula first")


def _counted(formula: Counted, *, negated: bool) -> Formula:
    comparator, count, variable, span = formula.comparator, formula.count, formula.variable, formula.span
    if negated and comparator is Comparator.GE and count > 0:
        return _counted(Counted(Comparator.LE, count - 1, variable, formula.body, span), negated=False)
    kept = Counted(comparator, count, variable, negation_normal_form(formula.body), span)
    return Not(kept, span) if negated else kept
