"""Machine code for kernels: numba behind one typed decorator, cached on disk so that no start compiles again.

numba keeps what it compiled beside the module, or in the user's cache folder where that is read-only, keyed by the
processor, the types and the text of the kernel's own file. A kernel contains those it calls, so here the key is the
text of all modules of this package: changing one callee makes every cached caller stale. Processes that need the same
kernel at once compile it once: the others wait for it.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache, cached_property
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from numba import njit, types
from numba.core.caching import FunctionCache

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


@cache
def _sources() -> str:
    """A hash over the text of every module of this package."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


class _Kernels(FunctionCache):  # type: ignore[misc]
    """numba's cache of one function, stale as soon as any module of the package has changed."""

    def __init__(self, function: Callable[..., object]) -> None:
        super().__init__(function)
        self._cache_file._source_stamp = (self._cache_file._source_stamp, _sources())
        self._turn: int | None = None

    def load_overload(self, signature: object, target_context: object) -> object:
        """What is kept, or what another process that is compiling it will have kept; None: it is to be compiled."""
        found = super().load_overload(signature, target_context)
        if found is None and self._took_turn(signature):
            found = super().load_overload(signature, target_context)
            if found is not None:
                self._end_turn()
        return found

    def save_overload(self, signature: object, compiled_code: object) -> None:
        """Keep what was compiled; a full disk costs the next start a compilation, not this one its answer."""
        try:
            with suppress(OSError):
                super().save_overload(signature, compiled_code)
        finally:
            self._end_turn()

    def has(self, is_wanted: Callable[[Sequence[object]], bool]) -> bool:
        """Whether code is kept for argument types that are wanted."""
        with suppress(OSError):
            return any(is_wanted(key[0]) for key in self._cache_file._load_index())
        return False

    @cached_property
    def was_kept(self) -> bool:
        """Whether any code was kept when this was first asked."""
        return self.has(bool)

    def _took_turn(self, signature: object) -> bool:
        """Lock what no two processes should compile at once, waiting for the other; False where that cannot be."""
        self._end_turn()
        if sys.platform == "win32":
            return False
        import fcntl

        digest = hashlib.sha256(str(signature).encode()).digest()
        try:
            self._impl.locator.ensure_cache_path()
            path = Path(self._cache_path, f"{self._impl.filename_base}.lock")
            self._turn = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            fcntl.lockf(self._turn, fcntl.LOCK_EX, 1, int.from_bytes(digest[:4]))
        except OSError:  # a folder that cannot be written, a file system without locks
            self._end_turn()
        return self._turn is not None

    def _end_turn(self) -> None:
        if self._turn is not None:
            os.close(self._turn)
            self._turn = None


_KERNEL = {"nogil": True, "error_model": "numpy"}
_PART = {**_KERNEL, "_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The function compiled when first called with new types; it holds no lock of the interpreter, rounds as IEEE says.

    Its code is cached on disk; where no cache folder is writable it is compiled in every process.
    """
    return _cached(njit(**_KERNEL), function)


def compiled_loop(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """As `compiled`, for loops that are called from Python and make no arrays: they count no references either."""
    return _cached(njit(**_KERNEL, _nrt=False), function)


def compiled_part(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """As `compiled`, for what only kernels call, and what makes no arrays.

    Counting references to the arrays of a tuple costs a hundred times the arithmetic of a cone, so it is left out.
    """
    return _cached(njit(**_PART), function)


def compiled_inline(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """As `compiled_part`, for what must not cost a call: the body becomes part of every kernel that calls it."""
    return _cached(njit(**_PART, forceinline=True), function)


def is_compiled_for_corners(kernel: Callable[..., object]) -> bool:
    """Whether a kernel is there, or kept on disk, with the code that looks at corners: its last argument is a bool."""

    def ends_with_bool(signature: Sequence[object]) -> bool:
        return len(signature) > 0 and signature[-1] == types.boolean

    if any(map(ends_with_bool, kernel.overloads)):  # type: ignore[attr-defined]
        return True
    kept = kernel._cache  # type: ignore[attr-defined]
    return isinstance(kept, _Kernels) and kept.has(ends_with_bool)


_COMPILING_ALL: ContextVar[bool] = ContextVar("compiling_all", default=False)


@contextmanager
def compiling_all() -> Iterator[None]:
    """Within the block whatever may be compiled is, even where few take something else meanwhile.

    `is_compiled` is to be asked by the thread that is in the block, not by those that run ranges for it.
    """
    before = _COMPILING_ALL.set(True)
    try:
        yield
    finally:
        _COMPILING_ALL.reset(before)


def is_compiled(kernel: Callable[..., object]) -> bool:
    """Whether a kernel's code is there, was kept on disk when this was first asked, or is to be made."""
    if _COMPILING_ALL.get():
        return True
    kept = getattr(kernel, "_cache", None)  # neither is there where numba is told to compile nothing
    return bool(getattr(kernel, "overloads", ())) or (isinstance(kept, _Kernels) and kept.was_kept)


def _cached(
    compiler: Callable[[Callable[Parameters, Result]], object], function: Callable[Parameters, Result]
) -> Callable[Parameters, Result]:
    dispatcher = compiler(function)
    try:
        dispatcher._cache = _Kernels(function)  # type: ignore[attr-defined]
    except RuntimeError as error:
        if "no locator available" not in str(error):
            raise
    return cast(Callable[Parameters, Result], dispatcher)
