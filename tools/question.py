"""A formula, an archive and a threshold made ready: the plan and the settings that every image is judged by."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solvers.errors import InputError
from solvers.fol.analysis import Analysis, analyse
from solvers.fol.ast import Atom, Comparison, subformulas
from solvers.fol.diagnostics import Severity
from solvers.judge import DEFAULT_THRESHOLD, ImageJudge, JudgeSettings
from solvers.limits import Tick, never
from solvers.ontology import Ontology, normalise_label
from solvers.plan import Plan, make_plan
from solvers.quantities import needs_gsd
from solvers.relations import COMPASS
from solvers.scene import Scene
from tools.filters import Filters
from tools.nearest import did_you_mean
from tools.validate import semantic_warnings

if TYPE_CHECKING:
    from solvers.columnar.archive import ArchiveJudge
    from solvers.columnar.images import Images
    from tools.archive import Archive

Threshold = float | Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask of every image."""

    archive: "Archive"
    plan: Plan
    settings: JudgeSettings
    analysis: Analysis

    def warnings(self, *, sat: bool = False, unsat: bool = False) -> tuple[str, ...]:
        """What the user is told of the archive and of the formula itself.

        Whether no scene satisfies it, or every scene, is asked of Z3 unless a `sat` and an `unsat` image are known.
        """
        found = self.analysis.diagnostics
        if not (sat and unsat):
            found = (*found, *semantic_warnings(self.analysis, self.archive.ontology))
        said = tuple(each.message for each in found if each.severity is Severity.WARNING)
        return (*self.archive.warnings, *said)

    def judge(self, scene: Scene) -> ImageJudge:
        """One image under this question."""
        return ImageJudge(self.plan, scene, self.settings)

    def archive_judge(self) -> "ArchiveJudge":
        """The whole archive under this question."""
        from solvers.columnar.archive import ArchiveJudge

        archive = self.archive

        def exact(number: int) -> ImageJudge:
            return self.judge(archive.scene(archive.image_ids[number]))

        return ArchiveJudge(self.plan, archive.store, self.settings, exact)


def prepare(
    formula: str,
    archive: "str | Path | Archive",
    threshold: Threshold,
    *,
    filters: Filters | None = None,
    tick: Tick = never,
) -> Question:
    """Open the archive, read the formula over its ontology and plan it.

    Raises FormulaError for an invalid formula, InputError for a threshold or an archive that cannot be used.
    """
    from tools.archive import Archive

    opened = archive if isinstance(archive, Archive) else Archive.open(archive)
    opened = opened if filters is None else opened.only(filters)
    settings = replace(settings_of(threshold, opened.ontology), tick=tick)
    analysis = analyse(formula, opened.ontology)
    plan = make_plan(analysis.require(), opened.ontology)
    return Question(opened, plan, settings, analysis)


def settings_of(threshold: Threshold, ontology: Ontology) -> JudgeSettings:
    """What a threshold means class by class; raises InputError for one that is none, or for a class that is none."""
    if not isinstance(threshold, Mapping):
        return JudgeSettings(threshold=_checked(threshold))
    chosen: dict[str, float] = {}
    named = {label: normalise_label(label) for label in threshold}
    for label, name in named.items():
        if name not in ontology.leaves_of:
            hint = did_you_mean(name, tuple(ontology.leaves_of))
            raise InputError(f"a threshold is given for {label!r}, which the ontology {ontology.name} lacks{hint}")
    widest_first = sorted(named.items(), key=lambda each: -len(ontology.leaves_of[each[1]]))
    for label, name in widest_first:  # so that the more specific class wins
        chosen.update(dict.fromkeys(ontology.leaves_of[name], _checked(threshold[label])))
    return JudgeSettings(threshold=DEFAULT_THRESHOLD, class_thresholds=chosen)


def _checked(threshold: float) -> float:
    if not 0 < threshold <= 1:
        raise InputError(f"the threshold is {threshold}; it is a confidence above 0 and at most 1")
    return threshold


def why_unknown(plan: Plan, images: "Images", limits: Iterable[str]) -> Iterator[str]:
    """Why images are unknown, one sentence a reason, with how many; `limits` has one message an image that met one."""
    literals = [each for part in plan.parts for each in subformulas(part.formula)]
    found: Counter[str] = Counter()
    for name in sorted({each for part in plan.parts for each in part.classes}):
        lacking = [place for place, known in enumerate(images.known_sets) if not plan.ontology.leaves_of[name] <= known]
        if lacking:
            found[f"class {name} is unknown to the source of"] += int(np.isin(images.known, lacking).sum())
    if any(isinstance(each, Comparison) and needs_gsd(each) for each in literals):
        reason = "distances and areas in metres are unknown, for want of a ground sample distance, in"
        found[reason] += int(np.isnan(images.gsd).sum())
    compass = sorted({each.predicate for each in literals if isinstance(each, Atom)} & COMPASS)
    if compass:
        reason = f"{' and '.join(compass)} cannot be told, for want of a georeference, in"
        found[reason] += int(np.isnan(images.north[:, 0]).sum())
    for limit in limits:
        found[f"a resource limit was reached ({limit}) in"] += 1
    for reason, count in sorted(found.items()):
        if count:
            yield f"{reason} {count} image{'s' if count != 1 else ''}"


def unique(warnings: Iterable[str]) -> list[str]:
    """The warnings, each once, in order."""
    return list(dict.fromkeys(warnings))
