"""The parts of a formula as a follow-up speaks of them: what there is to be, how many, and what is said of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from solvers.fol.ast import (
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    Not,
    Or,
    Quantified,
    Quantifier,
    Quantity,
    Variable,
    children,
    conjunction,
    conjuncts_of,
    disjunction,
    free_variables,
    rebuild,
    subformulas,
)
from tools.english.shapes import Classes, exists, flattened, noun_of, rooted, separated

Amount = tuple[Comparator, int]


class Kind(StrEnum):
    """How a part speaks of its noun."""

    SOME = "some"
    COUNT = "count"
    NONE = "none"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Part:
    """One conjunct of a question; `said` is what it says of its first variable `name` beside its `noun`.

    Of a part of kind OTHER nothing but the formula is known; a `group` speaks of several things together.
    """

    formula: Formula
    kind: Kind
    name: str = ""
    classes: Classes = ()
    noun: Formula | None = None
    said: tuple[Formula, ...] = ()
    amount: Amount | None = None
    group: bool = False

    @property
    def is_subject(self) -> bool:
        """Whether the part says that there is something."""
        return self.kind in (Kind.SOME, Kind.COUNT)

    @property
    def is_plain(self) -> bool:
        """Whether the part names nothing but a class, and perhaps a number."""
        return self.kind is not Kind.OTHER and not self.said and not self.group

    def saying(self, said: Sequence[Formula]) -> "Part":
        """The part with other things said of its first variable."""
        return part_of(self._built(self.noun, said))

    def with_classes(self, classes: Classes) -> "Part":
        """The part with its first variable of other classes."""
        atoms = tuple(Atom(each, (Variable(self.name),)) for each in classes)
        return part_of(self._built(disjunction(atoms), self.said))

    def _built(self, noun: Formula | None, said: Sequence[Formula]) -> Formula:
        body = exists([self.name], [*((noun,) if noun is not None else ()), *said])
        if self.kind is Kind.NONE:
            return Not(body)
        if self.amount is not None:
            return counted(body, [self.amount])
        return body


def parts_of(formula: Formula) -> list[Part]:
    """The parts of a formula, in its order, each thing under a quantifier of its own but for groups."""
    return [part_of(one_by_one(each)) for conjunct in conjuncts_of(formula) for each in separated(conjunct)]


def part_of(formula: Formula) -> Part:
    """One conjunct as a part."""
    match formula:
        case Quantified(Quantifier.EXISTS, variables, body):
            return _part(formula, Kind.SOME, [each.name for each in variables], body)
        case Not(Quantified(Quantifier.EXISTS, variables, body)):
            return _part(formula, Kind.NONE, [each.name for each in variables], body)
        case Counted(comparator, count, variable, body):
            return _part(formula, Kind.COUNT, [variable.name], body, (comparator, count))
        case _:
            return Part(formula, Kind.OTHER)


def _part(formula: Formula, kind: Kind, names: list[str], body: Formula, amount: Amount | None = None) -> Part:
    conjuncts = rooted(names[0], names[1:], conjuncts_of(body))
    classes, said = noun_of(names[0], conjuncts)
    noun = next((each for each in conjuncts if each not in said), None)
    return Part(formula, kind, names[0], classes, noun, tuple(said), amount, group=len(names) > 1)


def joined(parts: Sequence[Part]) -> Formula | None:
    """The formula of the parts; None where there are none."""
    return conjunction(tuple(each.formula for each in parts)) if parts else None


def one_by_one(formula: Formula) -> Formula:
    """`exists x y. p(x) & q(x, y)` -> `exists x. p(x) & exists y. q(x, y)`, but for groups of one class."""
    rebuilt = rebuild(formula, tuple(map(one_by_one, children(formula))))
    match rebuilt:
        case Quantified(Quantifier.EXISTS, (first, *others), body) if others:
            names, conjuncts = flattened([first.name, *(each.name for each in others)], conjuncts_of(body))
            kinds = [noun_of(name, conjuncts)[0] for name in names]
            if len(set(kinds)) < len(kinds):
                return rebuilt
            return exists([first.name], rooted(first.name, names[1:], conjuncts))
        case _:
            return rebuilt


def counted(body: Formula, amounts: Sequence[Amount]) -> Formula:
    """`exists x. p` with bounds on how many; "at least one", and no bound at all, is what it says already."""
    match body:
        case Quantified(Quantifier.EXISTS, (variable,), inner):
            bounds = [each for each in amounts if each != (Comparator.GE, 1)]
            return conjunction(tuple(Counted(*each, variable, inner) for each in bounds)) if bounds else body
        case _:
            return body


def things_in(formula: Formula) -> Iterator[Part]:
    """Everything that a formula says there is or is not, outermost first."""
    for each in subformulas(formula):
        if isinstance(each, Counted) or (isinstance(each, Quantified) and each.quantifier is Quantifier.EXISTS):
            yield part_of(each)


def shown_in(formula: Formula) -> Iterator[Part]:
    """Everything that a formula says there is, outermost first: nothing under a negation, a choice or a condition."""
    match formula:
        case Quantified(Quantifier.EXISTS, body=body) | Counted(body=body):
            yield part_of(formula)
            for each in conjuncts_of(body):
                yield from shown_in(each)


def replaced(formula: Formula, old: Formula, new: Formula) -> Formula:
    """The formula with one sub-formula replaced, the very object."""
    if formula is old:
        return new
    return rebuild(formula, tuple(replaced(child, old, new) for child in children(formula)))


def without(formula: Formula, unwanted: Callable[[Classes], bool]) -> Formula | None:
    """The formula without what speaks of things of unwanted classes, at any depth; None where nothing is left.

    What is said of every thing, or of every one of them, goes as a whole; of alternatives the others stay.
    """
    if unwanted(part_of(formula).classes):
        return None
    match formula:
        case Atom(predicate):
            return None if unwanted((predicate,)) else formula
        case Quantified(Quantifier.FORALL):
            return None if any(unwanted(each) for each in classes_in(formula)) else formula
        case Quantified(_, variables, body):
            names, left = _kept([each.name for each in variables], body, unwanted)
            return exists(names, left) if names and left else None
        case Counted(comparator, count, variable, body):
            _, left = _kept([variable.name], body, unwanted)
            return counted(exists([variable.name], left), [(comparator, count)]) if left else None
        case Not(body):
            kept = without(body, unwanted)
            return None if kept is None else Not(kept)
        case Or(parts):
            options = [each for each in (without(each, unwanted) for each in parts) if each is not None]
            return disjunction(tuple(options)) if options else None
        case _:
            return formula


def _kept(names: Sequence[str], body: Formula, unwanted: Callable[[Classes], bool]) -> tuple[list[str], list[Formula]]:
    """The variables and the conjuncts of a body that stay; what is said of a variable goes with its class."""
    conjuncts = conjuncts_of(body)
    gone = {each for each in names if unwanted(noun_of(each, conjuncts)[0])}
    said = [without(each, unwanted) for each in conjuncts if gone.isdisjoint(free_variables(each))]
    return [each for each in names if each not in gone], [each for each in said if each is not None]


def classes_in(formula: Formula) -> Iterator[Classes]:
    """Every class or relation that a formula names, each on its own."""
    for each in subformulas(formula):
        if isinstance(each, Atom):
            yield (each.predicate,)


def without_numbers(formula: Formula) -> Formula:
    """The formula with every number, unit and bound alike, so that two that differ in these only are equal."""
    match formula:
        case Counted(variable=variable, body=body):
            return Quantified(Quantifier.EXISTS, (variable,), without_numbers(body))
        case Comparison(left, _, Quantity()):
            return Comparison(left, Comparator.LE, Quantity(0, None))
        case Comparison(Quantity(), _, right):
            return Comparison(right, Comparator.LE, Quantity(0, None))
        case _:
            return rebuild(formula, tuple(map(without_numbers, children(formula))))
