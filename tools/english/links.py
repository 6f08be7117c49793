"""Literals that tie two things or three: the words that stand between them."""

from dataclasses import dataclass

from solvers.fol.ast import Atom, Comparator, Comparison, Formula, FunctionTerm, Quantity, Variable
from tools.english.words import BOUNDS, COMPARATIVES, OF_EACH, RELATIONS, SYMMETRIC, quantity


@dataclass(frozen=True, slots=True)
class Link:
    """How a literal ties one thing to another: the words between the two.

    `reverse` where the other one comes first, `of_each` where "any" after the words means each.
    """

    text: str
    reverse: bool = False
    symmetric: bool = False
    of_each: bool = False


def link_between(name: str, other: str, literal: Formula) -> Link | None:
    """How a literal ties the thing `name` to the thing `other`; None where it does not, or not in so few words."""
    match literal:
        case Atom(predicate, (Variable(name=first), Variable(name=second))) if {first, second} == {name, other}:
            text = RELATIONS.get(predicate)
            if text is None:
                return None
            symmetric = predicate in SYMMETRIC
            return Link(text, reverse=first == other, symmetric=symmetric, of_each=text in OF_EACH)
        case Comparison(
            FunctionTerm("distance", (Variable(name=first), Variable(name=second))), sign, Quantity() as most
        ) if {first, second} == {name, other}:
            text = _distance(sign, most)
            far = sign in (Comparator.GT, Comparator.GE)
            return None if text is None else Link(text, reverse=first == other, symmetric=True, of_each=far)
        case Comparison(FunctionTerm(one, (Variable(name=first),)), sign, FunctionTerm(two, (Variable(name=second),))):
            text = COMPARATIVES.get((one, sign)) if one == two else None
            if text is None or {first, second} != {name, other}:
                return None
            return Link(text, reverse=first == other, of_each=True)
        case _:
            return None


def two_others(literal: Formula, name: str) -> tuple[str, str] | None:
    """The other two of `between(name, one, other)`, and of a comparison of the distances from `name` to each."""
    match literal:
        case Atom("between", (Variable(name=subject), Variable(name=one), Variable(name=other))) if subject == name:
            return one, other
        case Comparison(
            FunctionTerm("distance", (Variable(name=first), Variable(name=one))),
            Comparator.LT | Comparator.GT,
            FunctionTerm("distance", (Variable(name=second), Variable(name=other))),
        ) if first == second == name:
            return one, other
        case _:
            return None


def _distance(sign: Comparator, most: Quantity) -> str | None:
    match sign:
        case Comparator.LE:
            return f"within {quantity(most)} of"
        case Comparator.NE:
            return None
        case _:
            return f"{BOUNDS[sign]} {quantity(most)} from"
