"""The signature check: whether a formula's names, arities, variables and units mean something over an ontology."""

import difflib
import math
import re
from collections.abc import Iterator
from itertools import islice

from solvers.fol.ast import (
    Atom,
    Comparator,
    Comparison,
    Constant,
    Formula,
    FunctionTerm,
    Quantity,
    Term,
    Variable,
    bound_variables,
    children,
)
from solvers.fol.diagnostics import Code, Diagnostic, Severity
from solvers.fol.signature import FUNCTIONS, OTHER_WORDS, RELATIONS, UNITS, Dimension
from solvers.ontology import Ontology, normalise_label

MAX_SUGGESTIONS = 3
MAX_ERRORS = 100
_LARGEST_FACTOR = max(unit.factor for unit in UNITS.values())


def check_signature(formula: Formula, ontology: Ontology) -> tuple[Diagnostic, ...]:
    """The errors of a formula whose names were normalised, the first hundred, in the order of the text."""
    found = islice(_formula_errors(formula, ontology, frozenset()), MAX_ERRORS)
    return tuple(sorted(found, key=lambda each: (each.start, each.end)))


def suggest_predicates(name: str, ontology: Ontology) -> tuple[str, ...]:
    """The classes and relations whose names, or whose synonyms, come nearest to a name; best first, at most three."""
    word = normalise_label(name)
    targets = {each: each for each in (*ontology.by_name, *RELATIONS)}
    targets |= {each: meant for each, meant in OTHER_WORDS.items() if meant in RELATIONS and each not in targets}
    for each in ontology.classes:
        for synonym in (*each.synonyms, *each.plurals):
            targets.setdefault(normalise_label(synonym), each.name)
    if word in targets:
        return (targets[word],)
    close = difflib.get_close_matches(word, targets, n=2 * MAX_SUGGESTIONS, cutoff=0.7)
    return tuple(dict.fromkeys(targets[each] for each in close))[:MAX_SUGGESTIONS]


def _error(code: Code, span: tuple[int, int], message: str, suggestions: tuple[str, ...] = ()) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, *span, message, (), suggestions)


def _did_you_mean(suggestions: tuple[str, ...]) -> str:
    return f"; did you mean {' or '.join(suggestions)}?" if suggestions else ""


def _formula_errors(formula: Formula, ontology: Ontology, scope: frozenset[str]) -> Iterator[Diagnostic]:
    match formula:
        case Atom():
            yield from _atom_errors(formula, ontology, scope)
        case Comparison():
            yield from _comparison_errors(formula, scope)
        case _:
            inner = scope | {variable.name for variable in bound_variables(formula)}
            for child in children(formula):
                yield from _formula_errors(child, ontology, inner)


def _atom_errors(atom: Atom, ontology: Ontology, scope: frozenset[str]) -> Iterator[Diagnostic]:
    name, given = atom.predicate, len(atom.arguments)
    span = (atom.span[0], atom.span[0] + len(name))
    relation = RELATIONS.get(name)
    if name in ontology.by_name:
        if given != 1:
            yield _error(Code.WRONG_ARITY, atom.span, f"the class {name} takes 1 variable, not {given}")
    elif relation is not None:
        if given < relation.arity or (given != relation.arity and not relation.variadic):
            least = f"{relation.arity} or more variables" if relation.variadic else _count(relation.arity)
            yield _error(Code.WRONG_ARITY, atom.span, f"{name} takes {least}, not {given}")
    elif name in FUNCTIONS:
        message = f"{name} is a function and must be compared with a quantity, as in {_example(name)}"
        yield _error(Code.UNKNOWN_PREDICATE, span, message)
    else:
        suggestions = suggest_predicates(name, ontology)
        message = f"{name} is no class of the ontology {ontology.name} and no relation{_did_you_mean(suggestions)}"
        yield _error(Code.UNKNOWN_PREDICATE, span, message, suggestions)
    for argument in atom.arguments:
        yield from _entity_errors(argument, scope)


def _count(arity: int) -> str:
    return "1 variable" if arity == 1 else f"{arity} variables"


def _example(name: str) -> str:
    arguments = "x, y" if FUNCTIONS[name].arity == 2 else "x"
    return f"{name}({arguments}) {'>= 400 m2' if FUNCTIONS[name].dimension is Dimension.AREA else '< 50 m'}"


def _entity_errors(term: Term, scope: frozenset[str]) -> Iterator[Diagnostic]:
    """What keeps a term from naming an entity."""
    match term:
        case Variable(name, span):
            if name not in scope:
                suggestions = tuple(difflib.get_close_matches(name, sorted(scope), n=MAX_SUGGESTIONS, cutoff=0.3))
                message = f"the variable {name} is free: no quantifier binds it"
                yield _error(Code.FREE_VARIABLE, span, message, suggestions)
        case Constant(text, span):
            yield _error(
                Code.FREE_VARIABLE, span, f'"{text}" names no entity: only variables that a quantifier binds do'
            )
        case Quantity(span=span):
            yield _error(Code.UNIT_MISMATCH, span, "a number stands where an entity is needed: write a variable")
        case FunctionTerm(name, _, span):
            message = f"the value of {name} stands where an entity is needed: write a variable"
            yield _error(Code.UNIT_MISMATCH if name in FUNCTIONS else Code.UNKNOWN_PREDICATE, span, message)


def _comparison_errors(comparison: Comparison, scope: frozenset[str]) -> Iterator[Diagnostic]:
    sides = (comparison.left, comparison.right)
    if misspelt := [error for side in sides for error in _wrong_units(side)]:
        yield from misspelt
        return
    entities = [isinstance(side, Variable | Constant) for side in sides]
    if all(entities):
        for side in sides:
            yield from _entity_errors(side, scope)
        if comparison.comparator not in (Comparator.EQ, Comparator.NE):
            example = f"area(x) {comparison.comparator} area(y)"
            message = f"two entities can be compared by = and != only; for their sizes write {example}"
            yield _error(Code.UNIT_MISMATCH, comparison.span, message)
        return
    if any(entities):
        for side, is_entity in zip(sides, entities, strict=True):
            yield from _entity_errors(side, scope) if is_entity else _function_errors(side, scope)
        message = "an entity is compared with a quantity; name the function, as in area(x) or distance(x, y)"
        yield _error(Code.UNIT_MISMATCH, comparison.span, message)
        return
    for side in sides:
        yield from _function_errors(side, scope)
    yield from _unit_errors(comparison)


def _wrong_units(term: Term) -> Iterator[Diagnostic]:
    """What is written like a number with its unit, such as 50ft, and is none."""
    match term:
        case Constant(text, span) if found := re.fullmatch(r"\d+(?:\.\d+)?(?P<unit>\D.*)", text):
            message = f"{found['unit']!r} is not a unit; the units are {', '.join(UNITS)}"
            yield Diagnostic(Code.UNIT_MISMATCH, Severity.ERROR, *span, message, tuple(UNITS))


def _function_errors(term: Term, scope: frozenset[str]) -> Iterator[Diagnostic]:
    if not isinstance(term, FunctionTerm):
        return
    signature = FUNCTIONS.get(term.name)
    if signature is None:
        suggestions = tuple(
            difflib.get_close_matches(normalise_label(term.name), FUNCTIONS, n=MAX_SUGGESTIONS, cutoff=0.5)
        )
        span = (term.span[0], term.span[0] + len(term.name))
        message = f"{term.name} is no function; the functions are {', '.join(FUNCTIONS)}{_did_you_mean(suggestions)}"
        yield _error(Code.UNKNOWN_PREDICATE, span, message, suggestions or tuple(FUNCTIONS))
    elif len(term.arguments) != signature.arity:
        message = f"{term.name} takes {_count(signature.arity)}, not {len(term.arguments)}"
        yield _error(Code.WRONG_ARITY, term.span, message)
    for argument in term.arguments:
        yield from _entity_errors(argument, scope)


def _unit_errors(comparison: Comparison) -> Iterator[Diagnostic]:
    match comparison.left, comparison.right:
        case (FunctionTerm() as left, FunctionTerm() as right):
            dimensions = [FUNCTIONS[each.name].dimension for each in (left, right) if each.name in FUNCTIONS]
            if len(set(dimensions)) > 1:
                message = f"{left.name} is {_measure(dimensions[0])} and {right.name} {_measure(dimensions[1])}"
                yield _error(Code.UNIT_MISMATCH, comparison.span, message)
        case (FunctionTerm() as function, Quantity() as quantity) | (
            Quantity() as quantity,
            FunctionTerm() as function,
        ):
            yield from _quantity_errors(function, quantity)
        case _:
            yield _error(Code.UNIT_MISMATCH, comparison.span, "two numbers are compared, and nothing of the image")


def _quantity_errors(function: FunctionTerm, quantity: Quantity) -> Iterator[Diagnostic]:
    if not math.isfinite(quantity.value * _LARGEST_FACTOR):
        yield _error(Code.UNIT_MISMATCH, quantity.span, "the number is too large for any length or area")
        return
    signature = FUNCTIONS.get(function.name)
    if signature is None:
        return
    fitting = tuple(unit.name for unit in UNITS.values() if unit.dimension is signature.dimension)
    if quantity.unit is None:
        message = f"the number beside {function.name} needs a unit: {', '.join(fitting)}"
        yield _error(Code.UNIT_MISMATCH, quantity.span, message, fitting)
    elif UNITS[quantity.unit].dimension is not signature.dimension:
        measure = _measure(signature.dimension)
        message = f"{function.name} is {measure}, and {quantity.unit} measures none: use {', '.join(fitting)}"
        yield _error(Code.UNIT_MISMATCH, quantity.span, message, fitting)


def _measure(dimension: Dimension) -> str:
    return "an area" if dimension is Dimension.AREA else "a length"
