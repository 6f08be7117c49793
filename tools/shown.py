"""One judged image in the shape that JSON has: proved by Z3, with its witness or why it is not there."""

from solvers.judge import ImageJudge, Judgement
from solvers.verdict import Verdict
from solvers.why_not import why_not
from solvers.witness import Witness
from solvers.z3_backend import Z3Backend
from tools.results import EntityModel, FailedClause, ImageResult, PartVerdict


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
    return [
        EntityModel(index=entity.index, label=entity.label, confidence=entity.confidence, polygon=[*entity.polygon])
        for entity in judge.scene.entities
        if entity.index in named
    ]
