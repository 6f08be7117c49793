"""The share of clauses that the best assignment satisfies, and the smallest sets of clauses that fail."""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

from tests.reference.evaluate import Binding, Evaluator
from tests.reference.parse import parse
from tests.reference.syntax import Node, free_variables

MAX_ASSIGNMENTS = 2_000_000


def best_share(clauses: Sequence[str], scene: Evaluator) -> float:
    """Of one part's clauses the largest share that one assignment of their free variables makes true."""
    nodes = [parse(clause) for clause in clauses]
    best = 0
    for binding in _assignments(nodes, scene):
        best = max(best, sum(scene.value(node, binding) is True for node in nodes))
        if best == len(nodes):
            break
    return best / len(nodes)


def clause_share(parts: Sequence[Sequence[str]], scene: Evaluator) -> float:
    """The mean over the parts of `best_share`: what orders images of equal score (design 6)."""
    return sum(best_share(clauses, scene) for clauses in parts) / len(parts)


def smallest_failing(clauses: Sequence[str], scene: Evaluator) -> list[frozenset[int]]:
    """Every set of clauses, by position, of the least size that no assignment satisfies; empty if all hold at once."""
    nodes = [parse(clause) for clause in clauses]
    for size in range(1, len(nodes) + 1):
        failing = [
            frozenset(chosen)
            for chosen in combinations(range(len(nodes)), size)
            if not _satisfiable([nodes[each] for each in chosen], scene)
        ]
        if failing:
            return failing
    return []


def _satisfiable(nodes: Sequence[Node], scene: Evaluator) -> bool:
    return any(all(scene.value(node, binding) is True for node in nodes) for binding in _assignments(nodes, scene))


def _assignments(nodes: Sequence[Node], scene: Evaluator) -> Iterator[Binding]:
    variables = sorted(frozenset().union(*(free_variables(node) for node in nodes)))
    indices = scene.picture.indices
    if len(indices) ** len(variables) > MAX_ASSIGNMENTS:
        raise ValueError(f"{len(indices)} entities and {len(variables)} variables are too many to enumerate")
    for values in product(indices, repeat=len(variables)):
        yield dict(zip(variables, values, strict=True))
