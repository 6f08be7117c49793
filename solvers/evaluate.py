"""The vectorised evaluator: a formula in existential form over all tuples and all worlds of one scene.

Three values come from two evaluations: with every unknown literal false (`lower`), and with every one true. Negation
swaps the two. What holds at the lower setting is sat; what does not hold at the upper one is unsat.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np

from solvers.chances import leaves_allowed
from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    Not,
    Or,
    Quantified,
    Variable,
    bound_variables,
    children,
    conjuncts_of,
    free_variables,
)
from solvers.geometry import Booleans, Indices
from solvers.limits import MAX_PIECES, Budget, ImageLimitError, Tick, never
from solvers.literals import Domains, Literals, only_variable
from solvers.ontology import Ontology
from solvers.relations import Measured
from solvers.tables import (
    Table,
    TableTooLargeError,
    Words,
    complement,
    concatenate,
    conjoin,
    constant,
    count_at_least,
    disjoin,
    eliminate_all,
    from_booleans,
    is_full,
    restrict,
    supported,
)

Use = TypeVar("Use")


_MOST_AT_A_TIME = 16


@dataclass(frozen=True)
class Block:
    """An existential block made ready: every variable's conditioned entities, and the tables of its conjuncts."""

    domains: dict[str, Indices]
    tables: tuple[Table, ...]

    @property
    def is_empty(self) -> bool:
        """Whether some variable has no entity left, so that the block holds nowhere."""
        return any(len(indices) == 0 for indices in self.domains.values())


@dataclass(frozen=True)
class Evaluator:
    """Evaluates formulas in existential form on one measured scene; `presence` has shape (entities, words)."""

    measured: Measured
    ontology: Ontology
    presence: Words
    tick: Tick = never
    most_pieces: int = MAX_PIECES
    limits: list[str] = field(default_factory=list)
    """What kept closed sub-formulas from an answer; they count as unknown."""
    _closed_unknown: dict[Formula, bool] = field(default_factory=dict, repr=False)

    @cached_property
    def literals(self) -> Literals:
        """The truth of literals on this scene."""
        return Literals(self.measured, self.ontology, Budget(self.most_pieces, self.tick))

    @cached_property
    def active(self) -> Indices:
        """The entities that are real in any world."""
        return np.flatnonzero(self.presence.any(axis=1))

    def truth(self, formula: Formula, *, lower: bool) -> Words:
        """In which worlds a closed formula holds at one of the two settings."""
        bits = self.table(formula, {}, lower=lower).bits
        return np.broadcast_to(bits, (self.presence.shape[1],))

    def has_unknown(self, formula: Formula) -> bool:
        """Whether any literal of a formula has no value on this image, so that the two settings may differ."""
        if isinstance(formula, Atom | Comparison):
            return self.literals.is_unknown(formula)
        return any(self.has_unknown(child) for child in children(formula))

    def relevant(self, formula: Formula) -> Booleans:
        """Which entities any quantifier of a formula may range over, by the literals of its variable alone."""
        found = np.zeros(len(self.presence), dtype=np.bool_)
        if isinstance(formula, Quantified | Counted):
            for indices in self.allowed(formula, lower=False).values():
                found[indices] = True
        for child in children(formula):
            found |= self.relevant(child)
        return found

    def allowed(self, formula: Quantified | Counted, *, lower: bool) -> dict[str, Indices]:
        """The entities that the literals of each variable alone leave it, and the classes that any conjunct allows."""
        literals = tuple(each for each in conjuncts_of(formula.body) if only_variable(each) is not None)
        names = tuple(variable.name for variable in bound_variables(formula))
        found = self._condition(names, literals, {}, lower=lower)[0]
        leaves = {name: leaves_allowed(formula.body, name, self.ontology) for name in names}
        labels = self.measured.labels
        return {
            name: indices[np.array([labels[place] in leaves[name] for place in indices.tolist()], np.bool_)]
            for name, indices in found.items()
        }

    def table(self, formula: Formula, domains: Domains, *, lower: bool) -> Table:
        """The truth of a formula over its free variables, each ranging over its domain."""
        match formula:
            case Atom() | Comparison():
                return from_booleans(*self.literals.truth(formula, domains, lower=lower))
            case Not(body):
                return complement(self.table(body, domains, lower=not lower))
            case And(parts):
                return conjoin([self.table(part, domains, lower=lower) for part in parts])
            case Or(parts):
                return disjoin([self.table(part, domains, lower=lower) for part in parts])
            case Quantified() | Counted() if self.is_closed_unknown(formula):
                return constant(not lower)
            case Quantified() | Counted() if not domains:
                return self._closed(formula, lower=lower)
            case Quantified():
                return self.exists_within(formula, domains, {}, lower=lower)
            case Counted():
                return self._counted(formula, domains, lower=lower)
            case _:
                raise TypeError(f"{type(formula).__name__} is not in existential form")

    def block(
        self, names: tuple[str, ...], conjuncts: tuple[Formula, ...], domains: Domains, within: Domains, *, lower: bool
    ) -> Block:
        """Condition every variable on its unary literals, then each on the others, table after table.

        A variable ranges over the real entities, or over what `within` says.
        """
        local, rest = self._condition(names, conjuncts, within, lower=lower)
        tables = [Table((name,), self.presence[local[name]]) for name in names]
        for conjunct in sorted(rest, key=_effort):
            if any(len(indices) == 0 for indices in local.values()):
                return Block(local, ())
            tables.append(self.table(conjunct, {**domains, **local}, lower=lower))
            _semi_join(tables, local)
        return Block(local, tuple(tables))

    def _condition(
        self, names: tuple[str, ...], conjuncts: tuple[Formula, ...], within: Domains, *, lower: bool
    ) -> tuple[dict[str, Indices], list[Formula]]:
        """Every variable's conditioned entities, and the conjuncts that are not literals of one variable."""
        local = {name: within.get(name, self.active) for name in names}
        rest: list[Formula] = []
        for conjunct in conjuncts:
            own = only_variable(conjunct)
            if own in local:
                held = self._unary(conjunct, local[own], own, lower=lower)
                local[own] = local[own][held]
            else:
                rest.append(conjunct)
        return local, rest

    def _closed(self, formula: Quantified | Counted, *, lower: bool) -> Table:
        """A closed quantifier or count; beyond a limit it is unknown, whatever stands beside it."""
        self.literals.budget.renew()
        try:
            if isinstance(formula, Counted):
                return self._counted(formula, {}, lower=lower)
            return self.exists_within(formula, {}, {}, lower=lower)
        except ImageLimitError as error:
            self.limits.append(str(error))
            return constant(not lower)

    def exists_within(self, formula: Quantified, domains: Domains, within: Domains, *, lower: bool) -> Table:
        """Where the block holds with some variables kept within given entities."""
        names = tuple(variable.name for variable in formula.variables)

        def joined(block: Block) -> Table:
            if block.is_empty:
                return self._nowhere(formula, domains)
            return eliminate_all(block.tables, names, _sizes({**domains, **block.domains}))

        found = self._nowhere(formula, domains)
        for table in self.in_pieces(joined, formula, domains, within, lower=lower):
            found = disjoin([found, table])
            if is_full(found):
                break
        return found

    def in_pieces(
        self, use: Callable[[Block], Use], formula: Quantified, domains: Domains, within: Domains, *, lower: bool
    ) -> Iterator[Use]:
        """Use a block, whole where it fits; the block holds where any of the pieces does.

        What is too large at once is taken a few entities of one variable at a time: near them little is left of the
        others.
        """
        names = tuple(variable.name for variable in formula.variables)
        conjuncts = conjuncts_of(formula.body)
        self.literals.budget.take_piece()
        try:
            answer = use(self.block(names, conjuncts, domains, within, lower=lower))
        except TableTooLargeError:
            conditioned, _ = self._condition(names, conjuncts, within, lower=lower)
            splittable = [name for name in names if len(conditioned[name]) > 1]
            if not splittable:
                raise
        else:
            yield answer
            return
        fewest = min(splittable, key=lambda name: len(conditioned[name]))
        waiting = conditioned[fewest]
        size = 1
        while len(waiting):
            yield from self.in_pieces(use, formula, domains, {**within, fewest: waiting[:size]}, lower=lower)
            waiting = waiting[size:]
            size = min(2 * size, _MOST_AT_A_TIME)

    def _nowhere(self, formula: Formula, domains: Domains) -> Table:
        names = tuple(sorted(free_variables(formula)))
        return Table(names, np.zeros((*(len(domains[name]) for name in names), 1), dtype=np.uint64))

    def _counted(self, formula: Counted, domains: Domains, *, lower: bool) -> Table:
        match formula.comparator:
            case Comparator.GE:
                return self._at_least(formula, formula.count, domains, lower=lower)
            case Comparator.LE:
                return complement(self._at_least(formula, formula.count + 1, domains, lower=not lower))
            case _:
                enough = self._at_least(formula, formula.count, domains, lower=lower)
                more = self._at_least(formula, formula.count + 1, domains, lower=not lower)
                return conjoin([enough, complement(more)])

    def _at_least(self, formula: Counted, least: int, domains: Domains, *, lower: bool) -> Table:
        if least <= 0:
            return constant(held=True)
        name = formula.variable.name
        table = self._instances(name, conjuncts_of(formula.body), domains, {}, lower=lower)
        return count_at_least(table, name, least) if name in table.names else self._nowhere(formula, domains)

    def _instances(
        self, name: str, conjuncts: tuple[Formula, ...], domains: Domains, within: Domains, *, lower: bool
    ) -> Table:
        """Which of a variable's conditioned entities satisfy the conjuncts, a few at a time where all are too many."""
        try:
            block = self.block((name,), conjuncts, domains, within, lower=lower)
            return constant(held=False) if block.is_empty else conjoin(block.tables)
        except TableTooLargeError:
            conditioned = self._condition((name,), conjuncts, within, lower=lower)[0][name]
            if len(conditioned) < 2:
                raise
        halves = np.array_split(conditioned, 2)
        tables = [self._instances(name, conjuncts, domains, {name: half}, lower=lower) for half in halves]
        return concatenate([table for table in tables if name in table.names] or tables[:1], name)

    def _unary(self, literal: Formula, domain: Indices, name: str, *, lower: bool) -> Booleans:
        table = self.table(literal, {name: domain}, lower=lower)
        return np.asarray(np.broadcast_to(table.bits[..., 0] != 0, (len(domain),)))

    def is_closed_unknown(self, formula: Formula) -> bool:
        """Whether a closed sub-formula names an unknown class outside the closed sub-formulas within it."""
        if not self.literals.unknown_classes or free_variables(formula):
            return False
        if formula not in self._closed_unknown:
            self._closed_unknown[formula] = names_own_class(formula, self.literals.unknown_classes)
        return self._closed_unknown[formula]


def names_own_class(formula: Formula, classes: frozenset[str]) -> bool:
    """Whether a closed formula names one of some classes outside the closed sub-formulas within it."""
    return not free_variables(formula) and any(name in classes for name in _own_predicates(formula))


def _own_predicates(formula: Formula) -> Iterator[str]:
    for child in children(formula):
        if isinstance(child, Atom):
            yield child.predicate
        elif not bound_variables(child) or free_variables(child):
            yield from _own_predicates(child)


def _effort(formula: Formula) -> tuple[int, int]:
    """What is cheap and narrows most comes first: relations of two, inequalities, of three, then what is nested."""
    literal = formula.body if isinstance(formula, Not) else formula
    match literal:
        case Atom(arguments=arguments):
            return (0 if literal is formula else 2, len(arguments))
        case Comparison(left, Comparator.NE) if isinstance(left, Variable):
            return (3, 2)
        case Comparison():
            return (1, 2)
        case _:
            return (4, 0)


def _semi_join(tables: list[Table], local: dict[str, Indices]) -> None:
    """Drop from the domains, and from all tables, the entities that the newest table gives no partner."""
    for name in tables[-1].names:
        if name not in local:
            continue
        kept = np.flatnonzero(supported(tables[-1], name))
        if len(kept) < len(local[name]):
            local[name] = local[name][kept]
            tables[:] = [restrict(table, name, kept) for table in tables]


def _sizes(domains: Domains) -> dict[str, int]:
    return {name: len(indices) for name, indices in domains.items()}
