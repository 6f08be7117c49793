"""`exists x. exists y. p(x, y)` -> `exists x y. p(x, y)`: neighbouring equal quantifiers become one."""

from solvers.fol.ast import Formula, Quantified, children, rebuild


def merge_quantifiers(formula: Formula) -> Formula:
    """Merge neighbouring equal quantifiers of a formula whose variables are renamed apart."""
    merged = rebuild(formula, tuple(map(merge_quantifiers, children(formula))))
    match merged:
        case Quantified(quantifier, variables, Quantified(inner, more, body), span) if quantifier is inner:
            return Quantified(quantifier, variables + more, body, span)
        case _:
            return merged
