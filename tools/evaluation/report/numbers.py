"""Figures as text, the same in Markdown and on the page."""

from collections.abc import Callable
from dataclasses import dataclass

from tools.evaluation.results import Estimate, SystemResult

NONE = "-"


def value(number: float | None, digits: int = 3) -> str:
    """A number, or a dash where there is none."""
    return NONE if number is None else f"{number:.{digits}f}"


def interval(estimate: Estimate, digits: int = 3) -> str:
    """A figure with its interval."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return value(estimate.value, digits)
    return f"{estimate.value:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of the table of systems; `better` is 1 where greater is better, -1 where less is, else 0."""

    name: str
    meaning: str
    of: Callable[[SystemResult], Estimate]
    better: int = 1


COLUMNS = (
    Column("mAP", "mean average precision", lambda system: system.mean_ap),
    Column("lead", "how far the first system is ahead in mAP, on the same draws", lambda system: system.map_lead, 0),
    Column("R@1", "recall after 1 image", lambda system: system.recall_at_1),
    Column("R@5", "recall after 5 images", lambda system: system.recall_at_5),
    Column("R@10", "recall after 10 images", lambda system: system.recall_at_10),
    Column("nDCG", "normalised discounted cumulative gain", lambda system: system.ndcg),
    Column("P", "precision of the verdict, over all pairs", lambda system: system.precision),
    Column("R", "recall of the verdict", lambda system: system.recall),
    Column("F1", "harmonic mean of the two", lambda system: system.f1),
    Column("false alarms", "images called answers where none is one", lambda system: system.false_alarms, -1),
    Column("RRQC", "average precision weighted by complexity", lambda system: system.rrqc),
    Column("retention", "mean of the levels above the first over the first", lambda system: system.rrqc_retention, 0),
    Column("slope", "average precision for each unit of complexity (Theil-Sen)", lambda system: system.ap_slope, 0),
    Column("RRIU", "order kept, weighted by uncertainty", lambda system: system.rriu),
    Column("retention under uncertainty", "most over least uncertain third", lambda system: system.rriu_retention, 0),
)
