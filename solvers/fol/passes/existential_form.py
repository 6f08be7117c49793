"""`forall x. p` -> `~exists x. ~p`: one quantifier less to evaluate, its body's negation pushed to the literals."""

from solvers.fol.ast import Formula, Not, Quantified, Quantifier, children, rebuild
from solvers.fol.passes.negation_normal_form import negation_normal_form


def existential_form(formula: Formula) -> Formula:
    """Write every universal of a normal form as a negated existential."""
    match formula:
        case Quantified(Quantifier.FORALL, variables, body, span):
            inner = existential_form(negation_normal_form(body, negated=True))
            return Not(Quantified(Quantifier.EXISTS, variables, inner, span), span)
        case _:
            return rebuild(formula, tuple(map(existential_form, children(formula))))
