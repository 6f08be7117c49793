"""An archive and a model for the tests of the agent against a model server."""

import json
from pathlib import Path

import pytest

import agent
from agent.events import Event
from tests.fake_server import FakeServer
from tools.index import index_images
from tools.results import RunResult

SECRET = "sk-Zq7-very-secret-0xC0FFEE"
QUERY = "two planes"
GOOD = "exists>=2 x. plane(x)"
MODEL = "openai:tiny"
WAIT = 0.01


def planes_and_ship(folder: Path) -> Path:
    """An archive of two images without pixels: one with three planes, one with a ship."""
    boxes = [
        (1, 1, [100, 100, 40, 40]),
        (1, 1, [200, 100, 40, 40]),
        (1, 1, [300, 100, 40, 40]),
        (2, 2, [10, 10, 30, 9]),
    ]
    labels = folder / "labels.json"
    labels.write_text(
        json.dumps(
            {
                "images": [
                    {"id": 1, "file_name": "field.png", "width": 1000, "height": 1000},
                    {"id": 2, "file_name": "water.png", "width": 1000, "height": 1000},
                ],
                "categories": [{"id": 1, "name": "plane"}, {"id": 2, "name": "ship"}],
                "annotations": [
                    {"id": number, "image_id": image, "category_id": category, "bbox": box, "area": box[2] * box[3]}
                    for number, (image, category, box) in enumerate(boxes, start=1)
                ],
            }
        )
    )
    index_images(archive=folder / "archive", detector="annotations", labels=labels)
    return folder / "archive"


def know_one_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a key, and nothing that leads to another server than that of the test."""
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setattr("agent.server.FIRST_WAIT_SECONDS", WAIT)


def translated(server: FakeServer, query: str = QUERY, max_repairs: int = 3) -> RunResult:
    return agent.translate(query, model=MODEL, base_url=server.base_url, timeout=20, max_repairs=max_repairs)


def codes(result: RunResult) -> list[list[str]]:
    return [[each.code for each in attempt.diagnostics] for attempt in result.attempts]


def events_of(archive: Path, server: FakeServer, max_repairs: int = 3) -> list[Event]:
    return list(
        agent.stream(QUERY, archive=archive, model=MODEL, base_url=server.base_url, max_repairs=max_repairs, timeout=20)
    )
