"""The agent against a model server that fails, is down or would see too much; and where it is looked for."""

import logging
import socket
import traceback
from pathlib import Path

import pytest

import agent
from agent.events import (
    ModelRetried,
    RunFinished,
)
from solvers.errors import InputError
from tests.agent_http_support import (
    GOOD,
    MODEL,
    QUERY,
    SECRET,
    WAIT,
    codes,
    events_of,
    know_one_server,
    planes_and_ship,
    translated,
)
from tests.fake_server import (
    EMPTY_CHOICES,
    Call,
    Cut,
    FakeServer,
    Hang,
    Raw,
    Reply,
    Say,
    Status,
    Trickle,
    formula,
)
from tools.results import RunResult


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two images without pixels: one with three planes, one with a ship."""
    return planes_and_ship(tmp_path_factory.mktemp("agent"))


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key, and no other server than that of the test."""
    know_one_server(monkeypatch)


def _provider_error(result: RunResult, server: FakeServer) -> str:
    assert result.status == "provider_error"
    assert result.formula is None
    assert result.results == []
    assert result.error is not None
    assert server.where in result.error
    return result.error


@pytest.mark.parametrize(
    ("reply", "said", "requests"),
    [
        (Status(401, f"Incorrect API key provided: {SECRET}"), "401", 1),
        (Status(401, "Incorrect API key provided: sk-Z***FFEE"), "OPENAI_API_KEY", 1),
        (Status(403, f"{SECRET} may not"), "403", 1),
        (Status(404, "model 'tiny' not found, try pulling it first"), "try pulling it first", 1),
        (Status(400, f"bad header {SECRET}"), "400", 1),
        (Status(422, "what?"), "saying: what?", 1),
        (Status(429), "429", 3),
        (Status(429, headers={"retry-after": "0.05"}), "429", 3),
        (Status(429, headers={"retry-after": "3600"}), "3600 s, past the time-out of 20 s", 1),
        (Status(500), "500", 3),
        (Status(503, f"overloaded {SECRET}"), "503", 3),
        (EMPTY_CHOICES, "empty list of choices", 3),
        (Raw('{"choices": null}'), "not a chat completion", 3),
        (Raw('{"choices": [{"index": 0}]}'), "not a chat completion", 3),
        (Raw('{"choices": [{"index": 0, "message": {"role": "user", "content": "hi"}}]}'), "not the assistant's", 3),
        (Raw("{}"), "not a chat completion", 3),
        (Raw("[1, 2]"), "not a chat completion", 3),
        (Raw('{"id'), "not a chat completion", 3),
        (Raw(""), "not a chat completion", 3),
        (Raw(f"<html>{SECRET}</html>", "text/html"), "not a chat completion", 3),
        (Raw("", code=307, headers={"location": "/v1/chat/completions"}), "redirects without end", 3),
        (Raw("zip?", headers={"content-encoding": "gzip"}), "a compressed body", 3),
        (Cut(), "broke off", 3),
    ],
)
def test_a_server_that_gives_no_usable_answer_is_a_provider_error(reply: Reply, said: str, requests: int) -> None:
    with FakeServer(reply) as server:
        error = _provider_error(translated(server), server)
    assert said in error
    assert len(server.requests) >= requests
    assert SECRET not in error


@pytest.mark.parametrize("reply", [Status(429), Status(500), EMPTY_CHOICES, Cut()])
def test_a_failure_that_passes_is_retried(archive: Path, reply: Reply) -> None:
    with FakeServer(reply, formula(GOOD)) as server:
        events = events_of(archive, server)
    assert [each.wait for each in events if isinstance(each, ModelRetried)] == [WAIT]
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.result.status == "ok"


@pytest.mark.parametrize("reply", [Hang(), Trickle()])
def test_a_server_that_hangs_is_left_after_the_time_out(reply: Reply) -> None:
    with FakeServer(reply) as server:
        result = agent.translate(QUERY, model=MODEL, base_url=server.base_url, timeout=0.5)
        assert "no answer within 0.5 s" in _provider_error(result, server)


def test_the_time_out_is_for_all_answers_together() -> None:
    with FakeServer(formula("exists x. plan(x)"), Hang()) as server:
        result = agent.translate(QUERY, model=MODEL, base_url=server.base_url, timeout=1)
    assert "no answer within 1 s" in _provider_error(result, server)
    assert codes(result) == [["unknown-predicate"]]


def test_a_server_that_is_down_is_a_provider_error() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    result = agent.translate(QUERY, model=MODEL, base_url=f"http://user:{SECRET}@127.0.0.1:{port}/v1", timeout=20)
    assert result.status == "provider_error"
    assert result.error is not None
    assert f"127.0.0.1:{port} cannot be reached" in result.error
    assert SECRET not in result.model_dump_json()


@pytest.mark.parametrize(
    "replies",
    [
        [Status(401, f"no: {SECRET}")],
        [Status(400, f"no: {SECRET[:9]}...{SECRET[-5:]}")],
        [Status(500, SECRET)],
        [Raw(SECRET)],
        [Say(f"formula: exists x. plane(x) & {SECRET}")],
        [formula(f"exists x. plane(x) & Bearer {SECRET}")],
        [Call(SECRET, {SECRET: [SECRET]}), formula(GOOD)],
        [Call("refuse_query", {"problems": [{"word": SECRET, "message": f"I saw {SECRET}"}]})],
        [Say("", refusal=f"your key is {SECRET}")],
    ],
)
def test_the_key_is_shown_nowhere(
    archive: Path,
    replies: list[Reply],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with FakeServer(*replies) as server:
        events = events_of(archive, server, max_repairs=1)
        assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"
    shown = "".join(each.model_dump_json() for each in events) + repr(events)
    printed = capfd.readouterr()
    for place in (shown, printed.out, printed.err, caplog.text):
        assert SECRET not in place
        assert SECRET[:9] not in place


@pytest.mark.parametrize("key", ["sk two", "sk-ключ", "sk\x07bell"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(InputError, match="OPENAI_API_KEY") as caught:
        agent.translate(QUERY, model=MODEL)
    assert key not in "".join(traceback.format_exception(caught.value))


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with FakeServer(formula(GOOD)) as server:
        assert translated(server).status == "ok"
    assert server.requests[0].path == "/v1/chat/completions"
    assert server.requests[0].body["model"] == "tiny"


def test_the_base_url_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServer(formula(GOOD)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        assert agent.translate(QUERY, model="openai:org/tiny:8b").status == "ok"
    assert server.requests[0].body["model"] == "org/tiny:8b"


def test_nothing_is_sent_to_a_tracing_service(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServer(Status(404)) as tracing, FakeServer(formula(GOOD)) as server:
        for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING_V2"):
            monkeypatch.setenv(name, "true")
        monkeypatch.setenv("LANGSMITH_ENDPOINT", f"http://{tracing.where}")
        monkeypatch.setenv("LANGSMITH_API_KEY", "ls-key")
        assert translated(server).status == "ok"
    assert tracing.requests == []
    assert len(server.requests) == 1
