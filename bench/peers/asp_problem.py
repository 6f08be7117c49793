"""clingo on the very problems that RUNE gives Z3: conditioned and semi-joined, what is nested already decided.

One control an image: its blocks are a rule each over facts, its counts an aggregate each; nothing is left to search.
"""

from collections.abc import Sequence

import numpy as np

from solvers.fol.ast import Comparator
from solvers.problem import Count, Existential, Problem


def program_of(problems: Sequence[Problem]) -> str:
    """A program whose model has the atom `holds(n)` for each problem, by place, that holds."""
    lines = ["#show holds/1."]
    for number, problem in enumerate(problems):
        lines += _count(problem, number) if isinstance(problem, Count) else _block(problem, number)
    return "\n".join(lines)


def holding(program: str) -> frozenset[int]:
    """The places of the problems that hold."""
    import clingo

    control = clingo.Control(["--warn=none"])
    control.add("base", [], program)
    control.ground([("base", [])])
    with control.solve(yield_=True) as handle:
        model = handle.model()
        assert model is not None
        return frozenset(symbol.arguments[0].number for symbol in model.symbols(shown=True))


def _block(problem: Existential, number: int) -> list[str]:
    tables = [(relation.variables, relation.table(problem.sizes)) for relation in problem.relations]
    if 0 in problem.sizes or not all(table.any() for _, table in tables):
        return []
    lines = [f"in{number}_{variable}(0..{size - 1})." for variable, size in enumerate(problem.sizes)]
    body = [f"in{number}_{variable}(V{variable})" for variable in range(len(problem.sizes))]
    for place, (variables, table) in enumerate(tables):
        if not table.all():
            name = f"r{number}_{place}"
            fact = f"{name}({','.join(['%d'] * len(variables))})."
            lines.append(fact * int(table.sum()) % tuple(np.argwhere(table).ravel().tolist()))
            body.append(f"{name}({','.join(f'V{variable}' for variable in variables)})")
    return [*lines, f"holds({number}) :- {', '.join(body)}."]


def _count(problem: Count, number: int) -> list[str]:
    sizes = (("least", problem.least), ("most", problem.most))
    lines = [f"{name}{number}(1..{size})." for name, size in sizes if size]
    at_least = f"#count {{ V : least{number}(V) }} >= {problem.count}"
    at_most = f"#count {{ V : most{number}(V) }} <= {problem.count}"
    asked = {Comparator.GE: at_least, Comparator.LE: at_most}.get(problem.comparator, f"{at_least}, {at_most}")
    return [*lines, f"holds({number}) :- {asked}."]
