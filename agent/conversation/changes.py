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
    """What holds after a turn and did not before, and the other way about, a sentence each."""
    return [*_formula_changes(before.formula, after.formula, ontology), *_setting_changes(before, after)]


def _formula_changes(before: str | None, after: str | None, ontology: Ontology) -> list[str]:
    if before == after:
        return []
    if after is None:
        return ["there is no question any more"]
    if before is None:
        return [f"a new question: {verbalise(after, ontology)}"]
    old, new = (_parts(each, ontology) for each in (before, after))
    gone = [each for each in old if not _among(each, new)]
    come = [each for each in new if not _among(each, old)]
    if len(gone) == len(come) == 1:
        return [f"{_said(gone[0], ontology)} became {_said(come[0], ontology)}"]
    if len(gone) == len(old) and come:
        return [f"a new question: {verbalise(after, ontology)}"]
    return [
        *(f"dropped: {_said(each, ontology)}" for each in gone),
        *(f"added: {_said(each, ontology)}" for each in come),
    ]


def _setting_changes(before: Standing, after: Standing) -> list[str]:
    changes = [_threshold_change("", before.threshold, after.threshold)] if before.threshold != after.threshold else []
    for name in sorted(before.class_thresholds.keys() | after.class_thresholds.keys()):
        old = before.class_thresholds.get(name, before.threshold)
        new = after.class_thresholds.get(name, after.threshold)
        if old != new:
            changes.append(_threshold_change(f" of {name.replace('_', ' ')}", old, new))
    if before.filters != after.filters:
        changes.append("all images are asked" if after.filters is None else f"only images of {after.filters.words}")
    if before.top_k != after.top_k:
        shown = f"the best {after.top_k} of the images are shown" if after.top_k else "all images are shown"
        changes.append(shown)
    return changes


def _threshold_change(of: str, old: float, new: float) -> str:
    way = "up" if new > old else "down"
    return f"the threshold{of} goes {way} from {old:g} to {new:g}: only what is at least so sure counts"


def _parts(formula: str, ontology: Ontology) -> list[Formula]:
    return separate_parts(analyse(formula, ontology).require())


def _among(formula: Formula, others: Sequence[Formula]) -> bool:
    return any(same_but_for_names(formula, other) for other in others)


def _said(part: Formula, ontology: Ontology) -> str:
    return f'"{describe(part, ontology).removeprefix("images ")}"'
