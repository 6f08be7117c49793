"""Systems asked every question of a set: what each answered, query by query and image by image."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.evaluation.metrics.ordering import levels_of, order_of, ordered_shares
from tools.evaluation.metrics.ranking import ranking_figures
from tools.evaluation.metrics.verdicts import query_verdicts
from tools.evaluation.results import QueryFigures
from tools.evaluation.systems.base import Answer, CannotAnswerError, Question, RetrievalSystem
from tools.progress import Progress, ProgressListener, ignore_progress

Booleans = npt.NDArray[np.bool_]
Singles = npt.NDArray[np.float32]

FIRST_SHOWN = 3
"""So many images from the head of a ranking are shown."""


@dataclass(frozen=True)
class Scored:
    """What one system answered to q questions over n images.

    `scores` and `ordered` (the share of opposite-label partners in the right order) have shape (q, n), and so has
    `called`, which is None for a system without an operating threshold. `shown` has for each question the places of
    some images in its ranking: (rank from 1, image number), the first ones and the last relevant one.
    """

    system: RetrievalSystem
    figures: tuple[QueryFigures, ...]
    scores: Singles
    ordered: Singles
    called: Booleans | None
    shown: tuple[tuple[tuple[int, int], ...], ...]


def score_system(
    system: RetrievalSystem,
    questions: Sequence[Question],
    relevant: Booleans,
    progress: ProgressListener = ignore_progress,
) -> Scored:
    """Ask a system every question; `relevant` has shape (questions, images).

    What a system refuses is a ranking that finds nothing: average precision 0, no image in order, none called.
    """
    shape = relevant.shape
    scores, ordered = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    called, has_verdicts = np.zeros(shape, np.bool_), False
    figures: list[QueryFigures] = []
    shown: list[tuple[tuple[int, int], ...]] = []
    for place, question in enumerate(questions):
        own = relevant[place]
        try:
            answer = system.answer(question)
        except CannotAnswerError as error:
            ordered[place] = np.where(own.any() and not own.all(), 0.0, np.nan)
            figures.append(_refused(str(error), own))
            shown.append(())
        else:
            levels = levels_of(answer.scores, answer.near_misses)
            scores[place], ordered[place] = answer.scores, ordered_shares(levels, own)
            if answer.called is not None:
                called[place], has_verdicts = answer.called, True
            order = order_of(levels)
            figures.append(_figures(answer, own[order], own))
            shown.append(_shown(order.tolist(), own))
        progress(Progress(system.name, place + 1, len(questions)))
    return Scored(system, tuple(figures), scores, ordered, called if has_verdicts else None, tuple(shown))


def _shown(order: Sequence[int], relevant: Booleans) -> tuple[tuple[int, int], ...]:
    first = list(enumerate(order[:FIRST_SHOWN], start=1))
    last = next(((len(order) - back, image) for back, image in enumerate(reversed(order)) if relevant[image]), None)
    return tuple(first if last is None or last in first else [*first, last])


def _figures(answer: Answer, in_order: Booleans, relevant: Booleans) -> QueryFigures:
    ranked = ranking_figures(in_order)
    recalls: tuple[float | None, ...] = (None, None, None) if ranked is None else ranked.recalls
    verdicts = None if answer.called is None else query_verdicts(answer.called, relevant)
    return QueryFigures(
        average_precision=None if ranked is None else ranked.average_precision,
        recall_at_1=recalls[0],
        recall_at_5=recalls[1],
        recall_at_10=recalls[2],
        ndcg=None if ranked is None else ranked.ndcg,
        precision=None if verdicts is None else verdicts.precision,
        recall=None if verdicts is None else verdicts.recall,
        f1=None if verdicts is None else verdicts.f1,
    )


def _refused(why: str, relevant: Booleans) -> QueryFigures:
    nothing = 0.0 if relevant.any() else None
    return QueryFigures(
        average_precision=nothing,
        recall_at_1=nothing,
        recall_at_5=nothing,
        recall_at_10=nothing,
        ndcg=nothing,
        precision=None,
        recall=nothing,
        f1=nothing,
        refused=why,
    )
