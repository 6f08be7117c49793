"""Judge one image by a formula: its verdict, and the witness or the nearest miss."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from solvers.columnar.images import images_of
from solvers.judge import ImageJudge
from solvers.limits import ImageLimitError
from solvers.nearest import nearest_assignment
from solvers.plan import Clause
from solvers.shortfall import shortfall
from solvers.verdict import Verdict
from solvers.witness import Assignment, holds
from tools.question import Threshold, prepare, unique, why_unknown
from tools.results import BrokenClause, CheckResult, NearestMiss
from tools.shown import failed_clauses, part_verdicts

if TYPE_CHECKING:
    from solvers.judge import PartJudgement
    from tools.archive import Archive


def check_image(
    formula: str, *, archive: "str | Path | Archive", image_id: str, threshold: Threshold = 0.25
) -> CheckResult:
    """Whether one image satisfies a formula, by Z3, and why or why not.

    Raises FormulaError for an invalid formula, InputError for an unknown image.
    """
    from solvers.z3_backend import Z3Backend

    question = prepare(formula, archive, threshold)
    judge = question.judge(question.archive.scene(image_id))
    backend = Z3Backend()
    proved = judge.prove(backend)
    limits = () if proved.limit is None else (proved.limit,)
    reasons = why_unknown(question.plan, images_of([judge.scene]), limits)
    return CheckResult(
        image_id=image_id,
        verdict=proved.verdict.value,
        score=proved.score,
        witness=judge.witness() if proved.verdict is Verdict.SAT else {},
        parts=part_verdicts(proved),
        why_not=failed_clauses(judge, backend, proved),
        nearest_miss=nearest_miss(judge, proved.parts) if proved.verdict is Verdict.UNSAT else None,
        warnings=unique((*question.warnings(), *reasons)),
    )


def nearest_miss(judge: ImageJudge, parts: "Sequence[PartJudgement]") -> NearestMiss:
    """Of every part that fails, the assignment that breaks fewest clauses, and what each broken one would take."""
    assignment: dict[str, int] = {}
    broken: list[BrokenClause] = []
    evaluator = judge.quick
    for part in (each.part for each in parts if each.verdict is Verdict.UNSAT):
        try:
            nearest = nearest_assignment(evaluator, part)
        except ImageLimitError as error:
            broken.append(BrokenClause(clause=part.text, found=f"not known: {error}", needed="to be decided"))
            continue
        if nearest.assignment is None:
            broken += [BrokenClause(clause=clause.text, found="no objects", needed="some") for clause in part.clauses]
            continue
        for name, place in nearest.assignment.items():
            assignment.setdefault(name, judge.scene.entities[place].index)
        broken += [each for clause in part.clauses if (each := _broken(clause, nearest.assignment, judge)) is not None]
    return NearestMiss(assignment=assignment, broken=broken)


def _broken(clause: Clause, assignment: Assignment, judge: ImageJudge) -> BrokenClause | None:
    """What a clause lacks under an assignment; None where it holds."""
    evaluator = judge.certain
    try:
        if holds(evaluator, clause.formula, assignment, lower=True):
            return None
        missing = shortfall(clause.formula, assignment, evaluator)
    except ImageLimitError as error:
        return BrokenClause(clause=clause.text, found=f"not known: {error}", needed="to be decided")
    return BrokenClause(clause=clause.text, found=missing.found, needed=missing.needed)
