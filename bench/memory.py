"""What an archive takes in memory: `python -m bench.memory SMALL LARGE` prints it as JSON, beyond what imports take.

The process takes its memory as those of `rune` do.
"""

import gc
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tui.process_memory import economise

EVERY_CLASS = "exists x y. near(x, y) & larger_than(x, y) & in_left(x)"
"""It names no class, so that all are loaded."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident bytes an entity, of an archive with all classes loaded and a ranking done, and at the highest."""

    entities: int
    resident: float
    peak: float


def measure_memory(small: Path, large: Path) -> Memory:
    """Measured in a fresh process: `small` is ranked first, so that imports and compiled kernels do not count."""
    command = [sys.executable, "-m", "bench.memory", str(small), str(large)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"measuring memory ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return Memory(**json.loads(done.stdout))


def _measure(small: Path, large: Path) -> Memory:
    from tools import rank
    from tools.archive import Archive

    rank(EVERY_CLASS, archive=Archive.open(small))
    _give_back()
    before = _resident()
    archive = Archive.open(large)
    rank(EVERY_CLASS, archive=archive)
    peak = _peak()
    _give_back()
    after = _resident()
    entities = archive.size.entities
    return Memory(entities, (after - before) / entities, (peak - before) / entities)


def _give_back() -> None:
    """Have what is free, and only kept for later, returned to the system."""
    import ctypes
    import ctypes.util

    import pyarrow as pa

    gc.collect()
    pa.default_memory_pool().release_unused()
    library = ctypes.util.find_library("c")
    if library is not None and hasattr(ctypes.CDLL(library), "malloc_trim"):
        ctypes.CDLL(library).malloc_trim(0)


def _resident() -> int:
    import resource

    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


def _peak() -> int:
    import resource

    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return highest if sys.platform == "darwin" else highest * 1024


if __name__ == "__main__":
    economise()
    found = _measure(Path(sys.argv[1]), Path(sys.argv[2]))
    print(json.dumps({"entities": found.entities, "resident": found.resident, "peak": found.peak}))
