"""`row(a, b, c)` -> `right_of(b, a) & right_of(c, b) & collinear(a, b, c) & a != b & a != c & b != c`.

`column` likewise with `below`; `aligned` of three or more -> consecutive triples collinear; `clustered` -> each near
the next; each with a pairwise `!=` of all its variables. `aligned` of two is the binary relation and stays.
"""

from itertools import combinations, pairwise

from solvers.fol.ast import Atom, Comparator, Comparison, Formula, Term, children, conjunction, rebuild

_CHAINS = {"row": "right_of", "column": "below"}


def expand_groups(formula: Formula) -> Formula:
    """Write every group word as the chain of relations that it stands for."""
    match formula:
        case Atom(word, members, span) if is_group(word, len(members)):
            return conjunction((*_chain(word, members), *_distinct(members)), span)
        case _:
            return rebuild(formula, tuple(map(expand_groups, children(formula))))


def is_group(word: str, members: int) -> bool:
    """Whether a word over so many members stands for a chain."""
    return word in ("row", "column", "clustered") or (word == "aligned" and members > 2)


def _chain(word: str, members: tuple[Term, ...]) -> tuple[Formula, ...]:
    if word == "clustered":
        return tuple(Atom("near", pair) for pair in pairwise(members))
    triples = tuple(Atom("collinear", triple) for triple in zip(members, members[1:], members[2:], strict=False))
    relation = _CHAINS.get(word)
    steps = tuple(Atom(relation, (second, first)) for first, second in pairwise(members)) if relation else ()
    return (*steps, *triples)


def _distinct(members: tuple[Term, ...]) -> tuple[Formula, ...]:
    return tuple(Comparison(first, Comparator.NE, second) for first, second in combinations(members, 2))
