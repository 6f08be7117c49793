"""`~(p -> q)` -> `p & ~q`: negations stand before literals and counts only, without `->`, `<->` and `^`.

    ~exists>=k x. p -> exists<=k-1 x. p
    p ^ q -> (p & ~q) | (~p & q)      p <-> q -> (p & q) | (~p & ~q)

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
    Iff,
    Implies,
    Not,
    Or,
    Quantified,
    Quantifier,
    Xor,
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
    """The formula, or its negation, in negation normal form; estimate `normal_form_size` first."""
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
        case Implies(left, right, span):
            antecedent = negation_normal_form(left, negated=not negated)
            consequent = negation_normal_form(right, negated=negated)
            return (conjunction if negated else disjunction)((antecedent, consequent), span)
        case Xor(left, right, span):
            return _either(left, right, span, same=negated)
        case Iff(left, right, span):
            return _either(left, right, span, same=not negated)
        case Quantified(quantifier, variables, body, span):
            kind = _DUAL[quantifier] if negated else quantifier
            return Quantified(kind, variables, negation_normal_form(body, negated=negated), span)
        case Counted():
            return _counted(formula, negated=negated)


def _either(left: Formula, right: Formula, span: tuple[int, int], *, same: bool) -> Formula:
    """Both or neither where `same`, else exactly one."""
    first = (negation_normal_form(left), negation_normal_form(right, negated=not same))
    second = (negation_normal_form(left, negated=True), negation_normal_form(right, negated=same))
    return disjunction((conjunction(first, span), conjunction(second, span)), span)


def _counted(formula: Counted, *, negated: bool) -> Formula:
    comparator, count, variable, span = formula.comparator, formula.count, formula.variable, formula.span
    if negated and comparator is Comparator.GE and count > 0:
        return _counted(Counted(Comparator.LE, count - 1, variable, formula.body, span), negated=False)
    kept = Counted(comparator, count, variable, negation_normal_form(formula.body), span)
    return Not(kept, span) if negated else kept


def normal_form_size(formula: Formula) -> int:
    """How many nodes the negation normal form has, found without making it (`<->` and `^` double their sides)."""
    return max(_sizes(formula))


def _sizes(formula: Formula) -> tuple[int, int]:
    """The sizes of the normal forms of the formula and of its negation."""
    match formula:
        case Atom(arguments=arguments) if len(arguments) > 3:  # a group word, with its pairwise !=
            size = len(arguments) * (len(arguments) + 3) // 2
            return size, size
        case Atom() | Comparison():
            return 1, 1
        case Not(body):
            positive, negative = _sizes(body)
            return negative, positive
        case And(parts) | Or(parts):
            sizes = [_sizes(part) for part in parts]
            return 1 + sum(size[0] for size in sizes), 1 + sum(size[1] for size in sizes)
        case Implies(left, right):
            (left_positive, left_negative), (right_positive, right_negative) = _sizes(left), _sizes(right)
            return 1 + left_negative + right_positive, 1 + left_positive + right_negative
        case Xor(left, right) | Iff(left, right):
            total = 3 + sum(_sizes(left)) + sum(_sizes(right))
            return total, total
        case Quantified(body=body):
            positive, negative = _sizes(body)
            return 1 + positive, 1 + negative
        case Counted(body=body):
            size = 1 + max(_sizes(body))
            return size, size
