"""Formulas as what is tried on a picture: existentials that may be denied, over conditions."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import combinations, pairwise

from tools.evaluation.brute_force.miniscope import miniscope, negations_inwards
from tools.evaluation.brute_force.parse import parse
from tools.evaluation.brute_force.syntax import (
    Atom,
    Binary,
    Comparison,
    Node,
    Not,
    Quantified,
    Same,
    free_variables,
    names_in,
)

GROUPS = frozenset({"row", "column", "clustered", "aligned"})


@dataclass(frozen=True, eq=False)
class Literal:
    """An atom, an identity or a comparison."""

    node: Atom | Same | Comparison
    free: frozenset[str]


@dataclass(frozen=True, eq=False)
class Denied:
    """What must not hold."""

    body: "Trial"

    @cached_property
    def free(self) -> frozenset[str]:
        return self.body.free


@dataclass(frozen=True, eq=False)
class Joined:
    """Several conditions: all of them, or any."""

    parts: tuple["Trial", ...]
    every: bool

    @cached_property
    def free(self) -> frozenset[str]:
        return _free(self.parts)


@dataclass(frozen=True, eq=False)
class Some:
    """At least `least` instances of the variables satisfy all `parts`; more than one only of a single variable.

    `outer` are the variables that come from without; `own_names` the predicate names in no smaller closed one.
    """

    variables: tuple[str, ...]
    parts: tuple["Trial", ...]
    least: int = 1

    @cached_property
    def free(self) -> frozenset[str]:
        return _free(self.parts) - set(self.variables)

    @cached_property
    def outer(self) -> tuple[str, ...]:
        return tuple(sorted(self.free))

    @cached_property
    def own_names(self) -> frozenset[str]:
        return frozenset[str]().union(*map(_names, self.parts))


Trial = Literal | Denied | Joined | Some


@dataclass(frozen=True, eq=False)
class Prepared:
    """A closed formula: as it stands, and with quantifiers inwards, which tells what is closed in it."""

    node: Node
    names: frozenset[str]

    @cached_property
    def plain(self) -> Trial:
        """The trial where every class is known."""
        return _trial(negations_inwards(self.node), positive=True)

    @cached_property
    def scoped(self) -> Trial:
        """The trial where some class is not."""
        return _trial(miniscope(self.node), positive=True)


def prepare(text: str) -> Prepared:
    """A formula in canonical form, ready to try; ReferenceSyntaxError or ValueError where it is no closed one."""
    node = parse(text)
    if free_variables(node):
        raise ValueError(f"free variables {sorted(free_variables(node))}")
    return Prepared(node, names_in(node))


def is_plain(trial: Trial) -> bool:
    """Whether nothing in it has to be searched for."""
    match trial:
        case Literal():
            return True
        case Denied():
            return is_plain(trial.body)
        case Joined():
            return all(map(is_plain, trial.parts))
        case Some():
            return False


def _trial(node: Node, *, positive: bool) -> Trial:
    match node:
        case Not():
            return _trial(node.body, positive=not positive)
        case Binary():  # & or |, since the others are rewritten
            return Joined(
                tuple(_trial(each, positive=positive) for each in (node.left, node.right)),
                every=(node.kind == "&") is positive,
            )
        case Quantified():
            return _quantified(node, positive=positive)
        case Atom(name, arguments) if name in GROUPS and len(arguments) > 2:
            chain = _trial(_chain(name, arguments), positive=True)
            return chain if positive else Denied(chain)
        case _:
            literal = Literal(node, free_variables(node))
            return literal if positive else Denied(literal)


def _chain(name: str, arguments: tuple[str, ...]) -> Node:
    """A group word of three or more, spelled out: all different, each next to the next, on one line."""
    parts: list[Node] = [Not(Same(one, other)) for one, other in combinations(arguments, 2)]
    for before, after in pairwise(arguments):
        match name:
            case "row":
                parts.append(Atom("right_of", (after, before)))
            case "column":
                parts.append(Atom("below", (after, before)))
            case "clustered":
                parts.append(Atom("near", (before, after)))
    if name != "clustered":
        triples = zip(arguments, arguments[1:], arguments[2:], strict=False)
        parts.extend(Atom("collinear", triple) for triple in triples)
    return reduce(lambda one, other: Binary("&", one, other), parts)


def _quantified(node: Quantified, *, positive: bool) -> Trial:
    match node.kind:
        case "exists" | "forall":
            wanted = node.kind == "exists"
            some: Trial = _some(node, 1, body_holds=wanted)
            return some if wanted is positive else Denied(some)
        case ">=":
            some = _some(node, node.count)
            return some if positive else Denied(some)
        case "<=":
            more = _some(node, node.count + 1)
            return Denied(more) if positive else more
    exactly = Joined((_some(node, node.count), Denied(_some(node, node.count + 1))), every=True)
    return exactly if positive else Denied(exactly)


def _some(node: Quantified, least: int, *, body_holds: bool = True) -> Some:
    inner = _trial(node.body, positive=body_holds)
    parts = tuple(_conjuncts(inner))
    if least == 1 and len(parts) == 1:
        [only] = parts
        if isinstance(only, Some) and only.least == 1 and only.free and node.variable not in only.variables:
            return Some((node.variable, *only.variables), only.parts)
    return Some((node.variable,), parts, least)


def _conjuncts(trial: Trial) -> Iterable[Trial]:
    if isinstance(trial, Joined) and trial.every:
        for part in trial.parts:
            yield from _conjuncts(part)
    else:
        yield trial


def _free(parts: Iterable[Trial]) -> frozenset[str]:
    return frozenset[str]().union(*(part.free for part in parts))


def _names(trial: Trial) -> frozenset[str]:
    match trial:
        case Literal(node=Atom(name=name)):
            return frozenset({name})
        case Literal():
            return frozenset()
        case Denied():
            return _names(trial.body)
        case Joined():
            return frozenset[str]().union(*map(_names, trial.parts))
        case Some():
            return trial.own_names if trial.free else frozenset()
