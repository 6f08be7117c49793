"""Fixtures that several test files share."""

import fcntl
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.sample_archive import sample_archive

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


def pytest_configure() -> None:
    """A shell's background job ignores Ctrl+C and leaves that to its children, of which some tests send it to one."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def lay_demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[Path], None]:
    """Lays the scenes of `rune demo` into a folder as if it had rendered them there; they are rendered once for all."""
    base = tmp_path_factory.getbasetemp()
    rendered = (base if worker_id == "master" else base.parent) / "rendered-demo"
    with rendered.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sample_archive(rendered)

    def lay(folder: Path) -> None:
        shutil.copytree(rendered, folder, ignore=shutil.ignore_patterns("archive"))

    return lay


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real annotated scenes beside the repository; tests that need it are skipped where it is absent."""
    if not (SHARED_DATA / "dota" / "image_sizes.json").is_file():
        pytest.skip("needs the real scenes in ../shared/data, which are not part of the repository")
    return SHARED_DATA
