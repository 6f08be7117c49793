"""What a pass will cost, found without running it: what is too large is named before anything grows."""

from collections.abc import Callable

from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Quantified,
    Xor,
    bound_variables,
    children,
    free_variables,
    subformulas,
)
from solvers.fol.passes.expand_groups import is_group

Measure = Callable[[Formula], int]


def smallest_beyond(formula: Formula, measure: Measure, limit: int) -> Formula | None:
    """The innermost sub-formula, the first in the text, that a growing measure puts above a limit; None below it."""
    if measure(formula) <= limit:
        return None
    found = formula
    while larger := next((child for child in children(found) if measure(child) > limit), None):
        found = larger
    return found


def variable_count(formula: Formula) -> int:
    """How many variables the quantifiers of a formula bind."""
    return sum(len(bound_variables(each)) for each in subformulas(formula))


def normal_form_size(formula: Formula) -> int:
    """How many nodes the negation normal form has at most, groups written out, a literal being one node."""
    return max(_sizes(formula))


def evaluation_size(formula: Formula) -> int:
    """How many nodes are looked at in judging a formula: an exact count is judged as two counts, of at least."""
    return max(_sizes(formula, of_exact_count=2))


def variables_together(formula: Formula) -> int:
    """How many variables have to be judged at once; of closed formulas side by side the most that any has."""
    if bound_variables(formula) or free_variables(formula):
        return variable_count(formula)
    return max(map(variables_together, children(formula)), default=0)


def _sizes(formula: Formula, of_exact_count: int = 1) -> tuple[int, int]:
    """The sizes of the normal forms of the formula and of its negation."""

    def sizes_of(part: Formula) -> tuple[int, int]:
        return _sizes(part, of_exact_count)

    match formula:
        case Atom(word, members) if is_group(word, len(members)):
            size = 2 * len(members) - 2 + len(members) * (len(members) - 1) // 2
            return size, size
        case Atom() | Comparison():
            return 1, 1
        case Not(body):
            positive, negative = sizes_of(body)
            return negative, positive
        case And(parts) | Or(parts):
            sizes = [sizes_of(part) for part in parts]
            return 1 + sum(size[0] for size in sizes), 1 + sum(size[1] for size in sizes)
        case Implies(left, right):
            (left_positive, left_negative), (right_positive, right_negative) = sizes_of(left), sizes_of(right)
            return 1 + left_negative + right_positive, 1 + left_positive + right_negative
        case Xor(left, right) | Iff(left, right):
            total = 3 + sum(sizes_of(left)) + sum(sizes_of(right))
            return total, total
        case Quantified(body=body):
            positive, negative = sizes_of(body)
            return 1 + positive, 1 + negative
        case Counted(comparator=comparator, body=body):
            size = 1 + max(sizes_of(body)) * (of_exact_count if comparator is Comparator.EQ else 1)
            return size, size
