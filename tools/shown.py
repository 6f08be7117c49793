"""One judged image in the shape that JSON has: proved by Z3, with its witness or why it is not there."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from solvers.judge import ImageJudge, Judgement
from solvers.ranking import Ranked
from solvers.scene import Scene
from solvers.verdict import Verdict
from solvers.why_not import why_not
from solvers.witness import Witness
from solvers.z3_backend import Z3Backend
from tools.certifying import confirm
from tools.question import Question
from tools.results import EntityModel, FailedClause, ImageResult, PartVerdict

if TYPE_CHECKING:
    from solvers.columnar.archive import ArchiveJudge
    from solvers.columnar.store import Store
    from solvers.columnar.witnesses import Entities


def show_ranked(
    question: Question, judge: "ArchiveJudge", ranked: Sequence[Ranked], backend: Z3Backend
) -> Iterator[ImageResult]:
    """Images as a ranking shows them: proved on the columns as far as these can tell, else one by one."""
    from solvers.certify import certify_blocks
    from solvers.columnar.archive import VERDICTS
    from solvers.columnar.proof import Z3Says, prove
    from solvers.columnar.witnesses import find_witnesses

    says = Z3Says.by(lambda blocks, holds: certify_blocks(blocks, holds, backend), backend)
    numbers = np.array([each.image for each in ranked], np.int64)
    scores, is_open = judge.scorer.part_scores(numbers, np.array([each.score for each in ranked]))
    proved = prove(judge, numbers, says)
    witnesses = find_witnesses(judge, numbers, proved)
    entities = _entities(judge.store, witnesses)
    for row, (number, score) in enumerate((each.image, each.score) for each in ranked):
        witness, claimed = witnesses[row], VERDICTS[judge.verdicts[number]]
        image_id = question.archive.image_ids[number]
        if witness is None or is_open[row]:
            one = show(question.judge(question.archive.scene(image_id)), backend, rank=row + 1)
            found = Verdict(one.verdict)
            if found is not Verdict.UNKNOWN:  # else Z3 may have met a limit
                confirm(image_id, claimed, found)
            yield one.model_copy(update={"score": score})
            continue
        confirm(image_id, claimed, Verdict.SAT)
        parts = [
            PartVerdict(id=part.id, verdict=VERDICTS[verdict].value, score=float(own))
            for part, verdict, own in zip(judge.plan.parts, proved.parts[:, row], scores[:, row], strict=True)
        ]
        yield ImageResult(
            rank=row + 1,
            image_id=image_id,
            path=question.archive.path_of(number),
            verdict=Verdict.SAT.value,
            score=score,
            witness={name: _indices(judge.store, chosen) for name, chosen in witness.items()},
            entities=entities[row],
            parts=parts,
            why_not=[],
        )


def _indices(store: "Store", entities: int | list[int]) -> int | list[int]:
    indices: int | list[int] = store.index[entities].tolist()
    return indices


def _entities(store: "Store", witnesses: Sequence["Entities | None"]) -> list[list[EntityModel]]:
    """The entities of each witness, by index."""
    named = [
        [] if each is None else sorted(_numbers(each), key=lambda number: int(store.index[number]))
        for each in witnesses
    ]
    numbers = np.array([number for each in named for number in each], np.int64)
    corners, starts = store.rings(numbers)
    points = [(x, y) for x, y in corners.tolist()]
    index, confidence = store.index[numbers].tolist(), store.confidence[numbers].tolist()
    models = iter(
        EntityModel(
            index=index[row],
            label=store.label_of(number),
            confidence=confidence[row],
            polygon=points[starts[row] : starts[row + 1]],
        )
        for row, number in enumerate(numbers.tolist())
    )
    return [list(islice(models, len(each))) for each in named]


def _numbers(witness: "Entities") -> set[int]:
    return {each for value in witness.values() for each in (value if isinstance(value, list) else [value])}


def show(judge: ImageJudge, backend: Z3Backend, *, rank: int) -> ImageResult:
    """The image as a ranking shows it."""
    proved = judge.prove(backend)
    witness = judge.witness() if proved.verdict is Verdict.SAT else {}
    return ImageResult(
        rank=rank,
        image_id=judge.scene.image_id,
        path=judge.scene.path,
        verdict=proved.verdict.value,
        score=proved.score,
        witness=witness,
        entities=witness_entities(judge, witness),
        parts=part_verdicts(proved),
        why_not=failed_clauses(judge, backend, proved),
    )


def part_verdicts(proved: Judgement) -> list[PartVerdict]:
    """The parts' verdicts."""
    return [PartVerdict(id=each.part.id, verdict=each.verdict.value, score=each.score) for each in proved.parts]


def failed_clauses(judge: ImageJudge, backend: Z3Backend, proved: Judgement) -> list[FailedClause]:
    """The smallest failing set; empty unless the image is unsat."""
    if proved.verdict is not Verdict.UNSAT:
        return []
    return [FailedClause(part=each.part, clause=each.clause) for each in why_not(judge, backend)]


def witness_entities(judge: ImageJudge, witness: Witness) -> list[EntityModel]:
    """The entities that a witness names, by index."""
    named = {index for value in witness.values() for index in (value if isinstance(value, list) else [value])}
    return entities_of(judge.scene, named)


def entities_of(scene: Scene, indices: Collection[int]) -> list[EntityModel]:
    """Some entities of a scene, by their index in the source."""
    return [
        EntityModel(index=entity.index, label=entity.label, confidence=entity.confidence, polygon=[*entity.polygon])
        for entity in scene.entities
        if entity.index in indices
    ]
