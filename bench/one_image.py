"""One image decided by one engine: Z3 as RUNE uses it, clingo, and Z3 over the whole scene; all answers compared.

All engines are given the scene with its polygons, areas and centroids measured. clingo and whole-scene Z3 are also
given the truth of every literal, and only told of it within the time; RUNE's proof finds it within its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bench.peers.asp import AspPeer
from bench.peers.facts import Facts
from bench.peers.z3_whole import TooManyTermsError, decide_grounded, decide_quantified
from bench.queries import QUERIES, Query
from bench.scenes import sure_scenes
from bench.timing import median, timed
from solvers.fol.analysis import analyse
from solvers.judge import ImageJudge
from solvers.plan import Plan, make_plan
from solvers.scene import Scene
from solvers.verdict import Verdict
from solvers.z3_backend import Z3Backend
from tools.ontologies import load_ontology


@dataclass(frozen=True, slots=True)
class OneImageSettings:
    """How many scenes for the quick engines and for the slow ones, and when a slow one is stopped."""

    scenes: int = 20
    slow_scenes: int = 3
    timeout_ms: int = 20_000


@dataclass(frozen=True, slots=True)
class OneImageRow:
    """One question at one size: medians in milliseconds, and how many scenes are sat.

    `whole` is RUNE from the measured scene to the proved verdict, scores of 256 worlds included; `z3` the proof
    alone. `quantified` and `grounded` are None where every scene was given up, and at least the time-out where one
    of them is in `given_up`.
    """

    query: str
    entities: int
    scenes: int
    sat: int
    whole: float
    z3: float
    clingo: float
    quantified: float | None
    grounded: float | None
    given_up: tuple[str, ...]


def measure_one_image(sizes: Sequence[int], settings: OneImageSettings) -> list[OneImageRow]:
    """A row a question and size; raises SystemExit where two engines differ."""
    backend = Z3Backend()
    ontology = load_ontology()
    rows = []
    for entities in sizes:
        for query in QUERIES:
            plan = make_plan(analyse(query.formula, ontology).require(), ontology)
            scenes = sure_scenes(query.needs, entities, settings.scenes, ontology)
            rows.append(_row(query, plan, scenes, backend, settings))
    return rows


def _row(
    query: Query, plan: Plan, scenes: Sequence[Scene], backend: Z3Backend, settings: OneImageSettings
) -> OneImageRow:
    whole: list[float] = []
    proofs: list[float] = []
    clingo: list[float] = []
    verdicts: list[bool] = []
    peer = AspPeer(plan)
    program = peer.program
    for scene in scenes:
        whole.append(timed(partial(_is_sat, _measured_judge(plan, scene), backend))[0])
        judged = _measured_judge(plan, scene)
        _ = judged.judgement
        time, ours = timed(partial(_is_sat, judged, backend))
        proofs.append(time)
        time, theirs = timed(partial(peer.decide, program, peer.facts(Facts(plan, scene))))
        clingo.append(time)
        _agree(ours, theirs, "clingo", plan, scene)
        verdicts.append(ours)
    slow = list(zip(scenes, verdicts, strict=True))[: settings.slow_scenes]
    quantified, stopped = _slow("quantified", plan, slow, settings.timeout_ms)
    grounded, refused = _slow("grounded", plan, slow, settings.timeout_ms)
    return OneImageRow(
        query.name,
        len(scenes[0].entities),
        len(scenes),
        sum(verdicts),
        median(whole),
        median(proofs),
        median(clingo),
        quantified,
        grounded,
        (*stopped, *refused),
    )


def _measured_judge(plan: Plan, scene: Scene) -> ImageJudge:
    judge = ImageJudge(plan, scene)
    shapes = judge.measured.shapes
    _ = (shapes.polygons, shapes.area, shapes.centroid, shapes.size, shapes.bounds)
    return judge


def _is_sat(judge: ImageJudge, backend: Z3Backend) -> bool:
    verdict = judge.prove(backend).verdict
    if verdict is Verdict.UNKNOWN:
        raise SystemExit(f"RUNE leaves {judge.plan.text} open on {judge.scene.image_id}")
    return verdict is Verdict.SAT


def _slow(
    name: str, plan: Plan, scenes: Sequence[tuple[Scene, bool]], timeout_ms: int
) -> tuple[float | None, tuple[str, ...]]:
    """The median over some scenes, and the engine's name where it was stopped on any."""
    decide = {"quantified": decide_quantified, "grounded": decide_grounded}[name]
    times: list[float] = []
    stopped = False
    for scene, expected in scenes:
        facts = Facts(plan, scene)
        _ = (facts.unary, facts.binary)
        try:
            time, found = timed(partial(decide, facts, timeout_ms))
        except TooManyTermsError:
            return None, (name,)
        times.append(time)
        if found is None:
            stopped = True
        else:
            _agree(expected, found, name, plan, scene)
    return median(times), (name,) if stopped else ()


def _agree(ours: bool, theirs: bool, peer: str, plan: Plan, scene: Scene) -> None:
    if ours != theirs:
        raise SystemExit(f"{plan.text} on {scene.image_id}: RUNE says {ours}, {peer} {theirs}")
