"""Batches of scenes as one store, and its judge, for the tests of the columns."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from solvers.certify import certify_blocks
from solvers.columnar.archive import ArchiveJudge
from solvers.columnar.proof import Z3Says
from solvers.columnar.store import store_of_scenes
from solvers.fol.analysis import analyse
from solvers.judge import ImageJudge, JudgeSettings
from solvers.plan import Plan, make_plan
from solvers.scene import Polygon, Scene
from solvers.z3_backend import Z3Backend
from tests.conftest import REPOSITORY
from tests.reference.evaluate import read_hierarchy
from tests.strategies import BINARY, CLASSES, COMPARATORS, Pair, is_vague, literals, scenes
from tools.ontologies import load_ontology

DOTA = load_ontology("dota")
HIERARCHY = read_hierarchy(REPOSITORY / "tools" / "ontologies" / "dota.toml")
BACKEND = Z3Backend()
BOX_CORNERS = 4
NAMES = ("x", "y", "z", "w", "u", "v", "t", "s", "r")
CONDITIONS = (
    *(f"{name}({{0}})" for name in CLASSES),
    *(f"{name}({{0}})" for name in CLASSES),
    "~plane({0})",
    "(plane({0}) | ship({0}))",
    "vehicle({0}) & in_left({0})",
    "ship({0}) & length({0}) > 5 px",
    "same_class({0}, {0})",
)


def plan_of(text: str) -> Plan:
    """The plan of a formula over the classes of DOTA."""
    return make_plan(analyse(text, DOTA).require(), DOTA)


def judge_of(text: str, batch: Sequence[Scene], settings: JudgeSettings | None = None) -> ArchiveJudge:
    """A formula over some scenes in one store; what the columns leave open is judged by the scene itself."""
    plan, chosen = plan_of(text), settings or JudgeSettings()
    store = store_of_scenes(batch, DOTA.leaf_names)
    return ArchiveJudge(plan, store, chosen, lambda number: ImageJudge(plan, batch[number], chosen))


def z3_says(backend: Z3Backend = BACKEND) -> Z3Says:
    """Z3 in this process."""
    return Z3Says.by(lambda blocks, holds: certify_blocks(blocks, holds, backend), backend)


def named(pairs: Sequence[Pair]) -> list[Pair]:
    """The same scenes with ids of their own, in the order of these."""
    return [
        Pair(replace(pair.scene, image_id=f"P{number:04}"), replace(pair.picture, image_id=f"P{number:04}"))
        for number, pair in enumerate(pairs)
    ]


@st.composite
def batches(draw: st.DrawFn, *, certain: bool = False, most: int = 6, images: int = 5) -> list[Pair]:
    """Some scenes of one archive: sizes, scales, georeferences and known classes differ; some have no entity.

    In some all outlines have six corners, in some corners that no single-precision number holds.
    """
    found = draw(st.lists(scenes(certain=certain, most=most), min_size=1, max_size=images))
    return named([reshaped(pair, draw(st.sampled_from((None, None, hexagon, moved)))) for pair in found])


def reshaped(pair: Pair, shape: Callable[[Polygon], Polygon] | None) -> Pair:
    """The same scene with other outlines."""
    if shape is None:
        return pair
    entities = tuple(replace(each, polygon=shape(each.polygon)) for each in pair.scene.entities)
    things = tuple(replace(each, polygon=shape(each.polygon)) for each in pair.picture.things)
    return Pair(replace(pair.scene, entities=entities), replace(pair.picture, things=things))


def hexagon(polygon: Polygon) -> Polygon:
    """A hexagon within the bounds of a polygon."""
    (left, *_, right), (top, *_, bottom) = (sorted(values) for values in zip(*polygon, strict=True))
    middle, quarter = (top + bottom) / 2, (right - left) / 4
    upper = ((left, middle), (left + quarter, top), (right - quarter, top))
    return (*upper, (right, middle), (right - quarter, bottom), (left + quarter, bottom))


def moved(polygon: Polygon) -> Polygon:
    """The polygon a third of a pixel further."""
    return tuple((x + 1 / 3, y + 1 / 3) for x, y in polygon)


def has_two_boxes(text: str, pair: Pair) -> bool:
    """Whether a formula asks for sides or axes of outlines that may have several smallest rectangles, as triangles."""
    asks = any(word in text for word in ("length", "width", "parallel", "perpendicular", "aligned"))
    return asks and any(len(entity.polygon) != BOX_CORNERS for entity in pair.scene.entities)


def told_by_reference(text: str, pair: Pair) -> bool:
    """Whether the design, and no rounding of corners, says what the answer on a scene is."""
    numbers = [4 * value for entity in pair.scene.entities for corner in entity.polygon for value in corner]
    return not is_vague(text, pair, DOTA) and not has_two_boxes(text, pair) and numbers == [*map(round, numbers)]


@st.composite
def questions(draw: st.DrawFn) -> str:
    """A formula as people ask: conditioned variables, relations between them, counts, negated and nested blocks."""
    parts = [f"({draw(blocks())})" for _ in range(draw(st.integers(1, 2)))]
    return draw(st.sampled_from((" & ", " | ", " -> ", " & ~"))).join(parts)


@st.composite
def blocks(draw: st.DrawFn, scope: tuple[str, ...] = (), depth: int = 2) -> str:
    """A quantifier over new variables, each of a class or two, with clauses over these and some of the scope."""
    kind = draw(st.sampled_from(("exists", "exists", "exists", "~exists", "forall", "count")))
    free = [name for name in NAMES if name not in scope]
    variables = tuple(free[: 1 if kind in ("count", "forall") else draw(st.integers(1, 3 if depth > 1 else 2))])
    classes = [draw(conditions(name)) for name in variables]
    inner = (*variables, *scope)
    clauses = [draw(clauses_over(inner, depth)) for _ in range(draw(st.integers(min(1, len(inner) - 1), len(inner))))]
    if kind == "forall":
        body = f"({classes[0]}) -> {' | '.join(clauses) or 'in_left(' + variables[0] + ')'}"
    else:
        body = " & ".join([*classes, *clauses])
    if kind == "count":
        kind = f"exists{draw(st.sampled_from(('>=', '<=', '=')))}{draw(st.integers(0, 3))}"
    return f"{kind} {' '.join(variables)}. ({body})"


@st.composite
def conditions(draw: st.DrawFn, name: str) -> str:
    """What a variable may stand for."""
    return draw(st.sampled_from(CONDITIONS)).format(name)


@st.composite
def clauses_over(draw: st.DrawFn, scope: tuple[str, ...], depth: int) -> str:
    """A clause: a literal, a disjunction, one of a conjunction that no kernel reads, or a block with free variables."""
    kind = draw(st.integers(0, 11))
    if kind >= 9 and depth > 0:
        return f"({draw(blocks(scope, depth - 1))})"
    if kind == 8:
        return f"(({draw(ties(scope))} & {draw(ties(scope))}) | {draw(ties(scope))})"
    if kind >= 6:
        return f"({draw(ties(scope))} | {draw(ties(scope))})"
    return f"~({draw(ties(scope))})" if kind == 5 else draw(ties(scope))


@st.composite
def ties(draw: st.DrawFn, scope: tuple[str, ...]) -> str:
    """A literal between different variables of the scope, where it has more than one."""
    a, b, *rest = (*draw(st.permutations(scope)), scope[0])
    kind = draw(st.integers(0, 9))
    if len(scope) == 1 or kind == 0:
        return draw(literals(scope))
    if kind < 5:
        return f"{draw(st.sampled_from(BINARY))}({a}, {b})"
    if kind == 5:
        return f"{a} != {b}"
    if kind == 6:
        sign, unit = draw(st.sampled_from(COMPARATORS)), draw(st.sampled_from(("px", "px", "m")))
        return f"distance({a}, {b}) {sign} {draw(st.sampled_from((0, 4, 10, 25)))} {unit}"
    if kind == 7:
        left, right = (draw(st.sampled_from(("length", "width", "cx", "cy"))) for _ in range(2))
        return f"{left}({a}) {draw(st.sampled_from(COMPARATORS))} {right}({b})"
    third = rest[0]
    if kind == 8 and len(scope) > 2:
        return f"{draw(st.sampled_from(('collinear', 'between', 'row', 'clustered')))}({a}, {b}, {third})"
    return f"{draw(st.sampled_from(('near', 'left_of', 'above', 'overlaps', 'larger_than')))}({a}, {b})"
