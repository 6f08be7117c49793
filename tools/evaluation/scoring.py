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

Booleans = npt.NDArray[np.bool_]
Singles = npt.NDArray[np.float32]

FIRST_SHOWN = 3
"""So many images from the head of a ranking are shown."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """What one system answered to one question over n images, and what that is worth.

    `scores` and `ordered` (the share of opposite-label partners in the right order) have shape (n), and so has
    `called`, which is None for a system without an operating threshold. `shown` has the places of some images in the
    ranking: (rank from 1, image number), the first ones and the last relevant one.
    """

    figures: QueryFigures
    scores: Singles
    ordered: Singles
    called: Booleans | None
    shown: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Scored:
    """What one system answered to q questions over n images: the arrays of `Ranked`, of shape (q, n)."""

    name: str
    description: str
    gives_probabilities: bool
    figures: tuple[QueryFigures, ...]
    scores: Singles
    ordered: Singles
    called: Booleans | None
    shown: tuple[tuple[tuple[int, int], ...], ...]

    @classmethod
    def of(cls, system: RetrievalSystem, ranked: Sequence[Ranked]) -> "Scored":
        """A system's answers to all questions; there is at least one."""
        size = len(ranked[0].scores)
        has_verdicts = any(each.called is not None for each in ranked)
        none_called = np.zeros(size, np.bool_)
        return cls(
            system.name,
            system.description,
            system.gives_probabilities,
            tuple(each.figures for each in ranked),
            np.stack([each.scores for each in ranked]),
            np.stack([each.ordered for each in ranked]),
            np.stack([none_called if each.called is None else each.called for each in ranked])
            if has_verdicts
            else None,
            tuple(each.shown for each in ranked),
        )


def rank_question(system: RetrievalSystem, question: Question, relevant: Booleans) -> Ranked:
    """Ask a system one question; `relevant` says of each image whether it is an answer.

    What a system refuses is a ranking that finds nothing: average precision 0, no image in order, none called.
    """
    try:
        answer = system.answer(question)
    except CannotAnswerError as error:
        unordered = 0.0 if relevant.any() and not relevant.all() else np.nan
        return Ranked(
            _refused(str(error), relevant),
            np.zeros(len(relevant), np.float32),
            np.full(len(relevant), unordered, np.float32),
            None,
            (),
        )
    levels = levels_of(answer.scores, answer.near_misses)
    order = order_of(levels)
    return Ranked(
        _figures(answer, relevant[order], relevant),
        answer.scores.astype(np.float32),
        ordered_shares(levels, relevant).astype(np.float32),
        answer.called,
        _shown(order.tolist(), relevant),
    )


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
