"""`p & q` -> `p`, `q`: the closed conjuncts at the top of a normal form, each judged by itself.

    exists V. (A & B) -> V; A, B      the leading existentials of a part, and the conjuncts under them

The conjunction of the parts is the formula, in all three values; a part without leading existentials is its own only
clause.
"""

from solvers.fol.ast import Formula, Quantified, Quantifier, Variable, conjuncts_of


def split_parts(formula: Formula) -> tuple[Formula, ...]:
    """The parts of a miniscoped negation normal form, in its order; a formula that is no conjunction is one part."""
    return conjuncts_of(formula)


def split_clauses(part: Formula) -> tuple[tuple[Variable, ...], tuple[Formula, ...]]:
    """The leading existential variables of a part, and its clauses without repetition, in its order."""
    match part:
        case Quantified(Quantifier.EXISTS, variables, body):
            return variables, tuple(dict.fromkeys(conjuncts_of(body)))
        case _:
            return (), (part,)
