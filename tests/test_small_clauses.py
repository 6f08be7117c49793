"""Small problems made without arrays: Z3 says of them what brute force says, and what it says of the arrays."""

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.clauses import encode
from solvers.judge import DisagreementError, ImageJudge, Judgement, PartJudgement
from solvers.problem import Existential, Relation, arrays_of
from solvers.scene import Entity, Scene
from solvers.small_clauses import MOST_CELLS, SmallEncoding, encode_small
from solvers.verdict import Verdict
from solvers.z3_backend import Z3Backend
from solvers.z3_raw import Answer
from tests.archive_support import DOTA, square
from tests.columnar_support import plan_of

BACKEND = Z3Backend()


@st.composite
def problems(draw: st.DrawFn) -> Existential:
    """Up to four variables of up to four entities, and relations of none, one or two of them, some of them full."""
    sizes = tuple(draw(st.lists(st.integers(0, 4), max_size=4)))
    relations = []
    for _ in range(draw(st.integers(0, 5))):
        variables = tuple(draw(st.permutations(range(len(sizes))))[: draw(st.integers(0, 2))])
        cells = 1
        for variable in variables:
            cells *= sizes[variable]
        density = draw(st.sampled_from((1, 3, 9)))
        held = draw(st.lists(st.integers(0, density), min_size=cells, max_size=cells))
        relations.append(Relation(variables, bytes(min(each, 1) for each in held)))
    return Existential(sizes, tuple(relations))


def has_solution(problem: Existential) -> bool:
    """By trying every choice."""
    tables = [(each.variables, each.table(problem.sizes)) for each in problem.relations]
    return any(
        all(table[tuple(choice[variable] for variable in variables)] for variables, table in tables)
        for choice in product(*map(range, problem.sizes))
    )


@settings(max_examples=300, deadline=None)
@given(problems())
def test_z3_decides_small_problems_as_brute_force_does(problem: Existential) -> None:
    assert encode_small(problem.sizes, [(each.variables, each.allowed) for each in problem.relations]) is not None
    assert BACKEND.holds(problem) is has_solution(problem)
    with BACKEND.solver.scope():
        BACKEND.solver.add(encode(arrays_of(problem)).clauses)
        assert (BACKEND.solver.check() is Answer.SAT) is has_solution(problem)


def test_what_is_large_is_left_to_the_arrays() -> None:
    side = 40
    held = bytes(int((row + column) % 7 == 0) for row in range(side) for column in range(side))
    assert side * side > MOST_CELLS
    assert encode_small((side, side), [((0, 1), held)]) is None
    assert encode_small((2, 2, 2), [((0, 1, 2), bytes([1, 0] * 4))]) is None
    assert BACKEND.holds(Existential((side, side), (Relation((0, 1), held),))) is True
    assert BACKEND.holds(Existential((side, side), (Relation((0, 1), held), Relation((0,), bytes(side))))) is False


@pytest.mark.parametrize("gap", [5, 300])
@pytest.mark.parametrize(
    "text",
    [
        "exists x y. plane(x) & ship(y) & near(x, y)",
        "exists x y. plane(x) & ship(y) & near(x, y) & left_of(x, y)",
        "exists x. plane(x) & exists y z. ship(y) & ship(z) & y != z & near(x, y) & near(y, z)",
    ],
)
def test_a_planted_wrong_verdict_is_denied_by_the_small_problem(
    text: str, gap: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided: list[SmallEncoding] = []
    decide = Z3Backend._holds_small

    def noted(backend: Z3Backend, small: SmallEncoding, *assumed: Sequence[int]) -> bool | None:
        decided.append(small)
        return decide(backend, small, *assumed)

    monkeypatch.setattr(Z3Backend, "_holds_small", noted)
    places = [("plane", 10), ("ship", 20 + gap), ("ship", 30 + 2 * gap)]
    entities = tuple(Entity(index, label, 0.9, square(x, 10)) for index, (label, x) in enumerate(places))
    judge = ImageJudge(plan_of(text), Scene("one", 900, 900, entities, frozenset(DOTA.leaf_names)))
    right = judge.judgement
    assert right.verdict is (Verdict.SAT if gap < 20 else Verdict.UNSAT)
    assert judge.prove(BACKEND) == right
    flipped = {Verdict.SAT: Verdict.UNSAT, Verdict.UNSAT: Verdict.SAT}
    parts = tuple(PartJudgement(each.part, flipped[each.verdict], each.score) for each in right.parts)
    judge.__dict__["judgement"] = Judgement(flipped[right.verdict], right.score, parts, right.limit)
    with pytest.raises(DisagreementError, match=r"image one: .* the vectorised pass says"):
        judge.prove(BACKEND)
    assert len(decided) >= 2
