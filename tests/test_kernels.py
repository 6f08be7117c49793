"""Compiling ahead: all that questions run is compiled, once, by one process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tools import kernels

COUNT_NEW = """
import numba
import numpy as np
from dataclasses import replace
from solvers.columnar import backtracking, chance_loops, reaches, rehearsal, selecting, semi_joins
from tools import rank
from tests.test_columnar_cases import random_scenes
from tests.archive_support import write
from pathlib import Path

def signatures():
    modules = (backtracking, chance_loops, reaches, selecting, semi_joins)
    kind = numba.core.dispatcher.Dispatcher
    loops = [each for module in modules for each in vars(module).values() if isinstance(each, kind)]
    called = [loop for loop in loops if "no_cpython_wrapper" not in loop.targetoptions]
    assert all(loop.overloads for loop in called), [loop for loop in called if not loop.overloads]
    return {(loop.py_func.__qualname__, str(signature)) for loop in loops for signature in loop.overloads}

rehearsal.rehearse()
before = signatures()
told = random_scenes(30, 12)
def rounded(entity):
    return replace(entity, confidence=float(np.float32(entity.confidence)))

single = [replace(scene, entities=tuple(map(rounded, scene.entities))) for scene in told]
for name, scenes in (("double", told), ("single", single)):
    write(Path(name), scenes)
    for question in rehearsal.QUESTIONS:
        named = question.replace("one(", "plane(").replace("other(", "ship(").replace("thing(", "vehicle(")
        rank(named, archive=name)
print(len(before), sorted(signatures() - before))
"""

SLOW_TO_COMPILE = """
import sys
from solvers.columnar.compiled import compiled

@compiled
def total(values):
    found = 0.0
    for first in range(len(values)):
        for second in range(len(values)):
            found += max(values[first], values[second]) * min(values[first], values[second])
    return found

import numpy as np
print("ready", flush=True)
sys.stdin.readline()
total(np.ones(3))
print(sum(total.stats.cache_misses.values()))
"""


def _python(*arguments: str, folder: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": str(REPOSITORY)}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, *arguments], stdin=pipe, stdout=pipe, text=True, env=environment, cwd=folder
    )


@pytest.mark.skipif(sys.platform == "win32", reason="no locks of ranges there")
def test_processes_that_need_a_kernel_at_once_compile_it_once(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW_TO_COMPILE, encoding="utf-8")
    both = [_python("slow.py", folder=tmp_path) for _ in range(2)]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    misses = [int(process.communicate()[0]) for process in both]
    assert sorted(misses) == [0, 1]


def test_a_rehearsal_is_held_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "code"))
    held = []
    monkeypatch.setattr("solvers.columnar.rehearsal.rehearse", lambda: held.append("rehearsed"))
    started = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command))
    kernels.compile_ahead()
    assert started == [[sys.executable, "-P", "-m", "tools.kernels"]]
    assert not kernels.is_compiled()
    kernels.main()
    kernels.main()
    kernels.compile_ahead()
    assert kernels.is_compiled()
    assert len(held) == len(started) == 1


def test_a_system_that_starts_no_process_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(subprocess, "Popen", refuse)
    kernels.compile_ahead()
    assert not kernels.is_compiled()


def test_a_folder_of_code_that_must_not_be_looked_into_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bool:
        raise PermissionError("not yours")

    started: list[object] = []
    monkeypatch.setattr(Path, "exists", refuse)
    monkeypatch.setattr(subprocess, "Popen", lambda *command, **_: started.append(command))
    kernels.compile_ahead()
    assert started == []


def test_after_a_rehearsal_no_question_has_anything_left_to_compile(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", COUNT_NEW], capture_output=True, text=True, check=False, env=environment, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    number, left = done.stdout.split(maxsplit=1)
    assert int(number) > 20
    assert left.strip() == "[]"
