"""How well a translator reads questions: what can be executed, what means the same as gold, what goes wrong."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from solvers.fol.analysis import analyse
from solvers.fol.ast import Atom, Comparison, Counted, Formula, Not, Or, Quantified, Quantifier, subformulas
from solvers.fol.signature import RELATIONS
from solvers.ontology import Ontology
from solvers.plan import NORMALISE, apply_passes
from tools.equivalence import are_equivalent
from tools.evaluation.metrics.bootstrap import Bootstrap, mean_of
from tools.evaluation.results import Estimate, QueryTranslation, TranslationResult


@dataclass(frozen=True, slots=True)
class Translated:
    """What a translator made of a question: a formula, or in `said` why not."""

    formula: str | None
    said: str | None = None


class Translator(Protocol):
    """Whatever turns English into logic: the offline grammar, a language model."""

    @property
    def name(self) -> str:
        """What it is called in reports."""

    def translate(self, english: str) -> Translated:
        """The formula of a question; a question that it cannot read is told, not raised."""


def judge_translation(translated: Translated, gold: str, ontology: Ontology) -> QueryTranslation:
    """Compare what a translator made with the gold formula, which is valid; Z3 decides whether they mean the same."""
    said, formula = translated.said, translated.formula
    if formula is None:
        return QueryTranslation(outcome="unreadable", formula=None, error="unreadable", said=said)
    analysis = analyse(formula, ontology)
    if analysis.canonical is None:
        first = analysis.diagnostics[0]
        return QueryTranslation(outcome="invalid", formula=formula, error=first.code.value, said=first.message)
    canonical = analysis.canonical
    same = canonical == gold or are_equivalent(canonical, gold, ontology)
    if same is True:
        return QueryTranslation(outcome="equivalent", formula=canonical, error=None, said=None)
    if same is None:
        return QueryTranslation(outcome="undecided", formula=canonical, error=None, said=None)
    kind = kind_of_difference(canonical, gold, ontology)
    return QueryTranslation(outcome="different", formula=canonical, error=kind, said=None)


def kind_of_difference(formula: str, gold: str, ontology: Ontology) -> str:
    """The first of these in which the normal forms of two formulas differ, else structure.

    class, relation, attribute (a region or a comparison), count, universal, negation, disjunction, variables.
    """
    ours, theirs = (
        _features(apply_passes(NORMALISE, analyse(each, ontology).require()), ontology) for each in (formula, gold)
    )
    return next((name for name, found in ours.items() if found != theirs[name]), "structure")


def _features(formula: Formula, ontology: Ontology) -> dict[str, object]:
    nodes = list(subformulas(formula))
    atoms = Counter(each.predicate for each in nodes if isinstance(each, Atom))
    unary = {name for name, signature in RELATIONS.items() if signature.arity == 1}
    comparisons = Counter(
        (type(each.left).__name__, each.comparator, getattr(each.left, "name", "") if each.right else "")
        for each in nodes
        if isinstance(each, Comparison)
    )
    return {
        "class": {name for name in atoms if name in ontology.by_name},
        "relation": {name for name in atoms if name in RELATIONS and name not in unary},
        "attribute": ({name for name in atoms if name in unary}, set(comparisons)),
        "count": Counter((each.comparator, each.count) for each in nodes if isinstance(each, Counted)),
        "universal": sum(isinstance(each, Quantified) and each.quantifier is Quantifier.FORALL for each in nodes),
        "negation": sum(isinstance(each, Not) for each in nodes),
        "disjunction": sum(isinstance(each, Or) for each in nodes),
        "variables": sum(len(each.variables) for each in nodes if isinstance(each, Quantified)),
    }


def translation_result(name: str, judged: Sequence[QueryTranslation], bootstrap: Bootstrap) -> TranslationResult:
    """The figures of all questions together; `bootstrap` draws as many as there are."""
    executable = np.array([each.formula is not None and each.outcome != "invalid" for each in judged], np.float64)
    equivalent = np.array([each.outcome == "equivalent" for each in judged], np.float64)
    errors = Counter(each.error for each in judged if each.error is not None)
    return TranslationResult(
        translator=name,
        questions=len(judged),
        executable=Estimate(**_fields(bootstrap, executable)),
        equivalent=Estimate(**_fields(bootstrap, equivalent)),
        undecided=sum(each.outcome == "undecided" for each in judged),
        errors=dict(sorted(errors.items())),
    )


def _fields(bootstrap: Bootstrap, values: np.typing.NDArray[np.float64]) -> dict[str, float | None]:
    found = bootstrap.interval(mean_of(values))
    return {"value": found.value, "low": found.low, "high": found.high}
