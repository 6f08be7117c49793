"""The trees of formulas, and which variables are free in them."""

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Quantified:
    """`kind` is exists, forall, >=, <= or =; `count` counts only with the last three."""

    kind: str
    count: int
    variable: str
    body: "Node"


@dataclass(frozen=True)
class Not:
    body: "Node"


@dataclass(frozen=True)
class Binary:
    """`kind` is &, |, ^, -> or <->."""

    kind: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Atom:
    """A class, a relation, a region or a group word, over variables."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Same:
    """x = y."""

    left: str
    right: str


@dataclass(frozen=True)
class Measure:
    """A function of entities, such as area(x)."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Constant:
    value: float
    unit: str


Term = Measure | Constant


@dataclass(frozen=True)
class Comparison:
    """`operator` is <, <=, >, >=, = or !=."""

    operator: str
    left: Term
    right: Term


Node = Quantified | Not | Binary | Atom | Same | Comparison


def term_variables(term: Term) -> frozenset[str]:
    return frozenset(term.arguments) if isinstance(term, Measure) else frozenset()


@cache
def free_variables(node: Node) -> frozenset[str]:
    """The variables of `node` that no quantifier in it binds."""
    match node:
        case Quantified():
            return free_variables(node.body) - {node.variable}
        case Not():
            return free_variables(node.body)
        case Binary():
            return free_variables(node.left) | free_variables(node.right)
        case Atom():
            return frozenset(node.arguments)
        case Same():
            return frozenset((node.left, node.right))
        case Comparison():
            return term_variables(node.left) | term_variables(node.right)


@cache
def names_in(node: Node) -> frozenset[str]:
    """The predicate names that occur anywhere in `node`."""
    match node:
        case Quantified() | Not():
            return names_in(node.body)
        case Binary():
            return names_in(node.left) | names_in(node.right)
        case Atom():
            return frozenset({node.name})
        case Same() | Comparison():
            return frozenset()


def own_names(node: Node) -> frozenset[str]:
    """The predicate names of a closed formula that are in no smaller closed formula."""
    match node:
        case Quantified() | Not():
            return _names_below(node.body)
        case Binary():
            return _names_below(node.left) | _names_below(node.right)
        case _:
            return names_in(node)


def _names_below(node: Node) -> frozenset[str]:
    return own_names(node) if free_variables(node) else frozenset()
