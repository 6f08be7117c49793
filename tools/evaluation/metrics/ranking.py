"""How good one ranking is: average precision, recall at k and nDCG, by scikit-learn, on the order that was returned.

A ranking is a total order: what ties in score has been put in order before it comes here, and that order counts. So a
metric of a ranking never depends on how a library breaks ties.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Booleans = npt.NDArray[np.bool_]

CUTS = (1, 5, 10)
"""Recall is told after so many images."""


@dataclass(frozen=True, slots=True)
class RankingFigures:
    """What one ranking of one query is worth; `recalls` has one value for each of CUTS."""

    average_precision: float
    recalls: tuple[float, ...]
    ndcg: float


def ranking_figures(relevant: Booleans) -> RankingFigures | None:
    """The figures of a ranking given which of its images are relevant, best image first; None where none is."""
    from sklearn.metrics import average_precision_score, ndcg_score

    count = int(np.count_nonzero(relevant))
    if count == 0:
        return None
    places = np.arange(len(relevant), 0, -1, dtype=np.float64)
    ndcg = 1.0 if len(relevant) == 1 else float(ndcg_score([relevant], [places], ignore_ties=True))
    return RankingFigures(
        average_precision=float(average_precision_score(relevant, places)),
        recalls=tuple(float(np.count_nonzero(relevant[:cut])) / count for cut in CUTS),
        ndcg=ndcg,
    )
