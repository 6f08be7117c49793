"""The share of clauses that the best assignment satisfies, and the smallest sets of clauses that fail."""

from collections.abc import Sequence
from functools import cache, reduce
from itertools import combinations

from tests.reference.evaluate import Binding, Evaluator
from tools.evaluation.brute_force.parse import parse
from tools.evaluation.brute_force.syntax import Binary, Node, Quantified, free_variables

Clauses = tuple[str, ...]


class TooManyAssignmentsError(Exception):
    """The best assignment was not certain within the given number of steps."""


def best_share(clauses: Sequence[str], scene: Evaluator, steps: int = 10**9) -> float:
    """Of one part's clauses the largest share that one assignment of their free variables makes true."""
    nodes = [parse(clause) for clause in clauses]
    return _Search(nodes, scene, steps).best() / len(nodes)


def clause_share(parts: Sequence[Sequence[str]], scene: Evaluator, steps: int = 10**9) -> float:
    """The mean over the parts of `best_share`: what orders images of equal score (design 6)."""
    return sum(best_share(clauses, scene, steps) for clauses in parts) / len(parts)


def smallest_failing(clauses: Sequence[str], scene: Evaluator) -> list[frozenset[int]]:
    """Every set of clauses, by position, of the least size that is false together; empty if all are not."""
    for size in range(1, len(clauses) + 1):
        failing = [
            frozenset(chosen)
            for chosen in combinations(range(len(clauses)), size)
            if scene.value(closure(tuple(clauses[each] for each in chosen)), {}) is False
        ]
        if failing:
            return failing
    return []


@cache
def closure(clauses: Clauses) -> Node:
    """The clauses' conjunction under existentials of their free variables."""
    body = reduce(lambda left, right: Binary("&", left, right), [parse(clause) for clause in clauses])
    for variable in sorted(free_variables(body), reverse=True):
        body = Quantified("exists", 0, variable, body)
    return body


class _Search:
    """All assignments, less those that cannot be better than the best one found."""

    def __init__(self, nodes: Sequence[Node], scene: Evaluator, steps: int) -> None:
        self._scene = scene
        self._steps = steps
        self._variables = sorted(frozenset().union(*map(free_variables, nodes)))
        self._closed = sum(scene.value(node, {}) is True for node in nodes if not free_variables(node))
        self._together: list[list[Node]] = []
        self._candidates: list[list[tuple[int, int]]] = []
        for level, variable in enumerate(self._variables):
            later = set(self._variables[level + 1 :])
            own = [node for node in nodes if free_variables(node) == {variable}]
            self._together.append(
                [node for node in nodes if variable in free_variables(node) and len(free_variables(node)) > 1]
            )
            self._together[level] = [node for node in self._together[level] if not free_variables(node) & later]
            ranked = [
                (sum(scene.value(node, {variable: entity}) is True for node in own), entity)
                for entity in scene.picture.indices
            ]
            self._candidates.append(sorted(ranked, key=lambda each: (-each[0], each[1])))
        self._most = [0]
        for together, candidates in zip(reversed(self._together), reversed(self._candidates), strict=True):
            self._most.append(self._most[-1] + len(together) + max((own for own, _ in candidates), default=0))
        self._most.reverse()
        self._best = 0

    def best(self) -> int:
        if all(self._candidates):
            self._extend(0, self._closed, {})
        return self._best

    def _extend(self, level: int, satisfied: int, binding: Binding) -> None:
        if level == len(self._variables):
            self._best = max(self._best, satisfied)
            return
        for own, entity in self._candidates[level]:
            hoped = satisfied + own + len(self._together[level]) + self._most[level + 1]
            if hoped <= self._best:
                return
            self._steps -= 1
            if self._steps < 0:
                raise TooManyAssignmentsError
            binding[self._variables[level]] = entity
            held = sum(self._scene.value(node, binding) is True for node in self._together[level])
            if satisfied + own + held + self._most[level + 1] > self._best:
                self._extend(level + 1, satisfied + own + held, binding)
