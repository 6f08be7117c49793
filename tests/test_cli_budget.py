"""The budgets of a question on the command line, and what its candidates agree on in JSON."""

from pathlib import Path

import pytest

from tests.agent_support import GOOD, OTHER, QUERY, planes_archive, without_environment
from tests.cli_support import Rune, assert_told, caller
from tests.fake_server import FakeServer, Hang, formula

PLAN = "exists x. plan(x)"


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_environment(monkeypatch)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planes_archive(tmp_path_factory.mktemp("cli_budget"))


@pytest.mark.parametrize(
    ("limit", "words"),
    [(("--max-calls", "1"), "asked the model 1 times"), (("--max-tokens", "40"), "40 tokens")],
)
@pytest.mark.parametrize("command", ["ask", "translate"])
def test_a_budget_that_is_spent_ends_with_4(
    rune: Rune, archive: Path, command: str, limit: tuple[str, str], words: str
) -> None:
    where = ("--archive", archive) if command == "ask" else ()
    with FakeServer(formula(PLAN), formula(GOOD)) as server:
        model = ("--model", "openai:tiny", "--base-url", server.base_url)
        outcome = rune(command, QUERY, *where, *model, *limit, "--output", "json")
    assert (outcome.code, outcome.json["status"]) == (4, "limit")
    assert words in outcome.json["error"]
    assert "Traceback" not in outcome.err


def test_the_time_of_a_question_ends_with_4_and_that_of_its_model_with_3(rune: Rune, archive: Path) -> None:
    with FakeServer(Hang()) as server:
        asked = ("ask", QUERY, "--archive", archive, "--model", "openai:tiny", "--base-url", server.base_url)
        assert rune(*asked, "--max-seconds", "0.2").code == 4
        assert rune(*asked, "--timeout", "0.2").code == 3


def test_each_line_of_a_batch_has_its_budget(rune: Rune, archive: Path, tmp_path: Path) -> None:
    queries = tmp_path / "queries.jsonl"
    queries.write_text(f'{{"id": 1, "query": "{QUERY}"}}\n{{"id": 2, "query": "{QUERY}"}}\n', encoding="utf-8")
    with FakeServer(formula(PLAN), formula(GOOD)) as server:
        model = ("--model", "openai:tiny", "--base-url", server.base_url, "--jobs", "1", "--max-calls", "1")
        outcome = rune("batch", queries, "--archive", archive, "--out", tmp_path / "out", *model, "--output", "json")
    assert (outcome.code, outcome.json["statuses"]) == (0, {"limit": 1, "ok": 1})


@pytest.mark.parametrize("option", ["--max-calls", "--max-tokens", "--max-seconds"])
@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_budget_that_is_none_is_refused(rune: Rune, option: str, value: str) -> None:
    assert_told(rune("translate", QUERY, option, value), 2, value)


def test_what_the_candidates_agree_on_is_in_the_json(rune: Rune, archive: Path) -> None:
    with FakeServer(formula(OTHER), formula(GOOD)) as server:
        model = ("--model", "openai:tiny", "--base-url", server.base_url)
        outcome = rune("ask", QUERY, "--archive", archive, *model, "--candidates", "5", "--output", "json")
        alone = rune("translate", QUERY, *model, "--output", "json")
    assert outcome.json["agreement"] == {"candidates": 5, "valid": 5, "agreeing": 4}
    assert alone.json["agreement"] is None


def test_the_defaults_on_the_command_line_are_those_of_python() -> None:
    from agent.budget import Budget
    from tui import options

    assert Budget() == Budget(options.DEFAULT_MODEL_CALLS, options.DEFAULT_TOKENS, options.DEFAULT_SECONDS)
