"""How `rune` takes memory: Arrow by the system's allocator, unless the user has said otherwise."""

import os
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY
from tui.process_memory import POOL

CODE = (
    "import sys; from tui.main import entry; sys.argv = ['rune', '--version']\n"
    "try: entry()\n"
    "except SystemExit: pass\n"
    "import pyarrow; print(pyarrow.default_memory_pool().backend_name)"
)


@pytest.mark.parametrize(("told", "backend"), [(None, "system"), ("mimalloc", "mimalloc")])
def test_arrow_takes_its_memory_from_the_system_unless_told(told: str | None, backend: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != POOL}
    if told is not None:
        environment[POOL] = told
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, cwd=REPOSITORY, env=environment
    )
    assert done.stdout.split()[-1] == backend
