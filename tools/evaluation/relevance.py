"""Which images are relevant to the questions of a set: those that it names, else those that satisfy the formula."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from solvers.errors import InputError
from tools.evaluation.making.relevance import Relevance
from tools.evaluation.queryset import EvaluationQuery
from tools.nearest import did_you_mean

if TYPE_CHECKING:
    from tools.archive import Archive

Booleans = npt.NDArray[np.bool_]


def relevance_of(
    queries: Sequence[EvaluationQuery],
    archive: "Archive",
    labelled: "Archive | None",
) -> tuple[Booleans, list[str]]:
    """Which images are relevant, shape (queries, images), and warnings.

    Where a question does not name them, they are those that satisfy its formula by the independent brute force, on the
    labelled archive where there is one. Raises InputError for an image that the archive lacks.
    """
    number_of = {image_id: number for number, image_id in enumerate(archive.image_ids)}
    found = np.zeros((len(queries), len(number_of)), np.bool_)
    waiting: list[int] = []
    for place, query in enumerate(queries):
        if query.relevant is None:
            waiting.append(place)
            continue
        for image_id in query.relevant:
            if image_id not in number_of:
                hint = did_you_mean(image_id, number_of)
                raise InputError(
                    f"query {query.id!r}: the archive {archive.root} has no image {image_id!r}, which is told to be "
                    f"relevant{hint}"
                )
            found[place, number_of[image_id]] = True
    if not waiting:
        return found, []
    judged = archive if labelled is None else labelled
    warnings = _doubts(len(waiting), judged, labelled is None)
    formulas = [queries[place].formula or "" for place in waiting]
    told = Relevance(judged.scenes(), judged.ontology).relevant(formulas)
    for place, image_ids in zip(waiting, told, strict=True):
        found[place, [number_of[image_id] for image_id in image_ids]] = True
    return found, warnings


def _doubts(count: int, judged: "Archive", is_own: bool) -> list[str]:
    columns = judged.columns()
    if not is_own or bool(np.all(columns.confidence == 1)):
        return []
    return [
        f"{count:,} queries do not say which images are relevant, and so those count that satisfy the formula by the "
        "archive's own detections, the unsure ones too: give a labelled archive by --truth"
    ]
