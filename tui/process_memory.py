"""How the processes of `rune` take memory: what an archive's columns were read through goes back to the system.

Arrow's own pool keeps what was freed, and so does the heap for blocks that are smaller than the largest that was ever
freed; together that was an eighth of the memory of a large archive (docs/performance.md, resident bytes an entity). A
program may settle this, a library not: who calls `tools` from a process of their own finds it as it is there.
"""

import ctypes
import os
import sys

POOL = "ARROW_DEFAULT_MEMORY_POOL"
_MMAP_THRESHOLD = -3  # of glibc's malloc.h
_LARGE_BLOCK = 1 << 20


def economise() -> None:
    """Have large blocks returned when they are freed; to be called before Arrow is imported.

    What the user has set for Arrow stays. Allocators other than glibc's are left as they are.
    """
    os.environ.setdefault(POOL, "system")
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_MMAP_THRESHOLD, _LARGE_BLOCK)
