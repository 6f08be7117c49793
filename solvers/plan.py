"""The decomposition: a formula's parts, each with its leading variables and the clauses under them."""

from dataclasses import dataclass

from solvers.fol.ast import Atom, Formula, Quantified, Quantifier, conjuncts_of, subformulas
from solvers.fol.passes.drop_entailed import drop_entailed
from solvers.fol.passes.existential_form import existential_form
from solvers.fol.passes.expand_groups import expand_groups
from solvers.fol.passes.miniscope import miniscope
from solvers.fol.passes.negation_normal_form import negation_normal_form
from solvers.fol.printer import print_formula
from solvers.ontology import Ontology


@dataclass(frozen=True, slots=True)
class Clause:
    """One conjunct under a part's leading existentials: as the normal form has it, and ready to evaluate."""

    text: str
    formula: Formula


@dataclass(frozen=True, slots=True)
class Part:
    """One closed top-level conjunct of the normal form.

    `variables` are the part's leading existentials, and `clauses` the conjuncts under them; a part without leading
    existentials is its own only clause. `formula` is in existential form, without what is entailed.
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
    """Decompose a canonical formula: expand groups, negation normal form, miniscope, split."""
    normal = miniscope(negation_normal_form(expand_groups(formula)))
    conjuncts = conjuncts_of(normal)
    parts = tuple(_part(f"p{number}", conjunct, ontology) for number, conjunct in enumerate(conjuncts, start=1))
    return Plan(formula, ontology, parts)


def _part(name: str, formula: Formula, ontology: Ontology) -> Part:
    match formula:
        case Quantified(Quantifier.EXISTS, variables, body):
            names = tuple(variable.name for variable in variables)
            conjuncts = conjuncts_of(body)
        case _:
            names, conjuncts = (), (formula,)
    clauses = tuple(
        Clause(print_formula(conjunct), existential_form(conjunct)) for conjunct in dict.fromkeys(conjuncts)
    )
    classes = sorted(
        {each.predicate for each in subformulas(formula) if isinstance(each, Atom)} & set(ontology.by_name)
    )
    return Part(name, print_formula(formula), drop_entailed(existential_form(formula)), names, clauses, tuple(classes))
