"""Strong Kleene evaluation of a formula on one picture, by plain loops."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests.reference.blocks import Signed, block_of
from tests.reference.geometry import BINARY, GROUPS, TERNARY, UNARY, Geometry
from tests.reference.scenes import Picture
from tools.evaluation.brute_force.miniscope import miniscope
from tools.evaluation.brute_force.parse import parse
from tools.evaluation.brute_force.syntax import (
    Atom,
    Binary,
    Comparison,
    Constant,
    Node,
    Not,
    Quantified,
    Same,
    Term,
    free_variables,
    names_in,
    own_names,
)

Truth = bool | None
Binding = dict[str, int]

RELATIONS = UNARY | BINARY | TERNARY | GROUPS
_METRES = {"m": 1.0, "km": 1000.0, "m2": 1.0, "ha": 10_000.0, "km2": 1_000_000.0}
_AREAS = {"px2", "m2", "ha", "km2"}


def read_hierarchy(path: Path) -> dict[str, frozenset[str]]:
    """For every class of an ontology file the leaves that it covers."""
    classes = tomllib.loads(path.read_text(encoding="utf-8"))["classes"]
    parents = {name: entry.get("parent") for name, entry in classes.items()}
    covered: dict[str, set[str]] = {name: set() for name in classes}
    for leaf in set(parents) - set(parents.values()):
        current: str | None = leaf
        while current is not None:
            covered[current].add(leaf)
            current = parents[current]
    return {name: frozenset(leaves) for name, leaves in covered.items()}


def conjunction(first: Truth, second: Truth) -> Truth:
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def negation(value: Truth) -> Truth:
    return None if value is None else not value


def verdict(value: Truth) -> str:
    return {True: "sat", False: "unsat", None: "unknown"}[value]


@dataclass(frozen=True, eq=False)
class _Search:
    """How a block of existential variables is tried: what each candidate and each step must pass."""

    node: Quantified
    variables: list[str]
    before: list[Signed]
    candidates: list[list[tuple[int, Truth]]]
    steps: list[list[Signed]]


@dataclass(eq=False)
class Evaluator:
    """One picture and the hierarchy of its classes; `value` answers for closed and for open formulas."""

    picture: Picture
    hierarchy: Mapping[str, frozenset[str]]
    geometry: Geometry | None = None
    _searches: dict[int, _Search] = field(default_factory=dict)
    _values: dict[tuple[int, tuple[int, ...]], Truth] = field(default_factory=dict)
    _verdicts: dict[Node, str] = field(default_factory=dict)
    _kept: list[Node] = field(default_factory=list)

    @cached_property
    def relations(self) -> Geometry:
        return self.geometry or Geometry(self.picture)

    def verdict(self, formula: str | Node) -> str:
        """sat, unsat or unknown for a closed formula."""
        node = parse(formula) if isinstance(formula, str) else formula
        if free_variables(node):
            raise ValueError(f"free variables {sorted(free_variables(node))}")
        if any(self._is_unknown(name) for name in names_in(node)):
            node = miniscope(node)
        if node not in self._verdicts:
            self._verdicts[node] = verdict(self.value(node, {}))
        return self._verdicts[node]

    def value(self, node: Node, binding: Binding) -> Truth:
        """The truth of `node` with its free variables bound to entity indices."""
        match node:
            case Atom():
                return self._atom(node, binding)
            case Same():
                return binding[node.left] == binding[node.right]
            case Comparison():
                return self._comparison(node, binding)
            case Not():
                return negation(self.value(node.body, binding))
            case Binary():
                return self._binary(node, binding)
            case Quantified():
                return self._remembered(node, binding)

    def _is_unknown(self, name: str) -> bool:
        known = self.picture.known
        return known is not None and name in self.hierarchy and not self.hierarchy[name] <= known

    def _atom(self, node: Atom, binding: Binding) -> Truth:
        if node.name in RELATIONS:
            return self.relations.holds(node.name, tuple(binding[each] for each in node.arguments))
        (variable,) = node.arguments
        return self.picture.things[binding[variable]].label in self.hierarchy[node.name]

    def _binary(self, node: Binary, binding: Binding) -> Truth:
        left = self.value(node.left, binding)
        if node.kind == "&":
            return False if left is False else conjunction(left, self.value(node.right, binding))
        if node.kind in {"|", "->"}:
            against = left if node.kind == "|" else negation(left)
            if against is True:
                return True
            return negation(conjunction(negation(against), negation(self.value(node.right, binding))))
        right = self.value(node.right, binding)
        if left is None or right is None:
            return None
        return left == right if node.kind == "<->" else left != right

    def _comparison(self, node: Comparison, binding: Binding) -> Truth:
        left, right = self._quantity(node.left, binding), self._quantity(node.right, binding)
        units = {term.unit for term in (node.left, node.right) if isinstance(term, Constant)}
        if not units <= {"px", "px2"}:
            gsd = self.picture.gsd
            if gsd is None:
                return None
            left, right = (
                value if isinstance(term, Constant) else value * (gsd**2 if units & _AREAS else gsd)
                for term, value in ((node.left, left), (node.right, right))
            )
        match node.operator:
            case "<":
                return left < right
            case "<=":
                return left <= right
            case ">":
                return left > right
            case ">=":
                return left >= right
            case "=":
                return left == right
        return left != right

    def _quantity(self, term: Term, binding: Binding) -> float:
        if isinstance(term, Constant):
            return term.value * _METRES.get(term.unit, 1.0)
        return self.relations.measure(term.name, tuple(binding[each] for each in term.arguments))

    def _remembered(self, node: Quantified, binding: Binding) -> Truth:
        key = (id(node), tuple(binding[name] for name in sorted(free_variables(node))))
        if key not in self._values:
            self._kept.append(node)
            self._values[key] = self._quantified(node, binding)
        return self._values[key]

    def _quantified(self, node: Quantified, binding: Binding) -> Truth:
        if not free_variables(node) and any(self._is_unknown(name) for name in own_names(node)):
            return None
        match node.kind:
            case "exists":
                return self._exists(node, binding)
            case "forall":
                return negation(self._exists(node, binding))
            case ">=":
                return self._at_least(node, node.count, binding)
            case "<=":
                return negation(self._at_least(node, node.count + 1, binding))
        return conjunction(
            self._at_least(node, node.count, binding), negation(self._at_least(node, node.count + 1, binding))
        )

    def _at_least(self, node: Quantified, count: int, binding: Binding) -> Truth:
        if count <= 0:
            return True
        surely = perhaps = 0
        for entity in self.picture.indices:
            value = self.value(node.body, {**binding, node.variable: entity})
            surely += value is True
            perhaps += value is not False
            if surely >= count:
                return True
        return None if perhaps >= count else False

    def _exists(self, node: Quantified, binding: Binding) -> Truth:
        """Whether a block of existentials has an instance; of a block of universals, a counterexample."""
        search = self._searches.get(id(node))
        if search is None:
            search = self._searches[id(node)] = self._prepare(node)
        running: Truth = True
        for conjunct, positive in search.before:
            running = conjunction(running, self._signed(conjunct, positive, binding))
            if running is False:
                return False
        return self._try(search, 0, dict(binding), running)

    def _try(self, search: _Search, level: int, binding: Binding, running: Truth) -> Truth:
        if level == len(search.variables):
            return running
        best: Truth = False
        for entity, at_entity in search.candidates[level]:
            binding[search.variables[level]] = entity
            value = conjunction(running, at_entity)
            for conjunct, positive in search.steps[level]:
                value = conjunction(value, self._signed(conjunct, positive, binding))
                if value is False:
                    break
            if value is not False:
                found = self._try(search, level + 1, binding, value)
                if found is True:
                    return True
                best = None if found is None else best
        return best

    def _signed(self, node: Node, positive: bool, binding: Binding) -> Truth:
        value = self.value(node, binding)
        return value if positive else negation(value)

    def _prepare(self, node: Quantified) -> _Search:
        variables, conjuncts = block_of(node)
        before = [each for each in conjuncts if not free_variables(each[0]) & set(variables)]
        candidates, steps = [], []
        for level, variable in enumerate(variables):
            alone = [each for each in conjuncts if free_variables(each[0]) == {variable}]
            candidates.append(self._candidates(variable, alone))
            later = set(variables[level + 1 :])
            steps.append(
                [
                    each
                    for each in conjuncts
                    if variable in free_variables(each[0]) and each not in alone and not free_variables(each[0]) & later
                ]
            )
        return _Search(node, variables, before, candidates, steps)

    def _candidates(self, variable: str, conjuncts: list[Signed]) -> list[tuple[int, Truth]]:
        passed: list[tuple[int, Truth]] = []
        for entity in self.picture.indices:
            value: Truth = True
            for conjunct, positive in conjuncts:
                value = conjunction(value, self._signed(conjunct, positive, {variable: entity}))
                if value is False:
                    break
            if value is not False:
                passed.append((entity, value))
        return passed
