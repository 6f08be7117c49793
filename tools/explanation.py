"""Why an image is, or is not, an answer: in words, made from the logic and the geometry alone."""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from tools.check import check_image
from tools.question import Threshold
from tools.results import CheckResult, Model

if TYPE_CHECKING:
    from solvers.scene import Scene
    from tools.archive import Archive


class Explanation(Model):
    """The check of one image, and the same in words, a sentence a line."""

    check: CheckResult
    words: list[str] = Field(default_factory=list)


def explain(
    formula: str, *, archive: "str | Path | Archive", image_id: str, threshold: Threshold = 0.25
) -> Explanation:
    """Check one image and say in words what proves it, or what fails and what it would take.

    Raises FormulaError for an invalid formula, InputError for an unknown image.
    """
    from tools.archive import Archive

    opened = archive if isinstance(archive, Archive) else Archive.open(archive)
    check = check_image(formula, archive=opened, image_id=image_id, threshold=threshold)
    return Explanation(check=check, words=_words(check, opened.scene(image_id)))


def _words(check: CheckResult, scene: "Scene") -> list[str]:
    match check.verdict:
        case "sat":
            return _proof(check, scene)
        case "unsat":
            return _refusal(check, scene)
        case _:
            return [f"{check.image_id} cannot be decided.", *(f"{warning}." for warning in check.warnings)]


def _proof(check: CheckResult, scene: "Scene") -> list[str]:
    labels = {entity.index: entity.label for entity in scene.entities}
    named = []
    for name, value in check.witness.items():
        indices = value if isinstance(value, list) else [value]
        named.append(f"{name} = {', '.join(f'{labels[index]} #{index}' for index in indices)}")
    proof = f", with {'; '.join(named)}" if named else ""
    return [f"{check.image_id} satisfies the formula{proof}."]


def _refusal(check: CheckResult, scene: "Scene") -> list[str]:
    lines = [f"{check.image_id} does not satisfy the formula: {_fails(check)}."]
    miss = check.nearest_miss
    if miss is None:
        return lines
    labels = {entity.index: entity.label for entity in scene.entities}
    if miss.assignment:
        named = ", ".join(f"{name} = {labels[index]} #{index}" for name, index in miss.assignment.items())
        lines.append(f"The nearest miss is {named}.")
    lines += [f"{each.clause}: found {each.found}, needed {each.needed}." for each in miss.broken]
    return lines


def _fails(check: CheckResult) -> str:
    clauses = [each.clause for each in check.why_not]
    if len(clauses) == 1:
        return f"nothing in it makes {clauses[0]} true"
    return f"nothing in it makes these true together: {', '.join(clauses)}"
