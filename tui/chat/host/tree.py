"""A formula as a tree of short labels, for whoever shows it."""

from collections.abc import Sequence

from solvers.fol.analysis import analyse
from solvers.fol.ast import (
    And,
    Counted,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Quantified,
    Xor,
    children,
)
from solvers.fol.printer import print_formula
from solvers.ontology import Ontology
from tools.describe import describe_parts
from tools.results import PartModel
from tui.chat.host.protocol import FormulaNode


def tree_of(formula: str, ontology: Ontology) -> FormulaNode:
    """The parts that a formula is decomposed into, each with what it is made of; raises FormulaError."""
    parts = describe_parts(formula, ontology)
    return FormulaNode(label=formula, children=_parts(parts, ontology))


def _parts(parts: Sequence[PartModel], ontology: Ontology) -> list[FormulaNode]:
    found = []
    for part in parts:
        read = analyse(part.formula, ontology).formula
        below = [] if read is None or not children(read) else [_node(read)]
        found.append(FormulaNode(label=part.formula, part=part.id, children=below))
    return found


def _node(formula: Formula) -> FormulaNode:
    if isinstance(formula, Not) and not children(formula.body):
        return FormulaNode(label=print_formula(formula))
    return FormulaNode(label=_label(formula), children=[_node(each) for each in children(formula)])


def _label(formula: Formula) -> str:
    match formula:
        case And():
            return "and"
        case Or():
            return "or"
        case Not():
            return "not"
        case Xor():
            return "either, not both"
        case Implies():
            return "if the first, then the second"
        case Iff():
            return "both or neither"
        case Quantified(quantifier, variables):
            return f"{quantifier.value} {' '.join(each.name for each in variables)}"
        case Counted(comparator, count, variable):
            return f"exists{comparator.value}{count} {variable.name}"
        case _:
            return print_formula(formula)
