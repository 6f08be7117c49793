"""The hard stop: work that overruns is killed and replaced, wherever and however it was started."""

import operator
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from solvers.hard_stop import HardStopError, Worker, run_with_hard_stop
from tests.conftest import REPOSITORY


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.close()


def is_gone(pid: int) -> bool:
    """Whether there is no such process, not even a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_one_process_answers_call_after_call(worker: Worker) -> None:
    assert worker.run(60, operator.add, 1, 2) == 3
    first = worker.pid
    assert worker.run(60, os.getpid) == first != os.getpid()
    with pytest.raises(ZeroDivisionError):
        worker.run(60, operator.truediv, 1, 0)
    assert worker.run(60, print, "what is printed comes not between the answers") is None
    assert worker.pid == first


def test_what_overruns_is_killed_and_replaced(worker: Worker) -> None:
    first = worker.run(60, os.getpid)
    with pytest.raises(HardStopError, match=r"no answer within 0\.2 s"):
        worker.run(0.2, time.sleep, 3_600)
    assert is_gone(first)
    assert worker.run(60, os.getpid) != first


def test_a_process_that_dies_or_wants_too_much_memory_is_a_hard_stop_too(worker: Worker) -> None:
    with pytest.raises(HardStopError):
        worker.run(60, os._exit, 3)
    with pytest.raises(HardStopError, match="memory"):
        worker.run(60, bytearray, 1 << 40)
    assert worker.run(60, operator.add, 1, 2) == 3


def test_threads_share_one_process(worker: Worker) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda number: worker.run(60, operator.mul, number, number), range(20)))
    assert found == [number * number for number in range(20)]


def script(folder: Path, text: str) -> list[str]:
    path = folder / "script.py"
    path.write_text(text, encoding="utf-8")
    return [sys.executable, str(path)]


def test_a_script_needs_no_main_guard_and_leaves_no_process_behind(tmp_path: Path) -> None:
    text = (
        "import os\n"
        "from solvers.hard_stop import run_with_hard_stop\n"
        "print('once', run_with_hard_stop(60, os.getpid))\n"
    )
    done = subprocess.run(
        script(tmp_path, text), capture_output=True, text=True, cwd=REPOSITORY, timeout=60, check=True
    )
    (line,) = done.stdout.splitlines()
    assert line.startswith("once ")
    assert is_gone(int(line.split()[1]))


def test_control_c_ends_the_work_and_its_process(tmp_path: Path) -> None:
    text = (
        "import os, time\n"
        "from solvers.hard_stop import run_with_hard_stop\n"
        "print(run_with_hard_stop(60, os.getpid), flush=True)\n"
        "run_with_hard_stop(3600, time.sleep, 3600)\n"
    )
    running = subprocess.Popen(
        script(tmp_path, text), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert running.stdout is not None
    worker = int(running.stdout.readline())
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert "KeyboardInterrupt" in said
    assert running.returncode not in (0, None)
    assert is_gone(worker)


def test_the_process_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    text = (
        "import os, time\n"
        "from solvers.hard_stop import run_with_hard_stop\n"
        "print(run_with_hard_stop(60, os.getpid), flush=True)\n"
        "run_with_hard_stop(3600, time.sleep, 3600)\n"
    )
    running = subprocess.Popen(script(tmp_path, text), stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert running.stdout is not None
    worker = int(running.stdout.readline())
    running.kill()
    running.communicate(timeout=60)
    for _ in range(600):
        if is_gone(worker) or Path(f"/proc/{worker}/stat").read_text(encoding="utf-8").split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail(f"process {worker} outlived its parent")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
def test_a_forked_child_has_a_process_of_its_own() -> None:
    mine = run_with_hard_stop(60, os.getpid)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, str(run_with_hard_stop(60, os.getpid)).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert int(os.read(read, 100)) != mine
    os.close(read)
    os.close(write)
    assert run_with_hard_stop(60, os.getpid) == mine
