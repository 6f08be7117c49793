"""`p -> q` -> `~p | q`: without `->`, `<->` and `^`; the core has `~`, `&`, `|`, quantifiers and counts.

    p -> q    ->  ~p | q
    p <-> q   ->  (p & q) | (~p & ~q)          under a negation  (~p | q) & (p | ~q)
    p ^ q     ->  (p & ~q) | (~p & q)          under a negation  (p | q) & (~p | ~q)

Of the two forms the one is taken whose negation normal form is a disjunction, so that `~(p ^ q)` and `p <-> q` come
out alike. Counts are of the core: the reader has made `exists>2`, `exists!` and "at most three" one of `>=`, `<=` and
`=`, and `exists=k` stays whole, since its witness names k entities. All three values are preserved: every side is
there with its negation, and an unknown literal makes both unknown.
"""

from solvers.fol.ast import (
    Counted,
    Formula,
    Iff,
    Implies,
    Not,
    Span,
    Xor,
    children,
    conjunction,
    disjunction,
    rebuild,
)


def desugar(formula: Formula) -> Formula:
    """The formula in the core of the language; estimate `normal_form_size` first, since `<->` and `^` double."""
    return _core(formula, negated=False)


def _core(formula: Formula, *, negated: bool) -> Formula:
    """The formula in the core; `negated` where an odd number of negations stands around it."""
    match formula:
        case Not(body, span):
            return Not(_core(body, negated=not negated), span)
        case Implies(left, right, span):
            antecedent = Not(_core(left, negated=not negated), left.span)
            return disjunction((antecedent, _core(right, negated=negated)), span)
        case Iff(left, right, span):
            return _alike(left, right, span, same=True, negated=negated)
        case Xor(left, right, span):
            return _alike(left, right, span, same=False, negated=negated)
        case Counted(body=body):  # a count that is negated is another count of the same body
            return rebuild(formula, (_core(body, negated=False),))
        case _:
            return rebuild(formula, tuple(_core(child, negated=negated) for child in children(formula)))


def _alike(left: Formula, right: Formula, span: Span, *, same: bool, negated: bool) -> Formula:
    """Both or neither where `same`, else exactly one."""
    first, second = _signs(left, negated=negated), _signs(right, negated=negated)
    joined, split = (disjunction, conjunction) if negated else (conjunction, disjunction)
    equal = same is not negated
    pairs = [(first[sign], second[sign if equal else 1 - sign]) for sign in ((1, 0) if negated else (0, 1))]
    return split(tuple(joined(pair, span) for pair in pairs), span)


def _signs(side: Formula, *, negated: bool) -> tuple[Formula, Formula]:
    """A side, and its negation."""
    return _core(side, negated=negated), Not(_core(side, negated=not negated), side.span)
