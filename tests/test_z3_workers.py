"""Work over processes: in order, whole, and without a process left behind, whatever the work does to its process."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from solvers.certify import Outcome, certifiers, certify_archive, certify_blocks
from solvers.errors import RuneError
from solvers.limits import DeadlineError
from solvers.workers import WorkerError, Workers
from solvers.z3_backend import Z3Backend
from tests.conftest import REPOSITORY
from tests.test_certify import SHAPES, shaped
from tests.worker_support import (
    CRAWLS,
    FAILS,
    HANGS,
    KILLS,
    Numbers,
    chunks_of,
    make_and_die,
    make_badly,
    make_doubling,
    make_pid,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the trouble made here is that of POSIX processes")
LOST = 10**6


def children() -> set[int]:
    """The processes that this one has started and that are there, zombies too."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    if not listed.exists():
        pytest.skip("this system does not list a process's children")
    found: set[int] = set()
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended meanwhile
            found |= set(map(int, (thread / "children").read_text().split()))
    return found


def doubling(processes: int = 2, seconds_unheard: float = 60.0) -> Workers[Numbers, int]:
    return Workers(make_doubling, LOST, processes, seconds_unheard)


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_chunks(processes: int) -> None:
    seen: list[int] = []
    with doubling(processes) as workers:
        found = list(workers.map(chunks_of(range(100), 7), progress=seen.append))
        again = list(workers.map(chunks_of(range(5), 2)))
    assert [number for results in found for number in results] == [2 * number for number in range(100)]
    assert [len(results) for results in found] == [7] * 14 + [2]
    assert seen == sorted(seen)
    assert seen[-1] == 100
    assert again == [[0, 2], [4, 6], [8]]


def test_an_item_that_ends_its_process_costs_itself_only() -> None:
    before = children()
    numbers = [*range(10), KILLS, *range(10, 30)]
    with doubling() as workers:
        found = [number for results in workers.map(chunks_of(numbers, 6)) for number in results]
    assert found == [LOST if number == KILLS else 2 * number for number in numbers]
    assert children() == before


def test_an_item_that_never_ends_costs_itself_only_and_slow_ones_are_waited_for() -> None:
    before = children()
    numbers = [0, HANGS, 1, CRAWLS, 2]
    with doubling(seconds_unheard=1.0) as workers:
        found = [number for results in workers.map(chunks_of(numbers, 5)) for number in results]
    assert found == [0, LOST, 2, 2 * CRAWLS, 4]
    assert children() == before


def test_an_error_of_the_work_is_raised_where_it_was_asked_for() -> None:
    before = children()
    with doubling() as workers, pytest.raises(ValueError, match="minus three"):
        list(workers.map(chunks_of([1, 2, FAILS, 4], 1)))
    assert children() == before
    with doubling() as workers:
        with pytest.raises(ValueError, match="minus three"):
            list(workers.map(chunks_of([HANGS, FAILS, HANGS], 1)))
        assert list(workers.map(chunks_of([1, 2, 4], 1))) == [[2], [4], [8]]
    with doubling(1) as workers, pytest.raises(ValueError, match="minus three"):
        list(workers.map(chunks_of([1, 2, FAILS, 4], 1)))


def test_workers_that_cannot_start_are_an_error() -> None:
    with Workers(make_badly, LOST, 2) as workers, pytest.raises(ValueError, match="nothing can be made"):
        list(workers.map(chunks_of([1, 2], 1)))
    with Workers(make_and_die, LOST, 2) as workers, pytest.raises(WorkerError, match="could not be started"):
        list(workers.map(chunks_of([1, 2], 1)))
    with pytest.raises(ValueError, match="one is the least"):
        Workers(make_doubling, LOST, 0)
    assert issubclass(WorkerError, RuneError)


def test_a_deadline_ends_the_run_and_its_processes() -> None:
    before = children()
    ends = time.monotonic() + 1.0

    def tick() -> None:
        if time.monotonic() > ends:
            raise DeadlineError("the time is up")

    with doubling() as workers, pytest.raises(DeadlineError, match="the time is up"):
        list(workers.map(chunks_of([HANGS] * 4, 1), tick=tick))
    assert children() == before


def test_work_is_spread_over_processes_that_stay() -> None:
    with Workers(make_pid, LOST, 2) as workers:
        first = {number for results in workers.map(chunks_of(range(60), 1)) for number in results}
        second = {number for results in workers.map(chunks_of(range(60), 1)) for number in results}
    assert len(first | second) == 2
    assert os.getpid() not in first


def test_control_c_in_a_plain_script_leaves_no_process() -> None:
    """A script without a main guard, interrupted while both workers hang."""
    script = textwrap.dedent("""
        from solvers.workers import Workers
        from tests.worker_support import HANGS, chunks_of, make_doubling

        with Workers(make_doubling, 0, 2, 600.0) as workers:
            def tick():
                if len(workers.running) == 2 and all(each.is_ready for each in workers.running):
                    print(*(each._process.pid for each in workers.running), flush=True)
            list(workers.map(chunks_of([HANGS] * 4, 1), tick=tick))
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=REPOSITORY, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    workers = [int(number) for number in process.stdout.readline().split()]
    assert len(workers) == 2
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode != 0
    assert error.strip().endswith("KeyboardInterrupt")
    assert not any(Path(f"/proc/{number}").exists() for number in workers)


def test_an_archive_is_certified_over_processes_as_by_one() -> None:
    blocks = shaped(3_000, SHAPES["triangle"], seed=5)
    truth = certify_blocks(blocks, np.ones(len(blocks), dtype=np.bool_), Z3Backend()) == Outcome.CONFIRMED
    planted = np.random.Generator(np.random.Philox(6)).random(len(blocks)) < 0.02
    expected = np.where(planted, Outcome.DISAGREEMENT, Outcome.CONFIRMED)
    for processes in (1, 2):
        with certifiers(processes) as workers:
            assert np.array_equal(certify_archive(blocks, truth ^ planted, workers), expected)
