"""Why an image fails, and how much of a formula it satisfies: searches against brute force, and Z3 beside them."""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from solvers import clause_cells, clause_system, joins, nearest
from solvers.clause_system import ClauseSystem
from solvers.failing_block import failing_block
from solvers.fol.analysis import analyse
from solvers.fol.ast import Formula
from solvers.geometry import Booleans, Indices
from solvers.joins import Join, Wide, Work, WorkLimitError, choices, first_choice
from solvers.judge import DisagreementError, ImageJudge, clause_share
from solvers.nearest import nearest_assignment, system_of
from solvers.plan import Plan, make_plan
from solvers.scene import Entity, Scene
from solvers.verdict import Verdict
from solvers.why_not import why_not
from solvers.witness import holds
from solvers.z3_backend import Z3Backend
from tests.conftest import REPOSITORY
from tests.reference.evaluate import Evaluator, read_hierarchy
from tests.reference.nearest import clause_share as reference_share
from tests.reference.nearest import smallest_failing
from tests.strategies import DOTA_LEAVES, Pair, literals, scenes
from tools.evaluation.brute_force.parse import parse
from tools.ontologies import load_ontology

DOTA = load_ontology("dota")
HIERARCHY = read_hierarchy(REPOSITORY / "tools" / "ontologies" / "dota.toml")
BACKEND = Z3Backend()
PROPERTY = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)
NAMES = ("x", "y", "z", "w")


@st.composite
def conjunctions(draw: st.DrawFn, most: int = 4) -> str:
    """A block of existentials over a conjunction of literals, relations of three and what is nested among them."""
    names = NAMES[: draw(st.integers(2, most))]
    clauses = [draw(literals(names)) for _ in range(draw(st.integers(2, 7)))]
    if draw(st.booleans()):
        clauses.append(f"({draw(literals(names))} | {draw(literals(names))})")
    if draw(st.booleans()):
        clauses.append(f"~(exists v. ship(v) & {draw(literals((draw(st.sampled_from(names)), 'v')))})")
    return f"exists {' '.join(names)}. {' & '.join(clauses)}"


def plan_of(text: str) -> Plan:
    return make_plan(analyse(text, DOTA).require(), DOTA)


def is_known(pair: Pair) -> bool:
    complete = pair.scene.known_labels >= frozenset(DOTA_LEAVES)
    return complete and pair.scene.gsd is not None and pair.scene.georeference is not None


def leaves_axes_open(text: str, reference: Evaluator) -> bool:
    """Whether a formula asks for the axis of a shape that has two smallest rectangles, which the design leaves open."""
    asks = any(word in text for word in ("parallel", "perpendicular", "aligned"))
    return asks and any(shape.tied for shape in reference.relations.shapes)


@pytest.fixture(params=["as it is", "searched", "in pieces"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Small scenes are looked at as a whole: the search, and its pieces, are made to be taken."""
    if request.param != "as it is":
        monkeypatch.setattr(nearest, "FEW", 0)
    if request.param == "in pieces":
        monkeypatch.setattr(clause_system, "_CELLS_AT_ONCE", 1)
        monkeypatch.setattr(clause_system, "_FIRST_PIECE", 1)
        monkeypatch.setattr(clause_cells, "FEW", 0)
        monkeypatch.setattr(joins, "_SMALL_CELLS", 0)
        monkeypatch.setattr(joins, "_PLANE_CELLS", 0)
    return str(request.param)


@PROPERTY
@given(text=conjunctions(), pair=scenes(certain=True))
def test_shares_and_failing_sets_are_the_references(way: str, text: str, pair: Pair) -> None:
    assume(is_known(pair))
    plan = plan_of(text)
    judge, reference = ImageJudge(plan, pair.scene), Evaluator(pair.picture, HIERARCHY)
    assume(not leaves_axes_open(text, reference))
    clauses = [[clause.text for clause in part.clauses] for part in plan.parts]
    assert clause_share(judge) == pytest.approx(reference_share(clauses, reference)), way
    failures = why_not(judge, BACKEND)
    assert bool(failures) == (judge.judgement.verdict is Verdict.UNSAT)
    if failures:
        sizes = {len(least) for part in clauses for least in smallest_failing(part, reference)[:1]}
        (part_id,) = {failure.part for failure in failures}
        own = next([c.text for c in part.clauses] for part in plan.parts if part.id == part_id)
        smallest = {frozenset(own[place] for place in places) for places in smallest_failing(own, reference)}
        assert frozenset(failure.clause for failure in failures) in smallest
        assert len(failures) == min(sizes)


@PROPERTY
@given(text=conjunctions(), pair=scenes(certain=True))
def test_the_nearest_assignment_satisfies_as_much_as_is_said(way: str, text: str, pair: Pair) -> None:
    assume(is_known(pair) and pair.scene.entities)
    reference = Evaluator(pair.picture, HIERARCHY)
    assume(not leaves_axes_open(text, reference))
    judge = ImageJudge(plan_of(text), pair.scene)
    for part in judge.plan.parts:
        found = nearest_assignment(judge.quick, part)
        assert found.assignment is not None
        binding = {name: pair.scene.entities[place].index for name, place in found.assignment.items()}
        held = sum(reference.value(parse(clause.text), binding) is True for clause in part.clauses)
        assert held == found.satisfied, way
        assert nearest_assignment(judge.quick, part) == found


@PROPERTY
@given(text=conjunctions(), pair=scenes(certain=True), data=st.data())
def test_z3_finds_that_clauses_fail_just_where_the_search_does(text: str, pair: Pair, data: st.DataObject) -> None:
    judge = ImageJudge(plan_of(text), pair.scene)
    assume(pair.scene.entities and pair.scene.known_labels >= frozenset(DOTA_LEAVES))
    for part in judge.plan.parts:
        if not part.variables:
            continue
        system = system_of(judge.quick, part, lower=False)
        places = sorted(data.draw(st.sets(st.integers(0, len(part.clauses) - 1), min_size=1)))
        core = BACKEND.core(failing_block(system, places))
        assert core is not None
        assert (core == ()) == system.can_hold(frozenset(places))
        assert not core or not system.can_hold(frozenset(places[edge] for edge in core))


def test_a_set_that_z3_can_satisfy_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    square = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))
    scene = Scene("one", 9, 9, (Entity(0, "ship", 1.0, square),), frozenset(DOTA.leaf_names))
    judge = ImageJudge(plan_of("exists x. plane(x)"), scene)
    assert [each.clause for each in why_not(judge, BACKEND)] == ["plane(x)"]
    monkeypatch.setattr(Z3Backend, "core", lambda *_: ())
    with pytest.raises(DisagreementError, match=r"image one: of exists x\. plane"):
        why_not(judge, BACKEND)


@st.composite
def random_joins(draw: st.DrawFn) -> tuple[Join, list[tuple[tuple[str, ...], Booleans]]]:
    """Relations of two and three variables with a few candidates, circles among them, and the same as plain tables."""
    names = NAMES[: draw(st.integers(2, 4))]
    seed = draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    sizes = {name: draw(st.integers(1, 4)) for name in names}
    tables: list[tuple[tuple[str, ...], Booleans]] = []
    for first, second in product(names, names):
        if first < second and draw(st.integers(0, 3)):
            tables.append(((first, second), generator.random((sizes[first], sizes[second])) < 0.6))
    pairs = {(scope[0], scope[1]): held for scope, held in tables}
    wide = []
    for _ in range(draw(st.integers(0, 2)) if len(names) > 2 else 0):
        scope = tuple(sorted(draw(st.permutations(names))[:3]))
        held = generator.random([sizes[name] for name in scope]) < 0.5
        tables.append((scope, held))
        wide.append(Wide(scope, looked_up(held)))
    return Join({name: np.arange(size) for name, size in sizes.items()}, pairs, tuple(wide)), tables


def looked_up(held: Booleans) -> Callable[[Sequence[Indices]], Booleans]:
    return lambda numbers: np.asarray(held[np.ix_(*numbers)])


@PROPERTY
@given(random_joins(), st.sampled_from((0, 1 << 17)))
def test_joins_find_every_choice_in_order(made: tuple[Join, list[tuple[tuple[str, ...], Booleans]]], few: int) -> None:
    join, tables = made
    names = tuple(join.candidates)
    every = [
        dict(zip(names, numbers, strict=True))
        for numbers in product(*(each.tolist() for each in join.candidates.values()))
    ]
    expected = [each for each in every if all(held[tuple(each[name] for name in scope)] for scope, held in tables)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joins, "_SMALL_CELLS", few)
        patch.setattr(joins, "_PLANE_CELLS", few)
        assert list(choices(join, names)) == expected
        found = first_choice(join)
    assert found in expected if expected else found is None


def test_a_join_beyond_its_steps_says_so() -> None:
    apart = ~np.eye(6, dtype=np.bool_)
    seven = tuple("abcdefg")
    pairs = {(one, other): apart for one, other in product(seven, seven) if one < other}
    join = Join({name: np.arange(6) for name in seven}, pairs, work=Work(steps=50))
    with pytest.raises(WorkLimitError, match="too many combinations"):
        first_choice(join)


@pytest.mark.parametrize("at_once", [0, 1 << 19])
@pytest.mark.parametrize("limit", ["MAX_CELLS", "MAX_STEPS"])
def test_at_a_limit_the_answers_are_bounds_and_repeat(
    limit: str, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes = [((x, 0.0), (x + 4.0, 0.0), (x + 4.0, 4.0), (x, 4.0)) for x in map(float, range(0, 400, 10))]
    entities = tuple(Entity(n, ("plane", "ship")[n % 2], 1.0, box) for n, box in enumerate(boxes))
    scene = Scene("scene", 401, 10, entities, frozenset(DOTA.leaf_names))
    plan = plan_of(
        "exists x y z. plane(x) & ship(y) & ship(z) & near(x, y) & near(y, z) & above(z, x) & overlaps(x, z)"
    )
    exact = clause_share(ImageJudge(plan, scene))
    monkeypatch.setattr(Work, "__init__", work_of(limit))
    monkeypatch.setattr(nearest, "MAX_AT_ONCE", at_once)
    judge = ImageJudge(plan, scene)
    (part,) = plan.parts
    found = nearest_assignment(judge.quick, part)
    assert found.share == clause_share(judge)
    assert found.assignment is not None
    held = [holds(judge.certain, clause.formula, found.assignment, lower=True) for clause in part.clauses]
    assert sum(held) == found.satisfied
    assert 0 < clause_share(judge) <= exact
    assert clause_share(judge) == clause_share(ImageJudge(plan, scene))
    reasons = why_not(judge, BACKEND)
    assert reasons
    assert reasons == why_not(ImageJudge(plan, scene), BACKEND)


def work_of(limit: str) -> Callable[..., None]:
    """A constructor of work that ends at once by one of its limits."""

    def init(self: Work, steps: int = joins.MAX_STEPS, cells: int = joins.MAX_CELLS) -> None:
        self.steps, self.cells = (steps, 10_000) if limit == "MAX_CELLS" else (2, cells)

    return init


def test_a_system_takes_places_of_other_variables() -> None:
    scene = Scene(
        "scene", 100, 10,
        tuple(
            Entity(n, "ship", 1.0, ((x, 0.0), (x + 4.0, 0.0), (x + 4.0, 4.0), (x, 4.0)))
            for n, x in enumerate((0.0, 20.0, 90.0))
        ),
        frozenset(DOTA.leaf_names),
    )  # fmt: skip
    plan = plan_of("exists x y. ship(x) & ship(y) & left_of(x, y)")
    clauses: tuple[Formula, ...] = tuple(clause.formula for clause in plan.parts[0].clauses)
    evaluator = ImageJudge(plan, scene).quick
    everything = frozenset(range(3))
    assert list(ClauseSystem(evaluator, ("y",), clauses, True, {"x": 1}).choices(everything)) == [{"y": 2}]
    assert ClauseSystem(evaluator, ("y",), clauses, True, {"x": 2}).choice(everything) is None
