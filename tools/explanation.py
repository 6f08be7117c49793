"""Why an image is, or is not, an answer: in words, made from the logic and the geometry alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from tools.check import check_image
from tools.question import Threshold
from tools.results import CheckResult, EntityModel, Model, PartWitnesses

if TYPE_CHECKING:
    from solvers.scene import Scene
    from tools.archive import Archive


MOST_PLACES = 20
"""In words so many objects are told where they are; the check has all."""


class Explanation(Model):
    """The check of one image, and the same in words, a sentence a line."""

    check: CheckResult
    words: list[str] = Field(default_factory=list)


def explain(
    formula: str,
    *,
    archive: "str | Path | Archive",
    image_id: str,
    threshold: Threshold = 0.25,
    witnesses: int = 0,
) -> Explanation:
    """Check one image and say in words what proves it, or what fails and what it would take.

    `witnesses` is how many witnesses to list of each part that holds. Raises FormulaError for an invalid formula,
    InputError for an unknown image or a negative number of witnesses.
    """
    from tools.archive import Archive

    opened = archive if isinstance(archive, Archive) else Archive.open(archive)
    check = check_image(formula, archive=opened, image_id=image_id, threshold=threshold, witnesses=witnesses)
    return Explanation(check=check, words=_words(check, opened.scene(image_id)))


def _words(check: CheckResult, scene: "Scene") -> list[str]:
    match check.verdict:
        case "sat":
            said = _proof(check, scene)
        case "unsat":
            said = _refusal(check, scene)
        case _:
            said = [f"{check.image_id} cannot be decided.", *(f"{warning}." for warning in check.warnings)]
    return [*said, *(line for part in check.witnesses for line in _witnesses(part, check))]


def _proof(check: CheckResult, scene: "Scene") -> list[str]:
    labels = {entity.index: entity.label for entity in scene.entities}
    named = "; ".join(_assigned(name, value, labels) for name, value in check.witness.items())
    proof = f", with {named}" if named else ""
    return [f"{check.image_id} satisfies the formula{proof}."]


def _assigned(name: str, value: int | list[int], said: Mapping[int, str]) -> str:
    indices = value if isinstance(value, list) else [value]
    return f"{name} = {', '.join(f'{said[index]} #{index}' for index in indices)}"


def _witnesses(part: PartWitnesses, check: CheckResult) -> list[str]:
    """How many witnesses a part has, each with what takes part and where, and what takes part in all of them."""
    if not part.witnesses:
        return [f"{part.part} holds, and no object has to prove it."]
    count, sets = len(part.witnesses), part.distinct_sets
    of_sets = f"of {sets:,} {'set' if sets == 1 else 'sets'} of objects"
    if part.complete:
        head = f"{part.part} has {count:,} {'witness' if count == 1 else 'witnesses'}, {of_sets}:"
    else:
        head = (
            f"{part.part} has more witnesses than the {count:,} that {'is' if count == 1 else 'are'} listed, {of_sets}:"
        )
    said = {entity.index: entity.label for entity in check.entities}
    lines = ["  " + "; ".join(_assigned(*each, said) for each in witness.items()) for witness in part.witnesses]
    centres = {entity.index: _centre(entity) for entity in check.entities}
    for name, indices in part.entities.items():
        where = ", ".join(f"#{index} at {centres[index]}" for index in indices[:MOST_PLACES])
        where += f" and {len(indices) - MOST_PLACES:,} more" if len(indices) > MOST_PLACES else ""
        least = "" if part.entities_complete else "at least "
        lines.append(f"Objects that are {name} in a witness of {part.part}: {least}{len(indices):,}, {where}.")
    return [head, *lines]


def _centre(entity: EntityModel) -> str:
    """The middle of an entity's bounds, in px."""
    across, down = [x for x, _ in entity.polygon], [y for _, y in entity.polygon]
    return f"({(min(across) + max(across)) / 2:.0f}, {(min(down) + max(down)) / 2:.0f})"


def _refusal(check: CheckResult, scene: "Scene") -> list[str]:
    lines = [f"{check.image_id} does not satisfy the formula: {_fails(check)}."]
    miss = check.nearest_miss
    if miss is None:
        return lines
    labels = {entity.index: entity.label for entity in scene.entities}
    if miss.assignment:
        named = ", ".join(f"{name} = {labels[index]} #{index}" for name, index in miss.assignment.items())
        lines.append(f"The nearest miss is {named}.")
    lines += [f"{each.clause}: found {each.found}. Needed: {each.needed}." for each in miss.broken]
    return lines


def _fails(check: CheckResult) -> str:
    clauses = [each.clause for each in check.why_not]
    if len(clauses) == 1:
        return f"nothing in it makes {clauses[0]} true"
    return f"nothing in it makes these true together: {', '.join(clauses)}"
