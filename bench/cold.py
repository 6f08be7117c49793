"""Cold starts, each in a process of its own: one ranking from the command line, and one embedding search."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from compileall import compile_dir
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.peers import embedding
from bench.queries import QUERIES
from bench.timing import PAUSE_SECONDS, Timed, interleaved, timed
from tools.kernels import is_compiled, is_compiled_in

REPOSITORY = Path(__file__).parents[1]
PACKAGES = ("agent", "bench", "solvers", "tools", "tui")
FIRSTS = 3
WAIT_SECONDS = 1.0
TRIES = 1000
_RUNE = "from tui.main import entry; entry()"


@dataclass(frozen=True, slots=True)
class Cold:
    """`rune` and `embedding`: rounds in ms, of cold processes; `first` is RUNE's without any compiled kernel."""

    images: int
    times: Mapping[str, Timed]
    first: Timed

    @property
    def ratio(self) -> float:
        """RUNE's median time by the embedding search's."""
        return self.times["rune"].median / self.times["embedding"].median


def measure_cold(archive: Path, images: int, folder: Path, rounds: int) -> Cold:
    """Every question in turn, as `rune rank ... --output json`; files are in the page cache for both."""
    for package in PACKAGES:  # pip does the same for what it installs
        compile_dir(REPOSITORY / package, quiet=1)
    embedding.save(folder, images)
    queries = iter(query.formula for _ in range(rounds + 1) for query in QUERIES)
    first = Timed(tuple(_first_ms(archive) for _ in range(min(rounds, FIRSTS))))
    compile_kernels()
    _rank(archive, QUERIES[1].formula, {})
    search = [sys.executable, "-m", "bench.peers.embedding", str(folder), str(images)]
    actions: dict[str, Callable[[], object]] = {
        "rune": lambda: _rank(archive, next(queries), {}),
        "embedding": partial(_run, search, {}),
    }
    return Cold(images, interleaved(actions, rounds), first)


def _first_ms(archive: Path) -> float:
    """One ranking without any kernel compiled; what it leaves at work in the background has ended before the next."""
    with TemporaryDirectory() as nothing:
        taken, _ = timed(partial(_rank, archive, QUERIES[1].formula, {"NUMBA_CACHE_DIR": nothing}))
        while not is_compiled_in(Path(nothing)):
            time.sleep(WAIT_SECONDS)
    return taken


def compile_kernels() -> None:
    """Have all kernels compiled, as the first `rune` command after an install has it done in the background."""
    for _ in range(TRIES):  # another process may be at it already
        if is_compiled():
            return
        _run([sys.executable, "-P", "-m", "tools.kernels"], {})
        time.sleep(PAUSE_SECONDS)
    raise SystemExit("the kernels cannot be compiled ahead: is there a folder to keep them in?")


def _rank(archive: Path, formula: str, environment: Mapping[str, str]) -> None:
    _run([sys.executable, "-c", _RUNE, "rank", formula, "--archive", str(archive), "--output", "json"], environment)


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
