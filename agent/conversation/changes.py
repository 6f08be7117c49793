"""What a turn changed, in words made from the logic before and after it."""

from collections.abc import Sequence

from agent.conversation.turns import Standing
from solvers.fol.analysis import analyse
from solvers.fol.ast import Formula
from solvers.ontology import Ontology
from tools.english import verbalise
from tools.english.reading import describe
from tools.english.shapes import same_but_for_names, separate_parts


def changes_between(before: Standing, after: Standing, ontology: Ontology) -> list[str]:
    """What the formula after a turn says and the one before did not, and the other way about."""
    if before.formula == after.formula:
        return []
    if after.formula is None:
        return ["there is no question any more"]
    if before.formula is None:
        return [f"a new question: {verbalise(after.formula, ontology)}"]
    old, new = (_parts(each, ontology) for each in (before.formula, after.formula))
    gone = [each for each in old if not _among(each, new)]
    come = [each for each in new if not _among(each, old)]
    if old and len(gone) == len(old) and len(new) == len(come) > 1:
        return [f"a new question: {verbalise(after.formula, ontology)}"]
    if len(gone) == len(come) == 1:
        return [f"{_said(gone[0], ontology)} became {_said(come[0], ontology)}"]
    return [
        *(f"dropped: {_said(each, ontology)}" for each in gone),
        *(f"added: {_said(each, ontology)}" for each in come),
    ]


def _parts(formula: str, ontology: Ontology) -> list[Formula]:
    return separate_parts(analyse(formula, ontology).require())


def _among(formula: Formula, others: Sequence[Formula]) -> bool:
    return any(same_but_for_names(formula, other) for other in others)


def _said(part: Formula, ontology: Ontology) -> str:
    return f'"{describe(part, ontology).removeprefix("images ")}"'
