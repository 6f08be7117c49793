"""How complex a formula is: c = V + R + A + N + 2 Q + J + 2 D, and the level from 1 to 5 that it falls in.

The measure is RUNE's own: that of the RRQC metric of the source paper is not public. It is taken of the normal form
without group words spelled out: `->`, `<->` and `^` rewritten, negations at the literals, quantifiers as far inwards as
they go, neighbouring equal quantifiers merged.
"""

from dataclasses import dataclass

from solvers.fol.analysis import analyse
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
    Variable,
    children,
)
from solvers.fol.passes.desugar import desugar
from solvers.fol.passes.merge_quantifiers import merge_quantifiers
from solvers.fol.passes.miniscope import miniscope
from solvers.fol.passes.negation_normal_form import negation_normal_form
from solvers.fol.signature import RELATIONS
from solvers.ontology import Ontology

LEVEL_ENDS = (2, 5, 9, 14)
"""The greatest complexity of levels 1 to 4; what is above is of level 5."""
MOST_COUNTED = 4


@dataclass(frozen=True, slots=True)
class Complexity:
    """What a formula is made of; `total` is c.

    - `variables`, V: one for each bound variable. `exists>=k` and `exists=k` count min(k, 4); `exists<=k` denies
      `exists>=k+1` and counts as that.
    - `relations`, R: atoms over two or more entities; a group word over k entities counts k - 1.
    - `attributes`, A: regions of the image, and comparisons of quantities. Classes, and `=` and `!=` of entities, count
      nothing.
    - `negations`, N: negated atoms, and one for each upper bound of a count (`exists<=k`, `exists=k`). What only says
      of which class a universal speaks ("every ship": `~ship(x) | ...`) is no negation and no disjunction.
    - `universals`, Q: universal quantifiers, of several variables or one.
    - `disjunctions`, J: one less than the alternatives, for each "or".
    - `alternations`, D: how often existential and universal quantifiers alternate, on the way inwards on which they do
      most; lower bounds of counts are existential, `exists<=k` is universal.
    """

    variables: int = 0
    relations: int = 0
    attributes: int = 0
    negations: int = 0
    universals: int = 0
    disjunctions: int = 0
    alternations: int = 0

    @property
    def total(self) -> int:
        """c."""
        plain = self.variables + self.relations + self.attributes + self.negations + self.disjunctions
        return plain + 2 * self.universals + 2 * self.alternations

    @property
    def level(self) -> int:
        """1 where c is at most 2, 2 up to 5, 3 up to 9, 4 up to 14, else 5."""
        return 1 + sum(self.total > end for end in LEVEL_ENDS)


def complexity_of(text: str, ontology: Ontology) -> Complexity:
    """The complexity of a formula's text; raises FormulaError where it is none."""
    return complexity(analyse(text, ontology).require())


def complexity(formula: Formula) -> Complexity:
    """The complexity of a canonical formula."""
    normal = merge_quantifiers(miniscope(negation_normal_form(desugar(formula))))
    counted = _Counting()
    counted.visit(normal)
    return Complexity(
        counted.variables,
        counted.relations,
        counted.attributes,
        counted.negations,
        counted.universals,
        counted.disjunctions,
        _alternations(normal, None),
    )


class _Counting:
    """Sums over the nodes of one normal form."""

    def __init__(self) -> None:
        self.variables = self.relations = self.attributes = 0
        self.negations = self.universals = self.disjunctions = 0

    def visit(self, formula: Formula) -> None:
        match formula:
            case Atom(predicate, arguments):
                if predicate in RELATIONS:
                    self.attributes += len(arguments) == 1
                    self.relations += 0 if len(arguments) == 1 else _weight(predicate, len(arguments))
            case Comparison():
                self.attributes += not isinstance(formula.left, Variable)
            case Not():
                self.negations += 1
            case Or(parts):
                self.disjunctions += len(parts) - 1
            case Quantified(quantifier, variables):
                self.variables += len(variables)
                if quantifier is Quantifier.FORALL:
                    self.universals += 1
                    self._guarded(formula)
                    return
            case Counted(comparator, count):
                upper = comparator is not Comparator.GE
                self.variables += min(count + (comparator is Comparator.LE), MOST_COUNTED)
                self.negations += upper
        for child in children(formula):
            self.visit(child)

    def _guarded(self, universal: Quantified) -> None:
        """A universal's alternatives, without those that only say what it speaks of."""
        names = {variable.name for variable in universal.variables}
        body = universal.body
        parts = body.parts if isinstance(body, Or) else (body,)
        told = [part for part in parts if not _is_guard(part, names)] or [parts[-1]]
        self.disjunctions += len(told) - 1
        for part in told:
            self.visit(part)


def _weight(predicate: str, arguments: int) -> int:
    return arguments - 1 if RELATIONS[predicate].variadic else 1


def _is_guard(part: Formula, names: set[str]) -> bool:
    match part:
        case Not(Atom(predicate, (Variable(name),))):
            return predicate not in RELATIONS and name in names
        case Comparison(Variable(one), Comparator.EQ, Variable(other)):
            return bool({one, other} & names)
        case _:
            return False


def _alternations(formula: Formula, around: bool | None) -> int:
    """The most alternations on a way inwards; `around` tells whether the quantifier around is universal."""
    match formula:
        case Quantified(quantifier):
            universal = quantifier is Quantifier.FORALL
        case Counted(comparator):
            universal = comparator is Comparator.LE
        case _:
            return max((_alternations(child, around) for child in children(formula)), default=0)
    changed = around is not None and universal is not around
    return changed + max((_alternations(child, universal) for child in children(formula)), default=0)
