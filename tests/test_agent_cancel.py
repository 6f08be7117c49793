"""Runs ended from outside, and runs in an event loop: at any point, and everything is usable afterwards."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import agent
from agent import CancelToken, RunCancelledError, ScriptedModel
from agent.batch.run import run_batch
from agent.events import Event, ModelCalled, ProgressMade, RankingReady, RunFinished, RunStarted, ToolStarted
from solvers.errors import InputError
from tests.agent_support import GOOD, OTHER, QUERY, planes_archive, result_of, without_environment
from tests.fake_server import FakeServer, Hang, formula
from tools.archive import Archive
from tools.index import index_images
from tools.progress import Progress
from tools.registry import TOOLS, IndexSources, ToolContext

MODEL = "openai:tiny"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_environment(monkeypatch)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planes_archive(tmp_path_factory.mktemp("cancel"))


def scripted() -> ScriptedModel:
    return ScriptedModel.of(ScriptedModel.formula(GOOD))


# By a token


def test_a_token_ends_a_run_that_waits_for_its_model(archive: Path) -> None:
    token = CancelToken()
    with FakeServer(Hang()) as server:
        events = agent.stream(QUERY, archive=archive, model=MODEL, base_url=server.base_url, cancel=token)
        seen: list[Event] = []
        with pytest.raises(RunCancelledError):
            for event in events:
                seen.append(event)
                if isinstance(event, ModelCalled):
                    threading.Timer(0.05, token.cancel).start()
    assert [type(each) for each in seen] == [RunStarted, ModelCalled]
    assert agent.run(QUERY, archive=archive, model=scripted()).status == "ok"


@pytest.mark.parametrize("kind", [RunStarted, ModelCalled, ToolStarted, ProgressMade, RankingReady])
def test_a_token_ends_a_run_at_any_of_its_events(archive: Path, kind: type) -> None:
    token = CancelToken()
    opened = Archive.open(archive)
    with pytest.raises(RunCancelledError):
        for event in agent.stream(QUERY, archive=opened, model=scripted(), cancel=token):
            if isinstance(event, kind):
                token.cancel()
            assert not isinstance(event, RunFinished)
    assert agent.run(QUERY, archive=opened, model=scripted()).formula == GOOD


def test_a_token_that_was_used_before_ends_a_run_at_once(archive: Path) -> None:
    token = CancelToken()
    token.cancel()
    token.cancel()
    model = scripted()
    with pytest.raises(RunCancelledError):
        agent.run(QUERY, archive=archive, model=model, cancel=token)
    with pytest.raises(RunCancelledError):
        asyncio.run(agent.arun(QUERY, archive=archive, model=model, cancel=token))
    assert token.cancelled
    assert model.asked == []


def test_a_token_after_the_end_does_nothing(archive: Path) -> None:
    token = CancelToken()
    assert agent.run(QUERY, archive=archive, model=scripted(), cancel=token).status == "ok"
    token.cancel()


def test_a_token_ends_a_batch_and_the_same_call_goes_on(archive: Path, tmp_path: Path) -> None:
    queries, out = tmp_path / "queries.jsonl", tmp_path / "results.jsonl"
    queries.write_text("".join(f'{{"id": {n}, "formula": "{OTHER}"}}\n' for n in range(6)), encoding="utf-8")
    token = CancelToken()
    with pytest.raises(RunCancelledError):
        run_batch(queries, archive=archive, out=out, cancel=token, on_answer=lambda _: token.cancel())
    kept = out.read_bytes()
    assert 1 <= kept.count(b"\n") < 6
    assert run_batch(queries, archive=archive, out=out).skipped == kept.count(b"\n")
    assert out.read_bytes().startswith(kept)


def test_indexing_that_is_ended_leaves_the_archive_as_it_was(archive: Path, tmp_path: Path) -> None:
    scenes = archive.parent / "scenes.json"
    index_images(archive=tmp_path / "archive", labels=scenes)

    def cancel(_: Progress) -> None:
        raise RunCancelledError

    more = tmp_path / "more.json"
    more.write_text(scenes.read_text(encoding="utf-8").replace("bay.png", "quay.png"), encoding="utf-8")
    context = ToolContext(
        ontology=Archive.open(archive).ontology,
        progress=cancel,
        sources=IndexSources(archive=tmp_path / "archive", labels=more),
    )
    with pytest.raises(RunCancelledError):
        TOOLS["index_images"].call({}, context)
    assert Archive.open(tmp_path / "archive").image_ids == Archive.open(archive).image_ids
    index_images(archive=tmp_path / "archive", labels=more)
    assert "quay" in Archive.open(tmp_path / "archive").image_ids


# In an event loop


def test_a_run_in_an_event_loop_tells_the_same_events(archive: Path) -> None:
    async def collected() -> list[Event]:
        return [each async for each in agent.astream(QUERY, archive=archive, model=scripted())]

    events = asyncio.run(collected())
    kinds = [each.type for each in agent.stream(QUERY, archive=archive, model=scripted())]
    assert [each.type for each in events] == kinds
    result = asyncio.run(agent.arun(QUERY, archive=archive, model=scripted()))
    assert result_of(events).model_dump(exclude={"timings_ms"}) == result.model_dump(exclude={"timings_ms"})
    assert asyncio.run(agent.atranslate(QUERY, model=scripted())).formula == GOOD


def test_an_event_loop_goes_on_while_runs_wait_for_their_models(archive: Path) -> None:
    async def both() -> tuple[str, str]:
        with FakeServer(Hang()) as stuck, FakeServer(formula(GOOD)) as server:
            slow = asyncio.create_task(
                agent.arun(QUERY, archive=archive, model=MODEL, base_url=stuck.base_url, timeout=30)
            )
            quick = await agent.arun(QUERY, archive=archive, model=MODEL, base_url=server.base_url)
            slow.cancel()
            with pytest.raises(asyncio.CancelledError):
                await slow
            return quick.status, (await agent.arun(QUERY, archive=archive, model=scripted())).status

    assert asyncio.run(both()) == ("ok", "ok")


@pytest.mark.parametrize("kind", [RunStarted, ModelCalled, ToolStarted, ProgressMade])
def test_leaving_the_events_in_an_event_loop_ends_the_run(archive: Path, kind: type) -> None:
    async def leave() -> set[str]:
        events = agent.astream(QUERY, archive=archive, model=scripted())
        async for event in events:
            if isinstance(event, kind):
                break
        await events.aclose()
        return {each.get_name() for each in asyncio.all_tasks() if each is not asyncio.current_task()}

    assert asyncio.run(leave()) == set()
    assert agent.run(QUERY, archive=archive, model=scripted()).status == "ok"


def test_a_token_ends_a_run_in_an_event_loop(archive: Path) -> None:
    async def cancelled(start: Callable[[CancelToken], None]) -> None:
        token = CancelToken()
        start(token)
        with FakeServer(Hang()) as server, pytest.raises(RunCancelledError):
            await agent.arun(QUERY, archive=archive, model=MODEL, base_url=server.base_url, cancel=token)

    asyncio.run(cancelled(lambda token: asyncio.get_running_loop().call_later(0.3, token.cancel).cancelled()))
    asyncio.run(cancelled(lambda token: threading.Timer(0.3, token.cancel).start()))


def test_what_cannot_be_used_is_said_before_anything_starts(archive: Path) -> None:
    with pytest.raises(InputError, match="blank"):
        agent.astream(" ", archive=archive)
    with pytest.raises(TypeError, match="modle"):
        agent.run(QUERY, archive=archive, modle=scripted())  # type: ignore[call-arg]
