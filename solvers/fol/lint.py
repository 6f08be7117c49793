"""What is well-formed and yet probably not meant: variables that nothing uses, and twins that nothing keeps apart."""

from collections.abc import Iterator
from itertools import combinations, islice

from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Formula,
    FunctionTerm,
    Not,
    Quantified,
    Quantifier,
    Quantity,
    Variable,
    bound_variables,
    children,
    free_variables,
    subformulas,
)
from solvers.fol.diagnostics import Code, Diagnostic, Severity
from solvers.fol.signature import RELATIONS
from solvers.ontology import Ontology

MAX_HINTS = 10


def lint(formula: Formula, ontology: Ontology) -> tuple[Diagnostic, ...]:
    """The warnings and hints of a formula that passed the signature check and is renamed apart."""
    found = (*_unused(formula), *islice(_twins(formula, ontology), MAX_HINTS))
    return tuple(sorted(found, key=lambda each: (each.start, each.end, each.code)))


def _unused(formula: Formula) -> Iterator[Diagnostic]:
    for each in subformulas(formula):
        for child in children(each):
            used = free_variables(child)
            for variable in bound_variables(each):
                if variable.name not in used:
                    message = f"nothing is said of the variable {variable.name}"
                    yield Diagnostic(Code.UNUSED_VARIABLE, Severity.WARNING, *variable.span, message)


def _twins(formula: Formula, ontology: Ontology) -> Iterator[Diagnostic]:
    for each in subformulas(formula):
        if isinstance(each, Quantified) and each.quantifier is Quantifier.EXISTS:
            yield from _twins_of_block(*_block(each), ontology)


def _block(formula: Quantified) -> tuple[tuple[Variable, ...], tuple[Formula, ...]]:
    """The variables of an existential block, and the conjuncts under it, nested existentials opened."""
    variables = list(formula.variables)
    conjuncts: list[Formula] = []
    waiting = [formula.body]
    while waiting:
        match waiting.pop(0):
            case And(parts):
                waiting = [*parts, *waiting]
            case Quantified(Quantifier.EXISTS, inner, body):
                variables.extend(inner)
                waiting.insert(0, body)
            case other:
                conjuncts.append(other)
    return tuple(variables), tuple(conjuncts)


def _twins_of_block(
    variables: tuple[Variable, ...], conjuncts: tuple[Formula, ...], ontology: Ontology
) -> Iterator[Diagnostic]:
    classes: dict[str, str] = {}
    apart: set[frozenset[str]] = set()
    traits: dict[str, set[tuple[str, bool]]] = {}
    for conjunct in conjuncts:
        match conjunct:
            case Atom(name, (Variable(name=variable),)) if name in ontology.by_name:
                classes.setdefault(variable, name)
                traits.setdefault(variable, set()).add((name, True))
            case Atom(name, (Variable(name=variable),)):
                traits.setdefault(variable, set()).add((name, True))
            case Not(Atom(name, (Variable(name=variable),))):
                traits.setdefault(variable, set()).add((name, False))
            case _ if _keeps_apart(conjunct):
                names = sorted({variable.name for variable in variables} & free_variables(conjunct))
                apart.update(frozenset(pair) for pair in combinations(names, 2))
    for first, second in combinations(variables, 2):
        label = classes.get(first.name)
        opposite = {(name, not held) for name, held in traits.get(first.name, set())} & traits.get(second.name, set())
        twins = label is not None and label == classes.get(second.name) and not opposite
        if twins and frozenset((first.name, second.name)) not in apart:
            mend = f"add {first.name} != {second.name} if two are meant"
            message = f"{first.name} and {second.name} may be the same {label}; {mend}"
            yield Diagnostic(Code.NOT_DISTINCT, Severity.HINT, *second.span, message)


def _keeps_apart(conjunct: Formula) -> bool:
    """Whether a conjunct is false where its variables are one entity."""
    match conjunct:
        case Atom(name):
            return name in RELATIONS and RELATIONS[name].irreflexive
        case Not(Atom("same_class")) | Not(Comparison(Variable(), Comparator.EQ, Variable())):
            return True
        case Comparison(Variable(), Comparator.NE, Variable()):
            return True
        case Comparison(FunctionTerm(first), Comparator.LT | Comparator.GT | Comparator.NE, FunctionTerm(second)):
            return first == second != "distance"
        case Comparison(FunctionTerm("distance"), Comparator.GT, Quantity()):
            return True
        case Comparison(FunctionTerm("distance"), Comparator.GE, Quantity(value)):
            return value > 0
        case _:
            return False
