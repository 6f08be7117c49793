"""Why no scene satisfies a formula: the smallest set of its claims that exclude each other, in its own words.

Claims are the conjuncts of the formula as it was written, those under leading existentials included; each is known to
Z3 by a name of its own, so that the core of a refutation is a set of claims.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import z3

from solvers.axioms import axioms_for
from solvers.clause_sets import smallest_failing
from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Counted,
    Formula,
    Implies,
    Not,
    Or,
    Quantified,
    Quantifier,
    Span,
    bound_variables,
    free_variables,
    subformulas,
)
from solvers.fol.passes.expand_groups import expand_groups
from solvers.fol.printer import print_formula
from solvers.ontology import Ontology
from solvers.theory import Theory
from solvers.z3_limits import Z3Limits

MAX_CLAIMS = 40
"""Of more claims than these Z3's own core is taken, and made as small as leaving out one after the other makes it."""
RESOURCES_TO_SHRINK = 50_000
"""What each question about fewer claims is given; one that stays open counts as a set that may hold."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One conjunct: `formula` or, where not `positive`, its negation; `exists` names a variable that it brings in.

    `part` is the closed piece of the text that it stands in, `words` what the text says.
    """

    formula: Formula | None
    positive: bool
    words: str
    part: Span
    exists: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """The claims that no scene satisfies together; None of them where some scene may, or where Z3 leaves it open."""

    claims: tuple[Claim, ...] = ()
    decided: bool = True

    def __bool__(self) -> bool:
        return bool(self.claims)

    @property
    def span(self) -> Span:
        """The smallest piece of the text that holds the parts of all claims."""
        return min(claim.part[0] for claim in self.claims), max(claim.part[1] for claim in self.claims)

    @property
    def words(self) -> tuple[str, ...]:
        """The claims in the text's own words; that a variable exists goes without saying where another uses it."""
        used = frozenset[str]().union(*(free_variables(each.formula) for each in self.claims if each.formula))
        told = (each.words for each in self.claims if each.exists is None or each.exists not in used)
        return tuple(dict.fromkeys(told))


def find_conflict(formula: Formula, ontology: Ontology, limits: Z3Limits, text: str | None = None) -> Conflict:
    """A smallest set of claims that no scene satisfies, for a canonical formula and the text that it was read from."""
    claims = tuple(_claims(formula, None, text))
    conflict = _smallest_core(claims, ontology, limits)
    match conflict.claims:
        case (Claim(Counted(Comparator.GE | Comparator.EQ, count, variable, body, span), True, _, part),) if count:
            # One entity that the count asks for is impossible already, or it is only so many of them.
            single = Quantified(Quantifier.EXISTS, (variable,), body, span)
            inner = _smallest_core(tuple(_claims(single, part, text)), ontology, limits)
            return inner or conflict
        case _:
            return conflict


def _smallest_core(claims: tuple[Claim, ...], ontology: Ontology, limits: Z3Limits) -> Conflict:
    theory = Theory(ontology)
    solver = limits.solver(theory.context)
    names = {name for each in claims for name in (*(free_variables(each.formula) if each.formula else ()), each.exists)}
    given = {name: theory.constant(f"given {name}") for name in sorted(name for name in names if name)}
    expanded = [None if each.formula is None else expand_groups(each.formula) for each in claims]
    for number, (claim, formula) in enumerate(zip(claims, expanded, strict=True)):
        statement = theory.encode(formula, given) if formula is not None else theory.there(given[claim.exists or ""])
        solver.add(z3.Implies(_tracker(number, theory), statement if claim.positive else z3.Not(statement)))
    solver.add(*(axiom.formula for axiom in axioms_for([each for each in expanded if each is not None], theory)))
    solver.add(*theory.large_counts.facts())

    def can_hold(places: frozenset[int]) -> bool:
        return bool(solver.check(*(_tracker(place, theory) for place in sorted(places))) != z3.unsat)

    literals_only = not any(
        bound_variables(part) for each in expanded if each is not None for part in subformulas(each)
    )
    # Of claims without quantifiers the axioms are Horn clauses: what matching finds of them is all there is to find.
    solver.set("mbqi", not literals_only)
    outcome = solver.check(*(_tracker(number, theory) for number in range(len(claims))))
    if outcome != z3.unsat:
        exhausted = literals_only and "incomplete" in solver.reason_unknown()
        return Conflict(decided=bool(outcome == z3.sat) or exhausted)
    core = {str(each) for each in solver.unsat_core()}
    solver.set("rlimit", min(limits.resources, RESOURCES_TO_SHRINK))
    every = range(len(claims))
    kept = [number for number in every if len(claims) <= MAX_CLAIMS or str(_tracker(number, theory)) in core]
    smallest = smallest_failing(len(kept), lambda places: can_hold(frozenset(kept[place] for place in places)))
    return Conflict(tuple(claims[kept[place]] for place in sorted(smallest)))


def _tracker(number: int, theory: Theory) -> z3.BoolRef:
    return z3.Bool(f"claim {number}", theory.context)


def _claims(
    formula: Formula, part: Span | None, text: str | None, *, positive: bool = True, shown: Formula | None = None
) -> Iterator[Claim]:
    """The conjuncts of a formula, or of its negation; `part` is None while no quantifier is around them."""
    match formula, positive:
        case Not(body), _:
            yield from _claims(body, part, text, positive=not positive, shown=formula)
        case (And(parts), True) | (Or(parts), False):
            for each in parts:
                yield from _claims(each, part, text, positive=positive)
        case Implies(left, right), False:
            yield from _claims(left, part, text)
            yield from _claims(right, part, text, positive=False)
        case (Quantified(Quantifier.EXISTS, variables, body), True) | (
            Quantified(Quantifier.FORALL, variables, body),
            False,
        ):
            within = part or (shown or formula).span
            for variable in variables:
                yield Claim(None, True, f"exists {variable.name}", within, variable.name)
            yield from _claims(body, within, text, positive=positive)
        case _:
            whole = shown or formula
            yield Claim(formula, positive, _words(formula, text, positive=positive, shown=shown), part or whole.span)


def _words(formula: Formula, text: str | None, *, positive: bool, shown: Formula | None) -> str:
    if positive:
        return _own_words(formula, text)
    if isinstance(shown, Not) and shown.body is formula:
        return _own_words(shown, text)
    own = _own_words(formula, text)
    return f"~{own}" if isinstance(formula, Atom) else f"~({own})"


def _own_words(formula: Formula, text: str | None) -> str:
    start, end = formula.span
    return text[start:end].strip() if text is not None and start < end <= len(text) else print_formula(formula)
