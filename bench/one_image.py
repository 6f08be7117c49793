"""One image decided by one engine: Z3 as RUNE uses it, clingo, and Z3 over the whole scene; all answers compared.

Z3 as RUNE uses it and clingo are given the same problems: entities conditioned and semi-joined, relations looked up,
what is nested decided. clingo is also given the whole plan over the literals' truth, and left to decide what is nested;
RUNE's proof finds that truth, and a witness, within its time. Whole-scene Z3 is given the truth of every literal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice

from bench.peers.asp import AspPeer, decide
from bench.peers.asp_problem import holding, program_of
from bench.peers.facts import Facts
from bench.peers.z3_whole import TooManyTermsError, decide_grounded, decide_quantified
from bench.queries import QUERIES, Query
from bench.scenes import sure_scenes
from bench.timing import median, timed
from solvers.fol.analysis import analyse
from solvers.fol.ast import Counted, Quantified
from solvers.grounding import DecideBlock, fold, problems_of
from solvers.judge import ImageJudge
from solvers.plan import Plan, make_plan
from solvers.problem import Count, Problem
from solvers.scene import Scene
from solvers.verdict import Verdict
from solvers.z3_backend import Z3Backend
from tools.ontologies import load_ontology

Problems = dict[tuple[Quantified | Counted, bool], list[Problem]]

ENGINES = ("z3", "clingo", "clingo_text", "proof", "whole", "clingo_plan")


@dataclass(frozen=True, slots=True)
class OneImageSettings:
    """How many scenes for the quick engines and for the slow ones, and when a slow one is stopped."""

    scenes: int = 20
    slow_scenes: int = 2
    timeout_ms: int = 10_000


@dataclass(frozen=True, slots=True)
class OneImageRow:
    """One question at one size: medians in milliseconds, and how many scenes are sat.

    `z3` and `clingo` decide the same problems, from the same arrays; `clingo_text` has them written out before.
    `proof` is RUNE's from a judged scene to the verdict proved by Z3, for a sat one with its witness, and `whole` also
    has the scores; `clingo_plan` is clingo on the plan. `quantified` and `grounded` are None where nobody would wait
    for them; scenes given up at the time-out count as it, and `given_up` names the engine.
    """

    query: str
    entities: int
    scenes: int
    sat: int
    z3: float
    clingo: float
    clingo_text: float
    proof: float
    whole: float
    clingo_plan: float
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
            scenes = sure_scenes(query.needs, entities, settings.scenes + 1, ontology)
            rows.append(_row(query, plan, scenes, backend, settings))
    return rows


def _row(
    query: Query, plan: Plan, scenes: Sequence[Scene], backend: Z3Backend, settings: OneImageSettings
) -> OneImageRow:
    peer = AspPeer(plan)
    program = peer.program
    engines: dict[str, list[Callable[[], bool]]] = {name: [] for name in ENGINES}
    for scene in scenes:
        judged = _measured_judge(plan, scene)
        _ = judged.judgement
        problems = _problems(judged)
        text = _program(problems)
        engines["z3"].append(partial(_by_z3, plan, problems, backend))
        engines["clingo"].append(partial(_by_clingo, plan, problems))
        engines["clingo_text"].append(partial(_by_clingo, plan, problems, text))
        engines["proof"].append(partial(_is_sat, judged, backend))
        engines["whole"].append(partial(_is_sat, _measured_judge(plan, scene), backend))
        engines["clingo_plan"].append(partial(decide, program, peer.facts(Facts(plan, scene))))
    times: dict[str, float] = {}
    answers: dict[str, list[bool]] = {}
    for name, actions in engines.items():
        actions[-1]()  # so that the first scene is not the one that wakes the engine up
        found = [timed(action) for action in actions[:-1]]
        times[name], answers[name] = median([time for time, _ in found]), [answer for _, answer in found]
    verdicts = answers["proof"]
    for name, theirs in answers.items():
        for scene, ours, answer in zip(scenes, verdicts, theirs, strict=False):
            _agree(ours, answer, name, plan, scene)
    slow = list(zip(scenes, verdicts, strict=False))[: settings.slow_scenes]
    quantified, stopped = _slow("quantified", plan, slow, settings.timeout_ms)
    grounded, refused = _slow("grounded", plan, slow, settings.timeout_ms)
    return OneImageRow(
        query.name,
        len(scenes[0].entities),
        len(verdicts),
        sum(verdicts),
        quantified=quantified,
        grounded=grounded,
        given_up=(*stopped, *refused),
        **times,
    )


def _problems(judge: ImageJudge) -> Problems:
    """The problems of each closed block of the plan, at the setting that it stands under; counts clipped for both."""
    found: Problems = {}

    def note(block: Quantified | Counted, lower: bool) -> bool | None:
        own = problems_of(block, judge.certain, lower=lower)
        found[block, lower] = [each.signature if isinstance(each, Count) else each for each in own]
        return None

    for part in judge.plan.parts:
        fold(part.formula, note, lower=True)
    return found


def _by_z3(plan: Plan, problems: Problems, backend: Z3Backend) -> bool:
    def asked(block: Quantified | Counted, lower: bool) -> bool:
        return any(backend.holds(problem) for problem in problems[block, lower])

    return _folded(plan, asked)


def _by_clingo(plan: Plan, problems: Problems, program: str | None = None) -> bool:
    found = holding(_program(problems) if program is None else program)
    numbers = count()
    truths = {key: not found.isdisjoint(islice(numbers, len(some))) for key, some in problems.items()}

    def asked(block: Quantified | Counted, lower: bool) -> bool:
        return truths[block, lower]

    return _folded(plan, asked)


def _program(problems: Problems) -> str:
    return program_of([each for some in problems.values() for each in some])


def _folded(plan: Plan, asked: DecideBlock) -> bool:
    """The plan's truth from that of its blocks, every part looked at."""
    truths = [fold(part.formula, asked, lower=True) for part in plan.parts]
    return all(truths)


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
    engine = {"quantified": decide_quantified, "grounded": decide_grounded}[name]
    times: list[float] = []
    stopped = False
    for scene, expected in scenes:
        facts = Facts(plan, scene)
        _ = (facts.unary, facts.binary)
        try:
            time, found = timed(partial(engine, facts, timeout_ms))
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
