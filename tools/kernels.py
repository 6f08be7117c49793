"""Compiling ahead: another process makes the machine code that questions need, so that nobody waits for it twice.

It starts with the first command that will want it, an indexing as well as a ranking, works beside it and ends by
itself; a file beside the compiled code tells that it is done. A question that comes meanwhile takes what is there, and
waits only for what is just being made.
"""

import gc
import hashlib
import os
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from tools.paths import cache_dir

_COLUMNS = Path(__file__).parents[1] / "solvers" / "columnar"


def compile_ahead() -> None:
    """Have the kernels compiled in the background unless that was done; where that cannot be, it is no matter."""
    nothing = subprocess.DEVNULL
    try:
        if is_compiled():
            return
        subprocess.Popen(  # -P: modules of the folder that the user is in are none of ours
            [sys.executable, "-P", "-m", "tools.kernels"],
            stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True,
        )  # fmt: skip
    except OSError:
        return


def import_without_linear_algebra() -> None:
    """Import what numba has for arrays while scipy's linear algebra is not to be had: no kernel uses it.

    That saves a tenth of the time to an answer from the command line. Products of matrices that the process compiles
    are slower after it, and other threads must not import scipy meanwhile: it is for the commands of RUNE only.
    """
    name = "scipy.linalg"
    if name in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        import_module("numba.np.arraymath")
    finally:
        sys.modules.pop(name, None)


def is_compiled() -> bool:
    """Whether all kernels of this version are compiled, as far as files tell."""
    return any(map(is_compiled_in, _folders()))


def is_compiled_in(folder: Path) -> bool:
    """Whether a folder of compiled code has all of this version."""
    return (folder / _done_name()).exists()


def main() -> None:
    """Compile, unless another process is at it."""
    for folder in _folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder / "rehearsal.lock", os.O_RDWR | os.O_CREAT, 0o666)
        except OSError:  # not to be written: the next one
            continue
        if _is_locked(descriptor) and not is_compiled():
            gc.disable()  # it ends soon, and collecting is an eighth of its time
            import_without_linear_algebra()
            from solvers.columnar.first_join import join_nothing
            from solvers.columnar.store import store_of_scenes

            join_nothing(store_of_scenes([], ()))  # before all that the rest needs is even imported
            from solvers.columnar.rehearsal import rehearse

            rehearse()
            (folder / _done_name()).touch()
        os.close(descriptor)
        return


def _is_locked(descriptor: int) -> bool:
    from tools.archive.lock import lock_file

    try:
        lock_file(descriptor)
    except OSError:
        return False
    return True


def _folders() -> list[Path]:
    """Where the files of this module may be: where numba is told to keep code, else beside the modules."""
    told = os.environ.get("NUMBA_CACHE_DIR")
    return [Path(told)] if told else [_COLUMNS / "__pycache__", cache_dir()]


def _done_name() -> str:
    """Of the file that tells that everything is compiled: for these modules, this numba and this Python."""
    digest = hashlib.sha256(f"{sys.version} {version('numba')}".encode())
    for path in sorted(_COLUMNS.glob("*.py")):
        digest.update(path.read_bytes() + b"\0")
    return f"compiled-{digest.hexdigest()[:16]}"


if __name__ == "__main__":
    main()
