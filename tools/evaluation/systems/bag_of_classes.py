"""A bag of classes: how many objects of which classes a question asks for, and nothing of their arrangement.

    exists x y. ship(x) & harbor(y) & near(x, y)     ->  exists x. ship(x) & exists x. harbor(x)
    exists>=3 x. plane(x) & in_left(x)               ->  exists>=3 x. plane(x)
    exists x. plane(x) & ~exists y. ship(y)          ->  the same: it is counts already
    exists x. plane(x) & ~exists y. ship(y) & near(x, y)  ->  exists x. plane(x)

What is left is scored as RUNE scores it, so that the difference is what arrangement is worth.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from solvers.fol.analysis import analyse
from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Counted,
    Formula,
    Not,
    Or,
    Quantified,
    Quantifier,
    Variable,
    children,
    conjunction,
    conjuncts_of,
    disjunction,
    free_variables,
    rebuild,
)
from solvers.fol.printer import print_formula
from solvers.ontology import Ontology
from solvers.plan import NORMALISE, apply_passes
from tools.evaluation.systems.base import Answer, Question
from tools.evaluation.systems.judging import Judges

_NAME = "x"


@dataclass(frozen=True)
class BagOfClasses:
    """Counts only, no arrangement."""

    judges: Judges
    name: str = "bag-of-classes"
    description: str = "The probability that there are as many objects of each class as are asked for; no arrangement"
    gives_probabilities: bool = True

    def answer(self, question: Question) -> Answer:
        """Score every image by the counts alone; images that nothing tells apart stay in the order of their ids."""
        size = len(self.judges.archive.image_ids)
        asked = self.judges.judge(question.formula)
        counts = counts_of(asked.plan.text, self.judges.archive.ontology)
        if counts is None:
            return Answer(np.ones(size), None, np.ones(size, np.bool_))
        judge = self.judges.judge(counts)
        scores = judge.settled_scores(np.arange(size, dtype=np.int64))
        return Answer(scores, self.judges.near_misses(judge, scores), self.judges.called(judge))


def counts_of(formula: str, ontology: Ontology) -> str | None:
    """What a formula says of counts of classes, as a formula; None where that is nothing.

    Two variables of one block that range over the same classes are taken for two objects.
    """
    normal = apply_passes(NORMALISE, analyse(formula, ontology).require())
    found = _counts(normal, ontology)
    return None if found is None else print_formula(found)


def _counts(formula: Formula, ontology: Ontology) -> Formula | None:
    """What a formula in normal form says of counts alone; weaker than it, or None for nothing."""
    match formula:
        case And(parts):
            kept = [each for part in parts if (each := _counts(part, ontology)) is not None]
            return conjunction(tuple(dict.fromkeys(kept))) if kept else None
        case Or(parts):
            branches = [_counts(part, ontology) for part in parts]
            kept = [each for each in branches if each is not None]
            return disjunction(tuple(dict.fromkeys(kept))) if len(kept) == len(branches) else None
        case Quantified(Quantifier.FORALL, (_,), body) if _is_class_condition(body, ontology):
            return Quantified(Quantifier.FORALL, (Variable(_NAME),), _renamed(body))
        case Quantified(Quantifier.FORALL):
            return None
        case Not(Counted(body=body) as denied) if _is_class_condition(body, ontology):
            return Not(Counted(denied.comparator, denied.count, Variable(_NAME), _renamed(body)))
        case Counted(comparator, count, _, body) if _is_class_condition(body, ontology):
            return Counted(comparator, count, Variable(_NAME), _renamed(body))
        case Counted(Comparator.LE):
            return None
        case Quantified() | Counted():
            return _enough(formula, ontology)
        case _:
            return None


def _enough(formula: Quantified | Counted, ontology: Ontology) -> Formula | None:
    """How many objects of each condition a block needs, and what else it says of counts."""
    wanted, others = _collected(formula, ontology)
    kept: list[Formula] = [
        Counted(Comparator.GE, count, Variable(_NAME), condition)
        if count > 1
        else Quantified(Quantifier.EXISTS, (Variable(_NAME),), condition)
        for condition, count in wanted.items()
    ]
    kept += [each for each in others if each not in kept]
    return conjunction(tuple(kept)) if kept else None


def _collected(formula: Quantified | Counted, ontology: Ontology) -> tuple[Counter[Formula], list[Formula]]:
    """The conditions of a block's variables with how often each is asked for, nested blocks with them."""
    wanted: Counter[Formula] = Counter()
    others: list[Formula] = []
    bound = formula.variables if isinstance(formula, Quantified) else (formula.variable,)
    times = formula.count if isinstance(formula, Counted) else 1
    if times == 0:
        return wanted, others
    conjuncts = conjuncts_of(formula.body)
    for variable in bound:
        own = [
            each
            for each in conjuncts
            if free_variables(each) == {variable.name} and _is_class_condition(each, ontology)
        ]
        if own:
            wanted[conjunction(tuple(_renamed(each) for each in own))] += times
    for conjunct in conjuncts:
        match conjunct:
            case Quantified(Quantifier.EXISTS) | Counted(Comparator.GE | Comparator.EQ):
                inner, more = _collected(conjunct, ontology)
                if times == 1:
                    wanted.update(inner)
                else:  # a partner of many may be one of them
                    wanted |= inner
                others += more
            case _ if not free_variables(conjunct):
                found = _counts(conjunct, ontology)
                others += [] if found is None else [found]
            case _:
                pass
    return wanted, others


def _is_class_condition(formula: Formula, ontology: Ontology) -> bool:
    """Whether a formula only says which classes one variable has."""
    return len(free_variables(formula)) == 1 and all(
        isinstance(each, And | Or | Not) or (isinstance(each, Atom) and each.predicate in ontology.by_name)
        for each in _nodes(formula)
    )


def _nodes(formula: Formula) -> Iterable[Formula]:
    yield formula
    for child in children(formula):
        yield from _nodes(child)


def _renamed(formula: Formula) -> Formula:
    """A class condition with its variable called as all are, so that equal ones are equal."""
    if isinstance(formula, Atom):
        return Atom(formula.predicate, (Variable(_NAME),))
    return rebuild(formula, tuple(map(_renamed, children(formula))))
