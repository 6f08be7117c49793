"""Bad servers and bad models over a real socket: the documented status and exit code, within bounds, and no secret."""

import json
import logging
import re
from pathlib import Path
from typing import get_args

import pytest

import agent
from agent.budget import Budget
from agent.events import RunFinished
from tests.cli_support import caller, coco
from tests.fake_server import FakeServer
from tests.nasty_cases import CASES, EXIT_CODES, PAGE, page
from tests.nasty_common import GOOD, QUERY, SECRET, Case
from tools.index import index_images
from tools.results import StatusName
from tui.deliver import CODES

BUDGET = {"model_calls": 20, "tokens": 400_000, "seconds": 30.0}
# The escape character as it is, or as JSON writes it; a model that writes out the six characters does no harm.
ESCAPE = re.compile(r"\x1b|(?<!\\)(?:\\\\)*\\u001b")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nasty")
    (folder / "scenes.json").write_text(coco(), encoding="utf-8")
    index_images(archive=folder / "archive", labels=folder / "scenes.json")
    return folder / "archive"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setattr("agent.server.FIRST_WAIT_SECONDS", 0.01)


@pytest.mark.parametrize("case", CASES, ids=[each.name.replace(" ", "_") for each in CASES])
def test_a_bad_server_or_model(
    case: Case, archive: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="agent")
    caplog.set_level(logging.INFO)
    options: dict[str, object] = dict(case.options)
    budget = Budget(**{name: options.pop(name, default) for name, default in BUDGET.items()})  # type: ignore[arg-type]
    with FakeServer(*case.replies) as server:
        arguments = {"archive": archive, "model": "openai:tiny", "base_url": server.base_url, "budget": budget}
        events = list(agent.stream(QUERY, **{"timeout": 20.0, **arguments, **options}))  # type: ignore[arg-type]
        asked = list(server.requests)
    last = events[-1]
    assert isinstance(last, RunFinished)
    result = last.result
    assert result.status == case.status, result.error
    assert CODES[result.status] == EXIT_CODES[case.status]
    assert (result.error is None) is (result.status == "ok")
    assert (result.formula is not None) is (result.status == "ok")
    assert 1 <= len(asked) <= case.requests
    conversation = json.dumps([each.messages for each in asked], ensure_ascii=False)
    told = f"{result.error} {result.warnings} {conversation}"
    assert case.said in told
    shown = "".join(each.model_dump_json() for each in events)
    printed = capfd.readouterr()
    for place in (shown, printed.out, printed.err, caplog.text, conversation):
        assert SECRET not in place
        assert SECRET[:9] not in place
    for place in (shown, printed.out, printed.err):
        assert not ESCAPE.search(place)
        assert "Traceback" not in place


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nothing is sent", 3),
        ("200 with a page of HTML", 3),
        ("401 that shows the key", 3),
        ("a tool that only asks, without end", 4),
        ("predicates that do not exist, without end", 5),
        ("terminal escapes in a formula", 0),
        ("a thousand calls at once", 0),
    ],
)
def test_the_command_line_ends_with_the_documented_code(
    name: str, code: int, archive: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (case,) = [each for each in CASES if each.name == name]
    seconds = str(case.options.get("timeout", 20.0))
    with FakeServer(*case.replies) as server:
        options = ("--model", "openai:tiny", "--base-url", server.base_url, "--timeout", seconds, "--output", "json")
        outcome = caller(capfd)("ask", QUERY, "--archive", archive, *options)
    assert outcome.code == code == EXIT_CODES[case.status]
    assert outcome.json["status"] == case.status
    for place in (outcome.out, outcome.err):
        assert not ESCAPE.search(place)
        assert "Traceback" not in place
        assert SECRET[:9] not in place


def test_the_run_after_a_bad_one_is_as_good_as_ever(archive: Path) -> None:
    """The worst that a server does leaves nothing behind: not in the process, not in the archive."""
    for case in (each for each in CASES if each.status != "ok" and each.requests == 1):
        with FakeServer(*case.replies) as bad:
            agent.translate(QUERY, model="openai:tiny", base_url=bad.base_url, timeout=0.2, max_repairs=0)
    assert agent.run(QUERY, archive=archive).formula == GOOD


def test_every_status_has_a_case_and_there_are_enough() -> None:
    statuses = {each.status for each in CASES}
    assert statuses == set(get_args(StatusName)) - {"error"}
    assert len(CASES) >= 80
    assert len({each.name for each in CASES}) == len(CASES)


def test_the_table_of_the_documentation_is_that_of_the_cases() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text, "docs/agent.md is stale: run python -m tests.nasty_cases"
