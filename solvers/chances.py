"""Bounds of a formula's probability that need no world: from the chances that its variables find anything at all.

A block of existentials is at most as probable as that each of its variables finds one of its conditioned entities; a
count as that its variable finds enough (the Poisson binomial distribution). Where one variable is all there is the
bounds meet, and are the probability. What rests on classes that share no leaf is independent. The columns of an
archive use the same algebra, with one value an image.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, reduce

import numpy as np

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
    bound_variables,
    conjuncts_of,
    free_variables,
    subformulas,
)
from solvers.geometry import Floats
from solvers.literals import only_variable
from solvers.ontology import Ontology


class Chance:
    """Least and greatest probability, one value an image; of the two only what is asked for is worked out."""

    def __init__(self, least: Callable[[], Floats], greatest: Callable[[], Floats]) -> None:
        self._least, self._greatest = least, greatest

    @classmethod
    def of(cls, least: Floats, greatest: Floats) -> "Chance":
        """What is known already."""
        return cls(lambda: least, lambda: greatest)

    @cached_property
    def least(self) -> Floats:
        """No image's probability is less."""
        return self._least()

    @cached_property
    def greatest(self) -> Floats:
        """No image's probability is greater."""
        return self._greatest()

    def clamp(self, estimate: Floats) -> Floats:
        """An estimate brought within the bounds, which brings it no further from the truth."""
        return np.clip(estimate, self.least, self.greatest)


Finds = Callable[[Quantified | Counted, str, int, bool], Chance]
"""The chance that a variable of a block finds at least so many entities that its literals allow, at one setting."""

IsUnknown = Callable[[Quantified | Counted], bool]


def bounds(formula: Formula, finds: Finds, is_unknown: IsUnknown, ontology: Ontology, *, lower: bool) -> Chance:
    """The bounds of a formula in existential form at one setting; `finds` gives one value an image.

    Where variables are free, of some choice of entities it is at most as probable as the greatest, and of all choices
    at once at least as probable as the least.
    """

    def of(formula: Formula, lower: bool) -> Chance:
        match formula:
            case Not(body):
                return _complement(of(body, not lower))
            case And(parts):
                return _conjunction([(of(part, lower), leaves_of(part, ontology)) for part in parts])
            case Or(parts):
                negated = [(_complement(of(part, lower)), leaves_of(part, ontology)) for part in parts]
                return _complement(_conjunction(negated))
            case Quantified() | Counted() if is_unknown(formula):
                value = np.array([0.0 if lower else 1.0])
                return Chance.of(value, value)
            case Quantified():
                return enough(formula, 1, lower)
            case Counted(Comparator.GE, count):
                return enough(formula, count, lower)
            case Counted(Comparator.LE, count):
                return _complement(enough(formula, count + 1, not lower))
            case Counted(_, count):
                return _difference(enough(formula, count, lower), enough(formula, count + 1, not lower))
            case Atom() | Comparison():
                return Chance.of(np.zeros(1), np.ones(1))
            case _:
                raise TypeError(f"{type(formula).__name__} is not in existential form")

    def enough(formula: Quantified | Counted, least: int, lower: bool) -> Chance:
        """What each variable finds, and what else must hold, of some entities and at best of all."""
        if least <= 0:
            return Chance.of(np.ones(1), np.ones(1))
        own = [variable.name for variable in bound_variables(formula)]
        parts = [(finds(formula, name, least, lower), leaves_allowed(formula.body, name, ontology)) for name in own]
        others = (conjunct for conjunct in conjuncts_of(formula.body) if only_variable(conjunct) not in own)
        parts.extend((of(conjunct, lower), leaves_of(conjunct, ontology)) for conjunct in others)
        return _conjunction(parts)

    return of(formula, lower)


def _complement(chance: Chance) -> Chance:
    return Chance(lambda: 1.0 - chance.greatest, lambda: 1.0 - chance.least)


def _difference(enough: Chance, more: Chance) -> Chance:
    """That there are enough, but not more."""

    def least() -> Floats:
        return np.maximum(0.0, enough.least - more.greatest)

    return Chance(least, lambda: np.minimum(enough.greatest, np.maximum(least(), enough.greatest - more.least)))


def _conjunction(parts: Sequence[tuple[Chance, frozenset[str]]]) -> Chance:
    """Independent groups multiply; within a group the bounds of Fréchet hold."""
    groups = _independent(parts)

    def least_of(group: Sequence[Chance]) -> Floats:
        return reduce(lambda together, each: np.maximum(0.0, together + each - 1.0), (each.least for each in group))

    def greatest_of(group: Sequence[Chance]) -> Floats:
        return reduce(np.minimum, (each.greatest for each in group))

    def product(factors: Iterable[Floats]) -> Floats:
        return reduce(np.multiply, factors) if groups else np.ones(1)

    return Chance(lambda: product(map(least_of, groups)), lambda: product(map(greatest_of, groups)))


def _independent(parts: Sequence[tuple[Chance, frozenset[str]]]) -> list[list[Chance]]:
    """The parts grouped so that those in different groups share no leaf."""
    groups: list[tuple[list[Chance], frozenset[str]]] = []
    for chance, leaves in parts:
        meeting = [group for group in groups if group[1] & leaves]
        groups = [group for group in groups if not group[1] & leaves]
        chances = [each for group in meeting for each in group[0]]
        groups.append(([*chances, chance], leaves.union(*(group[1] for group in meeting))))
    return [chances for chances, _ in groups]


def leaves_of(formula: Formula, ontology: Ontology) -> frozenset[str]:
    """The leaves that any variable bound in a formula may range over."""
    found: frozenset[str] = frozenset()
    for each in subformulas(formula):
        if isinstance(each, Quantified):
            found = found.union(*(leaves_allowed(each.body, variable.name, ontology) for variable in each.variables))
        elif isinstance(each, Counted):
            found |= leaves_allowed(each.body, each.variable.name, ontology)
    return found


def leaves_allowed(formula: Formula, name: str, ontology: Ontology) -> frozenset[str]:
    """The leaves that the classes in a formula leave a variable."""
    allowed = _allowed(formula, name, ontology)
    return ontology.leaf_set if allowed is None else allowed


def _allowed(formula: Formula, name: str, ontology: Ontology) -> frozenset[str] | None:
    """The same; None where these are all leaves, for nothing is said of the variable's class."""
    match formula:
        case Atom(predicate) if predicate in ontology.leaves_of:
            return ontology.leaves_of[predicate] if name in free_variables(formula) else None
        case Not(Atom(predicate) as atom) if predicate in ontology.leaves_of:
            return ontology.leaf_set - ontology.leaves_of[predicate] if name in free_variables(atom) else None
        case And(parts):
            found = [each for each in (_allowed(part, name, ontology) for part in parts) if each is not None]
            return frozenset.intersection(*found) if found else None
        case Or(parts):
            either = [_allowed(part, name, ontology) for part in parts]
            said = [each for each in either if each is not None]
            return frozenset[str]().union(*said) if len(said) == len(either) else None
        case _:
            return None


def chance_of_any(confidences: Iterable[float]) -> float:
    """The chance that any of some detections is real."""
    none = 1.0
    for confidence in confidences:
        none *= 1.0 - confidence
    return 1.0 - none


def chance_of_enough(confidences: Floats, least: int) -> float:
    """The chance that at least so many of some detections are real, each by itself (Poisson binomial)."""
    if least <= 0:
        return 1.0
    if least > len(confidences):
        return 0.0
    if least == 1:
        return chance_of_any(confidences.tolist())
    exactly = np.zeros(least)  # how probably 0, 1, ... least - 1 are real
    exactly[0] = 1.0
    for confidence in confidences.tolist():
        exactly[1:] = exactly[1:] * (1.0 - confidence) + exactly[:-1] * confidence
        exactly[0] *= 1.0 - confidence
    return max(0.0, 1.0 - float(exactly.sum()))
