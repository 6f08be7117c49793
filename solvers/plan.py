"""The decomposition: a formula's parts, each with its leading variables and the clauses under them.

What happens to a canonical formula is the tuples of passes below, in their order; each pass keeps all three values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from solvers.fol.ast import Atom, Formula, subformulas
from solvers.fol.passes.desugar import desugar
from solvers.fol.passes.drop_entailed import drop_entailed
from solvers.fol.passes.existential_form import existential_form
from solvers.fol.passes.expand_groups import expand_groups
from solvers.fol.passes.miniscope import miniscope
from solvers.fol.passes.negation_normal_form import negation_normal_form
from solvers.fol.passes.order_variables import order_variables
from solvers.fol.passes.split_parts import split_clauses, split_parts
from solvers.fol.printer import print_formula
from solvers.ontology import Ontology

Pass = Callable[[Formula], Formula]

NORMALISE: tuple[Pass, ...] = (expand_groups, desugar, negation_normal_form, miniscope)
"""From a canonical formula, whose variables are renamed apart, to the normal form whose conjuncts are the parts."""

MAKE_READY: tuple[Pass, ...] = (existential_form, drop_entailed, order_variables)
"""From a part as it is shown to the formula that is evaluated."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One conjunct under a part's leading existentials: as the normal form has it, and ready to evaluate."""

    text: str
    formula: Formula


@dataclass(frozen=True, slots=True)
class Part:
    """One closed top-level conjunct of the normal form.

    `variables` are the part's leading existentials, and `clauses` the conjuncts under them; a part without leading
    existentials is its own only clause. `formula` is in existential form, without what is entailed, its blocks in the
    order to bind them: it may name the variables in another order than `variables`.
    """

    id: str
    text: str
    formula: Formula
    variables: tuple[str, ...]
    clauses: tuple[Clause, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A canonical formula and its parts, whose conjunction it is."""

    formula: Formula
    ontology: Ontology
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The canonical text."""
        return print_formula(self.formula)


def make_plan(formula: Formula, ontology: Ontology) -> Plan:
    """Decompose a canonical formula: normalise, split into parts, make each ready to evaluate."""
    parts = split_parts(apply_passes(NORMALISE, formula))
    named = tuple(_part(f"p{number}", part, ontology) for number, part in enumerate(parts, start=1))
    return Plan(formula, ontology, named)


def apply_passes(passes: tuple[Pass, ...], formula: Formula) -> Formula:
    """The formula after one pass after the other."""
    return reduce(lambda rewritten, apply: apply(rewritten), passes, formula)


def _part(name: str, formula: Formula, ontology: Ontology) -> Part:
    variables, conjuncts = split_clauses(formula)
    names = tuple(variable.name for variable in variables)
    clauses = tuple(Clause(print_formula(conjunct), existential_form(conjunct)) for conjunct in conjuncts)
    classes = sorted(
        {each.predicate for each in subformulas(formula) if isinstance(each, Atom)} & set(ontology.by_name)
    )
    return Part(name, print_formula(formula), apply_passes(MAKE_READY, formula), names, clauses, tuple(classes))
