"""Judge one image by a formula: its verdict, and the witness or the nearest miss."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from solvers.columnar.images import images_of
from solvers.errors import InputError
from solvers.judge import ImageJudge
from solvers.limits import ImageLimitError
from solvers.nearest import nearest_assignment
from solvers.plan import Clause
from solvers.shortfall import shortfall
from solvers.verdict import Verdict
from solvers.witness import Assignment, Witness, holds, witness_variables
from solvers.witnesses import list_witnesses
from tools.question import Threshold, prepare, unique, why_unknown
from tools.results import BrokenClause, CheckResult, NearestMiss, PartWitnesses
from tools.shown import entities_of, failed_clauses, part_verdicts

if TYPE_CHECKING:
    from solvers.judge import PartJudgement
    from tools.archive import Archive


MOST_OF_A_CLAUSE = 20
"""Of the objects that a broken clause counts so many are handed out with their polygons."""


def check_image(
    formula: str,
    *,
    archive: "str | Path | Archive",
    image_id: str,
    threshold: Threshold = 0.25,
    witnesses: int = 0,
) -> CheckResult:
    """Whether one image satisfies a formula, by Z3, and why or why not.

    `witnesses` is how many witnesses to list of each part that holds, beside the one that is always given. Raises
    FormulaError for an invalid formula, InputError for an unknown image or a negative number of witnesses.
    """
    if witnesses < 0:
        raise InputError(f"witnesses is {witnesses}; it is a number of witnesses, or 0 for none beside the first")
    question = prepare(formula, archive, threshold)
    judge = question.judge(question.archive.scene(image_id))
    backend = question.archive.backend
    proved = judge.prove(backend)
    limits = () if proved.limit is None else (proved.limit,)
    reasons = why_unknown(question.plan, images_of([judge.scene]), limits)
    witness = judge.witness() if proved.verdict is Verdict.SAT else {}
    listed = all_witnesses(judge, proved.parts, witnesses) if witnesses else []
    miss = nearest_miss(judge, proved.parts) if proved.verdict is Verdict.UNSAT else None
    return CheckResult(
        image_id=image_id,
        verdict=proved.verdict.value,
        score=proved.score,
        witness=witness,
        parts=part_verdicts(proved),
        why_not=failed_clauses(judge, backend, proved),
        nearest_miss=miss,
        warnings=unique((*question.warnings(), *reasons)),
        witnesses=listed,
        entities=entities_of(judge.scene, _named(witness, listed, miss)),
    )


def all_witnesses(judge: ImageJudge, parts: "Sequence[PartJudgement]", most: int) -> list[PartWitnesses]:
    """At most so many witnesses of each part that holds, and the entities that take part in any."""
    shown = witness_variables(judge.plan.formula)
    found = []
    for part in (each.part for each in parts if each.verdict is Verdict.SAT):
        listed = list_witnesses(judge.certain, part, most, shown)
        witnesses = [
            {name: judge.source_index(places) for name, places in witness.items()} for witness in listed.witnesses
        ]
        entities = {name: _indices(places, judge) for name, places in listed.takers.items()}
        sets = {frozenset(_entities_in(witness)) for witness in witnesses}
        found.append(
            PartWitnesses(
                part=part.id,
                witnesses=witnesses,
                complete=listed.is_complete,
                distinct_sets=len(sets),
                entities=entities,
                entities_complete=listed.has_all_takers,
            )
        )
    return found


def _indices(places: Iterable[int], judge: ImageJudge) -> list[int]:
    return sorted(judge.scene.entities[place].index for place in places)


def _entities_in(witness: Witness) -> list[int]:
    return [index for value in witness.values() for index in (value if isinstance(value, list) else [value])]


def _named(witness: Witness, listed: Sequence[PartWitnesses], miss: NearestMiss | None) -> set[int]:
    """The indices of all entities that an answer names."""
    named = set(_entities_in(witness))
    for each in listed:
        named.update(*each.entities.values(), *map(_entities_in, each.witnesses))
    if miss is not None:
        named.update(miss.assignment.values(), *(each.entities[:MOST_OF_A_CLAUSE] for each in miss.broken))
    return named


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
    entities = [judge.scene.entities[place].index for place in missing.entities if place not in assignment.values()]
    return BrokenClause(clause=clause.text, found=missing.found, needed=missing.needed, entities=entities)
