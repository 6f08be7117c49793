"""The syntax tree of the language: frozen, compared without the spans that say where a node stood in the text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

Span = tuple[int, int]
NOWHERE: Span = (0, 0)


class Comparator(StrEnum):
    """How two quantities, or with `=` and `!=` two entities, are compared."""

    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    EQ = "="
    NE = "!="


class Quantifier(StrEnum):
    """The two plain quantifiers."""

    EXISTS = "exists"
    FORALL = "forall"


@dataclass(frozen=True, slots=True)
class Variable:
    """An entity by its name."""

    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Constant:
    """A quoted name; it parses, and the signature check rejects it."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, as written; `unit` is None for a bare number."""

    value: float
    unit: str | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class FunctionTerm:
    """A function of entities, such as `distance(x, y)`."""

    name: str
    arguments: tuple["Term", ...]
    span: Span = field(default=NOWHERE, compare=False)


Term = Variable | Constant | Quantity | FunctionTerm


@dataclass(frozen=True, slots=True)
class Atom:
    """A class, a relation or a group word applied to its arguments."""

    predicate: str
    arguments: tuple[Term, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two terms compared: entities by `=` and `!=`, quantities by all six."""

    left: Term
    comparator: Comparator
    right: Term
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """`~ body`."""

    body: "Formula"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """A conjunction of two or more, none itself a conjunction."""

    parts: tuple["Formula", ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """A disjunction of two or more, none itself a disjunction."""

    parts: tuple["Formula", ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Xor:
    """`left ^ right`: one of them, not both."""

    left: "Formula"
    right: "Formula"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Implies:
    """`left -> right`."""

    left: "Formula"
    right: "Formula"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Iff:
    """`left <-> right`."""

    left: "Formula"
    right: "Formula"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Quantified:
    """`exists x y. body` or `forall x y. body`."""

    quantifier: Quantifier
    variables: tuple[Variable, ...]
    body: "Formula"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Counted:
    """`exists>=3 x. body`; the comparator is one of >=, <= and =."""

    comparator: Comparator
    count: int
    variable: Variable
    body: "Formula"
    span: Span = field(default=NOWHERE, compare=False)


Formula = Atom | Comparison | Not | And | Or | Xor | Implies | Iff | Quantified | Counted


def conjunction(parts: tuple[Formula, ...], span: Span = NOWHERE) -> Formula:
    """The parts joined by `&`, nested conjunctions flattened; a single part stays itself."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
    return flat[0] if len(flat) == 1 else And(flat, span)


def disjunction(parts: tuple[Formula, ...], span: Span = NOWHERE) -> Formula:
    """The parts joined by `|`, nested disjunctions flattened; a single part stays itself."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
    return flat[0] if len(flat) == 1 else Or(flat, span)


def conjuncts_of(formula: Formula) -> tuple[Formula, ...]:
    """The conjuncts of a conjunction; anything else is its own only one."""
    return formula.parts if isinstance(formula, And) else (formula,)


def children(formula: Formula) -> tuple[Formula, ...]:
    """The formulas directly under a formula."""
    match formula:
        case Atom() | Comparison():
            return ()
        case And(parts) | Or(parts):
            return parts
        case Xor(left, right) | Implies(left, right) | Iff(left, right):
            return (left, right)
        case Not(body) | Quantified(body=body) | Counted(body=body):
            return (body,)


def term_variables(term: Term) -> Iterator[Variable]:
    """The variables of a term, left to right."""
    match term:
        case Variable():
            yield term
        case FunctionTerm(arguments=arguments):
            for argument in arguments:
                yield from term_variables(argument)
        case _:
            return


def literal_variables(formula: Atom | Comparison) -> Iterator[Variable]:
    """The variables of an atom or a comparison, left to right."""
    terms = formula.arguments if isinstance(formula, Atom) else (formula.left, formula.right)
    for term in terms:
        yield from term_variables(term)


def bound_variables(formula: Formula) -> tuple[Variable, ...]:
    """The variables that the formula's outermost operator binds."""
    match formula:
        case Quantified(variables=variables):
            return variables
        case Counted(variable=variable):
            return (variable,)
        case _:
            return ()


def free_variables(formula: Formula) -> frozenset[str]:
    """The names that are free in a formula."""
    if isinstance(formula, Atom):
        return frozenset(_names_in(formula.arguments))
    if isinstance(formula, Comparison):
        return frozenset(_names_in((formula.left, formula.right)))
    names = [free_variables(child) for child in children(formula)]
    every = names[0] if len(names) == 1 else names[0].union(*names[1:])
    bound = bound_variables(formula)
    return every.difference([variable.name for variable in bound]) if bound else every


def _names_in(terms: tuple[Term, ...]) -> list[str]:
    """The names of the variables of some terms; most terms are variables."""
    names: list[str] = []
    for term in terms:
        if isinstance(term, Variable):
            names.append(term.name)
        elif isinstance(term, FunctionTerm):
            names.extend(_names_in(term.arguments))
    return names


def subformulas(formula: Formula) -> Iterator[Formula]:
    """The formula and everything under it, outermost first, left to right."""
    yield formula
    for child in children(formula):
        yield from subformulas(child)


def rebuild(formula: Formula, bodies: tuple[Formula, ...]) -> Formula:
    """The same operator over other sub-formulas, given in the order of `children`; conjunctions stay flat."""
    match formula:
        case Atom() | Comparison():
            return formula
        case Not(span=span):
            return Not(bodies[0], span)
        case And(span=span):
            return conjunction(bodies, span)
        case Or(span=span):
            return disjunction(bodies, span)
        case Xor(span=span):
            return Xor(bodies[0], bodies[1], span)
        case Implies(span=span):
            return Implies(bodies[0], bodies[1], span)
        case Iff(span=span):
            return Iff(bodies[0], bodies[1], span)
        case Quantified(quantifier, variables, _, span):
            return Quantified(quantifier, variables, bodies[0], span)
        case Counted(comparator, count, variable, _, span):
            return Counted(comparator, count, variable, bodies[0], span)
