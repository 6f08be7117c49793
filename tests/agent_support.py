"""What the tests of the agent share."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import pytest

from agent.events import Event, RunFinished
from tests.cli_support import coco
from tools.index import index_images
from tools.results import RunResult

EventT = TypeVar("EventT")
QUERY = "at least two planes"
GOOD = "exists>=2 x. plane(x)"
OTHER = "exists x. ship(x)"
NEVER = "exists x. plane(x) & ship(x)"
ALWAYS = "(exists x. plane(x)) | ~exists y. plane(y)"


def planes_archive(folder: Path) -> Path:
    """Four images without pixels; one of them has three planes."""
    (folder / "scenes.json").write_text(coco(), encoding="utf-8")
    index_images(archive=folder / "archive", labels=folder / "scenes.json")
    return folder / "archive"


def without_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server, key or proxy of whoever runs the tests."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def result_of(events: Iterable[Event]) -> RunResult:
    """The result of a run that has ended."""
    *_, last = events
    assert isinstance(last, RunFinished)
    return last.result


def of_kind(events: Iterable[Event], kind: type[EventT]) -> list[EventT]:
    """The events of one kind."""
    return [each for each in events if isinstance(each, kind)]
