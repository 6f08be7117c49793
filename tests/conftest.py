"""Fixtures that several test files share."""

import signal
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


def pytest_configure() -> None:
    """Let Ctrl+C end what tests start, also where they run as a job in the background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real annotated scenes beside the repository; tests that need it are skipped where it is absent."""
    if not (SHARED_DATA / "dota" / "image_sizes.json").is_file():
        pytest.skip("needs the real scenes in ../shared/data, which are not part of the repository")
    return SHARED_DATA
