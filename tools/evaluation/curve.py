"""The controlled curve: how much of the mean average precision is left where detections are perturbed on purpose."""

from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tools.evaluation.asking import Asking
from tools.evaluation.metrics.bootstrap import Bootstrap, Places, Statistic, mean_of
from tools.evaluation.noise.perturb import perturbed_archive
from tools.evaluation.results import CurvePoint, CurveResult, QueryFigures
from tools.evaluation.scoring import Scored
from tools.evaluation.summary import QueryFacts, estimate
from tools.evaluation.systems.base import Question
from tools.evaluation.systems.choose import LOGIC_SYSTEMS

if TYPE_CHECKING:
    from tools.archive import Archive

DEFAULT_STRENGTHS = (0.05, 0.1, 0.2, 0.3)

Floats = npt.NDArray[np.float64]


def controlled_curves(
    archive: "Archive",
    asking: Asking,
    asked_of: tuple[Sequence[Question], QueryFacts],
    scored: Sequence[Scored],
    strengths: Sequence[float],
    *,
    seed: int,
    resamples: int,
) -> list[CurveResult]:
    """The curves of the systems that look at detections, from what was `scored` at strength 0 on.

    Every system sees the same perturbed archives.
    """
    questions, facts = asked_of
    kept = facts.answerable
    asked = [question for question, own in zip(questions, kept, strict=True) if own]
    found = {
        each.name: [_precisions([figures for figures, own in zip(each.figures, kept, strict=True) if own])]
        for each in scored
        if each.name in LOGIC_SYSTEMS
    }
    beyond = sorted({*strengths} - {0.0})
    every = [0.0, *beyond]
    if not found or not asked:
        return []
    with TemporaryDirectory(prefix="rune-curve-") as folder:
        perturbed = (perturbed_archive(archive, f"{folder}/{each:g}", each, seed) for each in beyond)
        for at_strength in asking.ask_each(list(found), perturbed, asked, facts.relevant[kept]):
            for each in at_strength:
                found[each.name].append(_precisions(each.figures))
    bootstrap = Bootstrap(len(asked), resamples, seed)
    return [
        CurveResult(
            system=name,
            points=[
                CurvePoint(strength=strength, mean_ap=estimate(bootstrap.interval(mean_of(precision))))
                for strength, precision in zip(every, precisions, strict=True)
            ],
            area=estimate(bootstrap.interval(_area(every, precisions))),
        )
        for name, precisions in found.items()
    ]


def _precisions(figures: Sequence[QueryFigures]) -> Floats:
    return np.array([each.average_precision or 0.0 for each in figures])


def _area(strengths: Sequence[float], precisions: Sequence[Floats]) -> Statistic:
    """The area under P(e) / P(0) by the trapezoidal rule, over its width, so that 1 is no loss."""
    means = [mean_of(each) for each in precisions]

    def statistic(drawn: Places) -> Floats:
        values = np.stack([mean(drawn) for mean in means])
        width = strengths[-1] - strengths[0]
        with np.errstate(invalid="ignore", divide="ignore"):
            kept = np.where(values[0] > 0, values / values[0], np.nan)
        return np.asarray(np.trapezoid(kept, strengths, axis=0) / width) if width > 0 else np.full(len(drawn), np.nan)

    return statistic
