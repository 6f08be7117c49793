"""The wrapper of Z3's C functions: literals and limits, and the self-test that notices a handle gone wrong."""

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.z3_library import SolverFaultError
from solvers.z3_raw import Answer, CheckLimits, Clauses, ClauseSolver
from tests.conftest import REPOSITORY

SOLVER = ClauseSolver()
LITERALS = st.integers(1, 6).flatmap(lambda number: st.sampled_from((number, -number)))


def satisfied(clauses: list[list[int]], true: set[int]) -> bool:
    return all(any((abs(literal) in true) == (literal > 0) for literal in clause) for clause in clauses)


def pigeonhole(holes: int) -> Clauses:
    """One pigeon more than there are holes: unsat, and hard to show."""
    number = [[pigeon * holes + hole + 1 for hole in range(holes)] for pigeon in range(holes + 1)]
    together = [
        [-number[one][hole], -number[other][hole]]
        for hole in range(holes)
        for one in range(holes + 1)
        for other in range(one)
    ]
    return Clauses.of([*number, *together])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.lists(LITERALS, max_size=4), max_size=14), st.lists(LITERALS, max_size=4, unique=True))
def test_answers_models_and_cores_are_right(clauses: list[list[int]], assumed: list[int]) -> None:
    worlds = [{number + 1 for number in range(6) if world >> number & 1} for world in range(64)]
    units = [[literal] for literal in assumed]
    with SOLVER.scope():
        SOLVER.add(Clauses.of(clauses))
        answer = SOLVER.check(assumed)
        if answer is Answer.SAT:
            assert satisfied(clauses + units, set(SOLVER.true_in_model(range(1, 7))))
        else:
            core = SOLVER.core(assumed)
            assert set(core) <= set(assumed)
            assert not any(satisfied(clauses + [[literal] for literal in core], world) for world in worlds)
    assert (answer is Answer.SAT) == any(satisfied(clauses + units, world) for world in worlds)


@pytest.mark.parametrize("bound", range(5))
@pytest.mark.parametrize("held", range(5))
def test_cardinalities_are_exact(held: int, bound: int) -> None:
    facts = Clauses.of([[number if number <= held else -number] for number in range(1, 5)])
    for add, expected in ((SOLVER.add_at_least, held >= bound), (SOLVER.add_at_most, held <= bound)):
        with SOLVER.scope():
            SOLVER.add(facts)
            add([1, 2, 3, 4], bound)
            assert (SOLVER.check() is Answer.SAT) is expected


def test_the_pool_grows_in_the_middle_of_a_question() -> None:
    solver = ClauseSolver()
    with solver.scope():
        solver.add(Clauses.of([[1, 5_000], [-1]]))
        solver.add(Clauses.of([[-5_000, 20_000]]))
        assert solver.check([-20_000]) is Answer.UNSAT
        assert solver.core([-20_000]) == (-20_000,)
        assert solver.check() is Answer.SAT
        assert solver.true_in_model([1, 5_000, 20_000]) == (5_000, 20_000)


def test_limits_end_a_check_as_unknown_the_same_way_every_time() -> None:
    answers = []
    for resources in (2_000, 20_000_000):
        for _ in range(2):
            solver = ClauseSolver(CheckLimits(resources=resources, timeout_ms=60_000))
            with solver.scope():
                solver.add(pigeonhole(7))
                answers.append(solver.check())
            assert solver.check() is Answer.SAT
    assert answers == [Answer.UNKNOWN, Answer.UNKNOWN, Answer.UNSAT, Answer.UNSAT]


def test_after_forgetting_a_limit_depends_on_nothing_before() -> None:
    """Around what the question costs, a solver that has seen others and one that has not give up alike."""
    seen = set()
    for resources in range(1_000, 30_000, 3_000):
        fresh, aged = (ClauseSolver(CheckLimits(resources=resources)) for _ in range(2))
        for size in (3, 4):
            with aged.scope():
                aged.add(pigeonhole(size))
                aged.check()
        answers = []
        for solver in (fresh, aged, aged):
            solver.forget()
            with solver.scope():
                solver.add(pigeonhole(6))
                answers.append(solver.check())
        assert len(set(answers)) == 1
        seen.add(answers[0])
    assert seen == {Answer.UNKNOWN, Answer.UNSAT}


def test_the_clock_ends_a_check_that_no_count_ends() -> None:
    solver = ClauseSolver(CheckLimits(resources=2_000_000_000, timeout_ms=50))
    with solver.scope():
        solver.add(pigeonhole(12))
        assert solver.check() is Answer.UNKNOWN


def test_zero_is_no_literal_and_limits_are_positive() -> None:
    with SOLVER.scope(), pytest.raises(ValueError, match="0 is no literal"):
        SOLVER.add(Clauses.of([[1, 0]]))
    with pytest.raises(ValueError, match="limits of a check are positive"):
        CheckLimits(timeout_ms=0)


def test_a_wrong_handle_is_an_error_and_never_a_dropped_assertion(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sort in place of a disjunction, and no term at all: Z3 refuses both, and goes on as if nothing had been."""
    for wrong in (lambda library, context: library.mk_bool_sort(context), lambda library, context: None):
        solver = ClauseSolver()
        library = solver._functions
        broken = replace(library, mk_or=lambda context, *_, library=library, wrong=wrong: wrong(library, context))
        monkeypatch.setattr(solver, "_functions", broken)
        with solver.scope(), pytest.raises(SolverFaultError, match="refused"):
            solver.add(Clauses.of([[1], [-1]]))


def test_the_self_test_notices_a_solver_that_loses_assertions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClauseSolver, "add", lambda self, clauses: None)
    with pytest.raises(SolverFaultError, match="self-test"):
        ClauseSolver()


def test_z3_is_loaded_when_first_needed() -> None:
    program = "import sys, solvers.z3_backend, solvers.certify, solvers.workers; print('z3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert done.stdout.strip() == "False"
