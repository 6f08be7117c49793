"""What a formula looks like to a speaker: nouns, links between two things, and blocks that hang on one thing."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, count, pairwise

from solvers.fol.ast import (
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    FunctionTerm,
    Or,
    Quantified,
    Quantifier,
    Quantity,
    Variable,
    children,
    conjunction,
    conjuncts_of,
    free_variables,
    rebuild,
)
from solvers.fol.passes.rename_apart import rename_term
from solvers.fol.signature import RELATIONS
from tools.english.words import GROUPS, SYMMETRIC

Classes = tuple[str, ...]
"""The classes of which a thing is one; empty for any object."""


def is_class(formula: Formula, name: str) -> bool:
    """Whether a formula says of this variable alone that it is of a class."""
    return (
        isinstance(formula, Atom)
        and formula.predicate not in RELATIONS
        and [each.name for each in formula.arguments if isinstance(each, Variable)] == [name]
    )


def noun_of(name: str, conjuncts: Sequence[Formula]) -> tuple[Classes, list[Formula]]:
    """The classes that the first fitting conjunct gives a variable, and the other conjuncts."""
    for place, each in enumerate(conjuncts):
        options = each.parts if isinstance(each, Or) else (each,)
        if all(is_class(option, name) for option in options):
            classes = tuple(option.predicate for option in options if isinstance(option, Atom))
            return classes, [*conjuncts[:place], *conjuncts[place + 1 :]]
    return (), list(conjuncts)


def components(names: Sequence[str], conjuncts: Sequence[Formula]) -> list[tuple[list[str], list[Formula]]]:
    """The variables in groups that no conjunct joins, each with its conjuncts; conjuncts on none of them come last."""
    groups: list[set[str]] = [{name} for name in names]
    for each in conjuncts:
        joined = [group for group in groups if not group.isdisjoint(free_variables(each))]
        if len(joined) > 1:
            groups = [group for group in groups if group not in joined] + [set[str]().union(*joined)]
    groups.sort(key=lambda group: min(names.index(name) for name in group))
    found = [
        (
            [name for name in names if name in group],
            [each for each in conjuncts if not group.isdisjoint(free_variables(each))],
        )
        for group in groups
    ]
    loose = [each for each in conjuncts if free_variables(each).isdisjoint(names)]
    return [*found, ([], loose)] if loose else found


def exists(names: Sequence[str], conjuncts: Sequence[Formula]) -> Formula:
    """`exists names. conjuncts`; a variable on which there is no condition is equal to itself."""
    named = frozenset[str]().union(*map(free_variables, conjuncts))
    selves = [Comparison(Variable(each), Comparator.EQ, Variable(each)) for each in names if each not in named]
    return Quantified(Quantifier.EXISTS, tuple(map(Variable, names)), conjunction((*conjuncts, *selves)))


def rooted(root: str, others: Sequence[str], conjuncts: Sequence[Formula]) -> list[Formula]:
    """The conjuncts on a root, those on other variables each under an existential of their own."""
    own = [each for each in conjuncts if free_variables(each).isdisjoint(others)]
    linked = [each for each in conjuncts if not free_variables(each).isdisjoint(others)]
    return [*own, *(exists(names, held) for names, held in components(list(others), linked) if names)]


def flattened(names: Sequence[str], conjuncts: Sequence[Formula]) -> tuple[list[str], list[Formula]]:
    """An existential block with the blocks among its conjuncts taken into it, where variables are renamed apart."""
    found, held = list(names), list[Formula]()
    for each in conjuncts:
        match each:
            case Quantified(Quantifier.EXISTS, variables, body):
                inner, more = flattened([variable.name for variable in variables], conjuncts_of(body))
                found += inner
                held += more
            case _:
                held.append(each)
    return found, held


def separated(formula: Formula) -> list[Formula]:
    """An existential block as one block for each set of variables that a conjunct joins."""
    match formula:
        case Quantified(Quantifier.EXISTS, variables, body):
            found = components([each.name for each in variables], conjuncts_of(body))
            if len(found) > 1 and all(names for names, _ in found):
                return [exists(names, held) for names, held in found]
    return [formula]


def separate_parts(formula: Formula) -> list[Formula]:
    """The conjuncts of a question, each existential block as `separated` has it."""
    return [part for each in conjuncts_of(formula) for part in separated(each)]


def is_self(formula: Formula) -> bool:
    """`x = x`, which says only that there is one."""
    return (
        isinstance(formula, Comparison)
        and formula.comparator is Comparator.EQ
        and isinstance(formula.left, Variable)
        and formula.left == formula.right
    )


def inequality(formula: Formula) -> frozenset[str]:
    """The two variables of `x != y`; empty for anything else."""
    match formula:
        case Comparison(Variable(name=one), Comparator.NE, Variable(name=other)) if one != other:
            return frozenset({one, other})
        case _:
            return frozenset()


def keeps_apart(formula: Formula) -> frozenset[str]:
    """The variables that a literal can only hold of where all are different; empty where two may be one."""
    match formula:
        case Atom(predicate, arguments) if predicate in RELATIONS:
            names = frozenset(each.name for each in arguments if isinstance(each, Variable))
            apart = RELATIONS[predicate].irreflexive and len(names) == len(arguments)
            return names if apart else frozenset()
        case Comparison(FunctionTerm("distance", (Variable(name=one), Variable(name=other))), sign, Quantity(value)):
            positive = (sign is Comparator.GT and value >= 0) or (sign is Comparator.GE and value > 0)
            return frozenset({one, other}) if positive else frozenset()
        case Comparison(FunctionTerm(first, (Variable(name=one),)), Comparator.LT | Comparator.GT, right):
            match right:
                case FunctionTerm(second, (Variable(name=other),)) if first == second and one != other:
                    return frozenset({one, other})
            return frozenset()
        case _:
            return inequality(formula)


def group_of(names: Sequence[str], conjuncts: Sequence[Formula]) -> tuple[str, Comparison | None, str] | None:
    """What members that are told apart stand in: a group word or relation, a distance, and the pattern.

    The pattern is "together", "pairs" or "chain"; None where the conjuncts are not just that.
    """
    pairs = [frozenset(pair) for pair in combinations(names, 2)]
    rest = [each for each in conjuncts if inequality(each) not in pairs]
    told = {inequality(each) for each in conjuncts} >= set(pairs)
    match rest:
        case [Atom(predicate, arguments)] if predicate in GROUPS and len(names) > 2:
            ordered = [each.name for each in arguments if isinstance(each, Variable)] == list(names)
            return (predicate, None, "together") if ordered else None
        case [Atom("row" | "column" | "clustered" as predicate, (Variable(name=one), Variable(name=other)))]:
            return (predicate, None, "together") if [one, other] == list(names) else None
    if not rest or not told:
        return None
    ties = [_tie(each) for each in rest]
    relations = {tie[0] for tie in ties if tie is not None}
    if None in ties or len(relations) != 1:
        return None
    linked = [tie[1] for tie in ties if tie is not None]
    first = rest[0]
    measured = first if isinstance(first, Comparison) else None
    predicate = first.predicate if isinstance(first, Atom) else "distance"
    if len(linked) == len(pairs) and set(linked) == set(pairs):
        return predicate, measured, "pairs"
    return (predicate, measured, "chain") if linked == [frozenset(pair) for pair in pairwise(names)] else None


def _tie(formula: Formula) -> tuple[object, frozenset[str]] | None:
    match formula:
        case Atom(predicate, (Variable(name=one), Variable(name=other))) if predicate in SYMMETRIC:
            return predicate, frozenset({one, other})
        case Comparison(FunctionTerm("distance", (Variable(name=one), Variable(name=other))), sign, Quantity() as most):
            return (sign, most), frozenset({one, other})
        case _:
            return None


def same_but_for_names(one: Formula, other: Formula) -> bool:
    """Whether two closed formulas differ in the names of their variables only."""
    return renamed(one, {}, fresh_names()) == renamed(other, {}, fresh_names())


def fresh_names(stem: str = "v") -> Iterator[str]:
    """v1, v2, ..."""
    return (f"{stem}{number}" for number in count(1))


def renamed(formula: Formula, names: Mapping[str, str], fresh: Iterator[str]) -> Formula:
    """The formula with its free variables renamed, and its bound ones in their order to fresh names."""
    match formula:
        case Atom(predicate, arguments):
            return Atom(predicate, tuple(rename_term(each, names) for each in arguments))
        case Comparison(left, comparator, right):
            return Comparison(rename_term(left, names), comparator, rename_term(right, names))
        case Quantified(quantifier, variables, body):
            inner = {**names, **{each.name: next(fresh) for each in variables}}
            bound = tuple(Variable(inner[each.name]) for each in variables)
            return Quantified(quantifier, bound, renamed(body, inner, fresh))
        case Counted(comparator, number, variable, body):
            name = next(fresh)
            return Counted(comparator, number, Variable(name), renamed(body, {**names, variable.name: name}, fresh))
        case _:
            return rebuild(formula, tuple(renamed(each, names, fresh) for each in children(formula)))
