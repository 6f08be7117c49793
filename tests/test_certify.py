"""Claims about many images put to Z3 at once: the right ones are confirmed, every planted wrong one is found."""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvers.certify import (
    BATCH,
    Claim,
    Outcome,
    certify_batch,
    certify_blocks,
    certify_counts,
    certify_distinct,
    raise_disagreements,
)
from solvers.fol.ast import Comparator
from solvers.judge import DisagreementError
from solvers.problem import BlockArrays, Count, Edge, Existential, Relation, arrays_of, concatenated, offsets_of
from solvers.reduction import without_dead
from solvers.z3_backend import Z3Backend
from solvers.z3_raw import CheckLimits

BACKEND = Z3Backend()
PROPERTY = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def truth_of(problem: Existential) -> bool:
    """Whether any choice satisfies all relations, by trying every one."""
    tables = [(relation.variables, relation.table(problem.sizes)) for relation in problem.relations]
    return any(
        all(bool(table[tuple(choice[variable] for variable in variables)]) for variables, table in tables)
        for choice in product(*map(range, problem.sizes))
    )


def count_holds(problem: Count) -> bool:
    enough, few = problem.least >= problem.count, problem.most <= problem.count
    return {Comparator.GE: enough, Comparator.LE: few, Comparator.EQ: enough and few}[problem.comparator]


@st.composite
def existentials(draw: st.DrawFn) -> Existential:
    sizes = tuple(draw(st.lists(st.integers(0, 4), min_size=1, max_size=4)))
    relations = []
    for _ in range(draw(st.integers(0, 4))):
        variables = tuple(draw(st.permutations(range(len(sizes))))[: draw(st.integers(0, min(3, len(sizes))))])
        cells = int(np.prod([sizes[variable] for variable in variables]))
        relations.append(Relation(variables, bytes(draw(st.lists(st.integers(0, 1), min_size=cells, max_size=cells)))))
    return Existential(sizes, tuple(relations))


@st.composite
def counts(draw: st.DrawFn) -> Count:
    least = draw(st.integers(0, 9))
    comparator = draw(st.sampled_from((Comparator.GE, Comparator.LE, Comparator.EQ)))
    return Count(comparator, draw(st.integers(0, 6)), least, least + draw(st.integers(0, 3)), draw(st.integers(0, 3)))


def shaped(images: int, kinds: tuple[tuple[tuple[int, ...], bool], ...], seed: int, most: int = 6) -> BlockArrays:
    """Random blocks of one shape; of each kind of edge the variables, and whether it names what is forbidden."""
    generator = np.random.Generator(np.random.Philox(seed))
    variables = 1 + max(variable for names, _ in kinds for variable in names)
    sizes = generator.integers(0, most + 1, size=(images, variables)).astype(np.int32)
    edges = []
    for names, forbidden in kinds:
        density = 0.8 if forbidden else 0.25
        rows = [np.argwhere(generator.random(tuple(row[list(names)])) < density).astype(np.int32) for row in sizes]
        edges.append(Edge(names, offsets_of(np.array([len(each) for each in rows])), np.concatenate(rows), forbidden))
    return BlockArrays(sizes, tuple(edges))


SHAPES = {
    "pair": (((0, 1), False),),
    "pair from the right": (((1, 0), False),),
    "chain": (((0, 1), False), ((2, 1), False), ((2, 3), False)),
    "star": (((0, 1), False), ((0, 2), False), ((3, 0), False)),
    "triangle": (((0, 1), False), ((1, 2), False), ((2, 0), False)),
    "twice": (((0, 1), False), ((0, 1), True)),
    "forbidden": (((0, 1), True), ((1, 2), True)),
    "three at once": (((2, 0, 1), False), ((0, 1), False)),
    "one alone": (((0,), False), ((1,), True), ((0, 1), False)),
    "square": (((0, 1), False), ((1, 2), False), ((2, 3), False), ((3, 0), False)),
}


@PROPERTY
@given(existentials())
def test_a_problem_its_signature_and_its_arrays_have_one_truth(problem: Existential) -> None:
    expected = truth_of(problem)
    assert BACKEND.holds(problem) is expected
    assert truth_of(problem.signature) is expected
    assert problem.signature.signature == problem.signature
    assert BACKEND.holds(problem.signature) is expected
    assert truth_of(arrays_of(problem).problem(0)) is expected
    assert truth_of(without_dead(arrays_of(problem)).problem(0)) is expected


@PROPERTY
@given(counts())
def test_counts_and_their_signatures_are_decided_alike(problem: Count) -> None:
    assert BACKEND.holds(problem) is count_holds(problem)
    assert BACKEND.holds(problem.signature) is count_holds(problem)


@PROPERTY
@given(st.lists(st.tuples(st.one_of(existentials(), counts()), st.booleans()), max_size=12))
def test_claims_of_any_kind_are_confirmed_where_right_and_denied_where_wrong(
    claimed: list[tuple[Existential | Count, bool]],
) -> None:
    claims = [Claim(image, problem, holds) for image, (problem, holds) in enumerate(claimed)]
    outcomes = certify_batch(claims, BACKEND)
    for claim, outcome in zip(claims, outcomes, strict=True):
        problem = claim.problem
        truth = truth_of(problem) if isinstance(problem, Existential) else count_holds(problem)
        assert outcome is (Outcome.CONFIRMED if truth is claim.holds else Outcome.DISAGREEMENT)


@pytest.mark.parametrize("shape", SHAPES)
def test_arrays_are_decided_as_by_trying_every_choice(shape: str) -> None:
    blocks = shaped(150, SHAPES[shape], seed=len(shape), most=4)
    truth = np.array([truth_of(blocks.problem(image)) for image in range(len(blocks))])
    assert truth.any()
    assert not truth.all()
    assert (certify_distinct(blocks, truth, BACKEND.solver) == Outcome.CONFIRMED).all()
    assert (certify_blocks(blocks, truth, BACKEND) == Outcome.CONFIRMED).all()
    assert (certify_blocks(blocks, ~truth, BACKEND) == Outcome.DISAGREEMENT).all()


@pytest.mark.parametrize("claimed", [True, False])
@pytest.mark.parametrize("shape", ["pair", "triangle", "three at once"])
def test_one_planted_wrong_claim_is_found_wherever_it_stands(shape: str, claimed: bool) -> None:
    blocks = shaped(400, SHAPES[shape], seed=1)
    truth = certify_blocks(blocks, np.ones(len(blocks), dtype=np.bool_), BACKEND) == Outcome.CONFIRMED
    right, wrong = np.flatnonzero(truth == claimed)[: BATCH - 1], np.flatnonzero(truth != claimed)
    for place in range(len(right) + 1):
        images = np.insert(right, place, wrong[place % len(wrong)])
        outcomes = certify_distinct(blocks.take(images), np.full(len(images), claimed), BACKEND.solver)
        assert outcomes[place] == Outcome.DISAGREEMENT
        assert np.flatnonzero(outcomes).tolist() == [place]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("share", [0.01, 0.3])
def test_many_planted_wrong_claims_are_all_found_and_no_others(shape: str, share: float) -> None:
    blocks = shaped(500, SHAPES[shape], seed=2)
    truth = certify_blocks(blocks, np.ones(len(blocks), dtype=np.bool_), BACKEND) == Outcome.CONFIRMED
    planted = np.random.Generator(np.random.Philox(3)).random(len(blocks)) < share
    expected = np.where(planted, Outcome.DISAGREEMENT, Outcome.CONFIRMED)
    assert planted.any()
    assert np.array_equal(certify_blocks(blocks, truth ^ planted, BACKEND), expected)
    assert np.array_equal(certify_distinct(blocks, truth ^ planted, BACKEND.solver), expected)


def test_an_image_beyond_the_limit_is_unknown_and_no_other_with_it() -> None:
    """Ten pigeons in nine holes: too much for the steps allowed here."""
    pigeons, holes = 10, 9
    edges = [(a, b) for a in range(pigeons) for b in range(a)]
    apart = np.ones((holes, holes), dtype=np.bool_) ^ np.eye(holes, dtype=np.bool_)
    hard = Existential((holes,) * pigeons, tuple(Relation.of(edge, apart) for edge in edges))
    easy = Existential((holes + 1,) * pigeons, tuple(Relation.of(edge, np.ones((10, 10), np.bool_)) for edge in edges))
    limited = Z3Backend(CheckLimits(resources=20_000))
    assert limited.holds(hard) is None
    blocks = concatenated([arrays_of_all(each) for each in (easy, hard, easy)])
    for claimed in (True, False):
        outcomes = certify_distinct(blocks, np.full(3, claimed), limited.solver)
        told = Outcome.CONFIRMED if claimed else Outcome.DISAGREEMENT
        assert outcomes.tolist() == [told, Outcome.UNKNOWN, told]
    claims = [Claim(number, problem, True) for number, problem in enumerate((easy, hard, easy))]
    assert certify_batch(claims, limited) == [Outcome.CONFIRMED, Outcome.UNKNOWN, Outcome.CONFIRMED]


def arrays_of_all(problem: Existential) -> BlockArrays:
    """The arrays with every relation by what it forbids, so that problems of one shape agree in their edges."""
    edges = tuple(
        Edge(each.variables, np.array([0, len(rows)]), rows.astype(np.int32), forbidden=True)
        for each in problem.relations
        for rows in [np.argwhere(~each.table(problem.sizes))]
    )
    return BlockArrays(np.array([problem.sizes], dtype=np.int32), edges)


def test_arrays_that_do_not_fit_are_refused() -> None:
    sizes, starts, rows = np.ones((2, 2), np.int32), np.array([0, 1, 2]), np.zeros((2, 2), np.int32)
    assert len(BlockArrays(sizes, (Edge((0, 1), starts, rows),))) == 2
    for edge in (Edge((0, 2), starts, rows), Edge((0, 0), starts, rows), Edge((0, 1), starts[:2], rows[:1])):
        with pytest.raises(ValueError, match="edge between"):
            BlockArrays(sizes, (edge,))


def test_a_disagreement_is_an_error_that_names_the_image() -> None:
    blocks = shaped(40, SHAPES["chain"], seed=7)
    truth = np.array([truth_of(blocks.problem(image)) for image in range(len(blocks))])
    names = [f"P{number:04}" for number in range(len(blocks))]
    raise_disagreements(certify_blocks(blocks, truth, BACKEND), names, truth, "exists x. plane(x)")
    planted = truth.copy()
    planted[[3, 30]] ^= True
    said = "sat" if planted[3] else "unsat"
    with pytest.raises(DisagreementError, match=f"P0003: .* pass says {said}, Z3 does not .and of 1 more"):
        raise_disagreements(certify_blocks(blocks, planted, BACKEND), names, planted, "exists x. plane(x)")


def test_places_that_an_image_does_not_have_are_refused() -> None:
    sizes, starts = np.array([[1, 2], [2, 2]], np.int32), np.array([0, 1, 2])
    for rows in ([[0, 0], [0, 2]], [[1, 0], [0, 0]], [[0, -1], [0, 0]]):
        blocks = BlockArrays(sizes, (Edge((0, 1), starts, np.array(rows, np.int32)),))
        with pytest.raises(ValueError, match=r"the edge between \(0, 1\) names"):
            certify_blocks(blocks, np.ones(2, np.bool_), BACKEND)


@pytest.mark.parametrize("shape", ["pair", "triangle", "three at once", "one alone"])
def test_the_order_of_rows_and_rows_named_twice_change_nothing(shape: str) -> None:
    blocks = shaped(60, SHAPES[shape], seed=8, most=4)
    truth = np.array([truth_of(blocks.problem(image)) for image in range(len(blocks))])
    generator = np.random.Generator(np.random.Philox(9))
    edges = []
    for edge in blocks.edges:
        rows = [edge.rows[first:last] for first, last in pairwise(edge.starts.tolist())]
        mixed = [each[generator.permutation(np.repeat(np.arange(len(each)), 3))] for each in rows]
        edges.append(replace(edge, starts=3 * edge.starts, rows=np.concatenate(mixed)))
    for claimed, outcome in ((truth, Outcome.CONFIRMED), (~truth, Outcome.DISAGREEMENT)):
        assert (certify_blocks(BlockArrays(blocks.sizes, tuple(edges)), claimed, BACKEND) == outcome).all()


@pytest.mark.parametrize("comparator", [Comparator.GE, Comparator.LE, Comparator.EQ])
@pytest.mark.parametrize("count", [0, 1, 4])
def test_counts_of_many_images_are_confirmed_and_planted_ones_denied(comparator: Comparator, count: int) -> None:
    generator = np.random.Generator(np.random.Philox(10))
    least = generator.integers(0, 40, size=2_000) // generator.integers(1, 9, size=2_000)
    most = least + generator.integers(0, 2, size=2_000)
    pairs = zip(least.tolist(), most.tolist(), strict=True)
    truth = np.array([count_holds(Count(comparator, count, few, many)) for few, many in pairs])
    planted = generator.random(2_000) < 0.1
    outcomes = certify_counts(comparator, count, least, most, holds=truth ^ planted, backend=BACKEND)
    assert np.array_equal(outcomes == Outcome.DISAGREEMENT, planted)
    assert np.array_equal(outcomes == Outcome.CONFIRMED, ~planted)
