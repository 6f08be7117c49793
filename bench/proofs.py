"""What proofs cost over an archive: certifying in batches or image by image, and the core that says why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from bench.queries import QUERIES, Query
from bench.timing import Timed, median, timed
from solvers.fol.analysis import analyse
from solvers.judge import ImageJudge
from solvers.plan import Plan, make_plan
from solvers.scene import Scene
from solvers.verdict import Verdict
from solvers.why_not import why_not
from solvers.z3_backend import Z3Backend
from tools import rank
from tools.archive import Archive


@dataclass(frozen=True, slots=True)
class ProofRow:
    """One question: milliseconds an image to certify in batches, one after the other, and each by its own solver.

    `one_by_one` makes a solver for each image, `reused` keeps one; `why_not` has the unsat images' cores.
    """

    query: str
    images: int
    batched: float
    one_by_one: float
    reused: float
    why_not: Timed


def measure_proofs(path: Path, sample: int, rounds: int, queries: Sequence[Query] = QUERIES) -> list[ProofRow]:
    """A row a question; image by image on the first images of the archive, in batches on all."""
    archive = Archive.open(path)
    scenes = list(islice(archive.scenes(), sample))
    rows = []
    for query in queries:
        plan = make_plan(analyse(query.formula, archive.ontology).require(), archive.ontology)
        plain = partial(rank, query.formula, archive=archive, top_k=10)
        certified = partial(rank, query.formula, archive=archive, top_k=10, certify=True)
        plain()
        extra = [timed(certified)[0] - timed(plain)[0] for _ in range(rounds)]
        alone = [_proof(plan, scene, None) for scene in scenes]
        kept = Z3Backend()
        reused = [_proof(plan, scene, kept) for scene in scenes]
        cores = _cores(plan, scenes)
        images = archive.size.images
        rows.append(
            ProofRow(query.name, images, median(extra) / images, median(alone), median(reused), Timed(tuple(cores)))
        )
    return rows


def _proof(plan: Plan, scene: Scene, backend: Z3Backend | None) -> float:
    """One image proved once its scores are known; without a backend by one made for it."""
    judge = ImageJudge(plan, scene)
    _ = judge.judgement
    return timed(lambda: judge.prove(backend or Z3Backend()))[0]


def _cores(plan: Plan, scenes: Sequence[Scene]) -> list[float]:
    backend = Z3Backend()
    times = []
    for scene in scenes:
        judge = ImageJudge(plan, scene)
        if judge.judgement.verdict is Verdict.UNSAT:
            times.append(timed(partial(why_not, judge, backend))[0])
    return times
