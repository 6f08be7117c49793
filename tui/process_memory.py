"""How the processes of `rune` take memory: what an archive's columns were read through goes back to the system.

Python looks for cycles of objects that nobody uses so often that it takes an eighth of a short run, in which hardly any
are made; here it does so far less often, and not at the end, when all goes with the process. More seldom would save
nothing more, and the cycles that Z3's terms make would take seconds when their time comes.

Arrow's own pool keeps what was freed, and glibc's allocator has a heap for every thread, each with its own holes;
together that was an eighth of the memory of a large archive (docs/performance.md, resident bytes an entity). A program
may settle this, a library not: who calls `tools` from a process of their own finds it as it is there. Mapping every
block of a megabyte on its own would save as much, and cost a third of the time of a query.
"""

import ctypes
import gc
import os
import sys

POOL = "ARROW_DEFAULT_MEMORY_POOL"
_ARENA_MAX = -8  # of glibc's malloc.h
_ARENAS = 2
_COLLECTED = 10_000, 10, 10
"""How many new objects there are when the youngest are looked through, and how often that is when the elder are."""


def economise() -> None:
    """Have freed memory returned, threads share heaps, cycles rarely looked for; to be called before Arrow is imported.

    What the user has set for Arrow stays. Allocators other than glibc's are left as they are.
    """
    gc.set_threshold(*_COLLECTED)
    os.environ.setdefault(POOL, "system")
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_ARENA_MAX, _ARENAS)


def leave_to_the_system() -> None:
    """Have what is there now not looked through any more: the process is about to end."""
    gc.freeze()
