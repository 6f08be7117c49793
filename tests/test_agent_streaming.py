"""What comes of an answer while it comes, and how servers that differ are met."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import ConfigDict

import agent
from agent import ScriptedModel
from agent.events import Event, ModelAnswered, ModelRetried, ModelStreamed, RunFinished
from agent.scripted import ScriptEndedError
from tests.agent_support import GOOD, OTHER, QUERY, of_kind, planes_archive, result_of, without_environment
from tests.fake_server import Call, Events, FakeServer, Raw, Reply, Say, Status, chunk, formula
from tests.nasty_common import SECRET, completion, text

MODEL = "openai:tiny"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_environment(monkeypatch)
    monkeypatch.setattr("agent.server.FIRST_WAIT_SECONDS", 0.01)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planes_archive(tmp_path_factory.mktemp("streaming"))


def streamed(server: FakeServer, archive: Path) -> list[Event]:
    return list(agent.stream(QUERY, archive=archive, model=MODEL, base_url=server.base_url, timeout=20))


def said(events: Sequence[Event], part: str = "text") -> list[str]:
    return [each.piece for each in of_kind(events, ModelStreamed) if each.part == part]


def test_the_text_comes_piece_by_piece_and_the_first_before_the_last_is_sent(archive: Path) -> None:
    pieces = ["Two planes, ", "so:\n", f"formula: {GOOD}"]
    whole = [chunk({"role": "assistant", "content": ""}), *(chunk({"content": each}) for each in pieces)]
    with FakeServer(Events([*whole, chunk({}, "stop"), "[DONE]"], pause=0.01)) as server:
        events = streamed(server, archive)
    assert said(events) == pieces
    kinds = [each.type for each in events]
    assert kinds.index("model_streamed") < kinds.index("model_answered")
    assert result_of(events).formula == GOOD


def test_events_come_while_the_server_still_talks(archive: Path) -> None:
    """The stream never ends: that its first piece is seen shows that nobody waits for the rest."""
    with FakeServer(Events([chunk({"content": "Well, "})], pause=0.01, forever=True)) as server:
        events = agent.stream(QUERY, archive=archive, model=MODEL, base_url=server.base_url, timeout=20)
        first = next(each for each in events if isinstance(each, ModelStreamed))
        events.close()  # type: ignore[attr-defined]
    assert (first.piece, first.part, first.candidate, first.call) == ("Well, ", "text", 0, 1)


def test_the_arguments_of_a_call_come_piece_by_piece(archive: Path) -> None:
    with FakeServer(formula(GOOD)) as server:
        events = streamed(server, archive)
        assert server.requests[0].body["stream"] is True
    pieces = said(events, "arguments")
    assert len(pieces) == 2
    assert GOOD in "".join(pieces)
    (answered,) = of_kind(events, ModelAnswered)
    assert (answered.input_tokens, answered.output_tokens) == (11, 7)


def test_a_key_is_not_shown_in_pieces_either(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    spoken = f"your key is {SECRET}, is it not?\nformula: {GOOD}"
    pieces = [chunk({"content": each}) for each in spoken]
    with FakeServer(Events([*pieces, chunk({}, "stop"), "[DONE]"])) as server:
        events = streamed(server, archive)
    assert "".join(said(events)) == spoken.replace(SECRET, "[key]")
    assert result_of(events).status == "ok"


def test_what_was_streamed_before_a_retry_is_followed_by_the_whole_answer(archive: Path) -> None:
    broken = Events([chunk({"content": "formula: exists x. ship(x) "})], reset=True)
    with FakeServer(broken, Say(f"formula: {GOOD}")) as server:
        events = streamed(server, archive)
    (retried,) = of_kind(events, ModelRetried)
    after = events[events.index(retried) :]
    assert "".join(said(after)) == f"formula: {GOOD}"
    assert result_of(events).attempts[0].formula == GOOD


@pytest.mark.parametrize(
    "reply",
    [
        Raw(text(f"formula: {GOOD}")),
        Raw(completion({"content": [{"type": "text", "text": "formula: "}, {"type": "text", "text": GOOD}]})),
        Raw(
            completion(
                {
                    "content": None,
                    "function_call": {"name": "validate_formula", "arguments": f'{{"formula": "{GOOD}"}}'},
                }
            )
        ),
        Events(
            [
                chunk(
                    {"tool_calls": [{"function": {"name": "validate_formula", "arguments": {"formula": GOOD}}}]},
                    "tool_calls",
                ),
                "[DONE]",
            ]
        ),
        Events([chunk({"content": f"formula: {GOOD}"}), chunk({}, "eos")]),
        Events(
            [b"event: message\r\nid: 1\r", b": a comment", chunk({"content": f"formula: {GOOD}"}, "stop"), "[DONE]"]
        ),
        Events([{"choices": None}, chunk({"content": f"formula: {GOOD}"}, "stop", usage={"prompt_tokens": None})]),
    ],
    ids=["whole", "parts", "function-call", "numberless-call", "odd-reason", "comments", "null-choices"],
)
def test_servers_that_differ_in_small_things_are_understood(reply: Reply, archive: Path) -> None:
    with FakeServer(reply) as server:
        events = streamed(server, archive)
        assert len(server.requests) == 1
    assert result_of(events).formula == GOOD


def test_a_server_without_tools_is_held_to_a_schema_and_then_read_as_text() -> None:
    with FakeServer(
        Status(400, "no tool calling here"), Say('{"formula": null, "cannot": "two: no numbers"}')
    ) as server:
        refused = agent.translate(QUERY, model=MODEL, base_url=server.base_url)
        assert "response_format" not in server.requests[0].body
        assert server.requests[1].body["response_format"]["type"] == "json_schema"  # type: ignore[index]
    assert refused.status == "unrepairable"
    assert "no numbers" in str(refused.error)
    with FakeServer(Status(400, "tools?"), Status(400, "json_schema?"), Say(f"formula: {GOOD}")) as server:
        assert agent.translate(QUERY, model=MODEL, base_url=server.base_url).formula == GOOD
        assert "response_format" not in server.requests[2].body


def test_what_a_server_refuses_once_is_not_asked_for_again() -> None:
    with FakeServer(Status(400, "stream_options?"), formula("exists x. plan(x)"), formula(GOOD)) as server:
        assert agent.translate(QUERY, model=MODEL, base_url=server.base_url).status == "ok"
        assert ["stream_options" in each.body for each in server.requests] == [True, False, False]


def test_a_login_in_the_base_url_is_sent_in_a_header_and_shown_nowhere(
    archive: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with FakeServer(Call("find", {"at": "hunter2-hunter2"}), formula(GOOD)) as server:
        url = f"http://me:hunter2-hunter2@{server.where}/v1"
        events = list(agent.stream(QUERY, archive=archive, model=MODEL, base_url=url))
        assert server.requests[0].headers["authorization"] == "Basic bWU6aHVudGVyMi1odW50ZXIy"
    assert result_of(events).status == "ok"
    assert "hunter2" not in caplog.text + "".join(each.model_dump_json() for each in events)


# Chat models of the caller's own


class Plain(BaseChatModel):
    """A chat model that knows neither streams nor tools."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    error: Exception | None = None

    @property
    def _llm_type(self) -> str:
        return "plain"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> ChatResult:
        if self.error is not None:
            raise self.error
        return ChatResult(generations=[ChatGeneration(message=AIMessage(f"formula: {OTHER}"))])


def test_a_chat_model_that_knows_neither_streams_nor_tools_is_enough() -> None:
    result = agent.translate(QUERY, model=Plain())
    assert (result.status, result.formula, result.model) == ("ok", OTHER, "Plain")


def test_a_chat_model_whose_server_fails_is_a_provider_error_without_its_words() -> None:
    result = agent.translate(QUERY, model=Plain(error=ConnectionError(f"no route with {SECRET}")))
    assert (result.status, result.error) == ("provider_error", "the chat model failed with ConnectionError")
    with pytest.raises(ZeroDivisionError):
        agent.translate(QUERY, model=Plain(error=ZeroDivisionError("a bug of its own")))


# The model for tests of one's own


def test_a_scripted_model_gives_its_answers_in_order_and_keeps_what_it_was_asked(archive: Path) -> None:
    model = ScriptedModel.of("formula: exists x. plan(x)", ScriptedModel.formula(GOOD))
    events = list(agent.stream(QUERY, archive=archive, model=model))
    assert result_of(events).model == "ScriptedModel"
    assert said(events) == ["formula: ", "exists ", "x. ", "plan(x)"]
    assert isinstance(events[-1], RunFinished)
    assert QUERY in str(model.asked[0][1].content)


def test_a_scripted_model_that_is_asked_too_often_says_so() -> None:
    with pytest.raises(ScriptEndedError, match="1 answers"):
        agent.translate(QUERY, model=ScriptedModel.of("formula: exists x. plan(x)"))
    assert ScriptedModel.of("a", repeat=True).invoke("x").content == "a"
    with pytest.raises(ScriptEndedError, match="0 answers"):
        ScriptedModel.of(repeat=True).invoke("x")


def test_candidates_get_the_answers_of_a_script_in_their_order() -> None:
    formulas = [f"exists>={n} x. plane(x)" for n in range(2, 8)]
    result = agent.translate(QUERY, model=ScriptedModel.of(*map(ScriptedModel.formula, formulas)), candidates=6)
    assert [each.formula for each in result.attempts] == formulas
